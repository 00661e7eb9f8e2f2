"""pytest tests/inputs/test_units.py"""

import numpy as np
import pytest

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.units import Span, Unit, Units


def spans(*pairs: tuple[int, int], level: str = "sentence", source: int = 0) -> Units:
    return Units(Unit(source, a, b, level) for a, b in pairs)


def test_units_refuse_overlap_disorder_and_emptiness() -> None:
    for pairs in ([(0, 5), (4, 6)], [(5, 6), (0, 2)]):
        with pytest.raises(FocusLimeError, match="overlap or are out of order"):
            spans(*pairs)
    with pytest.raises(FocusLimeError, match="start < end"):
        Unit(0, 3, 3, "word")


def test_units_of_a_later_source_may_start_at_zero() -> None:
    assert len(Units([Unit(0, 5, 9, "word"), Unit(1, 0, 3, "word")])) == 2


def test_select_keeps_reading_order_and_removes_duplicates() -> None:
    assert spans((0, 2), (2, 4), (4, 6)).select([2, 0, 2]) == spans((0, 2), (4, 6))


def test_parent_is_the_unit_that_holds_most_and_the_later_one_on_a_tie() -> None:
    sentences = spans((0, 10), (10, 20))
    tokens = spans((0, 3), (3, 12), (12, 20), level="token")
    assert tokens.parents(sentences).tolist() == [0, 0, 1]
    assert spans((9, 11), level="token").parents(sentences).tolist() == [1]
    assert spans((20, 22), level="token").parents(sentences).tolist() == [-1]
    assert spans((0, 3), level="token", source=1).parents(sentences).tolist() == [-1]


def test_parents_equal_brute_force() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        coarse = spans(*_random_spans(rng, 5))
        fine = spans(*_random_spans(rng, 12), level="word")
        for unit, parent in zip(fine, fine.parents(coarse), strict=True):
            overlap = [min(c.end, unit.end) - max(c.start, unit.start) for c in coarse]
            best = max(overlap)
            last = max(i for i, o in enumerate(overlap) if o == best)
            assert parent == (last if best > 0 else -1)


def test_fitting_moves_outer_edges_so_that_parents_are_tiled() -> None:
    sentences = spans((4, 12), (20, 30))
    tokens = spans((0, 3), (3, 8), (8, 14), (14, 19), (19, 25), (25, 31), level="token")
    inside = tokens.fitted_to(sentences)
    assert [(u.start, u.end) for u in inside] == [(4, 8), (8, 12), (20, 25), (25, 30)]


def test_a_unit_is_its_span_and_level_whatever_its_name() -> None:
    unit = Unit(0, 2, 5, "row", "row 12")
    assert unit == Unit(0, 2, 5, "row")
    assert unit != Unit(0, 2, 5, "cell")
    assert unit.span == Span(0, 2, 5)
    assert unit.span.text(["abcdef"]) == unit.text(["abcdef"]) == "cde"
    assert unit.overlaps(Span(0, 4, 9))
    assert not unit.overlaps(Span(0, 5, 9))
    assert not unit.overlaps(Span(1, 2, 5))


def test_a_unit_without_a_name_has_that_of_the_coarser_one() -> None:
    rows = Units([Unit(0, 0, 6, "row", "first"), Unit(0, 6, 9, "row", "second")])
    cells = Units([Unit(0, 0, 3, "cell"), Unit(0, 3, 6, "cell", "own"), Unit(0, 6, 9, "cell")])
    assert [u.name for u in cells.named_by(rows)] == ["first", "own", "second"]
    assert [u.name for u in cells.named_by(spans((0, 9)))] == [None, "own", None]
    assert cells.inside(rows[1:]) == cells[2:]


def _random_spans(rng: np.random.Generator, n: int) -> list[tuple[int, int]]:
    cuts = sorted(rng.choice(60, size=2 * n, replace=False).tolist())
    return list(zip(cuts[::2], cuts[1::2], strict=True))
