"""``exp``, ``log`` and ``erfc`` that give the same bits on every machine.

NumPy's ``log`` and ``exp`` and those of the C library choose a form by the processor (AVX-512,
FMA), and the forms differ in the last bit. Here are additions, multiplications and divisions
alone, each rounded by itself (Numba contracts none without ``fastmath``), so that a feature table
is identical byte by byte wherever it is built. Features and option pricing use nothing else.

Within one unit in the last place for ``exp`` and ``log``, within six for ``erfc``:

- ``exp``: table of ``2^(j/128)`` and a polynomial on the rest (P. T. P. Tang, Table-driven
  implementation of the exponential function, ACM Trans. Math. Softw. 15 (1989)).
- ``log``: ``2^k (1 + f)``, then ``ln(1 + f) = 2 artanh(f / (2 + f))`` written about ``f``, so that
  nothing is lost near one (K. C. Ng, in FreeBSD's ``e_log.c``), with the terms of the series.
- ``erfc``: the rational approximations of W. J. Cody (Rational Chebyshev approximations for the
  error function, Mathematics of Computation 23 (1969)), with ``exp(-x^2)`` of the exact square.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from .compiled import kernel, part

F64 = npt.NDArray[np.float64]

# ln 2 as the sum of 32 bits and the rest: a multiple of the first by an exponent is exact.
_LN2_HIGH: Final = float.fromhex("0x1.62e42feep-1")
_LN2_LOW: Final = float.fromhex("0x1.a39ef35793c76p-33")

_STEPS: Final = 128  # of the table, a power of two
_STEP_BITS: Final = 7
_STEPS_PER_E: Final = float.fromhex("0x1.71547652b82fep+0") * _STEPS  # 128 / ln 2
_STEP_HIGH: Final = _LN2_HIGH / _STEPS
_STEP_LOW: Final = _LN2_LOW / _STEPS
# Added and subtracted, it rounds to a whole number, which its low bits then hold.
_ROUNDER: Final = float.fromhex("0x1.8p52")
_EXP_BOUND: Final = 746.0  # beyond, exp is 0 or infinite

_ROOT_HALF_BITS: Final = 0x3FE6A09E667F3BCD  # of sqrt(1/2)
_MANTISSA_BITS: Final = 52
_BIAS: Final = 1023
_SMALLEST_NORMAL: Final = 2.0**-1022

_LOG_SERIES: Final = tuple(2.0 / (2 * k + 1) for k in range(1, 11))


def _table() -> F64:
    # 2^(j/128), 200 bits of it by integer square roots, as a double and what it leaves.
    bits = 400
    root = 2 << bits
    for _ in range(_STEP_BITS):
        root = math.isqrt(root << bits)
    rows, power = [], 1 << bits
    for _ in range(_STEPS):
        high = float(Fraction(power, 1 << bits))
        rows.append((high, float(Fraction(power, 1 << bits) - Fraction(high))))
        power = power * root >> bits
    return np.array(rows)


_POWERS: Final = _table()


@part
def exp_of(x: float) -> float:
    """Return ``e^x`` to compiled code."""
    if not abs(x) <= _EXP_BOUND:
        return x if math.isnan(x) else (np.inf if x > 0.0 else 0.0)
    shifted = x * _STEPS_PER_E + _ROUNDER
    steps = shifted - _ROUNDER
    count = np.float64(shifted).view(np.int64) - np.int64(0x4338000000000000)
    r = (x - steps * _STEP_HIGH) - steps * _STEP_LOW
    square = r * r
    p = r + square * ((0.5 + r * (1.0 / 6.0)) + square * ((1.0 / 24.0) + r * (1.0 / 120.0)))
    at = count & np.int64(_STEPS - 1)
    high = _POWERS[at, 0]
    y = high + (_POWERS[at, 1] + high * p)
    # In two factors: one alone leaves the doubles' range before a product does.
    exponent = count >> np.int64(_STEP_BITS)
    half = exponent >> np.int64(1)
    result: float = y * _power_of_two(half) * _power_of_two(exponent - half)
    return result


@part
def _power_of_two(exponent: Any) -> Any:
    return np.int64((exponent + _BIAS) << np.int64(_MANTISSA_BITS)).view(np.float64)


@part
def log_of(x: float) -> float:
    """Return ``ln x`` to compiled code; NaN below zero, minus infinity at it."""
    if not 0.0 < x < np.inf:
        return -np.inf if x == 0.0 else (x if x > 0.0 else np.nan)
    shift = 0
    if x < _SMALLEST_NORMAL:
        x *= 2.0**54
        shift = -54
    bits = np.float64(x).view(np.int64)
    exponent = (bits - np.int64(_ROOT_HALF_BITS)) >> np.int64(_MANTISSA_BITS)
    f = np.int64(bits - (exponent << np.int64(_MANTISSA_BITS))).view(np.float64) - 1.0
    k = float(exponent + shift)
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    c = _LOG_SERIES
    low = (c[0] + z * c[1]) + w * (c[2] + z * c[3])
    middle = (c[4] + z * c[5]) + w * (c[6] + z * c[7])
    series = z * (low + (w * w) * (middle + (w * w) * (c[8] + z * c[9])))
    half_square = 0.5 * f * f
    return k * _LN2_HIGH - ((half_square - (s * (half_square + series) + k * _LN2_LOW)) - f)


# Cody's coefficients, the highest power first.
_ERF_TOP: Final = (
    1.85777706184603153e-1,
    3.16112374387056560e00,
    1.13864154151050156e02,
    3.77485237685302021e02,
    3.20937758913846947e03,
)
_ERF_BOTTOM: Final = (
    1.0,
    2.36012909523441209e01,
    2.44024637934444173e02,
    1.28261652607737228e03,
    2.84423683343917062e03,
)
_ERFC_TOP: Final = (
    2.15311535474403846e-8,
    5.64188496988670089e-1,
    8.88314979438837594e00,
    6.61191906371416295e01,
    2.98635138197400131e02,
    8.81952221241769090e02,
    1.71204761263407058e03,
    2.05107837782607147e03,
    1.23033935479799725e03,
)
_ERFC_BOTTOM: Final = (
    1.0,
    1.57449261107098347e01,
    1.17693950891312499e02,
    5.37181101862009858e02,
    1.62138957456669019e03,
    3.29079923573345963e03,
    4.36261909014324716e03,
    3.43936767414372164e03,
    1.23033935480374942e03,
)
_TAIL_TOP: Final = (
    1.63153871373020978e-2,
    3.05326634961232344e-1,
    3.60344899949804439e-1,
    1.25781726111229246e-1,
    1.60837851487422766e-2,
    6.58749161529837803e-4,
)
_TAIL_BOTTOM: Final = (
    1.0,
    2.56852019228982242e00,
    1.87295284992346725e00,
    5.27905102951428412e-1,
    6.05183413124413191e-2,
    2.33520497626869185e-3,
)
_ERF_BELOW: Final = 0.46875
_TAIL_FROM: Final = 4.0
_ERFC_BOUND: Final = 27.25  # beyond, erfc is 0
_INV_ROOT_PI: Final = 0.56418958354775628695
_UPPER_HALF: Final = -(1 << 27)


@part
def erfc_of(x: float) -> float:
    """Return ``1 - erf(x)`` to compiled code."""
    size = abs(x)
    if math.isnan(x):
        return x
    if size <= _ERF_BELOW:
        return float(1.0 - x * _ratio(size * size, _ERF_TOP, _ERF_BOTTOM))
    if size > _ERFC_BOUND:
        return 0.0 if x > 0.0 else 2.0
    if size <= _TAIL_FROM:
        tail = _ratio(size, _ERFC_TOP, _ERFC_BOTTOM)
    else:
        inverse = 1.0 / (size * size)
        tail = (_INV_ROOT_PI - inverse * _ratio(inverse, _TAIL_TOP, _TAIL_BOTTOM)) / size
    tail *= _exp_of_minus_square(size)
    return float(tail if x > 0.0 else 2.0 - tail)


@part
def _exp_of_minus_square(x: float) -> Any:
    # x^2 as a double and what it leaves, from the exact products of x's halves (T. J. Dekker).
    upper = np.int64(np.float64(x).view(np.int64) & np.int64(_UPPER_HALF)).view(np.float64)
    lower = x - upper
    square = x * x
    rest = ((upper * upper - square) + 2.0 * upper * lower) + lower * lower
    value = exp_of(-square)
    return value - value * rest


@part
def _ratio(x: float, top: Any, bottom: Any) -> Any:
    above, below = top[0], bottom[0]
    for i in range(1, len(top)):
        above = above * x + top[i]
        below = below * x + bottom[i]
    return above / below


@kernel
def _log_each(values: Any, out: Any) -> None:
    for i in range(values.shape[0]):
        out[i] = log_of(values[i])


@kernel
def _exp_each(values: Any, out: Any) -> None:
    for i in range(values.shape[0]):
        out[i] = exp_of(values[i])


def log(values: npt.ArrayLike) -> F64:
    """Return natural logarithms, as ``np.log`` does but for the last bit, and without a warning.

    Parameters
    ----------
    values : array_like, any shape

    Returns
    -------
    float64 array of that shape
        Minus infinity for 0, NaN below it and for NaN.

    Examples
    --------
    >>> log([1.0, 0.0])
    array([  0., -inf])
    """
    return _each(_log_each, values)


def exp(values: npt.ArrayLike) -> F64:
    """Return ``e`` to the power of each value, as ``np.exp`` does but for the last bit.

    Parameters
    ----------
    values : array_like, any shape

    Returns
    -------
    float64 array of that shape
        Infinite above 709.78, 0 below -745.13, NaN for NaN.

    Examples
    --------
    >>> exp([0.0, -1000.0])
    array([1., 0.])
    """
    return _each(_exp_each, values)


def _each(compiled: Any, values: npt.ArrayLike) -> F64:
    given = np.ascontiguousarray(values, np.float64)
    out = np.empty(given.shape)
    compiled(given.reshape(-1), out.reshape(-1))
    return out.reshape(np.shape(values))
