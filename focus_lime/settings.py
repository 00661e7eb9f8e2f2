"""How an explanation is made: the options of `FocusLime.explain`, with their defaults resolved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from focus_lime.errors import FocusLimeError, near
from focus_lime.models.base import ABLATIONS, Ablation
from focus_lime.perturb.masks import DESIGNS

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
