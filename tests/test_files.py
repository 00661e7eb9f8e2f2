"""Run: pytest tests/test_files.py"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from focus_lime.files import slug, write_whole


def test_slugs_by_hand() -> None:
    assert slug("../a b/c.txt") == "a-b-c.txt"
    assert slug("  ") == slug("...") == "unnamed"
    assert slug("Vertrag Nº 7, Straße") == "Vertrag-Nº-7-Straße"


@given(st.text(max_size=200))
def test_any_name_becomes_a_file_name_that_stays(name: str) -> None:
    short = slug(name)
    assert 0 < len(short) <= 80
    assert "/" not in short
    assert not short.startswith((".", "-"))
    assert slug(short) == short


def test_long_names_that_differ_anywhere_stay_different() -> None:
    names = ["a" + "x" * 300, "b" + "x" * 300, "x" * 300 + "a"]
    assert len({slug(name) for name in names}) == 3
    assert slug("x" * 300 + "-end.txt").endswith("-end.txt")


def test_of_a_link_the_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    (tmp_path / "link").symlink_to("file")
    write_whole(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_text() == "new"
    write_whole(tmp_path / ("n" * 250), "the longest names that there are")


@pytest.mark.skipif(sys.platform == "win32", reason="has no such files")
def test_a_pipe_is_written_to_and_stays(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    write_whole(tmp_path / "pipe", "text")
    assert os.read(reader, 100) == b"text"
    os.close(reader)
    assert (tmp_path / "pipe").is_fifo()
