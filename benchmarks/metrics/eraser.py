"""ERASER's faithfulness (DeYoung et al. 2020, section 4.2), in probability.

Comprehensiveness is the mean over the bins of p(x) - p(x without the rationale), sufficiency that
of p(x) - p(the rationale alone). The rationale is the leading units that hold 1, 5, 10, 20 and 50 %
of the words; the paper counts tokens.
"""

from __future__ import annotations

import numpy as np

from .base import Measures, Metric, Trial
from .formulas import aopc, probability

BINS = (1.0, 5.0, 10.0, 20.0, 50.0)


def measure(trial: Trial) -> Measures:
    without = trial.without(trial.ranking, trial.percent_counts(trial.ranking, BINS))
    p = probability(trial.value(np.vstack([without, ~without])))
    full = float(probability(trial.full))
    return {
        "comprehensiveness": aopc(full, list(p[: len(BINS)])),
        "sufficiency": aopc(full, list(p[len(BINS) :])),
    }


METRIC = Metric(
    measure,
    perturbs=True,
    tables={
        "Deletion": ("comprehensiveness", "sufficiency"),
        "The same with placeholders": ("comprehensiveness:placeholder", "sufficiency:placeholder"),
    },
    lower_is_better=("sufficiency",),
)
