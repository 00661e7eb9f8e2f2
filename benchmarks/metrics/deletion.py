"""Deletion: what the value loses when the leading units go, less what random units would take."""

from __future__ import annotations

import numpy as np

from .base import Measures, Metric, Trial
from .formulas import aopc, probability

WORDS = (5, 10, 20, 50, 100)
PERCENT = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0)


def measure(trial: Trial) -> Measures:
    """AOPC in log-odds and in probability; steps by words, and by percent of all words."""
    measures: dict[str, float | None] = {}
    for unit, counts, grid in (
        ("words", trial.counts, WORDS),
        ("percent", trial.percent_counts, PERCENT),
    ):
        areas = []
        for order in (trial.ranking, *trial.random_orders):
            values = trial.value(trial.without(order, counts(order, grid)))
            p_full, p = float(probability(trial.full)), probability(values)
            areas.append((aopc(trial.full, list(values)), aopc(p_full, list(p))))
        (nats, p_area), chance = areas[0], np.mean(areas[1:], axis=0)
        measures[f"aopc/{unit}"], measures[f"aopc-p/{unit}"] = nats, p_area
        measures[f"aopc/{unit}/over-random"] = nats - float(chance[0])
        measures[f"aopc-p/{unit}/over-random"] = p_area - float(chance[1])
    return measures


METRIC = Metric(
    measure,
    perturbs=True,
    tables={
        "Deletion": ("aopc/percent", "aopc/words", "aopc/percent/over-random"),
        "The same with placeholders": ("aopc/percent:placeholder", "aopc/words:placeholder"),
    },
)
