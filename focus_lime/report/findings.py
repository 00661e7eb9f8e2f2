"""Audit, sets and fit in plain words: one wording for the page and the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from focus_lime.explanation import ExplainedUnit
from focus_lime.report.highlight import count

_MOST = 4  # alternatives that one line names


class Span(NamedTuple):
    """Characters `[start, end)` of source `source`."""

    source: int
    start: int
    end: int

    @classmethod
    def of(cls, unit: ExplainedUnit) -> Span:
        return cls(unit.source, unit.start, unit.end)


# Words and spans. Whoever shows a line names its spans: by rank in a list, by a quote, by a link.
Line = tuple[str | Span, ...]


def audit_line(audit: Mapping[str, Any]) -> Line:
    """The outcome, how much of the effect the neighborhood holds, and what was added to it."""
    outcome = audit["outcome"]
    if outcome == "not_in_context":
        return ("not in the context: the answer hardly needs the text",)
    rescued: list[Line] = [(Span(*span),) for span in audit["rescued"]]
    coverage, before = share(audit["coverage"]), share(audit["coverage_before"])
    alone = f"{share(audit['sufficiency'])} comes back with it alone"
    if outcome == "redundant":
        return (
            f"redundant: the answer stands more than once. {before} of the effect went with what "
            f"the proxy chose, {coverage} with this added: ",
            *_joined(rescued, ", ", " and "),
        )
    held = "held: " if outcome == "held" else "not held: only "
    added: Line = ()
    if rescued:
        many = "1 sentence was" if len(rescued) == 1 else f"{len(rescued)} sentences were"
        added = (f"; {many} added that the proxy had missed: ", *_joined(rescued, ", ", " and "))
    return (f"{held}{coverage} of the effect goes with it, {alone}", *added)


def sets_lines(sets: Mapping[str, Any]) -> list[Line]:
    """What is enough, what turns the answer, and what that means where it is not the obvious."""
    lines = [_enough(sets["relation"], _read(sets["enough"])), _flips(_read(sets["flips"]))]
    if sets["threshold"] != 0:  # f(x) and f(nothing) lie on one side of 0: no removal passes it
        lines.append(("Here the answer counts as turned when half of the effect is gone",))
    return lines


def held_out(fit: Mapping[str, Any]) -> str:
    r2, spearman = fit.get("r2"), fit.get("spearman")
    if r2 is None and spearman is None:
        return "held-out fit not measured"
    return f"held-out R² {count(r2)}, Spearman {count(spearman)}"


def fidelity(fit: Mapping[str, Any]) -> str:
    """How the values were made; nothing where each was asked for in the one usual way."""
    if fit.get("fidelity") != "mixed":
        return ""
    agreement = fit.get("agreement")
    known = "" if agreement is None else f", R² {agreement:.3f} with exact ones"
    return f"mixed: most masks over the cached context{known}"


def stopped(fit: Mapping[str, Any]) -> str:
    return {
        "settled": "stopped when the top was settled",
        "budget": "ended with the budget",
        "all_masks": "all masks that there are",
    }.get(fit.get("stopped", ""), "")


def share(value: float | None) -> str:
    return "not measured" if value is None else f"{round(100 * value)}%"


def _read(sets: Sequence[Sequence[Sequence[int]]]) -> list[list[Line]]:
    return [[(Span(*span),) for span in members] for members in sets]


def _enough(relation: str, sets: list[list[Line]]) -> Line:
    if relation == "none":
        return ("No set of a few leading sentences is enough",)
    named = _alternatives(sets)
    if relation == "single":
        return (*named, " is enough by itself")
    if relation == "and":
        return ("Enough only together: ", *named)
    if relation == "or" and len(sets) == 2:
        return ("Either is enough: ", *named)
    return ("Any of these is enough: ", *named)


def _flips(sets: list[list[Line]]) -> Line:
    if not sets:
        return ("No deletion of a few leading sentences turns the answer",)
    named = _alternatives(sets)
    together = len(sets[0]) > 1
    if len(sets) == 1:
        return ("Deleting ", *named, " together" if together else "", " turns the answer")
    if together:
        return ("Any of these, deleted together, turns the answer: ", *named)
    either = "Either" if len(sets) == 2 else "Any one"
    return (f"{either} deletion turns the answer: ", *named)


def _alternatives(sets: list[list[Line]]) -> Line:
    named = [_joined(members, ", ", " and ") for members in sets[:_MOST]]
    if len(sets) > _MOST:
        named.append((f"{len(sets) - _MOST} more",))
    if any(len(members) > 1 for members in sets):
        return _joined(named, "; ", "; or ")
    return _joined(named, ", ", " or ")


def _joined(items: Sequence[Line], between: str, last: str) -> Line:
    line: Line = ()
    for left, item in zip(range(len(items), 0, -1), items, strict=True):
        line += item + ((between,) if left > 2 else (last,) if left == 2 else ())
    return line
