"""Run with: pytest tests/explanation/test_wording.py"""

from __future__ import annotations

from dataclasses import replace

import pytest

from focus_lime.explanation.result import Fit
from focus_lime.explanation.wording import (
    Line,
    apart_lines,
    check_line,
    estimator,
    held_out,
    sets_lines,
    stopped,
    together_line,
)
from focus_lime.method.rescue import CoverageCheck, Outcome
from focus_lime.method.sets import Relation
from tests.explanation.explanations import CONTRACT, FIT, checked, decided, deleted, explanation


def in_text(line: Line) -> str:
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
            "redundant: other text holds the effect as well. 31% of it went with what the proxy "
            "chose, 92% with this added: <87>",
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
def test_each_outcome_of_the_coverage_check_in_words(
    outcome: Outcome, rescued: list[int], line: str
) -> None:
    whole = checked(explanation(CONTRACT), outcome, rescued)
    assert whole.check is not None
    assert in_text(check_line(whole.check, "sentence")) == line
    of_entries = line.replace("sentences", "entries").replace("sentence", "entry")
    assert in_text(check_line(whole.check, "entry")) == of_entries


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
    whole = deleted(checked(explanation(CONTRACT)), [1, 3], alone, values)
    assert in_text(together_line(whole)) == (
        f"<13> and <87> deleted together take {joint} of the effect; what they take alone adds up "
        f"to {summed}"
    )


def test_nothing_is_said_where_one_deletion_takes_it_all() -> None:
    assert together_line(explanation(CONTRACT)) == ()
    assert together_line(deleted(explanation(CONTRACT), [1], [2.0], [0.5])) == ()
    assert together_line(deleted(explanation(CONTRACT), [1, 3], [3.0, -0.5], [-0.5, 0.0])) == ()
    assert together_line(deleted(explanation(CONTRACT), [1, 3], [0.0, 0.0], [2.5, 2.5])) == ()
    unchecked = deleted(explanation(CONTRACT), [1, 3], [2.0, 1.0], [0.5, -0.5])
    assert "effect" not in in_text(together_line(unchecked))


@pytest.mark.parametrize(
    ("relation", "sufficient", "line"),
    [
        ("none", [], "No set of a few leading sentences was found that is enough"),
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
def test_each_relation_in_words(relation: Relation, sufficient: list[list[int]], line: str) -> None:
    whole = decided(explanation(CONTRACT), relation, sufficient, [])
    assert whole.sets is not None
    assert [in_text(part) for part in sets_lines(whole.sets, "sentence")] == [
        line,
        "No deletion of a few leading sentences was found that turns the answer",
    ]


@pytest.mark.parametrize(
    ("turning", "line"),
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
def test_what_turns_the_answer_in_words(turning: list[list[int]], line: str) -> None:
    whole = decided(explanation(CONTRACT), "none", [], turning)
    assert whole.sets is not None
    assert in_text(sets_lines(whole.sets, "sentence")[1]) == line


def test_what_the_model_answers_without_a_set() -> None:
    whole = decided(explanation(CONTRACT), "single", [[1]], [[1], [3]], answer="Those of Texas.")
    assert whole.sets is not None
    assert in_text(sets_lines(whole.sets, "sentence")[2]) == (
        "The model answers “Those of Texas.” without <13>"
    )


def test_where_no_removal_passes_0_no_line_says_that_the_answer_turns() -> None:
    whole = decided(explanation(CONTRACT), "or", [[1], [3]], [[1]], threshold=1.5)
    assert whole.sets is not None
    assert [in_text(line) for line in sets_lines(whole.sets, "sentence")] == [
        "Either keeps half of the effect or more: <13> or <87>",
        "Deleting <13> takes half of the effect or more",
    ]


def test_where_the_empty_text_is_liked_nothing_is_called_enough_or_too_little() -> None:
    whole = decided(explanation(CONTRACT), "none", [], [[1]], threshold=1.5)
    assert whole.sets is not None
    liked = CoverageCheck("held", 1.0, 2.0, 0.0, 1.0, 1.0, 1.0, 1.0, (), 9)
    assert [in_text(line) for line in sets_lines(whole.sets, "sentence", liked)] == [
        "The empty text is liked no less than this one: no sentences can be enough",
        "Deleting <13> takes half of the effect or more",
    ]


def test_sets_are_of_units_of_the_level() -> None:
    whole = decided(explanation(CONTRACT), "none", [], [])
    assert whole.sets is not None
    assert [in_text(line) for line in sets_lines(whole.sets, "entry")] == [
        "No set of a few leading entries was found that is enough",
        "No deletion of a few leading entries was found that turns the answer",
    ]


@pytest.mark.parametrize(
    ("fit", "how", "why"),
    [
        (replace(FIT, stopped="budget"), "", "ended with the budget"),
        (
            replace(FIT, estimator="mixed", agreement=0.9976),
            "mixed: most masks over the cached context, R² 0.998 with exact ones",
            "stopped when the top was settled",
        ),
        (
            replace(FIT, estimator="mixed", stopped="all_masks"),
            "mixed: most masks over the cached context",
            "all masks that there are",
        ),
    ],
)
def test_estimator_and_stop_in_words(fit: Fit, how: str, why: str) -> None:
    assert (estimator(fit), stopped(fit)) == (how, why)


def test_how_well_the_weights_predict_in_words() -> None:
    assert held_out(FIT) == "held-out R² 0.97, Spearman 0.88"
    assert held_out(replace(FIT, r2=None)) == "held-out R² not measured, Spearman 0.88"
    assert held_out(replace(FIT, stopped="all_masks")) == "R² over all masks 0.97, Spearman 0.88"
    assert held_out(replace(FIT, r2=None, spearman=None)) == "held-out fit not measured"


def test_a_weight_and_a_deletion_that_disagree_are_named_with_the_reason() -> None:
    parts = [("It caps. ", 1.4), ("It binds. ", 0.6), ("It ends. ", 1.0)]
    apart = deleted(explanation(parts), range(3), [-0.08, 1.5, 0.9], [0.0, 0.0, 0.0])
    assert [in_text(line) for line in apart_lines(apart)] == [
        "<0>: less when deleted alone than the weight says, as where other text stands in for it",
        "<9>: more when deleted alone than the weight says, as where it counts only beside other "
        "text",
    ]
    exact = replace(apart, fit=replace(apart.fit, estimator="effects"))
    assert apart_lines(exact) == []
