"""What a notebook shows. Run with: pytest tests/report/test_notebook.py"""

from __future__ import annotations

import io
import sys

import pytest

from focus_lime.errors import FocusLimeError
from focus_lime.explanation import Explanation

from .explanations import AWKWARD, CONTRACT, audited, deleted, explanation
from .page import Page


def measured() -> Explanation:
    return deleted(audited(explanation(CONTRACT)), [1, 3], [2.75, -0.5], [-0.25, -6.0])


def test_the_compact_view_has_the_spans_in_their_context() -> None:
    shown = " ".join(Page(measured()._repr_html_()).shown.split())
    assert "Which law governs?the laws of Delaware+3.00[+2.50, +3.50]… Article 1." in shown
    assert "The agreement is governed by the laws of Delaware. Nothing else matters." in shown
    assert "-1.00[-1.50, -0.50]" in shown
    assert "R² 0.97 on masks never fitted · 92% of the effect held · 14.70 full prompts" in shown
    assert len(measured()._repr_html_()) < 3000


@pytest.mark.filterwarnings("ignore:Glyph")  # fonts need not have them all
@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_texts_stay_text(name: str) -> None:
    made = explanation(AWKWARD[name], response="<b>&", question="<script>")
    tags = Page(made._repr_html_()).tags
    assert tags <= {"div", "b", "table", "tr", "td", "br", "small", "bdi", "span"}
    for panel in made.plot().axes:
        assert panel.get_title(loc="left")
    made.plot().savefig(io.BytesIO(), format="png", dpi=20)


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


def test_the_figure_shows_what_was_measured() -> None:
    ranked, curve = measured().plot().axes
    widths = [bar.get_width() for bar in ranked.patches]
    assert widths == [3.0, -1.0]
    lines = [line.get_xdata() for line in ranked.get_lines()]
    assert [2.5, 3.5] in [list(line) for line in lines]
    assert [2.75] in [list(line) for line in lines]
    full, nothing, added, together = (list(line.get_ydata()) for line in curve.get_lines())
    assert (full, nothing) == ([2.5, 2.5], [-7.25, -7.25])
    assert added == pytest.approx([2.5, -0.25, 0.25])
    assert together == [2.5, -0.25, -6.0]
    assert len(explanation(CONTRACT).plot().axes) == 1
    assert len(measured().plot(1).axes[0].patches) == 1


def test_what_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FocusLimeError, match="k is 0"):
        measured().plot(0)
    monkeypatch.setitem(sys.modules, "pandas", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(FocusLimeError, match="pip install pandas"):
        measured().to_pandas()
    with pytest.raises(FocusLimeError, match="pip install matplotlib"):
        measured().plot()
