"""The value function: masks -> values. The model, seen through one prompt, its units and one
objective. Everything outside the units stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy

import numpy as np

from focus_lime.errors import FocusLimeError, suggest
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Span, Units
from focus_lime.method.cache import ScoreCache, context_key, variant_key
from focus_lime.method.masks import Masks, with_full
from focus_lime.method.objective import Objective
from focus_lime.models.base import (
    ABLATIONS,
    PLACEHOLDER,
    Ablation,
    Estimate,
    Floats,
    Ledger,
    Model,
    Variant,
    score_all,
)

Progress = Callable[[int, int], None]


class ValueFunction:
    """`bool[n_masks, n_units] -> float64[n_masks]`. Pure: same masks, same values.

    Args:
        units: what the columns of a mask mean; text outside of them is always kept.
        ablation: `delete` removes a dropped unit, `placeholder` puts `placeholder` in place of
            each run of dropped units; `attention` hides it from what follows the document, which
            costs almost nothing and is near to `delete`, not equal: see `Variant`.
        cache: scores that are known already, and where new ones are kept.
        progress: called with (masks done, masks in all) after every batch.
    """

    def __init__(
        self,
        model: Model,
        prompt: Prompt,
        units: Units,
        objective: Objective,
        *,
        ablation: Ablation = "delete",
        placeholder: str = PLACEHOLDER,
        ledger: Ledger | None = None,
        cache: ScoreCache | None = None,
        progress: Progress | None = None,
    ) -> None:
        if ablation not in ABLATIONS:
            raise FocusLimeError(f"no ablation {ablation!r}: {suggest(ablation, ABLATIONS)}")
        if ablation == "placeholder" and not placeholder:
            raise FocusLimeError("the placeholder is empty: give one, or use the ablation delete")
        if model.is_generative and not objective.continuations:
            raise FocusLimeError(
                f"{model.name} is a language model, and the objective {objective.name!r} names no "
                "text that it must score: give a response or labels"
            )
        self.model, self.prompt, self.units, self.objective = model, prompt, units, objective
        self.ledger = ledger if ledger is not None else Ledger()
        self._whole = Variant(prompt, (), ablation, placeholder)
        lengths = [len(model.encode_response(r)) for r in objective.continuations]
        ends = np.cumsum(lengths, dtype=int)
        self._spans = [slice(int(e) - n, int(e)) for e, n in zip(ends, lengths, strict=True)]
        self._cache = cache if cache is not None else ScoreCache()
        self._context = (
            context_key(model, self._whole, objective.continuations) if cache is not None else ""
        )
        self._progress = progress

    def over(
        self,
        units: Units,
        *,
        ablation: Ablation | None = None,
        progress: Progress | None = None,
    ) -> ValueFunction:
        """The same prompt and objective through other units, or by another ablation; ledger and
        known scores are shared.
        """
        other = copy(self)
        whole = self._whole
        other.units, other._progress = units, progress
        other._whole = Variant(whole.prompt, (), ablation or whole.ablation, whole.placeholder)
        return other

    def variant(self, mask: Masks) -> Variant:
        """The perturbed prompt of one mask `bool[n_units]`: runs of dropped units as spans."""
        runs: list[Span] = []
        for index in np.flatnonzero(~mask):
            unit = self.units[int(index)]
            if runs and runs[-1].source == unit.source and runs[-1].end == unit.start:
                runs[-1] = Span(unit.source, runs[-1].start, unit.end)
            else:
                runs.append(unit.span)
        whole = self._whole
        return Variant(whole.prompt, tuple(runs), whole.ablation, whole.placeholder)

    def estimate(self, masks: Masks | Sequence[Sequence[bool]]) -> Estimate:
        """What the values of the masks would cost, counted before anything runs."""
        distinct = {variant.dropped: variant for variant in map(self.variant, self._checked(masks))}
        return self.model.estimate(list(distinct.values()), self.objective.continuations)

    def estimate_more(self, masks: Masks | Sequence[Sequence[bool]]) -> Estimate:
        """The same, once f(x) is known: what they begin with is not computed again."""
        both = with_full(self._checked(masks))
        return self.estimate(both) - self.estimate(both[:1])

    def __call__(self, masks: Masks | Sequence[Sequence[bool]]) -> Floats:
        """Values in nats, `float64[n_masks]`, in the order of the masks.

        Raises:
            FocusLimeError: masks of another shape or type.
        """
        rows = self._rows(masks)
        return np.array([self.objective.value(row, self._spans) for row in rows], dtype=np.float64)

    def again(self, mask: Masks, times: int = 1) -> Floats:
        """The value of one mask `bool[n_units]`, asked so many times more, `float64[times]`: a
        model that draws its answers gives others.
        """
        variant = self.variant(mask)
        values = []
        for number in range(1, times + 1):
            key = f"{variant_key(self._context, variant)}/{number}"
            row = self._cache.get(key)
            if row is None:
                row = score_all(self.model, [variant], self.objective.continuations, self.ledger)[0]
                self._cache.put([(key, row)])
            values.append(self.objective.value(row, self._spans))
        return np.array(values, dtype=np.float64)

    def full(self) -> float:
        """f(x), the value of the prompt as it is."""
        return self.objective.value(self._full_row(), self._spans)

    def nothing(self) -> float:
        """The value without any of the units."""
        return float(self(np.zeros((1, len(self.units)), dtype=bool))[0])

    def answer(self) -> str:
        """What the model says to the prompt as it is: see `Objective.answer`."""
        return self.objective.answer(self._full_row(), self._spans)

    def _full_row(self) -> Floats:
        row = self._cache.get(variant_key(self._context, self._whole))
        return self._rows(np.ones((1, len(self.units)), dtype=bool))[0] if row is None else row

    def _rows(self, masks: Masks | Sequence[Sequence[bool]]) -> list[Floats]:
        """`Model.score` of every mask; each distinct perturbed prompt is asked for once, ever."""
        masks = self._checked(masks)
        variants = [self.variant(mask) for mask in masks]
        keys = [variant_key(self._context, variant) for variant in variants]
        rows = {key: self._cache.get(key) for key in dict.fromkeys(keys)}
        missing = {k: v for k, v in zip(keys, variants, strict=True) if rows[k] is None}
        done = len(rows) - len(missing)
        self.ledger.cached += done
        if missing:
            asked = list(missing)
            scored = self.model.score(
                list(missing.values()), self.objective.continuations, self.ledger
            )
            for index, row in scored:
                key = asked[index]
                if not np.isfinite(row).all():
                    raise self._not_finite(masks[keys.index(key)])
                self._cache.put([(key, row)])  # on disk before the next is worked for
                rows[key] = row
                done += 1
                if self._progress is not None:
                    self._progress(done, len(rows))
        return [known for key in keys if (known := rows[key]) is not None]

    def _not_finite(self, mask: Masks) -> FocusLimeError:
        dropped = np.flatnonzero(~mask)
        listed = ", ".join(map(str, dropped[:8])) + (", ..." if len(dropped) > 8 else "")
        which = f"the mask that drops the units {listed} of {len(mask)}" if listed else "the prompt"
        return FocusLimeError(
            f"{self.model.name} gave NaN or inf for {which}; nothing of it was kept: "
            "look at that prompt, or load the model in another dtype"
        )

    def _checked(self, masks: Masks | Sequence[Sequence[bool]]) -> Masks:
        masks = np.asarray(masks)
        if masks.dtype != np.bool_ or masks.ndim != 2 or masks.shape[1] != len(self.units):
            raise FocusLimeError(
                f"masks must be bool[n, {len(self.units)}], got {masks.dtype}{list(masks.shape)}"
            )
        if not len(masks):
            raise FocusLimeError("no masks: give at least one")
        return masks
