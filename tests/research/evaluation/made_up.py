"""A made-up evaluation of many sessions, with models."""

from __future__ import annotations

import numpy as np

from src.data_eng.features.level.levels import level_names
from src.data_eng.features.outcome.first_passage import BOUNCE, BREAK, TIMEOUT
from src.data_eng.research.evaluation.baseline import Score
from src.data_eng.research.evaluation.found import Evaluation
from src.data_eng.research.evaluation.leaks import Leak
from src.data_eng.research.evaluation.rates import label_differences, outcome_rates
from src.data_eng.research.evaluation.touches import PLACEBO_SETS, SessionTouches
from tests.research.evaluation.walks import touches


def _session(rng: np.random.Generator, bounce: float) -> SessionTouches:
    count = 24
    chances = [bounce, 0.95 - bounce, 0.05]
    return touches(
        rng.choice([BOUNCE, BREAK, TIMEOUT], count, p=chances).tolist(),
        level=rng.integers(0, len(level_names()), count).tolist(),
        half_hour=np.sort(rng.integers(0, 6, count)).tolist(),
        number=rng.integers(1, 5, count).tolist(),
    )


def made_up_evaluation(sessions: int = 30, bounce: float = 0.55) -> Evaluation:
    """Return what is found where real levels bounce with a chance, and placebos with 0.47."""
    rng = np.random.default_rng(3)
    rates, labels = {}, {}
    for name in PLACEBO_SETS:
        real = [_session(rng, bounce) for _ in range(sessions)]
        placebo = [_session(rng, 0.47) for _ in range(sessions)]
        rates[name] = outcome_rates(real, placebo, seed=1, resamples=400)
        labels[name] = label_differences(real, placebo, seed=1, resamples=400)
    fifths = np.array([0.31, 0.42, 0.49, 0.56, 0.68])
    score = Score(
        model="logistic regression",
        split="walk-forward",
        log_loss=0.6812,
        base_log_loss=0.6925,
        brier=0.2431,
        base_brier=0.2496,
        gain=0.0113,
        gain_interval=(0.0012, 0.0214),
        detectable=0.0141,
        foretold=fifths,
        happened=np.add(fifths, [0.06, -0.02, 0.01, 0.03, -0.04]),
        touches=np.full(5, 90),
    )
    leaks = [Leak("<excursion>", 0.99, 0.5, 0.2)]
    return Evaluation(sessions, (), rates, labels, [score, score], leaks, None)
