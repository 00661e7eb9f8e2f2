"""Phase II: the target answers masks over units, in rounds, and the surrogate is fitted. The
leading units are then deleted each alone, and nested: the first, the first two, and so on.

The mixed estimator answers most masks over the prompt's cached context. Where that does not predict
the exact values, it is given up, and every mask is asked exactly; unless these are too few for so
many units, or cost too much, and the cached context still predicts more than half: then more of the
leading units are deleted alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from focus_lime.method.masks import Masks, alone_and_nested, with_full
from focus_lime.method.mixed import CachedSample, Mixing, cached_view, for_a_reading
from focus_lime.method.rounds import Rounds, Stopped
from focus_lime.method.settings import Estimator
from focus_lime.method.surrogate import GoodnessOfFit, Surrogate, SurrogateFit
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import Floats

Weighing = Literal[Estimator, "effects", "averages"]

DEFAULT_MIXING = Mixing()
_WORTH = 0.1  # of the first unit's weight or effect: less is small beside it


@dataclass(frozen=True)
class Verify:
    """What is deleted once the weights are known.

    Attributes:
        leading: so many leading units, each alone.
        significant: units whose effect is significant, each alone, while they are not more in all.
        nested: also the first of the leading, the first two, and so on.
    """

    leading: int = 3
    significant: int = 0
    nested: bool = True


@dataclass(frozen=True, eq=False)
class Attribution:
    """The surrogate of some units, and how it came about.

    Attributes:
        full: f(x).
        values: of the masks, those of the cached context corrected.
        held_out: the fit on masks that were never fitted; on all of them where all masks that
            there are were asked.
        estimator: how most values were made; `effects`: weights are what was asked of each unit
            alone, and no fit's; `averages`: both (`method.averages`).
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
    verify: Verify = Verify(),
    anchored: bool = False,
    confidence: float = 0.95,
    seed: int = 0,
) -> Attribution:
    """The units' weights, from at most `masks`.

    Args:
        mixing: how the mixed estimator uses the cached context.
        budget: how many of the masks may be asked exactly; all if not given.
        top: so many leading units must be settled for an early stop.
        anchored: f(x) is in the sample as often as masks are held out. For masks that drop next to
            nothing: where most of them say the same, a fit could else take what changes nothing for
            what brings the answer back.
        confidence: of an early stop; 1 never stops early.
    """
    notes: list[str] = []
    rounds = Rounds(masks, surrogate, top, confidence, seed, anchored=anchored)
    if estimator == "mixed":
        cached = cached_view(f, mixing.ablation)
        if cached is None:
            notes.append(
                f"{f.model.name} cannot answer over its cached context: every mask was asked "
                "exactly"
            )
        else:
            n_exact = len(masks[:budget])
            attribution = _mixed(f, cached, rounds, verify, mixing, n_exact, notes)
            if attribution is not None:
                return attribution
    rounds = replace(rounds, masks=masks[:budget])
    n, full, values = rounds.run(f)
    fit, held_out = rounds.fit(values, full, n_bootstrap=200)
    return _verified(
        f,
        fit,
        verify,
        held_out=held_out,
        values=values,
        stopped=rounds.stopped(n),
        estimator="exact",
        notes=tuple(notes),
    )


def _mixed(
    f: ValueFunction,
    cached: ValueFunction,
    rounds: Rounds,
    verify: Verify,
    mixing: Mixing,
    n_exact: int,
    notes: list[str],
) -> Attribution | None:
    """None where the cached context is given up.

    Args:
        n_exact: masks that could be asked exactly.
        notes: what is said of a cached context that is not trusted is added.
    """
    rounds = replace(rounds, least=for_a_reading(cached, rounds.masks))
    n, cached_full, values = rounds.run(cached)
    ranking = rounds.fit(values, cached_full)[0].ranking
    sample = CachedSample(f, cached, rounds.masks[:n], values, ranking, mixing)
    corrected = sample.corrected(verify.leading)
    agreement = corrected.agreement
    if mixing.is_doubtful(agreement):
        badly = f"the cached context predicted exact values badly (R² {agreement:.2f})"
        if mixing.gives_up(agreement, n_exact, len(f.units)):
            notes.append(f"{badly}: every mask was asked exactly")
            return None
        notes.append(
            f"{badly}: go by what the leading ones take along when deleted alone, which is exact"
        )
        corrected = sample.corrected(max(verify.leading, mixing.in_doubt))
    fit, held_out = rounds.fit(
        corrected.values, corrected.full, corrected.extra_variance, n_bootstrap=200
    )
    return _verified(
        f,
        fit,
        verify,
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
    verify: Verify,
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
        alone: units that were deleted alone already.
    """
    first = fit.ranking[: verify.leading]
    more = {*alone, *(unit for unit in fit.ranking[: verify.significant] if fit.significant[unit])}
    leading = [*first, *(unit for unit in fit.ranking[verify.leading :] if unit in more)]
    masks = alone_and_nested(len(f.units), leading, first if verify.nested else ())
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
