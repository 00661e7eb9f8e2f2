"""How an explanation is made: every option, declared once, and the defaults that depend on the
prompt.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated, Any, Literal

from focus_lime.errors import FocusLimeError, suggest
from focus_lime.inputs.tree import UnitTree
from focus_lime.method.masks import DESIGNS, TREE
from focus_lime.models.base import CACHED_ABLATIONS, PLACEHOLDER, Ablation
from focus_lime.options import Option, check

Estimator = Literal["exact", "mixed"]

MODEL_TOKEN = "token"  # a level that every generative model has, whatever the tree
CACHED_TIMES = 4  # so many masks over the cached context for each that might be asked exactly

_BUDGET, _FINE_BUDGET = 64, 256
_MASKS_PER_UNIT = 4  # of the neighborhood: sets how many units it holds
_COARSE, _SCORED = 6, 16  # so many coarse units for so many scored ones
_DESIGN, FINE_DESIGN, _LIME_DESIGN = "mostly-kept", "local", "uniform-size"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The options of `FocusLime.explain`. What is None follows from the prompt: see `resolve`."""

    granularity: Annotated[
        str | None,
        Option("Level of the weights: sentence, word, token, ... Default: the scored level."),
    ] = None
    budget: Annotated[
        int | None,
        Option("Most masks that the target is asked. Default: 64; 256 at a fine level.", least=2),
    ] = None
    n_coarse: Annotated[
        int | None,
        Option("Most coarse units, as chunks, that the proxy keeps. Default: 6 or more.", least=1),
    ] = None
    n_scored: Annotated[
        int | None,
        Option("Most units in the neighborhood. Default: a share of the masks.", least=1),
    ] = None
    design: Annotated[
        str | None,
        Option(
            f"Of masks: {', '.join([*DESIGNS, TREE])}. Default: by level.",
            choices=(*DESIGNS, TREE),
        ),
    ] = None
    ablation: Annotated[
        Ablation,
        Option(
            "How units go: delete, placeholder; attention or reread: cheap, and near to delete."
        ),
    ] = "delete"
    placeholder: Annotated[str | None, Option("Stands for dropped text. Default: three dots.")] = (
        None
    )
    estimator: Annotated[
        Estimator | None,
        Option(
            "exact, or mixed: most masks over the cached context, a few exactly. Default: exact; "
            "mixed where units are opened to a finer level and the model can."
        ),
    ] = None
    coverage_check: Annotated[
        bool, Option("The target checks what the proxy chose, and adds what it lacks.")
    ] = True
    verify: Annotated[
        int, Option("Leading units that are deleted, each alone and one after another.", least=0)
    ] = 3
    sets: Annotated[bool, Option("Look for the sets of units that decide.")] = True
    confidence: Annotated[
        float, Option("At which masks stop before the budget; 1: never.", above=0, most=1)
    ] = 0.95
    max_new_tokens: Annotated[int, Option("Of the model's own answer, at most.", least=1)] = 64
    seed: Annotated[int, Option("Of masks and bootstrap.", least=0)] = 0

    def __post_init__(self) -> None:
        check(self)
        if self.estimator == "mixed" and self.ablation in CACHED_ABLATIONS:
            raise FocusLimeError(
                "the estimator mixed corrects the cached context by exact values, and the ablation "
                f"{self.ablation} has none: take the ablation delete, or the estimator exact"
            )
        if self.placeholder == "" and self.ablation == "placeholder":
            raise FocusLimeError("the placeholder is empty: give one, or use the ablation delete")

    def is_fine(self, tree: UnitTree) -> bool:
        """Whether scored units are opened to a finer level."""
        return self.granularity is not None and tree.is_finer(self.granularity)


def resolve(
    settings: Settings, tree: UnitTree, *, has_proxy: bool, design: str | None = None
) -> Settings:
    """The settings with every default filled in.

    Args:
        design: of the surrogate, where it wants one.

    Raises:
        FocusLimeError: a granularity that the prompt does not have.
    """
    granularity = settings.granularity or tree.scored_level
    levels = dict.fromkeys([*tree.levels, MODEL_TOKEN])
    if granularity not in levels:
        raise FocusLimeError(f"no granularity {granularity!r}: {suggest(granularity, levels)}")
    fine = tree.is_finer(granularity)
    budget = settings.budget or (_FINE_BUDGET if fine else _BUDGET)
    n_scored = settings.n_scored
    if n_scored is None:
        masks = _BUDGET if fine else budget
        times = CACHED_TIMES if settings.estimator == "mixed" else 1
        n_scored = max(1, times * masks // _MASKS_PER_UNIT)
    usual = FINE_DESIGN if fine else _DESIGN
    ablates_to_text = settings.ablation == "placeholder"
    estimator = settings.estimator
    if estimator is None:
        estimator = "mixed" if fine and has_proxy and settings.ablation == "delete" else "exact"
    filled: dict[str, Any] = {
        "granularity": granularity,
        "budget": budget,
        "n_coarse": settings.n_coarse or max(_COARSE, -(-n_scored * _COARSE // _SCORED)),
        "n_scored": n_scored,
        "estimator": estimator,
        "design": settings.design or design or (usual if has_proxy else _LIME_DESIGN),
        "placeholder": (settings.placeholder or PLACEHOLDER) if ablates_to_text else None,
        "coverage_check": settings.coverage_check and has_proxy,
    }
    return Settings(
        **{f.name: filled.get(f.name, getattr(settings, f.name)) for f in fields(Settings)}
    )
