"""Phase II: the target answers masks over units, in rounds, and the surrogate is fitted.

Rounds end when the leading units are settled, or at the budget. Every fifth mask is never fitted:
on those the fit is judged; where all masks that there are were asked, on all of them. The leading
units are then deleted each alone, and nested: the first, the first two, and so on.

Mixed fidelity: most masks are answered over the prompt's cached context, for some thousandths of a
prompt each, and a few exactly. The cached values are a control variate: exact ones are regressed on
them (slope and intercept). What the few exact values still differ by, by units that nobody knows,
widens the interval of every unit. A fit of that rest to the units was tried and let go: from eight
exact values it put up to 3.7 nats on units without effect, other ones with every seed. Where the
exact values are not those that the cached context foretells, it is given up, and every mask is
asked exactly; unless they were too few for so many units, and the cached context still foretells
more than half: 21 exact masks over 412 sentences found nothing where it led to the clause (R² .86).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal, TypeGuard

import numpy as np

from focus_lime.errors import FocusLimeError
from focus_lime.models.base import Floats, Model, Response
from focus_lime.objective import ResponseLogOdds, Score
from focus_lime.perturb.masks import (
    Masks,
    all_there,
    each_and_nested,
    lime_kernel,
    single_drops,
    with_full,
)
from focus_lime.perturb.value import ValueFunction
from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.split import split
from focus_lime.surrogate import Fidelity, SurrogateFit, fidelity, fit

Fidelities = Literal["exact", "mixed"]
FIDELITIES: tuple[Fidelities, ...] = ("exact", "mixed")
Stopped = Literal["settled", "budget", "all_masks"]

CHECKS = 3  # of the masks that are asked exactly in mixed fidelity, beside the leading units
_TRUSTED = 0.9  # R^2 of exact values by cached ones: below it the cached are not used
_BETTER_THAN_FEW = 0.5  # the same where fewer exact masks than _A_UNIT a unit are allowed
_A_UNIT = 2
_HELD_OUT = 5  # one mask in so many is never fitted
_DRAWS = 400
_SAMPLED = 8  # masks by which the cost of one is told


@dataclass(frozen=True, eq=False)
class Attribution:
    """The surrogate of some units, and how it came about.

    Attributes:
        full: f(x).
        values: of the masks, those of the cached context corrected.
        held_out: the fit on masks that were never fitted; on all of them where all masks that
            there are were asked.
        fidelity: how most values were made.
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
    held_out: Fidelity
    fidelity: Fidelities
    stopped: Stopped
    effects: dict[int, float] = field(default_factory=dict)
    curve: tuple[float, ...] = ()
    agreement: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def leading(self) -> list[int]:
        """Units by the size of their weight; those that the sparse fit left out, by the middle of
        their interval.
        """
        return _leading(self.surrogate)

    @property
    def reported(self) -> list[int]:
        """The leading units whose effect is sure."""
        return [i for i in self.leading if self.surrogate.sure[i]]


def attribute(
    f: ValueFunction,
    masks: Masks,
    *,
    fidelity: Fidelities = "exact",
    budget: int | None = None,
    lime: bool = False,
    top: int = 3,
    verify: int = 3,
    confidence: float = 0.95,
    seed: int = 0,
) -> Attribution:
    """The units' weights, from at most `masks`.

    Args:
        budget: how many of the masks may be asked exactly; all if not given.
        lime: weigh masks by LIME's kernel.
        top: so many leading units must be settled for an early stop.
        verify: how many leading units are deleted, each alone and nested.
        confidence: of an early stop; 1 never stops early.
    """
    notes = []
    rounds = _Rounds(masks, lime, top, confidence, seed)
    if fidelity == "mixed":
        cached = cached_view(f)
        if cached is None:
            notes.append(
                f"{f.model.name} cannot answer over its cached context: every mask was asked "
                "exactly"
            )
        else:
            found = _mixed(f, cached, rounds, verify)
            if not _doubtful(found.agreement):
                return found
            badly = f"the cached context foretold exact values badly (R² {found.agreement:.2f})"
            n_exact, n_units = len(masks[:budget]), len(f.units)
            if not given_up(found.agreement, n_exact, n_units):
                few = f"{n_exact} exact masks are too few for {n_units} units"
                go_by = "go by what the leading ones take along, which is exact"
                return replace(found, notes=(f"{badly}, but {few}: {go_by}",))
            notes.append(f"{badly}: every mask was asked exactly")
    rounds = replace(rounds, masks=masks[:budget])
    n, values = rounds.run(f)
    surrogate, held_out = rounds.fit(values, n_bootstrap=200)
    full, effects, curve = _verified(f, _leading(surrogate)[:verify])
    stopped = rounds.stopped(n)
    return Attribution(
        full, surrogate, values, held_out, "exact", stopped, effects, curve, None, tuple(notes)
    )


