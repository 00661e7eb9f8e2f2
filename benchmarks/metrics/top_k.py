"""Top-k drop (Cohen-Wang et al. 2024, ContextCite, equation 3): log p(R | x) - log p(R | x without
the first k units), in nats.
"""

from __future__ import annotations

from .base import Measures, Metric, Trial
from .formulas import log_probability

TOP = (1, 3, 5)
_NAMES = tuple(f"drop@{k}" for k in TOP)


def measure(trial: Trial) -> Measures:
    counts = [min(k, trial.n_units) for k in TOP]
    left = log_probability(trial.value(trial.without(trial.ranking, counts)))
    drops = log_probability(trial.full) - left
    return dict(zip(_NAMES, map(float, drops), strict=True))


METRIC = Metric(
    measure,
    perturbs=True,
    tables={
        "Deletion": _NAMES,
        "The same with placeholders": [f"{name}:placeholder" for name in _NAMES],
    },
)
