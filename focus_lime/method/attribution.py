"""Phase II: the target answers masks over units, in rounds, and the surrogate is fitted.

Rounds end when the leading units are settled, or at the budget. Every fifth mask is never fitted:
on those the fit is judged; where all masks that there are were asked, on all of them. The leading
units are then deleted each alone, and nested: the first, the first two, and so on.

The mixed estimator answers most masks over the prompt's cached context. Where that does not predict
the exact values, it is given up, and every mask is asked exactly; unless these are too few for so
many units, or cost too much, and the cached context still predicts more than half: then more of the
leading units are deleted alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from focus_lime.errors import FocusLimeError
from focus_lime.method.masks import (
    Masks,
    all_there,
    alone_and_nested,
    with_full,
)
from focus_lime.method.mixed import CachedSample, Mixing, cached_view, for_a_reading
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
from focus_lime.models.base import Floats

Stopped = Literal["settled", "budget", "all_masks"]
Weighing = Literal[Estimator, "effects"]

HELD_OUT = 5  # one mask in so many is never fitted
DEFAULT_MIXING = Mixing()
_DRAWS = 400
_WORTH = 0.1  # of the first unit's weight or effect: less is small beside it


@dataclass(frozen=True, eq=False)
class Attribution:
    """The surrogate of some units, and how it came about.

    Attributes:
        full: f(x).
        values: of the masks, those of the cached context corrected.
        held_out: the fit on masks that were never fitted; on all of them where all masks that
            there are were asked.
        estimator: how most values were made; `effects`: weights are what was asked of each unit
            alone, and no fit's.
        stopped: `settled`: at the asked confidence the leading units are the same ones under other
            masks. `budget`: no more masks were allowed. `all_masks`: there are no more.
        effects: f(x) - f(x without the unit), exactly, of leading units by their index, the first
            first.
        alone: f(the unit alone) - f(nothing), exactly, where it was asked.
        curve: f(x without the first 1, 2, ... of those units), exactly: the deletion curve.
        agreement: R^2 of exact values by the cached ones, where both were asked.
        notes: what the reader should know.
    """

    full: float
    surrogate: SurrogateFit
    values: Floats
    held_out: GoodnessOfFit
    estimator: Weighing
    stopped: Stopped
    effects: dict[int, float] = field(default_factory=dict)
    alone: dict[int, float] = field(default_factory=dict)
    curve: tuple[float, ...] = ()
    agreement: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def significant(self) -> list[int]:
        """The units whose effect is significant, the leading ones first."""
        return [i for i in self.surrogate.ranking if self.surrogate.significant[i]]

    @property
    def leading(self) -> list[int]:
        """The units that are not small beside the first one, by their weights, or by what they take
        along when deleted alone, whichever is more: of a fact that is stated twice that is nothing.
        """
        worth = np.abs(self.surrogate.weights)
        for unit, effect in self.effects.items():
            worth[unit] = max(worth[unit], abs(effect))
        order = sorted(self.surrogate.ranking, key=lambda unit: -worth[unit])
        return [unit for unit in order if worth[unit] >= _WORTH * worth[order[0]]]


def attribute(
    f: ValueFunction,
    masks: Masks,
    surrogate: Surrogate,
    *,
    estimator: Estimator = "exact",
    mixing: Mixing = DEFAULT_MIXING,
    budget: int | None = None,
    top: int = 3,
    verify: int = 3,
    most_alone: int = 0,
    nested: bool = True,
    anchored: bool = False,
    confidence: float = 0.95,
    seed: int = 0,
) -> Attribution:
    """The units' weights, from at most `masks`.

    Args:
        mixing: how the mixed estimator uses the cached context.
        budget: how many of the masks may be asked exactly; all if not given.
        top: so many leading units must be settled for an early stop.
        verify: how many leading units are deleted, each alone, and, if `nested`, the first, the
            first two, and so on.
        most_alone: significant units are deleted alone as well, while they are not more in all.
        anchored: f(x) is in the sample as often as masks are held out. For masks that drop next to
            nothing: where most of them say the same, a fit could else take what changes nothing for
            what brings the answer back.
        confidence: of an early stop; 1 never stops early.
    """
    notes: list[str] = []
    rounds = _Rounds(masks, surrogate, top, confidence, seed, anchored=anchored)
    if estimator == "mixed":
        cached = cached_view(f, mixing.ablation)
        if cached is None:
            notes.append(
                f"{f.model.name} cannot answer over its cached context: every mask was asked "
                "exactly"
            )
        else:
            n_exact = len(masks[:budget])
            verified = verify, most_alone, nested
            attribution = _mixed(f, cached, rounds, verified, mixing, n_exact, notes)
            if attribution is not None:
                return attribution
    rounds = replace(rounds, masks=masks[:budget])
    n, full, values = rounds.run(f)
    fit, held_out = rounds.fit(values, full, n_bootstrap=200)
    return _verified(
        f,
        fit,
        (verify, most_alone, nested),
        held_out=held_out,
        values=values,
        stopped=rounds.stopped(n),
        estimator="exact",
        notes=tuple(notes),
    )


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

    def run(self, f: Callable[[Masks], Floats]) -> tuple[int, float, Floats]:
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
    verified: tuple[int, int, bool],
    mixing: Mixing,
    n_exact: int,
    notes: list[str],
) -> Attribution | None:
    """None where the cached context is given up.

    Args:
        n_exact: masks that could be asked exactly.
        notes: what is said of a cached context that is not trusted is added.
    """
    verify = verified[0]
    rounds = replace(rounds, least=for_a_reading(cached, rounds.masks))
    n, cached_full, values = rounds.run(cached)
    ranking = rounds.fit(values, cached_full)[0].ranking
    sample = CachedSample(f, cached, rounds.masks[:n], values, ranking, mixing)
    corrected = sample.corrected(verify)
    agreement = corrected.agreement
    if mixing.is_doubtful(agreement):
        badly = f"the cached context predicted exact values badly (R² {agreement:.2f})"
        if mixing.gives_up(agreement, n_exact, len(f.units)):
            notes.append(f"{badly}: every mask was asked exactly")
            return None
        notes.append(
            f"{badly}: go by what the leading ones take along when deleted alone, which is exact"
        )
        corrected = sample.corrected(max(verify, mixing.in_doubt))
    fit, held_out = rounds.fit(
        corrected.values, corrected.full, corrected.extra_variance, n_bootstrap=200
    )
    return _verified(
        f,
        fit,
        verified,
        held_out=held_out,
        values=corrected.values,
        stopped=rounds.stopped(n),
        estimator="mixed",
        agreement=agreement,
        alone=corrected.alone,
        notes=tuple(notes),
    )


def _verified(
    f: ValueFunction,
    fit: SurrogateFit,
    verified: tuple[int, int, bool],
    *,
    held_out: GoodnessOfFit,
    values: Floats,
    stopped: Stopped,
    estimator: Estimator,
    agreement: float | None = None,
    alone: Sequence[int] = (),
    notes: tuple[str, ...] = (),
) -> Attribution:
    """The attribution, with what the leading units take along when each is deleted alone, and f
    without the first 1, 2, ... of them. The first alone is in both, and asked once.

    Args:
        verified: `verify`, `most_alone` and `nested` of `attribute`.
        alone: units that were deleted alone already.
    """
    (verify, most_alone, nested), n_units = verified, len(f.units)
    first = fit.ranking[:verify]
    more = {*alone, *(unit for unit in fit.ranking[:most_alone] if fit.significant[unit])}
    leading = [*first, *(unit for unit in fit.ranking[verify:] if unit in more)]
    masks = alone_and_nested(n_units, leading, first if nested else ())
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
