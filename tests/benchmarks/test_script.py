"""What the scripts share: the report grows on disk, says its command, and errors are one line.

Run: pytest tests/benchmarks/test_script.py
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import pytest

from focus_lime.benchmarks import script
from focus_lime.errors import FocusLimeError


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--parts", type=int, default=2)


def work(options: argparse.Namespace, command: str) -> Iterator[str]:
    text = f"`{command}`\n"
    for part in range(options.parts):
        if part == 3:
            raise FocusLimeError("three is too many")
        text += f"part {part}\n"
        yield text


def test_the_last_report_is_printed_and_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "a b.md"
    assert script.run("parts", ["--out", str(out)], add_options, work) == 0
    text = out.read_text()
    assert text == f"`python -m focus_lime.benchmarks.parts --out '{out}'`\npart 0\npart 1\n"
    assert capsys.readouterr().out == text + "\n"


def test_what_was_done_before_an_error_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report.md"
    assert script.run("parts", ["--parts", "9", "--out", str(out)], add_options, work) == 2
    assert out.read_text().endswith("part 2\n")
    assert capsys.readouterr().err == "error: three is too many\n"


def test_a_file_that_cannot_be_written_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = tmp_path / "no" / "report.md"
    assert script.run("parts", ["--out", str(nowhere)], add_options, work) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_data_that_are_not_there_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    def read(options: argparse.Namespace, command: str) -> Iterator[str]:
        yield Path("no/such/data").read_text()

    assert script.run("parts", [], add_options, read) == 2
    assert "No such file or directory: 'no/such/data'" in capsys.readouterr().err