def given_up(agreement: float | None, n_exact: int, n_units: int) -> bool:
    """Whether `n_exact` exact masks take the place of a cached context with this `agreement`."""
    return _doubtful(agreement) and (agreement < _BETTER_THAN_FEW or n_exact >= _A_UNIT * n_units)


def _doubtful(agreement: float | None) -> TypeGuard[float]:
    """None: the exact values are all alike, and nothing speaks against the cached ones."""
    return agreement is not None and agreement < _TRUSTED


def cached_view(f: ValueFunction) -> ValueFunction | None:
    """The same units over the cached context; None where the model cannot answer so."""
    cached = f.over(f.units, ablation="attention")
    try:
        cached.estimate(np.ones((1, len(f.units)), dtype=bool))
    except FocusLimeError:
        return None
    return cached


def caches(model: Model, prompt: Prompt) -> bool:
    """Whether the model can answer over the prompt's cached context."""
    shortest = ResponseLogOdds(Response("", (0,)))
    objective = shortest if model.speaks else Score()
    units = split(prompt.sources, "sentence")
    return cached_view(ValueFunction(model, prompt, units, objective)) is not None


def settled(surrogate: SurrogateFit, top: int, confidence: float, seed: int) -> bool:
    """Whether the leading units would be the same, with the same signs, in the share `confidence`
    of fits to other masks: normal draws around the weights, by their standard errors.

    Only units whose effect is sure can lead; where there are none nothing is settled.
    """
    s = surrogate
    k = min(top, int(s.sure.sum()))
    if not k:
        return False
    rng = np.random.default_rng([seed, s.n_masks])
    draws = s.centre + s.error * rng.standard_normal((_DRAWS, len(s.centre)))
    leading = np.argsort(-np.abs(s.centre), kind="stable")[:k]
    others = np.delete(np.abs(draws), leading, axis=1).max(axis=1, initial=0.0)
    weakest = np.abs(draws[:, leading]).min(axis=1)
    same_signs = (np.sign(draws[:, leading]) == np.sign(s.centre[leading])).all(axis=1)
    return bool(np.mean((weakest >= others) & same_signs) >= confidence)


@dataclass(frozen=True, eq=False)
class _Rounds:
    """Masks, asked for in rounds until the leading units are settled."""

    masks: Masks
    lime: bool
    top: int
    confidence: float
    seed: int
    least: int = 0  # masks of the first round, at least

    @property
    def whole(self) -> bool:
        return all_there(self.masks)

    def run(self, f: ValueFunction) -> tuple[int, Floats]:
        """How many masks were asked for, and their values."""
        budget, p = self.masks.shape
        first, more = max(24, 2 * p + 8, self.least), max(16, p)
        ends = [budget]
        if self.confidence < 1 and not self.whole and first < budget:
            ends = [*range(first, budget, more), budget]
        for n in ends:
            # The whole prompt in the same call: all share what they begin with.
            values = f(with_full(self.masks[:n]))[1:]
            if n < budget:
                surrogate, _ = self.fit(values)
                if settled(surrogate, self.top, self.confidence, self.seed):
                    break
        return n, values

    def fit(
        self, values: Floats, doubt: Floats | None = None, n_bootstrap: int = 0
    ) -> tuple[SurrogateFit, Fidelity]:
        """The surrogate of the first masks, and how it does on those that it is judged on."""
        n = len(values)
        held = np.arange(n) % _HELD_OUT == _HELD_OUT - 1
        if n < 2 * _HELD_OUT or self.whole:
            held[:] = False
        judged = held | self.whole
        masks = self.masks[:n]
        surrogate = fit(
            masks[~held],
            values[~held],
            lime_kernel(masks[~held]) if self.lime else None,
            doubt=doubt,
            n_bootstrap=n_bootstrap,
            seed=self.seed,
        )
        return surrogate, fidelity(surrogate, masks[judged], values[judged])

    def stopped(self, n: int) -> Stopped:
        return "all_masks" if self.whole else "settled" if n < len(self.masks) else "budget"


