"""pytest tests/test_cli.py

The command line as a user meets it: what it prints, writes, and says of bad input.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from focus_lime.cli import main
from focus_lime.models.hf import HFCausalLM
from tests.conftest import TEXT
from tests.test_explanation import SCHEMA


@pytest.fixture
def folder(tmp_path: Path, llama: HFCausalLM, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folder: a document, a chat, a saved model, a classifier of their own."""
    monkeypatch.chdir(tmp_path)
    Path("contract.txt").write_text(TEXT)
    Path("chat.json").write_text(json.dumps([{"role": "user", "content": TEXT}]))
    llama.model.save_pretrained("model")
    llama.tokenizer.save_pretrained("model")
    Path("mine.py").write_text(
        "import numpy as np\n"
        "def score(texts):\n"
        "    return [float('Nevada' in t) + 2.0 * ('thirty' in t) for t in texts]\n"
        "def risk(texts):\n"
        "    p = np.array([0.9 if 'Nevada' in t else 0.1 for t in texts])\n"
        "    return np.column_stack([p, 1 - p])\n"
        "risk.labels = ['risky', 'fine']\n"
    )
    return tmp_path


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        main(list(arguments))
    return int(stopped.value.code or 0)


def explain(*arguments: str) -> int:
    return run("explain", "--document", "contract.txt", *arguments)


def result(path: str = "out.json") -> dict[str, Any]:
    data: dict[str, Any] = json.loads(Path(path).read_text())
    jsonschema.validate(data, SCHEMA)
    return data


def test_a_dry_run_says_the_cost_and_writes_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explain("--model", "model", "--dry-run", "--json", "out.json", "--cache", "s.db") == 0
    captured = capsys.readouterr()
    assert re.search(r"calls +\d+, [\d,]+ tokens asked", captured.out)
    assert re.search(r"computed +[\d,]+ tokens, [\d.]+ full prompts", captured.out)
    assert re.search(r"memory +\d+ MiB", captured.out)
    assert not Path("out.json").exists()
    assert not Path("s.db").exists()


