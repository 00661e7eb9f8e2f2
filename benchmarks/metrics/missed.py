"""Whether the sentence whose deletion moves the value most was not examined. A call a sentence."""

from __future__ import annotations

import numpy as np

from focus_lime.method.masks import single_drops, with_full

from .base import Measures, Metric, Trial


def measure(trial: Trial) -> Measures:
    """None at a finer level than sentences, where single drops cost too much."""
    if any(unit.level != "sentence" for unit in trial.value.units):
        return {"missed": None}
    values = trial.value(with_full(single_drops(trial.n_units)))
    largest = int(np.argmax(np.abs(values[0] - values[1:])))
    return {"missed": float(not trial.attributions.examined[largest])}


METRIC = Metric(measure, tables={"Evidence": ("missed",)}, lower_is_better=("missed",))