def _mixed(f: ValueFunction, cached: ValueFunction, rounds: _Rounds, verify: int) -> Attribution:
    rounds = replace(rounds, least=_for_a_reading(cached, rounds.masks))
    n, values = rounds.run(cached)
    leading = _leading(rounds.fit(values)[0])[:verify]
    ends = np.array([[True], [False]]).repeat(len(f.units), axis=1)
    probes = np.vstack([ends, single_drops(len(f.units))[leading], rounds.masks[:CHECKS]])
    exact, near = f(probes), cached(probes)
    values, doubt = _calibrated(exact, near, probes, values)
    surrogate, held_out = rounds.fit(values, doubt, n_bootstrap=200)
    full, effects, curve = _verified(f, _leading(surrogate)[:verify])
    stopped = rounds.stopped(n)
    agreement = _r2(exact, near)
    return Attribution(
        full, surrogate, values, held_out, "mixed", stopped, effects, curve, agreement
    )


def _for_a_reading(cached: ValueFunction, masks: Masks) -> int:
    """How many masks over the cached context cost as much as one reading of the prompt.

    To stop before them saves next to nothing, and all but the leading units would be known badly.
    """
    first, more = (cached.estimate(masks[:n]) for n in (1, 1 + _SAMPLED))
    spent = max(1, more.tokens_computed - first.tokens_computed)
    return _SAMPLED * first.prompt_tokens // spent


def _calibrated(
    exact: Floats, near: Floats, probes: Masks, values: Floats
) -> tuple[Floats, Floats]:
    """Cached `values` as exact ones, and the variance of each unit's weight that is left in doubt.

    If the rest of the regression came of a weight for each unit, independent and alike in size, its
    variance would be the weights' times the sum of the units' variances over the probes.
    """
    moved = near - near.mean()
    spread = float(moved @ moved)
    slope = float(moved @ (exact - exact.mean())) / spread if spread > 1e-12 else 1.0
    offset = float(exact.mean() - slope * near.mean())
    rest = exact - offset - slope * near
    variance = float(rest @ rest) / max(1, len(rest) - 2)
    by_units = float(probes.var(axis=0, ddof=1).sum())
    return offset + slope * values, np.full(probes.shape[1], variance / max(by_units, 1e-12))


def _r2(exact: Floats, near: Floats) -> float | None:
    spread = float(((exact - exact.mean()) ** 2).sum())
    return 1.0 - float(((exact - near) ** 2).sum()) / spread if spread > 1e-12 else None


def _verified(
    f: ValueFunction, units: list[int]
) -> tuple[float, dict[int, float], tuple[float, ...]]:
    """f(x), what each of the units takes along when it is deleted, and f without the first 1, 2,
    ... of them. The first alone is in both, and asked once.
    """
    full, *without = (float(v) for v in f(with_full(each_and_nested(len(f.units), units))))
    effects = {unit: full - without[i] for i, unit in enumerate(units)}
    return full, effects, tuple(without[len(units) :])


def _leading(s: SurrogateFit) -> list[int]:
    return [int(i) for i in np.lexsort((-np.abs(s.centre), -np.abs(s.weights)))]
