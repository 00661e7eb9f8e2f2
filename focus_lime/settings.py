"""How an explanation is made: the options of `FocusLime.explain` with their defaults resolved,
and the units and masks that they mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from focus_lime.errors import FocusLimeError, near
from focus_lime.models.base import ABLATIONS, Ablation, Model
from focus_lime.perturb.masks import DESIGNS, Masks, within_tree
from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.split import split
from focus_lime.prompt.units import Units

Granularity = Literal["sentence", "word", "token"]
GRANULARITIES: tuple[Granularity, ...] = ("sentence", "word", "token")

_BUDGET = {"sentence": 64, "word": 256, "token": 256}
_CALLS_PER_SENTENCE = {"sentence": 4, "word": 48, "token": 48}  # sets how many sentences S holds
_DESIGN = {"sentence": "bernoulli", "word": "local", "token": "local"}
_LIME_DESIGN = "uniform-size"


@dataclass(frozen=True)
class Settings:
    """See `FocusLime.explain` for what each means; `placeholder` is None where it is not used."""

    granularity: Granularity
    budget: int
    chunks: int
    sentences: int
    design: str
    ablation: Ablation
    placeholder: str | None
    max_new_tokens: int


def resolve(
    *,
    has_proxy: bool,
    granularity: Granularity = "sentence",
    budget: int | None = None,
    chunks: int = 6,
    sentences: int | None = None,
    design: str | None = None,
    ablation: Ablation = "delete",
    placeholder: str = "...",
    max_new_tokens: int = 64,
) -> Settings:
    """The settings that a user's options mean.

    Raises:
        FocusLimeError: an option that is unknown or too small.
    """
    for name, found, known in (
        ("granularity", granularity, GRANULARITIES),
        ("design", design, [*DESIGNS, "tree"]),
        ("ablation", ablation, ABLATIONS),
    ):
        if found is not None and found not in known:
            raise FocusLimeError(f"no {name} {found!r}: {near(found, known)}")
    budget = _BUDGET[granularity] if budget is None else budget
    if budget < 2:
        raise FocusLimeError(f"a budget of {budget} masks explains nothing: give 2 or more")
    if chunks < 1 or (sentences is not None and sentences < 1):
        raise FocusLimeError("the neighborhood needs at least one chunk and one sentence")
    return Settings(
        granularity=granularity,
        budget=budget,
        chunks=chunks,
        sentences=sentences or max(1, budget // _CALLS_PER_SENTENCE[granularity]),
        design=design or (_DESIGN[granularity] if has_proxy else _LIME_DESIGN),
        ablation=ablation,
        placeholder=placeholder if ablation == "placeholder" else None,
        max_new_tokens=max_new_tokens,
    )


def units_within(model: Model, prompt: Prompt, focus: Units, granularity: Granularity) -> Units:
    """The sentences of the neighborhood, or their words, or the model's tokens in them."""
    if granularity == "sentence":
        return focus
    if granularity == "word":
        return split(prompt.sources, "word", within=focus)
    return model.tokens(prompt).within(focus)


def masks_over(units: Units, focus: Units, settings: Settings, seed: int) -> Masks:
    """`bool[n_masks, n_units]`, by the design; where it is `tree`, dropped sentences of the
    neighborhood take their units along.
    """
    if settings.design == "tree":
        parents = units.parents(focus)
        return within_tree(parents, settings.budget, seed, keep_parent=0.8, keep=0.8)
    return DESIGNS[settings.design](len(units), settings.budget, seed)
