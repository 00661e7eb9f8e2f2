"""pytest tests/test_documents.py

What the documents show is run.
"""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import numpy as np
import pytest

from focus_lime import FocusLime, Prompt
from focus_lime.cli import main
from focus_lime.errors import FocusLimeError
from focus_lime.neighborhood import GROUP, Proxy, load_proxy
from focus_lime.objective import Score
from focus_lime.prompt.split import split
from tests.conftest import TEXT, linear_function

ROOT = Path(__file__).parents[1]


def code_blocks(document: str, language: str = "python") -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / document).read_text(), re.DOTALL)


def test_the_proxy_in_contributing_works() -> None:
    space: dict[str, type] = {}
    exec(code_blocks("CONTRIBUTING.md")[0], space)
    proxy = space["Longest"]()
    assert isinstance(proxy, Proxy)
    model = linear_function({"Orion": 1.0})
    found = FocusLime(model, proxy).explain(
        Prompt.from_document(TEXT), chunks=1, sentences=1, budget=4
    )
    assert found.text(found.top(1)[0]) == "The governing law of the Orion agreement is Nevada. "


def test_the_python_of_the_readme_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = code_blocks("README.md")[0]
    assert len(code.strip().splitlines()) <= 11
    monkeypatch.chdir(tmp_path)
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    exec(code, {})
    first = capsys.readouterr().out.splitlines()[0]
    assert "the renewal term of the Davida venture is" in first
    assert {path.name for path in tmp_path.iterdir()} >= {"explanation.json", "explanation.html"}


def test_the_third_party_proxy_of_the_docs_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """File, project and command as they stand there. What pip makes of the project is written by
    hand: the module, and the entry points in a folder of metadata.
    """
    (code,), (project,), (command,) = (
        code_blocks("docs/proxies.md", language) for language in ("python", "toml", "bash")
    )
    declared = tomllib.loads(project)
    (module,) = declared["tool"]["setuptools"]["py-modules"]
    assert code.startswith(f"# {module}.py\n")
    (tmp_path / f"{module}.py").write_text(code)
    metadata = tmp_path / f"{module}-{declared['project']['version']}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Name: {declared['project']['name']}\nVersion: 0.1\n")
    points = "".join(
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in found.items())
        for group, found in declared["project"]["entry-points"].items()
    )
    (metadata / "entry_points.txt").write_text(points)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    contract = (ROOT / "configs" / "contract.txt").read_text()
    Path("contract.txt").write_text(contract)

    program, *arguments = shlex.split(command.replace("\\\n", ""))
    assert program == "focus-lime"
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert not stopped.value.code
    found = json.loads(Path("out.json").read_text())
    assert found["neighborhood"]["proxy"] == "ensemble:bm25+pattern:renewal term"

    prompt, units = Prompt.from_document(contract), split([contract], "sentence")
    scores = (
        load_proxy("pattern:renewal term")
        .score(
            prompt,
            units,
            Score(),
            target=linear_function({}),
            rng=np.random.default_rng(0),
        )
        .scores
    )
    assert scores.tolist() == [
        text.lower().count("renewal term") for text in units.texts([contract])
    ]
    assert scores.sum() > 1
    with pytest.raises(FocusLimeError, match="no regular expression"):
        load_proxy("pattern:(")


def test_the_docs_list_every_proxy() -> None:
    text, _, _ = (ROOT / "docs" / "proxies.md").read_text().partition("## Measured")
    names = set(re.findall(r"^\| `([^`:]+)", text, re.MULTILINE))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = project["entry-points"][GROUP]
    assert names == {*declared, "none"}
    assert set(declared) <= {entry.name for entry in entry_points(group=GROUP)}
