"""Run with: pytest tests/report"""

from __future__ import annotations

from typing import Any

import pytest

from focus_lime.report.findings import (
    Line,
    audit_line,
    fidelity,
    sets_lines,
    stopped,
    together_line,
)
from focus_lime.report.highlight import Scale, opened

from .explanations import CONTRACT, audited, decided, deleted, explanation, words


def said(line: Line) -> str:
    """A span as the place where it starts."""
    return "".join(part if isinstance(part, str) else f"<{part.start}>" for part in line)


@pytest.mark.parametrize(
    ("outcome", "rescued", "line"),
    [
        ("held", [], "held: 92% of the effect goes with it, 87% comes back with it alone"),
        (
            "held",
            [1],
            "held: 92% of the effect goes with it, 87% comes back with it alone; 1 sentence was "
            "added that the proxy had missed: <13>",
        ),
        (
            "redundant",
            [3],
            "redundant: the answer stands more than once. 31% of the effect went with what the "
            "proxy chose, 92% with this added: <87>",
        ),
        ("not_in_context", [], "not in the context: the answer hardly needs the text"),
        (
            "budget_exhausted",
            [1, 2, 3],
            "not held: only 92% of the effect goes with it, 87% comes back with it alone; 3 "
            "sentences were added that the proxy had missed: <13>, <65> and <87>",
        ),
    ],
)
def test_each_outcome_of_the_audit_in_words(outcome: str, rescued: list[int], line: str) -> None:
    made = audited(explanation(CONTRACT), outcome, rescued)
    assert made.audit is not None
    assert said(audit_line(made.audit)) == line


@pytest.mark.parametrize(
    ("alone", "values", "joint", "summed"),
    [
        ([2.0, 1.0], [0.5, -0.5], "+3.00, 31%", "+3.00"),
        (
            [9.0, 0.25],
            [-6.5, -3.0],
            "+5.50, 56%",
            "+9.25; less together than one alone: without the others part of it is back",
        ),
        (
            [0.1, 0.2],
            [2.4, -7.0],
            "+9.50, 97%",
            "+0.30; more together, as where one stands in for another",
        ),
        (
            [9.0, 9.5],
            [-6.5, -7.0],
            "+9.50, 97%",
            "+18.50; less together, as where one needs another",
        ),
    ],
)
def test_what_leading_units_take_together(
    alone: list[float], values: list[float], joint: str, summed: str
) -> None:
    made = deleted(audited(explanation(CONTRACT)), [1, 3], alone, values)
    assert said(together_line(made)) == (
        f"<13> and <87> deleted together take {joint} of the effect; what they take alone adds up "
        f"to {summed}"
    )


def test_nothing_is_said_where_one_deletion_takes_it_all() -> None:
    assert together_line(explanation(CONTRACT)) == ()
    assert together_line(deleted(explanation(CONTRACT), [1], [2.0], [0.5])) == ()
    assert together_line(deleted(explanation(CONTRACT), [1, 3], [3.0, -0.5], [-0.5, 0.0])) == ()
    assert together_line(deleted(explanation(CONTRACT), [1, 3], [0.0, 0.0], [2.5, 2.5])) == ()
    unaudited = deleted(explanation(CONTRACT), [1, 3], [2.0, 1.0], [0.5, -0.5])
    assert "effect" not in said(together_line(unaudited))


@pytest.mark.parametrize(
    ("relation", "enough", "line"),
    [
        ("none", [], "No set of a few leading sentences is enough"),
        ("single", [[1]], "<13> is enough by itself"),
        ("and", [[1, 3]], "Enough only together: <13> and <87>"),
        ("or", [[1], [3]], "Either is enough: <13> or <87>"),
        ("or", [[1], [2], [3]], "Any of these is enough: <13>, <65> or <87>"),
        ("mixed", [[1], [2, 3]], "Any of these is enough: <13>; or <65> and <87>"),
        (
            "mixed",
            [[0, 1, 2], [0, 3], [1, 3], [2, 3], [0, 4], [1, 4]],
            "Any of these is enough: <0>, <13> and <65>; <0> and <87>; <13> and <87>; "
            "<65> and <87>; or 2 more",
        ),
    ],
)
def test_each_relation_in_words(relation: str, enough: list[list[int]], line: str) -> None:
    made = decided(explanation(CONTRACT), relation, enough, [])
    assert made.sets is not None
    assert [said(found) for found in sets_lines(made.sets)] == [
        line,
        "No deletion of a few leading sentences turns the answer",
    ]


@pytest.mark.parametrize(
    ("flips", "line"),
    [
        ([[1]], "Deleting <13> turns the answer"),
        ([[1], [3]], "Either deletion turns the answer: <13> or <87>"),
        ([[1], [2], [3]], "Any one deletion turns the answer: <13>, <65> or <87>"),
        ([[1, 2, 3]], "Deleting <13>, <65> and <87> together turns the answer"),
        (
            [[1, 2], [1, 3]],
            "Any of these, deleted together, turns the answer: <13> and <65>; or <13> and <87>",
        ),
    ],
)
def test_what_turns_the_answer_in_words(flips: list[list[int]], line: str) -> None:
    made = decided(explanation(CONTRACT), "none", [], flips)
    assert made.sets is not None
    assert said(sets_lines(made.sets)[1]) == line


def test_what_the_model_answers_instead() -> None:
    made = decided(explanation(CONTRACT), "single", [[1]], [[1], [3]], instead="Those of Texas.")
    assert made.sets is not None
    assert said(sets_lines(made.sets)[2]) == ("The model answers “Those of Texas.” without <13>")


def test_where_no_removal_passes_0_the_lines_say_what_turned_means() -> None:
    usual = decided(explanation(CONTRACT), "single", [[1]], [[1]])
    halved = decided(explanation(CONTRACT), "single", [[1]], [[1]], threshold=1.5)
    assert usual.sets is not None
    assert halved.sets is not None
    added = sets_lines(halved.sets)[len(sets_lines(usual.sets)) :]
    assert [said(line) for line in added] == [
        "Here the answer counts as turned when half of the effect is gone"
    ]


@pytest.mark.parametrize(
    ("fit", "how", "why"),
    [
        (
            {"fidelity": "exact", "agreement": None, "stopped": "budget"},
            "",
            "ended with the budget",
        ),
        (
            {"fidelity": "mixed", "agreement": 0.9976, "stopped": "settled"},
            "mixed: most masks over the cached context, R² 0.998 with exact ones",
            "stopped when the top was settled",
        ),
        (
            {"fidelity": "mixed", "agreement": None, "stopped": "all_masks"},
            "mixed: most masks over the cached context",
            "all masks that there are",
        ),
        ({}, "", ""),
    ],
)
def test_fidelity_and_stop_in_words(fit: dict[str, Any], how: str, why: str) -> None:
    assert (fidelity(fit), stopped(fit)) == (how, why)


def test_opened_sentences_come_with_their_words_and_never_pass_the_last_step() -> None:
    made = words(words(explanation(CONTRACT), 3, [0.5, -1.0]), 1, [1.0, 0.25, 0.0])
    law, texas = made.units[1], made.units[3]
    assert opened(made) == {law: list(made.parts[:3]), texas: list(made.parts[3:])}
    scale = Scale(made.tiles)
    assert (scale.largest, scale.step(law), scale.step(made.parts[1])) == (1.0, 5, 2)
