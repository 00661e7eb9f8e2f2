"""What one explanation is worth on one item, by the target itself and by the item's gold spans.

Everything that is asked of the target here is asked on fresh masks: their seeds begin where those
of explanations end (`SEEDS`). All methods on an item meet the same masks, and a score that is known
is never asked for again, since the evaluator's value function has the run's cache.

Families of metrics are functions; a benchmark names those that it wants.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from focus_lime.perturb.masks import Masks, bernoulli, single_drops, with_full
from focus_lime.perturb.value import ValueFunction

from . import metrics
from .methods.base import Found

SEEDS = 2**31  # seeds of explanations lie below, those of evaluation above
ABLATIONS = ("delete", "placeholder")

WORDS = (5, 10, 20, 50, 100)
PERCENT = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
BINS = (1.0, 5.0, 10.0, 20.0, 50.0)  # of ERASER
TOP = (1, 3, 5)
RECALL = (1, 3, 5, 10)
SHARES = (1.0, 1.5, 2.0)
STEPS = 5  # units of the normalised AOPC
_RANDOM = 3  # orders of random deletion

Values = Mapping[str, float | None]


@dataclass(frozen=True, eq=False)
class Evaluator:
    """One item at one level.

    Args:
        value: the target through all units.
        gold: indices of the units that hold evidence; empty if the item has none.
        n_masks: of the linear datamodeling score.
    """

    value: ValueFunction
    gold: frozenset[int]
    ablations: Sequence[str] = ABLATIONS
    n_masks: int = 32
    seed: int = SEEDS
    _orders: list[list[int]] = field(init=False)

    def __post_init__(self) -> None:
        rng = np.random.default_rng([self.seed, 0])
        orders = [[int(i) for i in rng.permutation(self.n_units)] for _ in range(_RANDOM)]
        object.__setattr__(self, "_orders", orders)

    @property
    def n_units(self) -> int:
        return len(self.value.units)

    @cached_property
    def sizes(self) -> list[int]:
        """Words of each unit; one at least."""
        texts = self.value.units.texts(self.value.prompt.sources)
        return [max(1, len(text.split())) for text in texts]

    @cached_property
    def full(self) -> float:
        return float(self.value(np.ones((1, self.n_units), dtype=bool))[0])

    def measure(self, found: Found, families: Sequence[str]) -> dict[str, float | None]:
        """All metrics of the families, by name. None: not defined for this item or method."""
        ranking = self._ranking(found)
        measured: dict[str, float | None] = {}
        for name in families:
            family = FAMILIES[name]
            for ablation in self.ablations if family.perturbs else ("delete",):
                mark = "" if ablation == "delete" else f":{ablation}"
                f = self.value.over(self.value.units, ablation=ablation)  # type: ignore[arg-type]
                values = family.measure(self, f, ranking, found)
                measured |= {f"{key}{mark}": value for key, value in values.items()}
        return measured

    def curve(self, found: Found) -> list[tuple[float, float]]:
        """(percent of the words deleted, f(x) - f(what is left)), the leading units first."""
        ranking = self._ranking(found)
        counts = self._counts(ranking, PERCENT, share=True)
        values = self.value(self._without(ranking, counts))
        return [(p, self.full - float(v)) for p, v in zip(PERCENT, values, strict=True)]

    def _ranking(self, found: Found) -> list[int]:
        return metrics.rank(found.weights, self.seed, found.then)

    def _counts(self, ranking: Sequence[int], wanted: Sequence[float], *, share: bool) -> list[int]:
        """How many leading units hold so many words, or percent of them."""
        unit = sum(self.sizes) / 100 if share else 1.0
        return [metrics.leading(ranking, self.sizes, want * unit) for want in wanted]

    def _without(self, ranking: Sequence[int], counts: Sequence[int]) -> Masks:
        masks = np.ones((len(counts), self.n_units), dtype=bool)
        for row, count in enumerate(counts):
            masks[row, list(ranking[:count])] = False
        return masks


Measure = Callable[[Evaluator, ValueFunction, Sequence[int], Found], Values]


@dataclass(frozen=True)
class Family:
    """`perturbs`: measured under every ablation. `usual`: measured unless others are asked for."""

    measure: Measure
    perturbs: bool
    usual: bool = True


def _deletion(e: Evaluator, f: ValueFunction, ranking: Sequence[int], found: Found) -> Values:
    """AOPC in log-odds and in probability, K in words and in percent; less random deletion's."""
    values: dict[str, float | None] = {}
    for unit, grid in (("words", WORDS), ("percent", PERCENT)):
        drops = []
        for order in (ranking, *e._orders):
            left = f(e._without(order, e._counts(order, grid, share=unit == "percent")))
            p = metrics.probability(left)
            drops.append((
                metrics.aopc(e.full, list(left)),
                metrics.aopc(float(metrics.probability(e.full)), list(p)),
            ))  # fmt: skip
        (nats, prob), chance = drops[0], np.mean(drops[1:], axis=0)
        values[f"aopc/{unit}"], values[f"aopc-p/{unit}"] = nats, prob
        values[f"aopc/{unit}/over-random"] = nats - float(chance[0])
        values[f"aopc-p/{unit}/over-random"] = prob - float(chance[1])
    return values


