"""pytest tests/test_docs.py

What the documents show is run.
"""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from focus_lime import FocusLime, Prompt, Score, ValueFunction
from focus_lime.benchmarks.methods.base import Attributions
from focus_lime.benchmarks.metrics.base import Trial
from focus_lime.cli.command import Command
from focus_lime.cli.main import COMMANDS, PROGRAM, main
from focus_lime.errors import FocusLimeError
from focus_lime.explanation.result import Fit, NeighborhoodResult, SetsResult
from focus_lime.method.proxy import GROUP, load_proxy
from focus_lime.method.rescue import CoverageCheck
from focus_lime.registry import entries
from tests.conftest import linear_function

ROOT = Path(__file__).parents[1]
# The changelog also names what is gone.
PAGES = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")} - {ROOT / "CHANGELOG.md"})


def code_blocks(document: str, language: str = "python") -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / document).read_text(), re.DOTALL)


def run_blocks(document: str) -> dict[str, Any]:
    """Every block of Python in a document, one after the other in one module."""
    space: dict[str, Any] = {"__name__": document}
    for code in code_blocks(document):
        exec(compile(code, document, "exec"), space)
    return space


def section(document: str, title: str) -> str:
    """The text under one heading."""
    return (ROOT / document).read_text().partition(f"# {title}\n")[2].partition("\n#")[0]


def test_the_python_page_works_and_is_short(capsys: pytest.CaptureFixture[str]) -> None:
    blocks = code_blocks("docs/python.md")
    assert all(len(list(filter(str.strip, code.splitlines()))) < 10 for code in blocks)
    space = run_blocks("docs/python.md")
    out = capsys.readouterr().out
    assert "note 7" in out
    assert "('§ 1', " in out
    assert "log-odds of 'eight months'" in out
    assert space["explanation"].model.surrogate == "LeastSquares"
    assert space["explanation"].top(1)[0].name == "§ 1"


def test_the_seams_of_the_map_work() -> None:
    """Each example is what its heading says, and the whole goes through an explanation."""
    space = run_blocks("ARCHITECTURE.md")
    text = "One red.\nTwo reds: red, red.\nNone."
    prompt = Prompt.from_document(text, splitter=space["Lines"]())
    explainer = FocusLime(space["load"]("red"), space["Longest"](), surrogate=space["Means"]())
    explanation = explainer.explain(
        prompt, objective=space["Doubled"](), n_coarse=1, n_scored=1, budget=8
    )
    assert explanation.level == "line"
    assert explanation.objective == "twice the score"
    assert explanation.base_value == 8.0
    assert explanation.text(explanation.top(1)[0]) == "Two reds: red, red.\n"
    assert explanation.top(1)[0].weight == pytest.approx(6.0)
    assert explanation.model.proxy == "longest"
    assert explanation.model.surrogate == "means"


def test_the_task_and_the_metric_of_the_map_work() -> None:
    space = run_blocks("ARCHITECTURE.md")
    (item,) = space["load_task"]().items("test", 0)
    assert item.prompt.sources[0][slice(*item.gold[0][1:])] == "red"
    model, objective = linear_function({"red": 3.0}), Score()
    f = ValueFunction(model, item.prompt, item.prompt.tree.units("word"), objective)
    trial = Trial(
        value=f,
        full=3.0,
        attributions=Attributions(np.array([0.0, 3.0, 0.0])),
        gold=frozenset({1}),
        sizes=[1, 1, 1],
        random_orders=[],
        n_masks=4,
        seed=0,
    )
    assert space["METRIC"].measure(trial) == {"kept-by-first": 3.0}


def test_the_map_names_every_file_of_the_library_and_no_other() -> None:
    named: dict[str, str] = {}
    for block in re.findall(r"```\n(.*?)```", section("ARCHITECTURE.md", "The tree"), re.DOTALL):
        for line in block.splitlines():
            name, _, about = line.strip().partition(" ")
            if not line.startswith(" "):
                folder = name
            else:
                named[f"{folder}{name}.py"] = about
    files = {
        str(path.relative_to(ROOT))
        for folder in ("focus_lime", "proxies", "benchmarks")
        for path in (ROOT / folder).rglob("*.py")
        if path.name not in ("__init__.py", "__main__.py")
    }
    assert named.keys() == files
    assert [name for name, about in named.items() if not 1 <= len(about.split()) <= 12] == []


@dataclass(frozen=True)
class Line:
    """A command as a document shows it, in a block of shell or between back quotes."""

    page: str
    words: tuple[str, ...]

    @property
    def flags(self) -> set[str]:
        return {word.partition("=")[0] for word in self.words if word.startswith("--")}


