"""Phase II: the target answers masks over units, in rounds, and the surrogate is fitted.

Rounds end when the leading units are settled, or at the budget. Every fifth mask is never fitted:
on those the fit is judged; where all masks that there are were asked, on all of them. The leading
units are then deleted each alone, and nested: the first, the first two, and so on.

The mixed estimator: most masks are answered over the prompt's cached context, for some thousandths
of a prompt each, and a few exactly. The cached values are a control variate: exact ones are
regressed on them (slope and intercept). What the few exact values still differ by, by units that
nobody knows, widens the interval of every unit. Where the cached context does not predict the exact
values, it is given up, and every mask is asked exactly; unless these are too few for so many units,
or cost too much, and the cached context still predicts more than half: then more of the leading
units are deleted alone. What was asked exactly takes the place of its approximation.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal, TypeGuard

import numpy as np

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt
from focus_lime.method.masks import (
    Masks,
    all_there,
    each_and_nested,
    single_drops,
    with_full,
)
from focus_lime.method.objectives.own_answer import OwnAnswer
from focus_lime.method.settings import Estimator
from focus_lime.method.surrogate import (
    GoodnessOfFit,
    Sample,
    Surrogate,
    SurrogateFit,
    fit_fault,
    goodness_of_fit,
)
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import Ablation, Floats, Model

Stopped = Literal["settled", "budget", "all_masks"]

CHECKS = 3  # of the masks that are asked exactly by the mixed estimator, beside the leading units
HELD_OUT = 5  # one mask in so many is never fitted
_DRAWS = 400
_SAMPLED = 8  # masks by which the cost of one is told


@dataclass(frozen=True)
class Trust:
    """When the mixed estimator goes by the cached context.

    Attributes:
        agreement: R^2 of exact values by cached ones, from which on they are used.
        at_worst: the same where exact masks are fewer than `masks_per_unit` a unit.
    """

    agreement: float = 0.9
    at_worst: float = 0.5
    masks_per_unit: float = 2

    def is_doubtful(self, agreement: float | None) -> TypeGuard[float]:
        """None: the exact values are all alike, and nothing speaks against the cached ones."""
        return agreement is not None and agreement < self.agreement

    def gives_up(self, agreement: float | None, n_exact: int, n_units: int) -> bool:
        """Whether `n_exact` exact masks take the place of a cached context with this agreement."""
        if not self.is_doubtful(agreement):
            return False
        return agreement < self.at_worst or n_exact >= self.masks_per_unit * n_units


DEFAULT_TRUST = Trust()


@dataclass(frozen=True, eq=False)
class Attribution:
    """The surrogate of some units, and how it came about.

    Attributes:
        full: f(x).
        values: of the masks, those of the cached context corrected.
        held_out: the fit on masks that were never fitted; on all of them where all masks that
            there are were asked.
        estimator: how most values were made.
        stopped: `settled`: at the asked confidence the leading units are the same ones under other
            masks. `budget`: no more masks were allowed. `all_masks`: there are no more.
        effects: f(x) - f(x without the unit), exactly, of the leading units by their index, the
            first first.
        curve: f(x without the first 1, 2, ... of those units), exactly: the deletion curve.
        agreement: R^2 of exact values by the cached ones, where both were asked.
        notes: what the reader should know.
    """

    full: float
    surrogate: SurrogateFit
    values: Floats
    held_out: GoodnessOfFit
    estimator: Estimator
    stopped: Stopped
    effects: dict[int, float] = field(default_factory=dict)
    curve: tuple[float, ...] = ()
    agreement: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def significant(self) -> list[int]:
        """The units whose effect is significant, the leading ones first."""
        return [i for i in self.surrogate.ranking if self.surrogate.significant[i]]


def attribute(
    f: ValueFunction,
    masks: Masks,
    surrogate: Surrogate,
    *,
    estimator: Estimator = "exact",
    cached_by: Ablation = "attention",
    budget: int | None = None,
    top: int = 3,
    verify: int = 3,
    nested: bool = True,
    checks: int = CHECKS,
    anchored: bool = False,
    confidence: float = 0.95,
    seed: int = 0,
    trust: Trust = DEFAULT_TRUST,
) -> Attribution:
    """The units' weights, from at most `masks`.

    Args:
        cached_by: how the mixed estimator hides units in the cached context.
        budget: how many of the masks may be asked exactly; all if not given.
        top: so many leading units must be settled for an early stop.
        verify: how many leading units are deleted, each alone, and, if `nested`, the first, the
            first two, and so on.
        anchored: f(x) is in the sample as often as masks are held out. For masks that drop next to
            nothing: where most of them say the same, a fit could else take what changes nothing for
            what brings the answer back.
        checks: so many masks are asked exactly by the mixed estimator, beside those.
        confidence: of an early stop; 1 never stops early.
    """
    notes = []
    rounds = _Rounds(masks, surrogate, top, confidence, seed, anchored=anchored)
    if estimator == "mixed":
        cached = cached_view(f, cached_by)
        if cached is None:
            notes.append(
                f"{f.model.name} cannot answer over its cached context: every mask was asked "
                "exactly"
            )
        else:
            attribution = _mixed(f, cached, rounds, verify, nested, checks)
            agreement = attribution.agreement
            if not trust.is_doubtful(agreement):
                return attribution
            badly = f"the cached context predicted exact values badly (R² {agreement:.2f})"
            if not trust.gives_up(agreement, len(masks[:budget]), len(f.units)):
                more = max(verify, top)  # that lead are deleted alone, exactly
                attribution = _mixed(f, cached, rounds, more, nested, checks)
                go_by = "go by what the leading ones take along when deleted alone, which is exact"
                return replace(attribution, notes=(f"{badly}: {go_by}",))
            notes.append(f"{badly}: every mask was asked exactly")
    rounds = replace(rounds, masks=masks[:budget])
    n, full, values = rounds.run(f)
    fit, held_out = rounds.fit(values, full, n_bootstrap=200)
    return _verified(
        f,
        fit,
        verify,
        nested,
        held_out=held_out,
        values=values,
        stopped=rounds.stopped(n),
        estimator="exact",
        notes=tuple(notes),
    )


def cached_view(f: ValueFunction, ablation: Ablation = "attention") -> ValueFunction | None:
    """The same units over the cached context; None where the model cannot answer so."""
    cached = f.over(f.units, ablation=ablation)
    try:
        cached.estimate(np.ones((1, len(f.units)), dtype=bool))
    except FocusLimeError:
        return None
    return cached


def caches(model: Model, prompt: Prompt) -> bool:
    """Whether the model can answer over the prompt's cached context."""
    shortest = OwnAnswer().expected(model, prompt, 1)
    return cached_view(ValueFunction(model, prompt, prompt.tree.scored, shortest)) is not None