def _eraser(e: Evaluator, f: ValueFunction, ranking: Sequence[int], found: Found) -> Values:
    without = e._without(ranking, e._counts(ranking, BINS, share=True))
    p = metrics.probability(f(np.vstack([without, ~without])))
    full = float(metrics.probability(e.full))
    return {
        "comprehensiveness": metrics.comprehensiveness(full, list(p[: len(BINS)])),
        "sufficiency": metrics.sufficiency(full, list(p[len(BINS) :])),
    }


def _top_k(e: Evaluator, f: ValueFunction, ranking: Sequence[int], found: Found) -> Values:
    counts = [min(k, e.n_units) for k in TOP]
    left = f(e._without(ranking, counts))
    return {
        f"drop@{k}": metrics.top_k_drop(e.full, float(v)) for k, v in zip(TOP, left, strict=True)
    }


def _lds(e: Evaluator, f: ValueFunction, ranking: Sequence[int], found: Found) -> Values:
    """On masks that keep half of all units, and on masks that keep half of the examined ones."""
    everywhere = bernoulli(e.n_units, e.n_masks, e.seed + 1)
    values = f(everywhere)
    score, r2 = (m(found.weights, everywhere, values) for m in (metrics.lds, metrics.r_squared))
    measured = {"lds/all": score, "r2/all": r2 if found.nats else None}
    examined = np.flatnonzero(found.examined)
    score = r2 = None
    if len(examined) > 1:
        inside = bernoulli(len(examined), e.n_masks, e.seed + 2)
        masks = np.ones((len(inside), e.n_units), dtype=bool)
        masks[:, examined] = inside
        values = f(masks)
        score, r2 = (m(found.weights, masks, values) for m in (metrics.lds, metrics.r_squared))
    return {**measured, "lds/S": score, "r2/S": r2 if found.nats else None}


def _evidence(e: Evaluator, f: ValueFunction, ranking: Sequence[int], found: Found) -> Values:
    names = [f"recall@{k}" for k in RECALL] + [f"recall@{share:.0%}" for share in SHARES]
    names += [f"precision@{k}" for k in TOP] + ["r-precision", "map", "scout-recall"]
    if not e.gold:
        return dict.fromkeys(names)
    values = [metrics.recall_at(ranking, e.gold, k) for k in RECALL]
    values += [metrics.recall_at_share(ranking, e.gold, share) for share in SHARES]
    values += [metrics.precision_at(ranking, e.gold, k) for k in TOP]
    values += [metrics.r_precision(ranking, e.gold), metrics.average_precision(ranking, e.gold)]
    examined = [int(i) for i in np.flatnonzero(found.examined)]
    values.append(metrics.scout_recall(examined, e.gold))
    return dict(zip(names, values, strict=True))


def _missed(e: Evaluator, f: ValueFunction, ranking: Sequence[int], found: Found) -> Values:
    """Whether the sentence whose deletion moves the value most was not examined. A call each; None
    at a finer level, where single drops cost too much.
    """
    if any(unit.level != "sentence" for unit in f.units):
        return {"missed": None}
    values = f(with_full(single_drops(e.n_units)))
    most = int(np.argmax(np.abs(values[0] - values[1:])))
    return {"missed": float(not found.examined[most])}


def _normalised(e: Evaluator, f: ValueFunction, ranking: Sequence[int], found: Found) -> Values:
    """AOPC of the first units between a greedy search's bounds. Some ten calls a unit."""
    steps = min(STEPS, e.n_units)
    low, high = (metrics.aopc_bound(f, e.n_units, steps, sign=sign) for sign in (-1, 1))
    mine = metrics.aopc(e.full, list(f(e._without(ranking, range(1, steps + 1)))))
    return {"aopc/normalised": metrics.normalised_aopc(mine, low, high) if high > low else None}


FAMILIES: dict[str, Family] = {
    "deletion": Family(_deletion, perturbs=True),
    "eraser": Family(_eraser, perturbs=True),
    "top-k": Family(_top_k, perturbs=True),
    "lds": Family(_lds, perturbs=True),
    "evidence": Family(_evidence, perturbs=False),
    "missed": Family(_missed, perturbs=False, usual=False),
    "normalised": Family(_normalised, perturbs=False, usual=False),
}
