"""How an explanation is made: the options of `FocusLime.explain` with their defaults resolved,
and the units and masks that they mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

from focus_lime.attribution import FIDELITIES, Fidelities
from focus_lime.errors import FocusLimeError, near
from focus_lime.models.base import ABLATIONS, Ablation, Model
from focus_lime.perturb.masks import DESIGNS, Masks, within_tree
from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.split import split
from focus_lime.prompt.units import Units

Granularity = Literal["sentence", "word", "token"]
GRANULARITIES: tuple[Granularity, ...] = ("sentence", "word", "token")

CACHED_TIMES = 4  # so many masks over the cached context for each that might be asked exactly
OPENED = 3  # sentences, at most, whose words or tokens are attributed

_BUDGET = {"sentence": 64, "word": 256, "token": 256}
_DESIGN = {"sentence": "bernoulli", "word": "local", "token": "local"}
_LIME_DESIGN = "uniform-size"
_CALLS_PER_SENTENCE = 4  # sets how many sentences S holds
_CHUNKS, _SENTENCES = 6, 16  # so many chunks for so many sentences


class Options(TypedDict, total=False):
    """What `FocusLime.explain` may be told.

    granularity: `sentence`; or `word` or `token`: the leading sentences are opened to these.
    budget: masks that the target is asked for at the finest level, at most: 64 for sentences, 256
        for words and tokens. Sentences that are opened had 64 of their own. Over the cached
        context there may be four times as many.
    chunks, sentences: how many of each Phase I keeps at most: as many sentences as a quarter of the
        masks over sentences (16, or 64 where masks over the cached context make them four times as
        many), 6 chunks for each 16 sentences, and no fewer than 6. How many it does keep follows
        from the proxy's scores.
    design: of the finest level's masks: a name in `masks.DESIGNS`, or `tree` (dropped sentences
        take their words along). By default `bernoulli` for sentences, `local` for words and
        tokens, and LIME's `uniform-size` without a proxy.
    ablation, placeholder: see `ValueFunction`.
    fidelity: `exact`, or `mixed`: most masks are answered over the cached context, a few exactly,
        and the difference is fitted (`focus_lime.attribution`). Words and tokens are always exact:
        in the cached context their neighbors have read them already.
    audit: whether the target checks the neighborhood and adds what it lacks.
    verify: how many leading units are deleted, each alone and nested, exactly.
    sets: whether to look for the sets of sentences that decide.
    confidence: at which the leading units must be settled for masks to stop before the budget;
        1 never stops early.
    max_new_tokens: of the model's own answer.
    """

    granularity: Granularity
    budget: int | None
    chunks: int | None
    sentences: int | None
    design: str | None
    ablation: Ablation
    placeholder: str
    fidelity: Fidelities
    audit: bool
    verify: int
    sets: bool
    confidence: float
    max_new_tokens: int


@dataclass(frozen=True)
class Settings:
    """See `Options`; `placeholder` is None where it is not used."""

    granularity: Granularity
    budget: int
    chunks: int
    sentences: int
    design: str
    ablation: Ablation
    placeholder: str | None
    fidelity: Fidelities
    audit: bool
    verify: int
    sets: bool
    confidence: float
    max_new_tokens: int


def resolve(
    *,
    has_proxy: bool,
    granularity: Granularity = "sentence",
    budget: int | None = None,
    chunks: int | None = None,
    sentences: int | None = None,
    design: str | None = None,
    ablation: Ablation = "delete",
    placeholder: str = "...",
    fidelity: Fidelities = "exact",
    audit: bool = True,
    verify: int = 3,
    sets: bool = True,
    confidence: float = 0.95,
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
        ("fidelity", fidelity, FIDELITIES),
    ):
        if found is not None and found not in known:
            raise FocusLimeError(f"no {name} {found!r}: {near(found, known)}")
    budget = _BUDGET[granularity] if budget is None else budget
    if budget < 2:
        raise FocusLimeError(f"a budget of {budget} masks explains nothing: give 2 or more")
    if sentences is None:
        over_sentences = budget if granularity == "sentence" else _BUDGET["sentence"]
        times = CACHED_TIMES if fidelity == "mixed" else 1
        sentences = max(1, times * over_sentences // _CALLS_PER_SENTENCE)
    if chunks is None:
        chunks = max(_CHUNKS, -(-sentences * _CHUNKS // _SENTENCES))
    if chunks < 1 or sentences < 1:
        raise FocusLimeError("the neighborhood needs at least one chunk and one sentence")
    if verify < 0:
        raise FocusLimeError(f"{verify} spans cannot be verified: give 0 or more")
    if not 0 < confidence <= 1:
        raise FocusLimeError(f"a confidence must be above 0 and at most 1, got {confidence}")
    if fidelity == "mixed" and ablation == "attention":
        raise FocusLimeError(
            "fidelity mixed corrects the cached context by exact values, and the ablation "
            "attention has none: take the ablation delete, or fidelity exact"
        )
    return Settings(
        granularity=granularity,
        budget=budget,
        chunks=chunks,
        sentences=sentences,
        design=design or (_DESIGN[granularity] if has_proxy else _LIME_DESIGN),
        ablation=ablation,
        placeholder=placeholder if ablation == "placeholder" else None,
        fidelity=fidelity,
        audit=audit and has_proxy,
        verify=verify,
        sets=sets,
        confidence=confidence,
        max_new_tokens=max_new_tokens,
    )


def units_within(model: Model, prompt: Prompt, focus: Units, granularity: Granularity) -> Units:
    """The sentences themselves, or their words, or the model's tokens in them."""
    if granularity == "sentence":
        return focus
    if granularity == "word":
        return split(prompt.sources, "word", within=focus)
    return model.tokens(prompt).within(focus)


def masks_over(
    units: Units,
    parents: Units,
    settings: Settings,
    seed: int,
    level: Granularity,
    *,
    times: int = 1,
) -> Masks:
    """`bool[n_masks, n_units]` for the units of a level, at most `times` the budget, by its design.
    Where that is `tree`, dropped sentences of `parents` take their units along.
    """
    if level != settings.granularity:  # sentences that are opened later
        return DESIGNS[_DESIGN[level]](len(units), times * _BUDGET[level], seed)
    if settings.design == "tree":
        rows = units.parents(parents)
        return within_tree(rows, times * settings.budget, seed, keep_parent=0.8, keep=0.8)
    return DESIGNS[settings.design](len(units), times * settings.budget, seed)
