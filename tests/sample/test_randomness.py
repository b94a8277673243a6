from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest
from numpy.typing import NDArray

from src.data_eng.compiled import kernel
from src.data_eng.sample.randomness import geometric, new_state, normal_quantile, normals


@kernel
def _quantile(p: float) -> float:
    return normal_quantile(p)


@kernel
def _geometrics(state: NDArray[np.uint64], p: float, found: NDArray[np.int64]) -> None:
    for k in range(found.size):
        found[k] = geometric(state, p)


@pytest.mark.parametrize("p", [2.0**-53, 1e-12, 1e-3, 0.07, 0.1, 0.5, 0.7, 0.95, 1 - 2.0**-53])
def test_normal_quantile_is_the_library_s(p: float) -> None:
    assert _quantile(p) == pytest.approx(NormalDist().inv_cdf(p), rel=1e-14, abs=1e-16)


def test_normal_numbers() -> None:
    found = normals(np.random.default_rng(3), 200_000)
    assert abs(found.mean()) < 0.01
    assert abs(found.var() - 1.0) < 0.02
    assert abs((found**4).mean() - 3.0) < 0.1
    assert 4.0 < np.abs(found).max() < 6.0


def test_geometric_numbers() -> None:
    found = np.zeros(100_000, np.int64)
    _geometrics(new_state(np.random.SeedSequence(1)), 0.25, found)
    assert found.mean() == pytest.approx(3.0, rel=0.03)
    assert (found == 0).mean() == pytest.approx(0.25, rel=0.03)