def lines_of(program: str) -> Iterator[Line]:
    """Every command of the pages that begins with the words of `program`."""
    for page in PAGES:
        text = page.read_text()
        shell = "".join(re.findall(r"```bash\n(.*?)```", text, re.DOTALL)).replace("\\\n", " ")
        inline = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
        for line in [*shell.splitlines(), *inline]:
            if line.startswith(f"{program} "):
                words = tuple(shlex.split(line, comments=True))
                yield Line(page.name, words[len(program.split()) :])


def flags_of(command: Command) -> set[str]:
    flags = {"--help"} | ({"--config"} if command.has_config else set())
    for declaration in command.options.values():
        flags |= {declaration.flag, declaration.option.each} - {""}
        if declaration.type is bool:
            flags.add(declaration.flag.replace("--", "--no-", 1))
    return flags


def commands() -> dict[tuple[str, ...], Command]:
    return {tuple(name.split(".")): e.load() for name, e in entries(COMMANDS).items()}


def test_every_command_that_the_docs_show_exists_with_its_flags() -> None:
    known, shown, wrong = commands(), set[tuple[str, ...]](), []
    for line in lines_of(PROGRAM):
        name = next((line.words[:n] for n in (2, 1) if line.words[:n] in known), None)
        if name is None or line.flags - flags_of(known[name]):
            wrong.append((line.page, " ".join(line.words)))
        else:
            shown.add(name)
    assert wrong == []
    assert shown == set(known)


def test_every_flag_that_the_docs_name_alone_exists() -> None:
    flags = set().union(*map(flags_of, commands().values())) | {"--checks"}
    wrong = [
        (page.name, flag)
        for page in PAGES
        for flag in re.findall(r"`(--[a-z][a-z-]*)", page.read_text())
        if flag not in flags
    ]
    assert wrong == []


def test_every_module_that_the_docs_run_exists_with_its_flags() -> None:
    wrong, shared = [], (ROOT / "benchmarks" / "script.py").read_text()
    lines = list(lines_of("python -m"))
    for line in lines:
        module = line.words[0]
        if (spec := importlib.util.find_spec(module)) is None:
            wrong.append((line.page, module))
            continue
        if spec.submodule_search_locations:
            spec = importlib.util.find_spec(f"{module}.__main__")
        if spec is None or spec.origin is None:
            wrong.append((line.page, f"{module} is not to be run"))
            continue
        source = Path(spec.origin).read_text() + shared
        wrong += [(line.page, f"{module} {f}") for f in line.flags if f'"{f}"' not in source]
    assert wrong == []
    assert len(lines) > 12


def test_the_fields_of_an_explanation_that_the_docs_name_exist() -> None:
    kinds = {
        "check": CoverageCheck,
        "fit": Fit,
        "neighborhood": NeighborhoodResult,
        "sets": SetsResult,
    }
    names = re.findall(rf"`({'|'.join(kinds)})\.(\w+)`", (ROOT / "docs/trust.md").read_text())
    assert len(names) > 8
    wrong = [name for name in names if name[1] not in {f.name for f in fields(kinds[name[0]])}]
    assert wrong == []


def test_every_link_of_the_docs_leads_somewhere() -> None:
    wrong = []
    for page in PAGES:
        text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
        for link in re.findall(r"\]\(([^)\s]+)\)", text):
            path, _, anchor = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            if "://" in link:
                continue
            if not target.exists() or (anchor and anchor not in anchors(target)):
                wrong.append((page.name, link))
    assert wrong == []


def anchors(page: Path) -> set[str]:
    """Of the headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_the_python_of_the_page_on_reports_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    prompt = Prompt.from_document("The law is Nevada. The term is one year.", "Which law?")
    explanation = FocusLime(linear_function({"Nevada": 3.0})).explain(prompt)
    space = {"explanation": explanation, "first": explanation, "second": explanation}
    (code,) = code_blocks("docs/report.md")
    exec(compile(code, "docs/report.md", "exec"), space)
    assert "Nevada" in (tmp_path / "report.html").read_text()


def test_the_python_of_the_readme_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = code_blocks("README.md")
    assert len(code.strip().splitlines()) <= 12
    monkeypatch.chdir(tmp_path)
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    exec(code, {})
    first = capsys.readouterr().out.splitlines()[0]
    assert "the renewal term of the Davida venture is eight months" in first
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
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in factories.items())
        for group, factories in declared["project"]["entry-points"].items()
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
    explanation = json.loads(Path("out.json").read_text())
    assert explanation["model"]["proxy"] == "ensemble:bm25+pattern:renewal term"

    prompt = Prompt.from_document(contract)
    units = prompt.tree.scored
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
