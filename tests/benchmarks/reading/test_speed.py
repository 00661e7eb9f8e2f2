"""pytest tests/benchmarks/reading/test_speed.py"""

from __future__ import annotations

from pathlib import Path

import pytest

from focus_lime.benchmarks.reading.speed import STEPS, main, measure


def test_each_step_is_counted(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("1. Rent\n\nIt is 400. It is due.\n", encoding="utf-8")
    found = {step: measure(step, 16, str(file)) for step in STEPS}
    assert [found[step]["units"] for step in STEPS] == [16, 6, 16, 2]  # the text is there twice
    assert all(row["seconds"] >= 0 and row["megabytes"] > 1 for row in found.values())


def test_the_table_names_every_step(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--words", "2000"]) == 0
    table = capsys.readouterr().out
    assert all(f"| {step} |" in table for step in STEPS)
