"""``log``, ``exp`` and ``erfc``: against decimals, against NumPy, and on other processors."""

from __future__ import annotations

import importlib
import math
import os
import re
import subprocess
import sys
from collections.abc import Callable
from decimal import Context, Decimal, localcontext
from pathlib import Path
from typing import Any

import numba
import numpy as np
import numpy.typing as npt
import pytest

from src.data_eng.elementary import _exp_each, _log_each, erfc_of, exp, log

F64 = npt.NDArray[np.float64]

SOURCE = Path(__file__).parents[1] / "src/data_eng"
PRECISE = Context(prec=60, Emin=-9999, Emax=9999)
RNG = np.random.default_rng(5)
ROOTS = (math.sqrt(0.5), math.sqrt(2.0))
LOGS = {
    "near_one": 1 + RNG.normal(0, 1e-3, 500),
    "of_sizes": RNG.integers(1, 100_000, 500).astype(float),
    "about_the_cut": np.nextafter(ROOTS, np.repeat([[-9.0], [1.0], [9.0]], 2, axis=1)).ravel(),
    "all_sizes": np.ldexp(RNG.uniform(1, 2, 500), RNG.integers(-1022, 1023, 500)),
    "subnormal": RNG.uniform(0, 1, 100) * 1e-310,
    "ends": np.array([5e-324, 2.0**-1022, 1.0, np.nextafter(1, 2), np.nextafter(1, 0), 1.79e308]),
}
EXPS = {
    "near_zero": RNG.normal(0, 1e-3, 500),
    "usual": RNG.normal(0, 3, 500),
    "all": RNG.uniform(-708, 709.7, 500),
    "ends": np.array([0.0, -0.0, 1e-320, 709.782712893384, -708.39, np.nextafter(0, 1)]),
}
ERFCS = {
    "usual": RNG.normal(0, 1, 200),
    "far": RNG.uniform(3, 26, 100),
    "below": RNG.uniform(-26, -3, 100),
    "cuts": np.array([-4.0, -0.46875, 0.0, 0.46875, 0.46876, 4.0, np.nextafter(4, 5), 26.5]),
}
SPECIAL = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, -1.0, -1e-300, 1e308])


@numba.njit(error_model="numpy")  # type: ignore[untyped-decorator]
def _erfc_each(values: Any, out: Any) -> None:
    for i in range(values.shape[0]):
        out[i] = erfc_of(values[i])


def erfc(values: F64) -> F64:
    out = np.empty(len(values))
    _erfc_each(values, out)
    return out


def decimal_erfc(x: Decimal) -> Decimal:
    # erf by its series of positive terms, with digits for what 1 - erf cancels.
    with localcontext(Context(prec=700, Emin=-99_999, Emax=99_999)):
        term = total = x
        n = 0
        while abs(term) > Decimal("1e-650"):
            n += 1
            term = term * 2 * x * x / (2 * n + 1)
            total += term
        return 1 - 2 * (-x * x).exp() / PI.sqrt() * total


def machin_pi() -> Decimal:
    def atan_inverse(n: int) -> Decimal:
        return sum(
            ((-1) ** k / (Decimal(n) ** (2 * k + 1) * (2 * k + 1)) for k in range(520)), Decimal(0)
        )

    with localcontext(Context(prec=720)):
        return 16 * atan_inverse(5) - 4 * atan_inverse(239)


PI = machin_pi()


def worst_ulps(values: F64, found: F64, truth: Callable[[Decimal], Decimal]) -> float:
    exact = [truth(Decimal(float(x))) for x in values]
    return max(
        float(abs(PRECISE.subtract(Decimal(float(got)), true)) / Decimal(math.ulp(float(true))))
        for got, true in zip(found, exact, strict=True)
    )


@pytest.mark.parametrize("name", LOGS)
def test_log_is_within_an_ulp_of_the_logarithm(name: str) -> None:
    assert worst_ulps(LOGS[name], log(LOGS[name]), PRECISE.ln) < 0.9


@pytest.mark.parametrize("name", EXPS)
def test_exp_is_within_an_ulp_of_the_exponential(name: str) -> None:
    assert worst_ulps(EXPS[name], exp(EXPS[name]), PRECISE.exp) < 0.6


