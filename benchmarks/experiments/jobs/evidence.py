"""Five lines or sentences of evidence against what people marked, by one rule for all methods: the
leading units of positive weight.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import comb
from typing import Any

from focus_lime.inputs.units import Span
from focus_lime.workflows.verdicts import EVIDENCE

from ...metrics.evidence import gold_units
from .job import OURS, extent
from .peers import Answer, Explained

COMMAND = "the command's evidence"
EXAMINED = "all that was examined"
RULE = (
    f"Recall: share of the marked units among the {EVIDENCE} leading units of positive weight. "
    f"Hit: at least one of them. {COMMAND.capitalize()}: what it shows of the same explanation, "
    f"those of the {EVIDENCE} largest |weights| that are positive. "
    f"{EXAMINED.capitalize()}: the units of the neighborhood, which {OURS} leads from. "
    f"Random units: what as many as {OURS} leads with have on average."
)


def found(shown: Collection[int], gold: Collection[int]) -> dict[str, float]:
    """Recall: the share of the gold units that are shown. Hit: whether one of them is."""
    both = len({*shown} & {*gold})
    return {"recall": both / len(gold), "hit": float(both > 0)}


def found_by_chance(n_shown: int, n_gold: int, n_units: int) -> dict[str, float]:
    """What `found` gives on average for so many units drawn at random."""
    missed = comb(n_units - n_gold, n_shown) / comb(n_units, n_shown)
    return {"recall": n_shown / n_units, "hit": 1 - missed}


def scores(
    explained: Explained,
    evidence: Sequence[Mapping[str, Any]],
    marked: Sequence[Span],
    answers: Mapping[str, Answer],
) -> dict[str, dict[str, float]]:
    """The measures by method.

    Args:
        evidence: of the verdict, as `verdicts.json` has it.
        marked: what people marked, in the text that was explained.
        answers: of the peers.
    """
    units = explained.units
    gold = gold_units(units, marked)
    leading = gold_units(units, explained.leading(EVIDENCE))
    shown = gold_units(units, [extent(e) for e in evidence if e["weight"] > 0])
    examined = gold_units(units, explained.explanation.neighborhood.units)
    return {
        OURS: found(leading, gold),
        COMMAND: found(shown, gold),
        EXAMINED: found(examined, gold),
        **{peer: found(answer.supporting[:EVIDENCE], gold) for peer, answer in answers.items()},
        "random units": found_by_chance(len(leading), len(gold), len(units)),
    }


def marked_units(explained: Explained, marked: Sequence[Span]) -> frozenset[int]:
    """The units that share a character with what people marked."""
    return gold_units(explained.units, marked)


def check_of(explained: Explained) -> str | None:
    """How the coverage check ended."""
    check = explained.explanation.check
    return check.outcome if check else None
