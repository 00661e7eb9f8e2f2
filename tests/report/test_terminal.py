"""Run with: pytest tests/report"""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from focus_lime.explanation.result import Explanation
from focus_lime.method.rescue import Outcome
from focus_lime.report import print_explanation
from focus_lime.report.terminal.passage import fitting, isolated
from tests.explanation.explanations import (
    AWKWARD,
    CONTRACT,
    FIT,
    OUTCOMES,
    Part,
    checked,
    decided,
    explanation,
    named,
    words,
)


def printed(whole: Explanation, width: int = 100, color: bool = False, k: int = 5) -> str:
    out = io.StringIO()
    system = "truecolor" if color else None
    console = Console(file=out, width=width, force_terminal=color, color_system=system)
    print_explanation(whole, console, k)
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


def test_the_exact_effect_has_a_column_where_it_was_measured() -> None:
    whole = explanation(CONTRACT)
    assert "deleted alone" not in printed(whole)
    units = (*whole.units[:1], replace(whole.units[1], effect=2.75), *whole.units[2:])
    shown = printed(replace(whole, units=units), width=120)
    assert "deleted alone" in shown
    rows = [line.split() for line in shown.splitlines() if line.lstrip()[:2] in ("1 ", "2 ")]
    assert [row[1:6] for row in rows] == [
        ["+3.00", "[+2.50,", "+3.50]", "+2.75", "90%"],
        ["-1.00", "[-1.50,", "-0.50]", "–", "90%"],
    ]


def test_in_a_narrow_window_the_text_has_the_room() -> None:
    whole = explanation(CONTRACT)
    wide, narrow = (
        next(line.split() for line in printed(whole, width).splitlines() if "weight" in line)
        for width in (100, 80)
    )
    assert set(wide) - set(narrow) == {"selected", "offset"}


def test_words_are_painted_and_listed_and_sentences_are_quoted() -> None:
    whole = words(explanation(CONTRACT), 1, [0.0, -1.0, 4.0])
    whole = decided(checked(whole, "held", [3]), "single", [[1]], [[1]])
    shown = printed(whole, width=160)
    assert (
        "The [-agreement-] [+is governed by the laws of Delaware.+]  Nothing else matters." in shown
    )
    assert "[-Except in Texas.-]" in shown
    assert "had missed: “Except in Texas.”" in shown
    assert "“The agreement is governed by the laws of Delaware.” is enough by itself" in shown
    assert "52 masks over sentences" in shown
    assert "52 masks over words" in shown


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_coverage_check_and_sets_name_spans_by_their_rank(outcome: Outcome) -> None:
    whole = checked(explanation(CONTRACT), outcome, [3])
    whole = decided(whole, "or", [[1], [2]], [[1, 3]], threshold=-1.0)
    shown = " ".join(printed(whole).split())
    line = {
        "held": "neighborhood held: 92% of the effect goes with it, 87% comes back with it alone; "
        "1 sentence was added that the proxy had missed: [2] sets",
        "redundant": "92% with this added: [2] sets",
        "not_in_context": "neighborhood not in the context: the answer hardly needs the text sets",
        "budget_exhausted": "neighborhood not held: only 92% of the effect",
    }
    assert line[outcome] in shown
    assert "sets Either keeps half of the effect or more: [1] or “Nothing else matters.”" in shown
    assert "Deleting [1] and [2] together takes half of the effect or more" in shown


def test_nothing_is_said_of_what_was_not_asked() -> None:
    shown = printed(explanation(CONTRACT))
    for absent in ("neighborhood", "sets", "enough", "mixed", "words"):
        assert absent not in shown


def test_the_fit_says_how_it_came_about() -> None:
    fit = replace(FIT, estimator="mixed", agreement=0.9976)
    assert (
        "Spearman 0.88; mixed: most masks over the cached context, R² 0.998 with exact ones; "
        "stopped when the top was settled"
    ) in " ".join(printed(explanation(CONTRACT, fit=fit)).split())


def test_k_limits_the_table() -> None:
    assert "-1.00" not in printed(explanation(CONTRACT), k=1)


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_documents_print_within_the_width(name: str, width: int) -> None:
    whole = explanation(AWKWARD[name], level="token")
    members = [[i] for i, unit in enumerate(whole.units) if unit.status == "attributed"]
    whole = decided(checked(whole, "held", [i for i, *_ in members]), "or", members, members)
    shown = printed(whole, width)
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


def test_quotes_of_unlisted_spans_are_only_text_too() -> None:
    whole = decided(explanation(AWKWARD["markup"]), "single", [[1]], [])
    shown = printed(whole, width=120, k=1)
    assert "“ [31mescape {{ e }} {% x %}” is enough by itself" in shown
    assert "\x1b" not in shown


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
    fit = replace(FIT, masks=4, held_out_masks=0, r2=None, spearman=None)
    assert "4 masks, held-out fit not measured" in printed(explanation(CONTRACT, fit=fit))
    all_masks = replace(fit, r2=0.5, spearman=1.0, stopped="all_masks")
    assert "4 masks, R² over all masks 0.50" in printed(explanation(CONTRACT, fit=all_masks))


def test_conversations_name_the_message() -> None:
    shown = printed(explanation([("Hi. ", 0.1)], [("Hello!", 1.0)]))
    assert "message 2 (assistant), line 1 of 1" in shown
    assert "2:0" in shown


def test_the_first_spans_stand_in_their_context_each_once() -> None:
    far: list[Part] = [
        ("One supports it. ", 3.0),
        ("Near by. ", 2.0),
        ("x " * 300, None),
        ("Two opposes it. ", -1.0),
        ("y " * 300, None),
        ("Three. ", 0.5),
    ]
    out = printed(explanation(far))
    assert "top span in its context" in out
    assert "span 2 in its context" not in out  # the first passage shows it
    assert "span 3 in its context" in out
    assert "[-Two opposes it.-]" in out
    assert "span 4 in its context" not in out


def test_a_unit_has_its_name_before_its_text() -> None:
    whole = explanation(CONTRACT)
    shown = printed(named(whole, [None, "[red]§ 1", None, "passage 3", None]), width=140)
    assert "top span in its context  [red]§ 1, line 2 of 5" in shown
    rows = [line for line in shown.splitlines() if line.lstrip()[:2] in ("1 ", "2 ")]
    assert "  [red]§ 1: The agreement" in rows[0]
    assert "  passage 3: " in rows[1]
    whole = decided(named(whole, [None, None, "§ 2", None, None]), "single", [[2]], [])
    assert "“Nothing else matters.” (§ 2) is enough by itself" in printed(whole, width=140)


def test_ideographs_take_two_columns_and_what_is_read_from_the_right_stands_apart() -> None:
    assert cell_len(fitting("通知期限为三个月" * 20, 40)) <= 40
    assert fitting("a short one", 40) == "a short one"
    assert isolated("three") == "three"
    assert isolated("ثلاثة (90)") == "\u2068ثلاثة (90)\u2069"
    assert cell_len(isolated("ثلاثة")) == cell_len("ثلاثة")
