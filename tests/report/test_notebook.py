"""What a notebook shows. Run with: pytest tests/report/test_notebook.py"""

from __future__ import annotations

import sys

import pytest

from focus_lime.errors import FocusLimeError
from focus_lime.explanation.result import Explanation
from tests.explanation.explanations import AWKWARD, CONTRACT, checked, deleted, explanation, named
from tests.report.page import Page, shown


def measured() -> Explanation:
    return deleted(checked(explanation(CONTRACT)), [1, 3], [2.75, -0.5], [-0.25, -6.0])


def test_the_compact_view_has_the_spans_in_their_context() -> None:
    source = measured()._repr_html_()
    text = shown(Page(source))
    assert "Which law governs?the laws of Delaware+3.00[+2.50, +3.50]… Article 1." in text
    assert "The agreement is governed by the laws of Delaware. Nothing else matters." in text
    assert "-1.00[-1.50, -0.50]" in text
    assert "R² 0.97 on masks never fitted · 92% of the effect held · 14.70 full prompts" in text
    assert len(source) < 3000


def test_names_of_units_stand_above_them() -> None:
    whole = named(explanation(CONTRACT), [None, "<passage 3>", None, None, None])
    assert "[+2.50, +3.50]<passage 3>… Article 1." in shown(Page(whole._repr_html_()))
    names = whole.to_pandas()["name"]
    assert (names[0], names.isna().sum()) == ("<passage 3>", 2)


@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_texts_stay_text(name: str) -> None:
    whole = explanation(AWKWARD[name], response="<b>&", question="<script>")
    tags = Page(whole._repr_html_()).tags
    assert tags <= {"div", "b", "table", "tr", "td", "br", "small", "bdi", "span"}


def test_nothing_examined_is_not_no_effect() -> None:
    assert "No span was examined." in explanation(AWKWARD["nothing attributed"])._repr_html_()
    assert "No span differs from 0." in explanation(AWKWARD["all zero"])._repr_html_()


def test_the_table_has_every_attributed_unit() -> None:
    table = measured().to_pandas()
    assert list(table["weight"]) == [3.0, -1.0, 0.0]
    assert table["effect"][0] == 2.75
    assert table["effect"].isna().sum() == 1
    assert list(table["text"]) == [
        "The agreement is governed by the laws of Delaware.",
        "Except in Texas.",
        "Nothing else matters.",
    ]
    assert list(table.columns) == list(measured().table(1)[0])
    empty = explanation(AWKWARD["nothing attributed"]).to_pandas()
    assert (list(empty.columns), len(empty)) == (list(table.columns), 0)


def test_without_pandas_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(FocusLimeError, match="pip install pandas"):
        measured().to_pandas()
