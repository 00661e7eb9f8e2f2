"""Run: pytest tests/benchmarks/datasets/test_sven.py"""

from __future__ import annotations

from pathlib import Path

import pytest

from focus_lime.benchmarks.datasets import sven
from focus_lime.errors import FocusLimeError

from . import tiny


def test_fixes_in_the_official_format(tmp_path: Path) -> None:
    fixes = list(sven.load(tiny.sven(tmp_path)["path"]))
    assert len(fixes) == 42
    first = fixes[0]
    assert (first.id, first.cwe, first.file) == ("cwe-089-0", 89, "a/b.py")
    assert [first.before[start:end].strip() for start, end in first.deleted] == [
        "q = 'select ' + name",
        "",
        "return db.run(q)",
    ]
    assert not fixes[40].deleted
    folds = [{fix.commit for fix in fixes if fix.fold == number} for number in range(5)]
    assert sum(map(len, folds)) == len(set().union(*folds)) == 20


def test_the_real_fixes(shared: Path) -> None:
    fixes = [fix for fix in sven.load(shared / "data" / "sven" / "train") if fix.deleted]
    assert {fix.cwe for fix in fixes} == {22, 78, 79, 89, 125, 190, 416, 476, 787}
    assert 0.1 < sum(fix.fold == 0 for fix in fixes) / len(fixes) < 0.3
    for fix in fixes:
        for start, end in fix.deleted:
            assert start == 0 or fix.before[start - 1] == "\n"
            assert fix.before[start:end]


def test_a_folder_without_fixes(tmp_path: Path) -> None:
    with pytest.raises(FocusLimeError, match=r"has no file \*\.jsonl"):
        list(sven.load(tmp_path))
