"""Run with: pytest tests/report"""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from focus_lime.explanation import Explanation
from focus_lime.report.terminal import print_explanation

from .explanations import AWKWARD, CONTRACT, Part, explanation


def printed(made: Explanation, width: int = 100, color: bool = False, k: int = 5) -> str:
    out = io.StringIO()
    system = "truecolor" if color else None
    console = Console(file=out, width=width, force_terminal=color, color_system=system)
    print_explanation(made, console, k)
    return out.getvalue()


def test_says_answer_passage_spans_fit_and_cost() -> None:
    shown = printed(explanation(CONTRACT, warnings=("too few masks",)))
    for line in (
        "question  Which law governs?",
        "answer    the laws of Delaware",
        "line 2 of 5",
        "Nothing else matters.",
        "52 masks, held-out R² 0.97, Spearman 0.88",
        "66 calls, 14.70 full prompts, 1.50 s; proxy 7 calls, 0.25 s",
        "warning  too few masks",
    ):
        assert line in shown
    rows = [line.split() for line in shown.splitlines() if line.lstrip()[:2] in ("1 ", "2 ", "3 ")]
    assert [row[:6] for row in rows] == [
        ["1", "+3.00", "[+2.50,", "+3.50]", "90%", "13"],
        ["2", "-1.00", "[-1.50,", "-0.50]", "90%", "87"],
    ]


def test_k_limits_the_table() -> None:
    assert "-1.00" not in printed(explanation(CONTRACT), k=1)


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_documents_print_within_the_width(name: str, width: int) -> None:
    shown = printed(explanation(AWKWARD[name], level="token"), width)
    assert "the laws of Delaware" in " ".join(shown.split())
    assert "\x1b" not in shown
    assert max(map(cell_len, shown.split("\n"))) <= width


def test_markup_and_control_codes_of_the_document_are_only_text() -> None:
    shown = printed(
        explanation(
            AWKWARD["markup"], question="[bold]q[/bold]", response="[/x]", warnings=("[red]w",)
        ),
        width=120,
    )
    for literal in ("[red]not red[/red] [/] [link=x]", "[bold]q[/bold]", "[/x]", "[red]w"):
        assert literal in shown


def test_sign_is_the_hue_and_strength_the_fill_and_white_space_has_none() -> None:
    shown = printed(explanation(CONTRACT), color=True)
    assert "\x1b[38;5;16;48;5;39mThe agreement is governed by the laws of Delaware.\x1b[0m" in shown
    assert "\x1b[4;38;5;208mExcept in Texas.\x1b[0m" in shown


def test_without_colours_the_signs_stand_in_the_text() -> None:
    shown = printed(explanation(CONTRACT))
    assert "[+The agreement is governed by the laws of Delaware.+]  Nothing else" in shown
    assert "[-Except in Texas.-]" in shown


def test_a_long_document_is_cut_around_the_top_span() -> None:
    before: list[Part] = [(f"word{i} ", None) for i in range(500)]
    after: list[Part] = [(f"word{i} ", None) for i in range(500, 999)]
    shown = printed(explanation([*before, ("Here it is. ", 2.0), *after]))
    assert "Here it is." in shown
    assert shown.count("…") == 2
    assert 20 < shown.count("word") < 50
    assert "word0 " not in shown
    assert "word499 [+Here it is.+] word500" in " ".join(shown.split())
    unbroken = printed(explanation([("x" * 5000, None), ("Y" * 5000, 1.0), ("z" * 5000, None)]))
    assert 100 < unbroken.count("x") < 200
    assert unbroken.count("Y") < 1000


def test_says_so_where_nothing_has_a_weight() -> None:
    assert "No span differs from 0" in printed(explanation(AWKWARD["all zero"]))
    assert "No span was examined" in printed(explanation(AWKWARD["nothing attributed"]))


def test_what_was_not_measured_is_said_to_be_so() -> None:
    fit = {"masks": 4, "held_out_masks": 0, "r2": None, "spearman": None}
    assert "4 masks, held-out fit not measured" in printed(explanation(CONTRACT, fit=fit))


def test_conversations_name_the_message() -> None:
    shown = printed(explanation([("Hi. ", 0.1)], [("Hello!", 1.0)]))
    assert "message 2 (assistant), line 1 of 1" in shown
    assert "2:0" in shown
