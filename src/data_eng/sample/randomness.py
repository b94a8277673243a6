"""Random numbers for compiled code, with their state in an array.

Numba's own generator is global to the thread: two generators of a day that take turns
would disturb each other, and a day would no longer follow from its seed.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..compiled import part

State = NDArray[np.uint64]

_GAMMA: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX_1: Final = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2: Final = np.uint64(0x94D049BB133111EB)
_S30: Final = np.uint64(30)
_S27: Final = np.uint64(27)
_S31: Final = np.uint64(31)
_S11: Final = np.uint64(11)
_TWO_PI: Final = 2.0 * math.pi


def new_state(seed: np.random.SeedSequence) -> State:
    """Return a state, shape (1,), that follows from `seed`."""
    return seed.generate_state(1, np.uint64).astype(np.uint64)


@part
def uniform(state: State) -> float:
    """Return a number in [0, 1) (SplitMix64; Steele, Lea and Flood 2014)."""
    state[0] += _GAMMA
    z: Any = state[0]
    z = (z ^ (z >> _S30)) * _MIX_1
    z = (z ^ (z >> _S27)) * _MIX_2
    z = z ^ (z >> _S31)
    return float(z >> _S11) * (1.0 / 9007199254740992.0)


@part
def below(state: State, n: int) -> int:
    """Return an integer in [0, n)."""
    return int(uniform(state) * n)


@part
def exponential(state: State) -> float:
    """Return an exponential number of mean one."""
    return -math.log(1.0 - uniform(state))


@part
def normal(state: State) -> float:
    """Return a standard normal number (Box and Muller)."""
    radius = math.sqrt(-2.0 * math.log(1.0 - uniform(state)))
    return radius * math.cos(_TWO_PI * uniform(state))


@part
def geometric(state: State, p: float) -> int:
    """Return the number of failures before the first success of probability `p`."""
    return int(math.log(1.0 - uniform(state)) / math.log(1.0 - p))