def test_devices_by_torchs_names(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--response", "Nevada", "--budget", "4"]
    assert explain("--model", "model", "--device", "cpu", *arguments) == 0
    capsys.readouterr()
    assert explain("--model", "model", "--device", "gpu", *arguments) == 2
    assert "found gpu" in capsys.readouterr().err
    assert explain("--model", "model", "--memory", "0", *arguments) == 2
    assert "--memory 0: give MiB" in capsys.readouterr().err
    assert explain("--model", "model", "--memory", "700", "--dry-run", *arguments) == 0
    assert re.search(r"memory +70\d MiB", capsys.readouterr().out)
    assert explain("--model", "mine:score", "--device", "cpu") == 2
    assert "mine:score is a function and runs where it runs" in capsys.readouterr().err


def test_a_model_in_a_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--question", "Which law?", "--model", "model", "--budget", "12"]
    arguments += ["--max-new-tokens", "3", "--json", "out.json", "--html", "out.html"]
    assert explain(*arguments) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert "Which law?" in captured.out
    found = result()
    assert found["response"] in captured.out
    assert "governing law" in Path("out.html").read_text()
    assert found["neighborhood"]["proxy"] == "bm25"
    assert explain(*arguments, "--json", "again.json") == 0
    again = result("again.json")
    for data in (found, again):
        for cost in data["cost"].values():
            del cost["seconds"]
    assert found == again


def test_a_function_and_the_words_that_move_it(folder: Path) -> None:
    assert explain("--model", "mine:score", "--proxy", "none", "--granularity", "word",
                   "--json", "out.json") == 0  # fmt: skip
    found = result()
    best = max(found["units"], key=lambda unit: unit["weight"])
    assert TEXT[best["start"] : best["end"]].strip() == "thirty"
    assert found["base_value"] == 3.0


def test_a_classifiers_class(folder: Path) -> None:
    assert explain("--model", "mine:risk", "--labels", "fine", "--json", "out.json") == 0
    found = result()
    assert found["base_value"] == pytest.approx(-2.197, abs=1e-3)
    assert found["objective"] == "log-odds of the class 'fine'"


def test_a_conversation_with_another_proxy(folder: Path) -> None:
    assert run("explain", "--messages", "chat.json", "--model", "model", "--labels", "Yes,No",
               "--proxy", "mine:score", "--budget", "8", "--sentences", "2", "--json",
               "out.json") == 0  # fmt: skip
    assert any("chance took its place" in warning for warning in result()["warnings"])
    assert run("explain", "--messages", "chat.json", "--model", "model", "--labels", "Yes,No",
               "--proxy", "model", "--budget", "8", "--sentences", "2", "--json",
               "out.json") == 0  # fmt: skip
    found = result()
    assert found["neighborhood"]["proxy"] == "small-lm:model"
    assert found["response"] in ("Yes", "No")
    rescued = len(found["audit"]["rescued"]) if found["audit"] else 0
    assert len(found["neighborhood"]["sentences"]) <= 2 + rescued


def test_options_from_a_file_and_flags_that_override_them(folder: Path) -> None:
    Path("run.yaml").write_text("model: mine:score\nbudget: 5\nseed: 3\ngranularity: word\n")
    assert explain("--config", "run.yaml", "--budget", "20", "--json", "out.json",
                   "--question", "Nevada?") == 0  # fmt: skip
    found = result()
    assert (found["seed"], found["granularity"]) == (3, "word")
    assert found["settings"]["budget"] == 20


def test_each_part_that_makes_a_result_trustworthy_can_be_left_out(folder: Path) -> None:
    arguments = ["--model", "mine:score", "--question", "Nevada?", "--json", "out.json"]
    assert explain(*arguments) == 0
    whole = result()
    assert whole["sets"]["relation"] != "none"
    assert any(unit["effect"] is not None for unit in whole["units"])
    assert explain(*arguments, "--no-audit", "--no-sets", "--verify", "0") == 0
    bare = result()
    assert bare["audit"] is bare["sets"] is None
    assert all(unit["effect"] is None for unit in bare["units"])
    Path("run.yaml").write_text("sets: false\nconfidence: 1\nfidelity: mixed\n")
    assert explain(*arguments, "--config", "run.yaml") == 0
    assert result()["sets"] is None
    assert any("cannot answer over its cached context" in w for w in result()["warnings"])
    Path("run.yaml").write_text("sets: 1\n")
    assert explain(*arguments, "--config", "run.yaml") == 2


def test_a_score_cache_answers_the_second_run(folder: Path) -> None:
    arguments = ["--model", "mine:score", "--question", "law?", "--cache", "scores.sqlite"]
    assert explain(*arguments, "--json", "out.json") == 0
    assert explain(*arguments, "--json", "again.json") == 0
    first, again = result(), result("again.json")
    assert again["units"] == first["units"]
    assert first["cost"]["target"]["calls"] == 17  # the answer, and 16 masks over 4 sentences
    assert again["cost"]["target"]["calls"] == 1  # the answer is asked for anew
    assert again["cost"]["target"]["cached"] >= 16


def test_help_names_every_command_and_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    shown = capsys.readouterr().out
    assert "explain" in shown
    assert "demo" in shown
    assert run("explain", "--help") == 0
    assert "--granularity" in capsys.readouterr().out


GOOD = ["--document", "contract.txt", "--model", "mine:score", "--question", "law?"]
BAD: dict[str, tuple[list[str], str]] = {
    "no document": (["--model", "mine:score"], "give either --document FILE or --messages"),
    "both": ([*GOOD, "--messages", "chat.json"], "give either --document"),
    "no model": (["--document", "contract.txt"], "no model"),
    "missing": ([*GOOD, "--document", "none.txt"], "none.txt: no such file"),
    "directory": ([*GOOD, "--document", "model"], "is a directory"),
    "empty": ([*GOOD, "--document", "empty.txt"], "is empty"),
    "binary": ([*GOOD, "--document", "model/model.safetensors"], "not UTF-8|binary"),
    "model": ([*GOOD, "--model", "no/model"], "model 'no/model' cannot be loaded"),
    "module": ([*GOOD, "--model", "none:score"], "cannot import 'none'"),
    "attribute": ([*GOOD, "--model", "mine:scor"], "has no 'scor'"),
    "bundled": ([*GOOD, "--model", "bundled:big"], "no bundled model 'big'"),
    "proxy": ([*GOOD, "--proxy", "bm52"], "proxy 'bm52'"),
    "window": ([*GOOD, "--model", "model", "--document", "long.txt"], r"has \d+ tokens .* 512"),
    "blank response": ([*GOOD, "--model", "model", "--response", " "], "response is empty"),
    "labels": ([*GOOD, "--model", "model", "--labels", "Yes,Yes"], "not all different"),
    "one label": ([*GOOD, "--model", "model", "--labels", "Yes"], "give labels as A,B"),
    "class": ([*GOOD, "--model", "mine:risk", "--labels", "rsky"], "did you mean risky"),
    "budget": ([*GOOD, "--budget", "0"], "a budget of 0 masks"),
    "granularity": ([*GOOD, "--granularity", "words"], "did you mean word"),
    "no messages": (["--messages", "empty.json", "--model", "model"], "has no messages"),
    "config": ([*GOOD, "--config", "typo.yaml"], "unknown option 'modle': did you mean model"),
    "no config": ([*GOOD, "--config", "none.yaml"], "none.yaml: no such file"),
    "question": ([*GOOD, "--question", " "], "question is empty"),
    "out redact": ([*GOOD, "--redact", "--model", "model"], "--redact is for the report"),
    "out folder": ([*GOOD, "--html", "no/where.html"], "does not exist"),
    "out directory": ([*GOOD, "--json", "model"], "is a directory"),
}


@pytest.mark.parametrize("case", sorted(BAD))
def test_bad_input_is_one_line_and_exit_code_2(
    case: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("empty.txt").write_text("")
    Path("empty.json").write_text("[]")
    Path("long.txt").write_text(TEXT * 60)
    Path("typo.yaml").write_text("modle: x\n")
    before = sorted(folder.rglob("*"))
    arguments, complaint = BAD[case]
    outputs = [] if case.startswith("out") else ["--json", "out.json", "--html", "out.html"]
    assert run("explain", *arguments, *outputs) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1, captured.err
    assert captured.err.startswith("focus-lime: error: ")

    assert re.search(complaint, captured.err), captured.err
    assert [p for p in sorted(folder.rglob("*")) if "__pycache__" not in str(p)] == before


@pytest.mark.parametrize("arguments", [["--budget", "many"], ["--bugdet", "3"]])
def test_a_wrong_option_exits_with_2_and_says_so(
    arguments: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explain("--model", "mine:score", *arguments) == 2
    captured = capsys.readouterr()
    assert "budget" in captured.err
    assert "Traceback" not in captured.err
