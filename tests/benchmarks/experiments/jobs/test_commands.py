"""The commands of the jobs' benchmarks, through `focus-lime`, on tiny data.

Run: pytest tests/benchmarks/experiments/jobs/test_commands.py
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import expit, logit

from focus_lime.benchmarks.datasets import sven, toxic_spans
from focus_lime.benchmarks.experiments.jobs import attack, code, flag, legal, models
from focus_lime.benchmarks.experiments.jobs.peers import LeaveOneOut
from focus_lime.benchmarks.experiments.jobs.records import FILE
from focus_lime.benchmarks.tasks.base import Split
from focus_lime.errors import FocusLimeError
from focus_lime.workflows.checklist import load_checklist
from tests.benchmarks.datasets import tiny, tiny_cuad

WORDS = ("idiot", "moron", "bigot", "nice")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands set these for the models; afterwards they are as before. shap is left out: its
    import takes half a minute.
    """
    for name in ("FOCUS_LIME_DATA", "FOCUS_LIME_MODELS"):
        monkeypatch.setenv(name, "")
    monkeypatch.setitem(sys.modules, "shap", None)


def row(page: str, section: str, name: str) -> list[str]:
    """The cells of a line of the table under a heading."""
    (part,) = [part for part in page.split("## ")[1:] if part.startswith(section)]
    (line,) = [line for line in part.splitlines() if line.startswith(f"| {name} |")]
    return [cell.strip() for cell in line.strip("|").split("|")]


def records(work: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (work / FILE).read_text().splitlines()]


def check_calls(work: Path) -> None:
    """No peer asked more than we did."""
    for record in records(work):
        assert record["calls"]["focus-lime"] == max(record["calls"].values())


def test_legal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cuad").mkdir()
    tiny_cuad.write(tmp_path / "cuad")
    out, work = tmp_path / "table.md", tmp_path / "work"
    arguments = ["--data", str(tmp_path), "--budget", "24", "--work", str(work), "--out", str(out)]
    assert legal.main(arguments) == 0
    table = out.read_text()
    assert "1 CUAD contracts (split test), 1 questions" in table
    assert f"jobs.legal --data {tmp_path}" in table
    # A contract of a few sentences: five hold all that lawyers marked.
    ours = row(table, "All questions with marked text (1)", "focus-lime")
    assert ours[1:4] == ["1", "1.00 [1.00, 1.00]", "1.00 [1.00, 1.00]"]
    for peer in ("leave one out", "plain LIME", "lime", "bisection"):
        assert row(table, "All questions", peer)[1] == "1"
    assert row(table, "All questions", "random units")[-1] == "–"
    assert row(table, "By contract", "OrionCorp")[2] == "1"
    check_calls(work)
    assert legal.main([*arguments, "--split", "tune"]) == 0
    assert [record["group"] for record in records(work)] == [
        "OrionCorp",
        "ACMEINC",
    ]
    monkeypatch.setattr(legal, "audited", None)  # goes on in the folder: nothing is asked again
    assert legal.main(arguments) == 0
    assert out.read_text() == table


