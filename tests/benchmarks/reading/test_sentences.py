"""pytest tests/benchmarks/reading/test_sentences.py"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from focus_lime.benchmarks.reading.sentences import (
    Counts,
    Window,
    compare,
    load_labels,
    main,
    row,
    splitters,
)
from focus_lime.benchmarks.reading.texts import read_text
from focus_lime.errors import FocusLimeError

DATA = Path(__file__).parents[4] / "shared" / "data"
TEXT = "One. Two.\n\n12\n\nThree. Four"
WINDOW = Window("paper", "x", "test", "", 0, len(TEXT), (5, 15, 22), ((11, 13),))


def test_a_boundary_may_be_anywhere_in_white_space_and_furniture() -> None:
    for starts in [(0, 5, 15, 22), (0, 4, 11, 21), (0, 5, 9, 22), (0, 5, 13, 22)]:
        assert compare(WINDOW, TEXT, starts) == Counts(3, 0, 0)


def test_a_page_number_of_its_own_is_one_too_many_and_what_is_not_found_is_missed() -> None:
    assert compare(WINDOW, TEXT, (0, 5, 11, 15, 22)) == Counts(3, 1, 0)
    assert compare(WINDOW, TEXT, (0, 2, 5)) == Counts(1, 1, 2)


def test_boundaries_after_a_stop() -> None:
    window = Window("paper", "x", "test", "", 0, 20, (6, 10), ())
    text = "Title\nOne. Two three"
    assert compare(window, text, (0, 10), stops_only=True) == Counts(1, 0, 0)
    assert compare(window, text, (0, 6, 11)) == Counts(2, 0, 0)


def test_scores_are_of_pooled_counts() -> None:
    cells = row("a", "paper", [Counts(3, 1, 0), Counts(0, 0, 3)])
    assert cells[:2] == ["a: paper", "6"]
    assert [cell.split()[0] for cell in cells[2:]] == ["0.750", "0.500", "0.600"]


def test_labels_lie_in_their_windows_and_no_text_is_of_both_halves() -> None:
    windows = load_labels()
    assert sum(len(window.boundaries) for window in windows) > 600
    for window in windows:
        assert all(window.start < at < window.end for at in window.boundaries)
        assert sorted(set(window.boundaries)) == list(window.boundaries)
    halves = [{w.source for w in windows if w.split == half} for half in ("tuning", "test")]
    assert not halves[0] & halves[1]


def test_a_text_is_the_one_that_was_labelled(tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text('{"meeting_transcripts": [{"speaker": "A", "content": "b"}]}')
    (tmp_path / "e.jsonl").write_text('{"context": ["x", "y"]}\n{"context": "z"}')
    for source, text in [("m.json", "A: b"), ("e.jsonl#0", "x\ny"), ("e.jsonl#1", "z")]:
        assert read_text(tmp_path, source, hashlib.sha256(text.encode()).hexdigest()) == text
    with pytest.raises(FocusLimeError, match="not the text that was labelled"):
        read_text(tmp_path, "m.json", "0")
    with pytest.raises(FocusLimeError, match="no text"):
        read_text(tmp_path, "other.txt", "0")


def test_ours_is_ahead_on_the_tuning_half(capsys: pytest.CaptureFixture[str]) -> None:
    if not DATA.is_dir():
        pytest.skip(f"{DATA} is not there")
    assert {"focus-lime", "nltk Punkt, untrained"} <= set(splitters())
    assert main(["--data", str(DATA)]) == 0
    table = capsys.readouterr().out.split("## After")[0]
    f1 = {
        line.split(":")[0].strip("| "): float(line.split("|")[5].split()[0])
        for line in table.split("\n")
        if ": all" in line
    }
    ours = f1.pop("focus-lime")
    assert ours > 0.97
    assert ours > max(f1.values())
