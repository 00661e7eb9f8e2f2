"""The commands of the jobs' benchmarks, through `focus-lime`, on tiny data.

Run: pytest tests/benchmarks/experiments/jobs/test_commands.py
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit, logit

from focus_lime.benchmarks.experiments.jobs import attack, code, flag, legal, models
from focus_lime.errors import FocusLimeError
from tests.benchmarks.datasets import tiny, tiny_cuad

WORDS = ("idiot", "moron", "bigot", "nice")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands set these for the models; afterwards they are as before."""
    for name in ("FOCUS_LIME_DATA", "FOCUS_LIME_MODELS"):
        monkeypatch.setenv(name, "")


def row(table: str, name: str) -> list[str]:
    (line,) = [line for line in table.splitlines() if line.startswith(f"| {name} |")]
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_legal(tmp_path: Path) -> None:
    (tmp_path / "cuad").mkdir()
    tiny_cuad.write(tmp_path / "cuad")
    out, work = tmp_path / "table.md", tmp_path / "work"
    arguments = ["--data", str(tmp_path), "--budget", "16", "--work", str(work), "--out", str(out)]
    assert legal.main(arguments) == 0
    table = out.read_text()
    assert "2 CUAD contracts, 2 questions" in table
    assert f"jobs.legal --data {tmp_path}" in table
    # Two contracts of a few sentences: five spans of evidence hold all that lawyers marked.
    assert row(table, "all questions with marked text")[1:3] == ["2", "1.00 [1.00, 1.00]"]
    before = {path: path.stat().st_mtime_ns for path in work.rglob("explanations/*.json")}
    assert before
    assert legal.main(arguments) == 0  # goes on in the folder: nothing is explained again
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert out.read_text() == table


def test_code(tmp_path: Path) -> None:
    folder = tmp_path / "sven" / "train"
    folder.mkdir(parents=True)
    rows = tiny.sven_rows()
    for fix in rows:
        fix["func_src_after"] = fix["func_src_before"].replace("'select ' + name", "'select ?'")
    (folder / "cwe-089.jsonl").write_text("\n".join(map(json.dumps, rows)))
    out = tmp_path / "table.md"
    assert code.main(["--data", str(tmp_path), "--limit", "2", "--out", str(out)]) == 0
    table = out.read_text()
    assert "2 functions of SVEN" in table
    # The one line in which the fixes differ is among the three that the data call deleted.
    assert row(table, "CWE-89")[3] == "1.00 [1.00, 1.00]"
    assert row(table, "those the model finds")[1] == "2"


def test_attack(tmp_path: Path) -> None:
    (tmp_path / "bipia").mkdir()
    tiny.bipia(tmp_path / "bipia")
    out = tmp_path / "table.md"
    arguments = ["--data", str(tmp_path), "--orders", "1", "--limit", "2", "--out", str(out)]
    assert attack.main(arguments) == 0
    table = out.read_text()
    assert "it flags 0 of the 2 e-mails" in table
    assert row(table, "all 2")[1:4] == ["2", "1.00 [1.00, 1.00]", "1.00 [1.00, 1.00]"]


def svm(folder: Path) -> None:
    """Five linear SVMs that know some words; the last of them is harmless."""
    folder.mkdir()
    weights = np.tile([2.0, 2.0, 2.0, -1.0], (5, 1)) + np.arange(5)[:, None] / 10
    np.savez(
        folder / "linear_svm_platt.npz",
        coef=weights,
        intercept=np.full(5, -1.0),
        platt_a=np.full(5, -1.5),
        platt_b=np.linspace(0, 0.2, 5),
    )
    (folder / "vocabulary.json").write_text(json.dumps({w: i for i, w in enumerate(WORDS)}))


def test_flag(tmp_path: Path) -> None:
    (tmp_path / "toxic_spans").mkdir()
    tiny.toxic_spans(tmp_path / "toxic_spans")
    svm(tmp_path / "profanity_svm")
    out = tmp_path / "table.md"
    arguments = ["--data", str(tmp_path), "--models", str(tmp_path), "--limit", "3"]
    assert flag.main([*arguments, "--out", str(out)]) == 0
    table = out.read_text()
    assert "The first 3 posts" in table
    assert "flag 3 of them" in table
    # The posts' marked words are the two that the SVMs know.
    assert row(table, "significant words")[1] == "1.00 [1.00, 1.00]"
    assert float(row(table, "every word")[1].split()[0]) < 0.6


def test_the_svms_are_averaged_as_probabilities(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    svm(tmp_path / "profanity_svm")
    monkeypatch.setenv("FOCUS_LIME_MODELS", str(tmp_path))
    score = models.toxicity(["A moron, a nice one."])[0]
    decisions = [2 - 1 - 1 + 2 * i / 10 for i in range(5)]
    p = [expit(1.5 * d - b) for d, b in zip(decisions, np.linspace(0, 0.2, 5), strict=True)]
    assert score == pytest.approx(logit(np.mean(p)))


def test_the_folder_must_be_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with pytest.raises(FocusLimeError, match="set FOCUS_LIME_DATA"):
        models.attacks(["Hello."])
    assert code.main(["--data", str(tmp_path)]) == 2
    assert "no such file or folder" in capsys.readouterr().err