@pytest.mark.parametrize("name", ERFCS)
def test_erfc_is_within_six_ulps(name: str) -> None:
    assert worst_ulps(ERFCS[name], erfc(ERFCS[name]), decimal_erfc) < 6


def test_a_hundred_thousand_values_are_numpys_within_two_ulps() -> None:
    rng = np.random.default_rng(6)
    positive = np.ldexp(rng.uniform(0.5, 1, 100_000), rng.integers(-1000, 1000, 100_000))
    np.testing.assert_array_max_ulp(log(positive), np.log(positive), 2)
    near = 1 + rng.normal(0, 1e-4, 100_000)
    np.testing.assert_array_max_ulp(log(near), np.log(near), 2)
    powers = rng.uniform(-700, 700, 100_000)
    np.testing.assert_array_max_ulp(exp(powers), np.exp(powers), 2)


def test_what_has_no_number_is_numpys_without_a_warning() -> None:
    found = log(SPECIAL), exp(SPECIAL)
    with np.errstate(all="ignore"):
        expected = np.log(SPECIAL), np.exp(SPECIAL)
    for got, want in zip(found, expected, strict=True):
        assert np.array_equal(np.isnan(got), np.isnan(want))
        np.testing.assert_array_max_ulp(got[~np.isnan(got)], want[~np.isnan(want)], 1)
    assert erfc(np.array([np.inf, -np.inf, 30.0, -30.0])).tolist() == [0.0, 2.0, 0.0, 2.0]
    assert np.isnan(erfc(np.array([np.nan]))).all()
    assert exp([710.0, -745.2, -745.0]).tolist() == [np.inf, 0.0, 5e-324]


def test_shapes_are_kept() -> None:
    assert log(np.ones((2, 3))).shape == (2, 3)
    assert log(np.ones((4, 6))[::2, ::3]).tolist() == [[0.0, 0.0], [0.0, 0.0]]
    assert exp(0).shape == ()
    assert exp(np.empty((0, 5))).shape == (0, 5)


def test_nothing_is_contracted() -> None:
    # A fused multiply-add exists on some processors only, and gives other last bits.
    kernels: tuple[Any, ...] = (_log_each, _exp_each, _erfc_each)
    for one in kernels:
        fresh = numba.njit(error_model="numpy")(one.py_func)
        fresh(np.ones(8), np.ones(8))
        for assembly in fresh.inspect_asm().values():
            assert "mul" in assembly
            assert not re.search(r"\bv?fn?m(add|sub|la|ls)", assembly)


@pytest.mark.parametrize("folder", ["features", "options"])
def test_features_take_these_alone(folder: str) -> None:
    foreign = re.compile(
        r"\b(np|numpy|math)\.(log(?!ical)\w*|exp\w*|erfc?|l?gamma|power|pow|cbrt|hypot|a?(sin|cos|tan)h?)\b"
        r"|\bfrom (math|numpy|scipy[.\w]*) import .*\b(log|exp|erf)"
    )
    lines = [
        f"{path.relative_to(SOURCE)}: {line.strip()}"
        for path in (SOURCE / folder).rglob("*.py")
        for line in path.read_text().splitlines()
        if foreign.search(line)
    ]
    assert lines == []


def _printed(variables: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tests.features.some_values"],
        env=os.environ | variables,
        cwd=SOURCE.parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


WITHOUT = {
    "numpy_without_avx512": {"NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR"},
    "numba_for_any_processor": {"NUMBA_CPU_NAME": "generic"},
}


@pytest.fixture(scope="module")
def printed_here() -> str:
    return _printed({})


@pytest.mark.parametrize("which", WITHOUT)
def test_other_processors_give_the_same_bits(which: str, printed_here: str) -> None:
    umath = importlib.import_module("numpy._core._multiarray_umath")
    if not umath.__cpu_features__["X86_V4"]:
        pytest.skip("this processor has no AVX-512: there is no second form to compare with")
    assert printed_here.count("\n") > 60
    assert _printed(WITHOUT[which]) == printed_here