def settled(fit: SurrogateFit, top: int, confidence: float, seed: int) -> bool:
    """Whether the leading units would be the same, with the same signs, in the share `confidence`
    of fits to other masks: normal draws around the weights, by their standard errors.

    Only units whose effect is significant can lead; where there are none nothing is settled.
    """
    k = min(top, int(fit.significant.sum()))
    if not k or not np.isfinite(fit.error).all():
        return False
    rng = np.random.default_rng([seed, fit.n_masks])
    draws = fit.centre + fit.error * rng.standard_normal((_DRAWS, len(fit.centre)))
    leading = np.argsort(-np.abs(fit.centre), kind="stable")[:k]
    others = np.delete(np.abs(draws), leading, axis=1).max(axis=1, initial=0.0)
    weakest = np.abs(draws[:, leading]).min(axis=1)
    same_signs = (np.sign(draws[:, leading]) == np.sign(fit.centre[leading])).all(axis=1)
    return bool(np.mean((weakest >= others) & same_signs) >= confidence)


@dataclass(frozen=True, eq=False)
class _Rounds:
    """Masks, asked for in rounds until the leading units are settled."""

    masks: Masks
    surrogate: Surrogate
    top: int
    confidence: float
    seed: int
    least: int = 0  # masks of the first round, at least
    anchored: bool = False

    @property
    def is_complete(self) -> bool:
        return all_there(self.masks)

    def run(self, f: ValueFunction) -> tuple[int, float, Floats]:
        """How many masks were asked for, f(x), and their values."""
        budget, p = self.masks.shape
        first, more = max(24, 2 * p + 8, self.least), max(16, p)
        ends = [budget]
        if self.confidence < 1 and not self.is_complete and first < budget:
            ends = [*range(first, budget, more), budget]
        for n in ends:
            # The whole prompt in the same call: all share what they begin with.
            full, *values = f(with_full(self.masks[:n]))
            if n < budget:
                fit, _ = self.fit(np.array(values), full)
                if settled(fit, self.top, self.confidence, self.seed):
                    break
        return n, float(full), np.array(values)

    def fit(
        self,
        values: Floats,
        full: float,
        extra_variance: Floats | None = None,
        n_bootstrap: int = 0,
    ) -> tuple[SurrogateFit, GoodnessOfFit]:
        """The surrogate of the first masks, and how it does on those that it is judged on."""
        n = len(values)
        held = np.arange(n) % HELD_OUT == HELD_OUT - 1
        if n < 2 * HELD_OUT or self.is_complete:
            held[:] = False
        judged = held | self.is_complete
        masks = self.masks[:n]
        x, y = masks[~held], values[~held]
        if self.anchored:
            times = max(1, n // HELD_OUT)
            x = np.vstack([x, np.ones((times, masks.shape[1]), dtype=bool)])
            y = np.append(y, [full] * times)
        fit = self.surrogate.fit(Sample(x, y, full, extra_variance, n_bootstrap, self.seed))
        fit = replace(fit, n_masks=int((~held).sum()))
        fault = fit_fault(fit, masks.shape[1])
        if fault:
            raise FocusLimeError(f"the surrogate {self.surrogate.name} gave {fault}")
        # Of masks that drop next to nothing a few held-out ones may all say the same.
        spread = max(float(values.var()), 1e-12) if self.anchored else None
        return fit, goodness_of_fit(fit, masks[judged], values[judged], spread)

    def stopped(self, n: int) -> Stopped:
        return "all_masks" if self.is_complete else "settled" if n < len(self.masks) else "budget"


def _mixed(
    f: ValueFunction,
    cached: ValueFunction,
    rounds: _Rounds,
    verify: int,
    nested: bool,
    checks: int,
) -> Attribution:
    rounds = replace(rounds, least=_for_a_reading(cached, rounds.masks))
    n, cached_full, cached_values = rounds.run(cached)
    leading = rounds.fit(cached_values, cached_full)[0].ranking[:verify]
    ends = np.array([[True], [False]]).repeat(len(f.units), axis=1)
    probes = np.vstack([ends, single_drops(len(f.units))[leading], rounds.masks[:checks]])
    exact, approximate = f(probes), cached(probes)
    values, extra_variance = _calibrated(exact, approximate, probes, cached_values)
    exact_value = {mask.tobytes(): value for mask, value in zip(probes, exact, strict=True)}
    for i, mask in enumerate(rounds.masks[:n]):
        values[i] = exact_value.get(mask.tobytes(), values[i])
    fit, held_out = rounds.fit(values, float(exact[0]), extra_variance, n_bootstrap=200)
    return _verified(
        f,
        fit,
        verify,
        nested,
        held_out=held_out,
        values=values,
        stopped=rounds.stopped(n),
        estimator="mixed",
        agreement=_r2(exact, approximate),
    )


def _for_a_reading(cached: ValueFunction, masks: Masks) -> int:
    """How many masks over the cached context cost as much as one reading of the prompt.

    To stop before them saves next to nothing, and all but the leading units would be known badly.
    """
    first, more = (cached.estimate(masks[:n]) for n in (1, 1 + _SAMPLED))
    spent = max(1, more.tokens_computed - first.tokens_computed)
    return _SAMPLED * first.prompt_tokens // spent


def _calibrated(
    exact: Floats, approximate: Floats, probes: Masks, values: Floats
) -> tuple[Floats, Floats]:
    """Cached `values` as exact ones, and the variance of each unit's weight that remains.

    If the rest of the regression came of a weight for each unit, independent and alike in size, its
    variance would be the weights' times the sum of the units' variances over the probes.
    """
    moved = approximate - approximate.mean()
    spread = float(moved @ moved)
    slope = float(moved @ (exact - exact.mean())) / spread if spread > 1e-12 else 1.0
    offset = float(exact.mean() - slope * approximate.mean())
    rest = exact - offset - slope * approximate
    variance = float(rest @ rest) / max(1, len(rest) - 2)
    by_units = float(probes.var(axis=0, ddof=1).sum())
    return offset + slope * values, np.full(probes.shape[1], variance / max(by_units, 1e-12))


def _r2(exact: Floats, approximate: Floats) -> float | None:
    spread = float(((exact - exact.mean()) ** 2).sum())
    return 1.0 - float(((exact - approximate) ** 2).sum()) / spread if spread > 1e-12 else None


def _verified(
    f: ValueFunction,
    fit: SurrogateFit,
    verify: int,
    nested: bool,
    *,
    held_out: GoodnessOfFit,
    values: Floats,
    stopped: Stopped,
    estimator: Estimator,
    agreement: float | None = None,
    notes: tuple[str, ...] = (),
) -> Attribution:
    """The attribution, with what the leading units take along when each is deleted alone, and f
    without the first 1, 2, ... of them. The first alone is in both, and asked once.
    """
    leading = fit.ranking[:verify]
    n_units = len(f.units)
    masks = each_and_nested(n_units, leading) if nested else single_drops(n_units)[leading]
    full, *without = (float(v) for v in f(with_full(masks)))
    return Attribution(
        full=full,
        surrogate=fit,
        values=values,
        held_out=held_out,
        estimator=estimator,
        stopped=stopped,
        effects={unit: full - without[i] for i, unit in enumerate(leading)},
        curve=tuple(without[len(leading) :]),
        agreement=agreement,
        notes=notes,
    )
