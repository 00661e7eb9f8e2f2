"""pytest tests/cli/test_main.py

The command line as a user meets it: what it prints, writes, and says of bad input.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from focus_lime.cli.main import main
from focus_lime.errors import FocusLimeError
from focus_lime.explanation.result import Explanation
from focus_lime.models.hf import HFCausalLM
from tests.cli.test_command import ALL
from tests.conftest import TEXT
from tests.inputs.readers.test_pdf import pdf


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


def result(path: str = "out.json") -> Explanation:
    return Explanation.load(path)


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


def test_what_cannot_be_written_after_all_is_still_shown(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise FocusLimeError("out.json cannot be written: No space left on device")

    monkeypatch.setattr(Explanation, "save", full)
    assert explain("--model", "mine:score", "--json", "out.json") == 2
    captured = capsys.readouterr()
    assert "thirty" in captured.out
    assert "No space left" in captured.err


def test_devices_by_torchs_names(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--response", "Nevada", "--budget", "4"]
    assert explain("--model", "model", "--device", "cpu", *arguments) == 0
    capsys.readouterr()
    assert explain("--model", "model", "--device", "gpu", *arguments) == 2
    assert "found gpu" in capsys.readouterr().err
    assert explain("--model", "model", "--memory", "0", *arguments) == 2
    assert "--memory 0 is too small: give 1 or more" in capsys.readouterr().err
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
    explanation = result()
    assert explanation.response in captured.out
    assert "governing law" in Path("out.html").read_text()
    assert explanation.model.proxy == "bm25"
    assert explain(*arguments, "--json", "again.json") == 0
    again = result("again.json")
    assert replace(again, cost=explanation.cost) == explanation


def test_a_function_and_the_words_that_move_it(folder: Path) -> None:
    assert explain("--model", "mine:score", "--proxy", "none", "--granularity", "word",
                   "--json", "out.json") == 0  # fmt: skip
    explanation = result()
    assert explanation.text(explanation.top(1)[0]).strip() == "thirty"
    assert explanation.base_value == 3.0


def test_a_classifiers_class(folder: Path) -> None:
    assert explain("--model", "mine:risk", "--labels", "fine", "--json", "out.json") == 0
    explanation = result()
    assert explanation.base_value == pytest.approx(-2.197, abs=1e-3)
    assert explanation.objective == "log-odds of the class 'fine'"


def test_a_conversation_with_another_proxy(folder: Path) -> None:
    assert run("explain", "--messages", "chat.json", "--model", "model", "--labels", "Yes,No",
               "--proxy", "mine:score", "--budget", "8", "--n-scored", "2", "--json",
               "out.json") == 0  # fmt: skip
    assert any("chance took its place" in warning for warning in result().warnings)
    assert run("explain", "--messages", "chat.json", "--model", "model", "--labels", "Yes,No",
               "--proxy", "model", "--budget", "8", "--n-scored", "2", "--json",
               "out.json") == 0  # fmt: skip
    explanation = result()
    assert explanation.model.proxy == "small-lm:model"
    assert explanation.response in ("Yes", "No")
    rescued = len(explanation.check.rescued) if explanation.check else 0
    assert len(explanation.neighborhood.units) <= 2 + rescued


def test_options_from_a_file_and_flags_that_override_them(folder: Path) -> None:
    Path("run.yaml").write_text("model: mine:score\nbudget: 5\nseed: 3\ngranularity: word\n")
    assert explain("--config", "run.yaml", "--budget", "20", "--json", "out.json",
                   "--question", "Nevada?") == 0  # fmt: skip
    chosen = result().settings
    assert (chosen.seed, chosen.granularity, chosen.budget) == (3, "word", 20)


def test_each_part_that_makes_a_result_trustworthy_can_be_left_out(folder: Path) -> None:
    arguments = ["--model", "mine:score", "--question", "Nevada?", "--json", "out.json"]
    arguments += ["--proxy", "bm25"]
    assert explain(*arguments) == 0
    whole = result()
    assert whole.sets is not None
    assert whole.sets.relation != "none"
    assert any(unit.effect is not None for unit in whole.units)
    assert explain(*arguments, "--no-coverage-check", "--no-sets", "--verify", "0") == 0
    bare = result()
    assert bare.check is bare.sets is None
    assert all(unit.effect is None for unit in bare.units)
    Path("run.yaml").write_text("sets: false\nconfidence: 1\nestimator: mixed\n")
    assert explain(*arguments, "--config", "run.yaml") == 0
    assert result().sets is None
    assert any("cannot answer over its cached context" in w for w in result().warnings)
    Path("run.yaml").write_text("sets: 1\n")
    assert explain(*arguments, "--config", "run.yaml") == 2


def test_a_score_cache_answers_the_second_run(folder: Path) -> None:
    arguments = ["--model", "mine:score", "--question", "law?", "--cache", "scores.sqlite"]
    assert explain(*arguments, "--json", "out.json") == 0
    assert explain(*arguments, "--json", "again.json") == 0
    first, again = result(), result("again.json")
    assert again.units == first.units
    assert first.cost.target.calls == 17  # the answer, 13 masks over 4 sentences, and 3 again
    assert again.cost.target.calls == 1  # the answer is asked for anew
    assert again.cost.target.cached >= 16


def test_the_overview_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    overview = " ".join(capsys.readouterr().out.split())
    for name, command in ALL.items():
        assert f"{name.replace('.', ' ')} {command.help}" in overview
    assert run("audit") == 0
    group = capsys.readouterr().out
    assert "legal" in group
    assert "explain" not in group


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("explian", "focus-lime has no 'explian': did you mean explain"),
        ("audit legl", "focus-lime audit has no 'legl': did you mean legal"),
        ("--verson", "focus-lime has no '--verson'"),
    ],
)
def test_a_mistyped_command(line: str, complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*line.split()) == 2
    assert complaint in capsys.readouterr().err


def test_labels_stay_whole(folder: Path) -> None:
    """A comma in a label of a file, or of --label, separates nothing."""
    arguments = ["--model", "model", "--budget", "4", "--json", "out.json"]
    Path("run.yaml").write_text('labels: ["Yes, it", "No"]\n')
    assert explain(*arguments, "--config", "run.yaml") == 0
    from_file = result().objective
    assert from_file == "log-odds of 'Yes, it' against 'No'"
    assert explain(*arguments, "--label", "Yes, it", "--label", "No") == 0
    assert result().objective == from_file
    assert explain(*arguments, "--labels", "Yes, it,No") == 0
    assert result().objective == "log-odds of 'Yes' against 'it', 'No'"


def test_a_pdf_passages_and_code_are_explained(folder: Path) -> None:
    pdf(Path("a.pdf"), ("The fee is due in May.", "The law of Nevada governs."))
    arguments = ["--model", "mine:score", "--question", "Which law?", "--json", "out.json"]
    assert run("explain", "--document", "a.pdf", *arguments) == 0
    assert "Nevada" in result().text(result().top(1)[0])
    Path("p.yaml").write_text("- A fee.\n- {name: clause 7, text: Nevada governs.}\n")
    assert run("explain", "--passages", "p.yaml", *arguments) == 0
    assert result().top(1)[0].name == "clause 7"
    Path("a.py").write_text("x = 1\ny = 'Nevada'\n")
    assert run("explain", "--document", "a.py", "--splitter", "code:.py", *arguments) == 0
    assert (result().level, result().text(result().top(1)[0])) == ("line", "y = 'Nevada'\n")


def test_a_tool_result_is_explained(folder: Path) -> None:
    call = {"id": "c", "type": "function", "function": {"name": "search", "arguments": "{}"}}
    Path("tools.json").write_text(
        json.dumps(
            {
                "messages": [
                    {"role": "user", "content": [{"type": "text", "text": "Which law?"}]},
                    {"role": "assistant", "content": None, "tool_calls": [call]},
                    {"role": "tool", "tool_call_id": "c", "content": "The law of Nevada."},
                ]
            }
        )
    )
    assert run("explain", "--messages", "tools.json", "--model", "mine:score", "--json",
               "out.json") == 0  # fmt: skip
    assert result().top(1)[0].name == "3 tool (tool result search)"


@pytest.mark.parametrize("surrogate", ["sparse", "lime", "kernel-shap"])
def test_a_surrogate_by_name(folder: Path, surrogate: str) -> None:
    assert explain("--model", "mine:score", "--question", "law?", "--surrogate", surrogate,
                   "--json", "out.json") == 0  # fmt: skip
    explanation = result()
    assert explanation.model.surrogate.startswith(surrogate)
    first, second = (explanation.text(unit) for unit in explanation.top(2))
    assert "thirty" in first
    assert "Nevada" in second
    if surrogate == "kernel-shap":  # all 16 masks are asked: these are the Shapley values
        assert [u.weight for u in explanation.top(4)] == pytest.approx([2, 1, 0, 0])


GOOD = ["--document", "contract.txt", "--model", "mine:score", "--question", "law?"]
BAD: dict[str, tuple[list[str], str]] = {
    "no document": (["--model", "mine:score"], "give either --document FILE, --messages"),
    "both": ([*GOOD, "--messages", "chat.json"], "give either --document"),
    "no model": (["--document", "contract.txt"], "no model"),
    "missing": ([*GOOD, "--document", "none.txt"], "none.txt: no such file"),
    "splitter": ([*GOOD, "--splitter", "proze"], "no splitter 'proze': did you mean prose"),
    "splitter's rest": ([*GOOD, "--splitter", "code"], "splitter 'code': give code:ENDING"),
    "splitter of chats": (
        ["--messages", "chat.json", "--model", "mine:score", "--splitter", "prose"],
        "--splitter cuts a document",
    ),
    "surrogate": ([*GOOD, "--surrogate", "sparce"], "no surrogate 'sparce': did you mean sparse"),
    "response and labels": (
        [*GOOD, "--model", "model", "--response", "x", "--labels", "Yes,No"],
        "give --labels or --response",
    ),
    "directory": ([*GOOD, "--document", "model"], "is a directory"),
    "empty": ([*GOOD, "--document", "empty.txt"], "has no text"),
    "binary": (
        [*GOOD, "--document", "model/model.safetensors"],
        "not UTF-8|binary|mixes encodings",
    ),
    "model": ([*GOOD, "--model", "no/model"], "model 'no/model' cannot be loaded"),
    "module": (
        [*GOOD, "--model", "none:score"],
        "'none' is neither a kind of model nor a Python module",
    ),
    "attribute": ([*GOOD, "--model", "mine:scor"], "has no 'scor'"),
    "bundled": ([*GOOD, "--model", "bundled:big"], "no bundled model 'big'"),
    "proxy": ([*GOOD, "--proxy", "bm52"], "proxy 'bm52'"),
    "window": ([*GOOD, "--model", "model", "--document", "long.txt"], r"has \d+ tokens .* 512"),
    "blank response": ([*GOOD, "--model", "model", "--response", " "], "response is empty"),
    "labels": ([*GOOD, "--model", "model", "--labels", "Yes,Yes"], "not all different"),
    "one label": ([*GOOD, "--model", "model", "--labels", "Yes"], "give two or more, as A,B"),
    "class": ([*GOOD, "--model", "mine:risk", "--labels", "rsky"], "did you mean risky"),
    "budget": ([*GOOD, "--budget", "0"], "--budget 0 is too small: give 2 or more"),
    "granularity": ([*GOOD, "--granularity", "words"], "did you mean word"),
    "no messages": (["--messages", "empty.json", "--model", "model"], "has no messages"),
    "config": ([*GOOD, "--config", "typo.yaml"], "unknown option 'modle': did you mean model"),
    "no config": ([*GOOD, "--config", "none.yaml"], "none.yaml: no such file"),
    "question": ([*GOOD, "--question", " "], "question is empty"),
    "out redact": ([*GOOD, "--redact", "--model", "model"], "--redact is for the report"),
    "out folder": ([*GOOD, "--html", "no/where.html"], "does not exist"),
    "out directory": ([*GOOD, "--json", "model"], "is a directory"),
    "out name": ([*GOOD, "--json", "x" * 300], "cannot be written: File name too long"),
    "out twice": ([*GOOD, "--json", "o.x", "--html", "./o.x"], "--json is written there: give an"),
    "out over the input": ([*GOOD, "--json", "contract.txt"], "contract.txt is read: give another"),
    "half a character": (
        [*GOOD, "--model", "model", "--response", "x\udce1y"],
        "response holds half a character",
    ),
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
