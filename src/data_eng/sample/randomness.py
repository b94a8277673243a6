"""Random numbers with their state in an array, the same bits on every machine.

Numba's own generator is global to the thread: two generators of a day that take turns
would disturb each other, and a day would no longer follow from its seed. Logarithms are
`elementary`'s, and normal numbers are quantiles of uniform ones: NumPy's take the C
library's functions in their tails, whose last bit depends on the processor.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..compiled import kernel, part
from ..elementary import log_of

State = NDArray[np.uint64]

_GAMMA: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX_1: Final = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2: Final = np.uint64(0x94D049BB133111EB)
_S30: Final = np.uint64(30)
_S27: Final = np.uint64(27)
_S31: Final = np.uint64(31)
_S12: Final = np.uint64(12)
_S11: Final = np.uint64(11)
_BITS: Final = 2.0**-52

# Wichura's coefficients, the highest power first: of the middle, the tails, the far tails.
_MIDDLE: Final = 0.425
_MIDDLE_SQUARE: Final = 0.180625
_TAIL_ENDS: Final = 5.0
_TAIL_CENTRE: Final = 1.6
_TOP: Final = (
    2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4,
    4.5921953931549871457e4, 1.3731693765509461125e4, 1.9715909503065514427e3,
    1.3314166789178437745e2, 3.3871328727963666080e0,
)  # fmt: skip
_BOTTOM: Final = (
    5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4,
    2.1213794301586595867e4, 5.3941960214247511077e3, 6.8718700749205790830e2,
    4.2313330701600911252e1, 1.0,
)  # fmt: skip
_TAIL_TOP: Final = (
    7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
    1.27045825245236838258e0, 3.64784832476320460504e0, 5.76949722146069140550e0,
    4.63033784615654529590e0, 1.42343711074968357734e0,
)  # fmt: skip
_TAIL_BOTTOM: Final = (
    1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
    1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940e0,
    2.05319162663775882187e0, 1.0,
)  # fmt: skip
_FAR_TOP: Final = (
    2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
    2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580e0,
    5.46378491116411436990e0, 6.65790464350110377720e0,
)  # fmt: skip
_FAR_BOTTOM: Final = (
    2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5,
    7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1,
    5.99832206555887937690e-1, 1.0,
)  # fmt: skip


def new_state(seed: np.random.SeedSequence) -> State:
    """Return a state, shape (1,), that follows from `seed`."""
    return seed.generate_state(1, np.uint64).astype(np.uint64)


@part
def _next_bits(state: State) -> Any:
    # SplitMix64; Steele, Lea and Flood 2014.
    state[0] += _GAMMA
    z: Any = state[0]
    z = (z ^ (z >> _S30)) * _MIX_1
    z = (z ^ (z >> _S27)) * _MIX_2
    return z ^ (z >> _S31)


@part
def uniform(state: State) -> float:
    """Return a number in [0, 1)."""
    return float(_next_bits(state) >> _S11) * (1.0 / 9007199254740992.0)


@part
def below(state: State, n: int) -> int:
    """Return an integer in [0, n)."""
    return int(uniform(state) * n)


@part
def exponential(state: State) -> float:
    """Return an exponential number of mean one."""
    return -log_of(1.0 - uniform(state))


@part
def _polynomials(x: float, top: Any, bottom: Any) -> float:
    above = top[0]
    below_ = bottom[0]
    for k in range(1, 8):
        above = above * x + top[k]
        below_ = below_ * x + bottom[k]
    return float(above / below_)


@part
def normal_quantile(p: float) -> float:
    """Return the standard normal quantile of `p`, strictly between 0 and 1.

    Within some 1e-16 of its size (M. J. Wichura, Algorithm AS 241: The percentage points
    of the normal distribution, Applied Statistics 37 (1988)).
    """
    q = p - 0.5
    if abs(q) <= _MIDDLE:
        return q * _polynomials(_MIDDLE_SQUARE - q * q, _TOP, _BOTTOM)
    r = math.sqrt(-log_of(p if q < 0.0 else 1.0 - p))
    if r <= _TAIL_ENDS:
        size = _polynomials(r - _TAIL_CENTRE, _TAIL_TOP, _TAIL_BOTTOM)
    else:
        size = _polynomials(r - _TAIL_ENDS, _FAR_TOP, _FAR_BOTTOM)
    return -size if q < 0.0 else size


@part
def normal(state: State) -> float:
    """Return a standard normal number."""
    return normal_quantile((float(_next_bits(state) >> _S12) + 0.5) * _BITS)


@part
def geometric(state: State, p: float) -> int:
    """Return the number of failures before the first success of probability `p`."""
    return int(log_of(1.0 - uniform(state)) / log_of(1.0 - p))


@kernel
def _quantiles(p: NDArray[np.float64]) -> None:
    for k in range(p.size):
        p[k] = normal_quantile(p[k])


def normals(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Return `count` standard normal numbers of a generator of NumPy."""
    p = (rng.integers(0, 1 << 52, count).astype(np.float64) + 0.5) * _BITS
    _quantiles(p)
    return p
