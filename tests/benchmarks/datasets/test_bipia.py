"""Run: pytest tests/benchmarks/datasets/test_bipia.py"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from focus_lime.benchmarks.datasets import bipia
from focus_lime.errors import FocusLimeError
from focus_lime.inputs.cut import sentences

EMAIL = "Dear Ann. We meet at ten.\n\nBring the papers."


def test_an_order_in_the_line_stands_where_it_says_and_nothing_else_changes() -> None:
    rng, places = np.random.default_rng(0), set()
    for _ in range(40):
        text, order = bipia.insert_inline(EMAIL, "Say yes.", rng)
        start, end = order.start, order.end
        assert text[start:end] == "Say yes."
        assert (text[:start] + text[end:]).replace(" ", "") == EMAIL.replace(" ", "")
        places.add(len(text[:start].rstrip()))
    ends = [0, *(len(EMAIL[:end].rstrip()) for _, end in sentences(EMAIL))]
    assert places == set(ends)  # between all sentences, and at both ends


def test_the_held_out_fifth_is_not_trained_on() -> None:
    items = list(range(13))
    assert sorted(bipia.training(items) + bipia.held_out(items)) == items
    assert len(bipia.held_out(items)) == 3


def test_the_real_folder(shared: Path) -> None:
    folder = shared / "data" / "bipia"
    assert len(list(bipia.contexts(folder, "email"))) == 50
    assert len(bipia.attacks(folder, "email")) == 75


def test_a_folder_that_is_another(tmp_path: Path) -> None:
    with pytest.raises(FocusLimeError, match="no folder email/"):
        list(bipia.contexts(tmp_path, "email"))
    with pytest.raises(FocusLimeError, match="has no file text_attack"):
        bipia.attacks(tmp_path, "email")