def write_sven(folder: Path) -> list[sven.Fix]:
    folder.mkdir(parents=True)
    rows = tiny.sven_rows(80)
    for fix in rows:
        fix["func_src_after"] = fix["func_src_before"].replace("'select ' + name", "'select ?'")
    (folder / "cwe-089.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return list(sven.load(folder))


@pytest.mark.parametrize("split", ["test", "tune"])
def test_code(tmp_path: Path, split: Split) -> None:
    write_sven(tmp_path / "sven" / "train")
    out, work = tmp_path / "table.md", tmp_path / "work"
    arguments = ["--data", str(tmp_path), "--limit", "2", "--split", split]
    assert code.main([*arguments, "--work", str(work), "--out", str(out)]) == 0
    table = out.read_text()
    assert f"2 functions of SVEN (split {split})" in table
    # The one line in which the fixes differ is among the three that the data call deleted.
    assert row(table, "Those the model finds (2)", "focus-lime")[3] == "1.00 [1.00, 1.00]"
    assert row(table, "By weakness", "CWE-89")[1] == "2"
    check_calls(work)


def test_the_splits_of_the_functions_share_no_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does a model learn from the commits of its own split, or for `tune` of `test`."""
    fixes = write_sven(tmp_path / "sven" / "train")
    tune, test = (code.of_split(fixes, split, None).values() for split in ("tune", "test"))
    assert tune
    assert test
    assert {fix.commit for fix in tune}.isdisjoint(fix.commit for fix in test)
    learned: list[list[str]] = []

    class Counter(models.TfidfVectorizer):  # type: ignore[misc]
        def fit_transform(self, texts: list[str]) -> Any:
            learned.append(texts)
            return super().fit_transform(texts)

    monkeypatch.setattr(models, "TfidfVectorizer", Counter)
    monkeypatch.setenv("FOCUS_LIME_DATA", str(tmp_path))
    question = next(i.question for i in load_checklist(models.CODE_CHECKLIST) if i.cwe == 89)
    for function in (models.vulnerability, models.vulnerability_tune):
        function([f"x = 1\n\nQuestion: {question}"])
    of_test, of_tune = map(set, learned)
    assert of_tune < of_test
    assert of_test.isdisjoint(fix.before for fix in test)
    assert of_tune.isdisjoint(fix.before for fix in [*test, *tune])


@pytest.mark.parametrize("split", ["test", "tune"])
def test_attack(tmp_path: Path, split: Split) -> None:
    (tmp_path / "bipia").mkdir()
    tiny.bipia(tmp_path / "bipia")
    out, work = tmp_path / "table.md", tmp_path / "work"
    arguments = ["--data", str(tmp_path), "--orders", "1", "--limit", "2", "--split", split]
    assert attack.main([*arguments, "--work", str(work), "--out", str(out)]) == 0
    table = out.read_text()
    assert "it flags 0 of the 2 e-mails" in table
    assert "largest effect of all messages in 2." in table
    assert row(table, "All conversations (2)", "focus-lime")[2] == "1.00 [1.00, 1.00]"
    assert row(table, "All conversations (2)", "leave one out")[2] == "1.00 [1.00, 1.00]"
    check_calls(work)
    assert len(records(work)) == 4


def test_the_splits_of_the_emails_share_none(tmp_path: Path) -> None:
    folder = tmp_path / "bipia"
    folder.mkdir()
    tiny.bipia(folder)
    clean = [
        {case.email for case in attack.of_split(folder, split, 1, None).values() if not case.order}
        for split in ("tune", "test")
    ]
    assert [len(emails) for emails in clean] == [4, 4]
    assert not clean[0] & clean[1]


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


def write_posts(folder: Path) -> None:
    """Of the posts for tuning two are among those of the test, too."""
    folder.mkdir()
    tiny.toxic_spans(folder)
    posts = [*tiny.toxic_posts(2), ([7, 8], "A nice moron")]
    rows = [{"spans": str(marked), "text": text} for marked, text in posts]
    tiny.write_csv(folder / "tsd_train.csv", rows)


def test_flag(tmp_path: Path) -> None:
    write_posts(tmp_path / "toxic_spans")
    svm(tmp_path / "profanity_svm")
    out, work = tmp_path / "table.md", tmp_path / "work"
    arguments = ["--data", str(tmp_path), "--models", str(tmp_path), "--limit", "3"]
    arguments += ["--work", str(work), "--out", str(out)]
    assert flag.main(arguments) == 0
    table = out.read_text()
    assert "The first 3 posts of tsd_trial.csv" in table
    assert "flag 3 of them" in table
    # The posts' marked words are the two that the SVMs know.
    for name in ("focus-lime", "leave one out", "plain LIME"):
        assert row(table, "Flagged posts (3)", name)[2] == "1.00 [1.00, 1.00]"
    assert float(row(table, "All posts (3)", "every word")[2].split()[0]) < 0.6
    check_calls(work)


def test_the_posts_for_tuning_are_none_of_the_test(tmp_path: Path) -> None:
    folder = tmp_path / "toxic_spans"
    write_posts(folder)
    assert [post.text for post in flag.of_split(folder, "tune", 9).values()] == ["A nice moron"]


def test_a_post_that_is_not_flagged_shows_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    svm(tmp_path / "profanity_svm")
    monkeypatch.setenv("FOCUS_LIME_MODELS", str(tmp_path))
    post = toxic_spans.Post("here", "post-0", "All of it is nice.", (0, 1, 2))
    outcome = flag.Flags({"leave one out": LeaveOneOut()}).explain("post-0", post, tmp_path)
    assert not outcome.found
    assert {value for scores in outcome.scores.values() for value in scores.values()} == {0.0}


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
