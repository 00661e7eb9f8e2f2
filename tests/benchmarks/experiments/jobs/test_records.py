"""Results of the jobs survive a kill: pytest tests/benchmarks/experiments/jobs/test_records.py"""

from __future__ import annotations

from pathlib import Path

import pytest

from focus_lime.benchmarks.experiments.jobs.records import FILE, Outcome, Records
from focus_lime.errors import FocusLimeError

SETTING = {"job": "code", "split": "tune"}
CASES = {f"item-{k}": k for k in range(3)}


def explain(item: str, case: int, folder: Path) -> Outcome:
    assert folder.is_dir()
    scores = {"focus-lime": {"recall": case / 2}}
    return Outcome(item, "A", "c", case > 0, 5, scores, {"focus-lime": 7})


def unasked(item: str, case: int, folder: Path) -> Outcome:
    raise AssertionError(f"{item} is known")


def test_a_run_goes_on_where_it_was_killed(tmp_path: Path) -> None:
    def killed(item: str, case: int, folder: Path) -> Outcome:
        if case == 2:
            raise KeyboardInterrupt
        return explain(item, case, folder)

    with pytest.raises(KeyboardInterrupt):
        list(Records(tmp_path, SETTING).of(CASES, killed))
    with (tmp_path / FILE).open("a") as file:
        file.write('{"setting": {"job": "co')  # a line that was begun
    asked = []

    def counted(item: str, case: int, folder: Path) -> Outcome:
        asked.append(item)
        return explain(item, case, folder)

    *_, outcomes = Records(tmp_path, SETTING).of(CASES, counted)
    assert asked == ["item-2"]
    assert outcomes == [explain(item, case, tmp_path) for item, case in CASES.items()]
    *_, again = Records(tmp_path, SETTING).of(CASES, unasked)
    assert again == outcomes
    *_, fewer = Records(tmp_path, SETTING).of({"item-1": 1}, unasked)
    assert fewer == outcomes[1:2]  # a limit is no other setting


def test_records_of_other_options_are_left_alone(tmp_path: Path) -> None:
    list(Records(tmp_path, SETTING).of(CASES, explain))
    before = (tmp_path / FILE).read_text()
    other = Records(tmp_path, {**SETTING, "split": "test"})
    assert not other.outcomes
    list(other.of(CASES, explain))
    assert (tmp_path / FILE).read_text().startswith(before)
    assert len(Records(tmp_path, SETTING).outcomes) == 3


def test_without_a_folder_nothing_is_kept(tmp_path: Path) -> None:
    assert len(list(Records(None, SETTING).of(CASES, explain))[-1]) == 3
    assert list(Records(None, SETTING).of({}, explain)) == [[]]


def test_what_is_no_record_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("[]\n")
    with pytest.raises(FocusLimeError, match=r"line 1, is no record: mend it or give another"):
        Records(tmp_path, SETTING)
