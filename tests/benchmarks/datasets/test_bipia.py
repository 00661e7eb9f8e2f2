"""Run: pytest tests/benchmarks/datasets/test_bipia.py"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from focus_lime.benchmarks.datasets import bipia
from focus_lime.errors import FocusLimeError
from focus_lime.inputs.sentences import sentences

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


def test_folds_share_no_item_with_each_other_or_with_what_is_learned_from() -> None:
    items = [*range(13), 0, 1]  # two are there twice, in other folds
    folds = [bipia.fold(items, number) for number in range(2)]
    assert folds == [[0, 5, 10], [1, 6, 11]]
    learned = bipia.outside(items, (0, 1))
    assert learned == [2, 3, 4, 7, 8, 9, 12]
    assert set(bipia.outside(items, (0,))) == {*learned, *folds[1]}


def test_the_real_folder(shared: Path) -> None:
    folder = shared / "data" / "bipia"
    assert len(list(bipia.contexts(folder, "email"))) == 50
    assert len(bipia.attacks(folder, "email")) == 75


def test_a_folder_that_is_another(tmp_path: Path) -> None:
    with pytest.raises(FocusLimeError, match="no folder email/"):
        list(bipia.contexts(tmp_path, "email"))
    with pytest.raises(FocusLimeError, match="has no file text_attack"):
        bipia.attacks(tmp_path, "email")
