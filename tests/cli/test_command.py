"""pytest tests/cli/test_command.py

All commands are walked: what a dataclass declares is a flag, a key of a YAML file, and a line of
the help.
"""

from __future__ import annotations

import io
import re
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from focus_lime.cli.command import CONFIG, Command, command
from focus_lime.cli.main import COMMANDS
from focus_lime.errors import FocusLimeError
from focus_lime.options import Declaration, Option
from focus_lime.registry import entries

ALL: dict[str, Command] = {
    name: entry.load()
    for name, entry in sorted(entries(COMMANDS).items())
    if entry.value.startswith("focus_lime.")
}
OPTIONS = [(name, option) for name, cmd in ALL.items() for option in cmd.options]


def help_of(command: Command, columns: int, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", str(columns))
    shown = io.StringIO()
    with redirect_stdout(shown), pytest.raises(SystemExit) as stopped:
        command.run("focus-lime x", ["--help"])
    assert stopped.value.code == 0
    return shown.getvalue()


@pytest.mark.parametrize("name", ALL)
def test_help_names_every_option(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = help_of(ALL[name], 80, monkeypatch)
    assert max(map(len, shown.splitlines())) <= 80
    flags = re.findall(r"^  (--[\w-]+|[A-Z]+)", shown, re.MULTILINE)
    text = " ".join(shown.split())
    assert ALL[name].help in text
    for declaration in ALL[name].options.values():
        flag = declaration.flag
        if declaration.option.is_positional:
            flag = declaration.name.upper()
        assert flag in flags
        assert " ".join(declaration.help.split()) in text
        if declaration.type is bool:
            assert f"{flag}, --no-{flag[2:]}" in text
    assert (CONFIG in text) == ALL[name].has_config


def texts() -> st.SearchStrategy[str]:
    """None with white space around it, which a list of texts would strip."""
    return st.text("-ab ,:é'\"[]#%", min_size=1, max_size=8).map(lambda text: f"x{text}x")


def values(declaration: Declaration) -> st.SearchStrategy[Any]:
    """What the declaration allows."""
    option = declaration.option
    if declaration.choices:
        return st.sampled_from(declaration.choices)
    if declaration.type is tuple:
        plain = texts().map(lambda text: text.replace(",", ""))
        return st.lists(texts() if option.each or option.is_positional else plain, min_size=1)
    if declaration.type is int:
        least = 0 if option.least is None else int(option.least)
        return st.integers(least, least + 40)
    if declaration.type is float:
        least = -5.0 if option.above is None else option.above
        return st.floats(
            least,
            option.most,
            exclude_min=option.above is not None,
            width=16,
            allow_infinity=False,
            allow_nan=False,
        )
    return st.booleans() if declaration.type is bool else texts()


def words(declaration: Declaration, value: Any) -> list[str]:
    """The value as a command line gives it."""
    if declaration.option.is_positional:
        return list(value) if declaration.type is tuple else [value]
    if declaration.type is bool:
        return [declaration.flag if value else f"--no-{declaration.flag[2:]}"]
    if declaration.type is tuple and declaration.option.each:
        return [word for text in value for word in (declaration.option.each, text)]
    return [declaration.flag, ",".join(value) if declaration.type is tuple else str(value)]


def outcome(of: Command, line: list[str]) -> dict[str, Any] | str:
    """The dataclasses that the command is called with, or what was wrong."""
    called: dict[str, Any] = {}
    try:
        Command(lambda **groups: called.update(groups), of.groups, of.has_config).run("x", line)
    except FocusLimeError as error:
        return str(error)
    return called


@pytest.mark.parametrize(
    ("name", "option"), [(name, option) for name, option in OPTIONS if ALL[name].has_config]
)
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_file_and_flags_mean_the_same(
    name: str, option: str, data: st.DataObject, tmp_path: Path
) -> None:
    of = ALL[name]
    asked = {n for n, declaration in of.options.items() if declaration.required} | {option}
    chosen = {n: data.draw(values(of.options[n]), label=n) for n in sorted(asked)}
    path = tmp_path / "run.yaml"
    path.write_text(yaml.safe_dump({n.replace("_", "-"): v for n, v in chosen.items()}))
    line = [word for n, value in chosen.items() for word in words(of.options[n], value)]
    by_flags, by_file = outcome(of, line), outcome(of, ["--config", str(path)])
    assert by_flags == by_file
    if isinstance(by_flags, dict):
        (group,) = [group for group in by_flags.values() if hasattr(group, option)]
        value = chosen[option]
        assert getattr(group, option) == (tuple(value) if isinstance(value, list) else value)
    else:  # a rule between two options, which no single one can keep
        assert re.search(r"--redact|give --labels|directory|both|placeholder|attention", by_flags)


@dataclass(frozen=True, kw_only=True)
class Fruit:
    """Fruit."""

    names: Annotated[tuple[str, ...], Option("Which.", is_positional=True)]
    count: Annotated[int, Option("How many, 100% sure.", least=1)] = 1
    kinds: Annotated[tuple[str, ...], Option("Kinds.", each="--kind")] = ()
    ripe: Annotated[bool, Option("Ripe.")] = True


EATEN: list[Fruit] = []


@command()
def eat(fruit: Fruit) -> None:
    """Eat fruit."""
    EATEN.append(fruit)


def test_a_flag_overrides_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("names: [fig]\ncount: 2\nkinds: [a, 'b, c']\nripe: false\n")
    eat.run("eat", ["--config", str(path), "--count", "5", "--ripe"])
    assert EATEN.pop() == Fruit(names=("fig",), count=5, kinds=("a", "b, c"))
    eat.run("eat", ["plum", "--config", str(path), "pear", "--kinds", "x, y", "--kind", "d, e"])
    assert EATEN.pop() == Fruit(
        names=("plum", "pear"), count=2, kinds=("x", "y", "d, e"), ripe=False
    )


def test_a_value_may_begin_with_a_dash() -> None:
    eat.run("eat", ["fig", "--kinds", "-a,-b", "--kind", "--no, it is not", "--kind=-c"])
    assert EATEN.pop().kinds == ("-a", "-b", "--no, it is not", "-c")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (["fig", "--count", "--ripe"], "--count: expected one argument"),
        (["fig", "--count", "-1e3"], "--count must be a whole number, got '-1e3'"),
        ([], "no names: give them, or put it in --config"),
        (["fig", "--count", "many"], "--count must be a whole number, got 'many'"),
        (["fig", "--count", "0"], "--count 0 is too small: give 1 or more"),
        (["fig", "--count"], "--count: expected one argument"),
        (["fig", "--cuont", "3"], "no option '--cuont': did you mean --count"),
        (["fig", "--no-count"], "no option '--no-count': did you mean"),
        (["fig", "--coun", "3"], "no option '--coun'"),
        (["fig", "--config", "none.yaml"], "none.yaml: no such file"),
    ],
)
def test_a_wrong_line_is_said_in_one(line: list[str], complaint: str) -> None:
    with pytest.raises(FocusLimeError, match=complaint):
        eat.run("eat", line)
    assert EATEN == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("- names", "must hold a mapping"),
        ("names: [a", "line 2 is not YAML"),
        ("names: a\n\tcount: 3", "line 2 is not YAML"),
        ("coutn: 3", "unknown option 'coutn': did you mean count"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text + "\n")
    with pytest.raises(FocusLimeError, match=f"a.yaml.*{complaint}"):
        eat.run("eat", ["--config", str(path)])
