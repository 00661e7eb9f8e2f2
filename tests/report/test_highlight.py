"""Run with: pytest tests/report/test_highlight.py"""

from __future__ import annotations

from dataclasses import replace

from focus_lime.report.highlight import STEPS, Scale, opened, place, top_spans
from tests.explanation.explanations import CONTRACT, explanation, named, words


def test_opened_units_come_with_their_fine_units_and_never_pass_the_last_step() -> None:
    whole = words(words(explanation(CONTRACT), 3, [0.5, -1.0]), 1, [1.0, 0.25, 0.0])
    law, texas = whole.units[1], whole.units[3]
    assert opened(whole) == {law: list(whole.fine_units[:3]), texas: list(whole.fine_units[3:])}
    scale = Scale(whole.tiles)
    assert (scale.largest, scale.step(law), scale.step(whole.fine_units[1])) == (1.0, STEPS, 2)


def test_steps_keep_the_sign_and_the_order() -> None:
    weights = [1.0, 0.81, 0.8, 0.2, 0.021, 0.019, 0.0]
    whole = explanation([(f"{i}. ", w) for i, w in enumerate([*weights, *(-w for w in weights)])])
    scale = Scale(whole.units)
    steps = [scale.step(unit) for unit in whole.units]
    assert steps[:7] == [5, 5, 4, 1, 1, 0, 0]
    assert steps[7:] == [-step for step in steps[:7]]
    assert Scale([replace(unit, weight=1e-9) for unit in whole.units]).step(whole.units[0]) == 0


def test_the_top_are_those_of_the_explanation_less_what_is_about_0() -> None:
    whole = explanation([("a ", 0.01), ("b ", -2.0), ("c ", 3.0), ("d ", 0.0)])
    scale = Scale(whole.tiles)
    assert [whole.text(u) for u in top_spans(whole, scale, 9)] == ["c ", "b "]
    assert top_spans(whole, scale, 1) == whole.top(1)


def test_a_place_is_the_name_or_the_message_and_the_line() -> None:
    one, two = explanation([("a", 1.0)]), explanation([("a", 1.0)], [("b", 1.0)])
    assert place(one, one.units[0], 1234) == "line 1,234"
    assert place(two, two.units[1], 1) == "message 2, line 1"
    with_name = named(two, [None, "2 assistant"])
    assert place(with_name, with_name.units[1], 1) == "2 assistant, line 1"
