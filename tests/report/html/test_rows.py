"""Run with: pytest tests/report/test_rows.py"""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from focus_lime.report.html.rows import Rows

TEXTS = st.lists(st.text(alphabet="ab \n\r字", max_size=400), min_size=1, max_size=4)


@given(TEXTS)
def test_lines_tile_a_text_at_its_line_breaks(texts: list[str]) -> None:
    rows = Rows(texts)
    for text, lines in zip(texts, rows.lines, strict=True):
        cut = [text[a:b] for a, b in zip(lines, [*lines[1:], len(text)], strict=True)]
        assert "".join(cut) == text
        assert all(line.endswith("\n") for line in cut[:-1])
        assert all("\n" not in line[:-1] for line in cut)


@given(TEXTS)
def test_heights_grow_from_top_to_end(texts: list[str]) -> None:
    rows = Rows(texts)
    heights = [rows.height(i, at) for i, text in enumerate(texts) for at in range(len(text))]
    assert all(0 <= low <= high <= 1 for low, high in pairwise([0.0, *heights, 1.0]))
    blocks = rows.block_heights()
    assert blocks == sorted(blocks)
    assert len(blocks) == sum(map(len, rows.firsts))


def test_blocks_end_after_so_many_lines_or_characters() -> None:
    rows = Rows(["short\n" * 100, ("x" * 4000 + "\n") * 4])
    assert rows.firsts == [[0, 48, 96], [0, 2]]
    assert [rows.block(0, line) for line in (0, 47, 48, 99)] == [0, 0, 48, 96]
    assert rows.between(0, 0, 48) == 48
    assert rows.between(1, 0, 2) == 2 * 46  # 4,001 characters at 88 a row


def test_a_full_row_is_full_and_an_empty_one_is_empty() -> None:
    rows = Rows([("x" * 87 + "\n") * 50 + "\n" * 50])
    assert rows.total == 102  # two rows for the heading of what follows
    fill = rows.fill(51)
    assert fill[:24] == "9" * 24
    assert set(fill[25:]) == {"0"}
