"""Run with: pytest tests/report/test_plot.py"""

from __future__ import annotations

import io
import sys

import pytest

from focus_lime.errors import FocusLimeError
from tests.explanation.explanations import (
    AWKWARD,
    CONTRACT,
    checked,
    deleted,
    explanation,
    named,
)


def test_the_figure_shows_what_was_measured() -> None:
    whole = deleted(checked(explanation(CONTRACT)), [1, 3], [2.75, -0.5], [-0.25, -6.0])
    whole = named(whole, [None, "§ $1", None, None, None])
    ranked, curve = whole.plot().axes
    widths = [bar.get_width() for bar in ranked.patches]
    assert widths == [3.0, -1.0]
    labels = [label.get_text() for label in ranked.get_yticklabels()]
    assert labels == [r"§ \$1: The agreement is governed by the laws of…", "Except in Texas."]
    lines = [line.get_xdata() for line in ranked.get_lines()]
    assert [2.5, 3.5] in [list(line) for line in lines]
    assert [2.75] in [list(line) for line in lines]
    full, nothing, added, together = (list(line.get_ydata()) for line in curve.get_lines())
    assert (full, nothing) == ([2.5, 2.5], [-7.25, -7.25])
    assert added == pytest.approx([2.5, -0.25, 0.25])
    assert together == [2.5, -0.25, -6.0]
    assert len(explanation(CONTRACT).plot().axes) == 1
    assert len(whole.plot(1).axes[0].patches) == 1


@pytest.mark.filterwarnings("ignore:Glyph")  # fonts need not have them all
@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_texts_are_drawn(name: str) -> None:
    figure = explanation(AWKWARD[name]).plot()
    still = name in ("empty", "all zero", "nothing attributed", "tiny")
    title = "No span differs from 0" if still else "Ranked spans"
    assert figure.axes[0].get_title(loc="left") == title
    figure.savefig(io.BytesIO(), format="png", dpi=20)


def test_what_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FocusLimeError, match="k is 0"):
        explanation(CONTRACT).plot(0)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(FocusLimeError, match="pip install matplotlib"):
        explanation(CONTRACT).plot()
