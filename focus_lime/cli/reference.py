"""The tables of all options in docs/options.md:

python -m focus_lime.cli.reference docs/options.md
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path

from focus_lime.cli.command import CONFIG, Command
from focus_lime.cli.main import COMMANDS, PROGRAM
from focus_lime.files import write_whole
from focus_lime.options import Declaration, declarations
from focus_lime.registry import entries

BEGIN, END = "<!-- options: made by focus_lime.cli.reference -->", "<!-- /options -->"


def tables() -> str:
    """A table for each dataclass of options, in Markdown, with the commands that take it."""
    takers: dict[type, list[str]] = {}
    for name, entry in sorted(entries(COMMANDS).items()):
        if not entry.value.startswith("focus_lime."):
            continue
        command: Command = entry.load()
        for group in command.groups.values():
            takers.setdefault(group, []).append(name.replace(".", " "))
    parts = [part for group, commands in takers.items() for part in _table(group, commands)]
    return "\n".join([*parts, f"`--config FILE`: {CONFIG}", ""])


def replaced(page: str) -> str:
    """The page with the tables as they are now."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{tables()}\n{END}{rest.partition(END)[2]}"


def _table(group: type, commands: list[str]) -> Iterator[str]:
    base = group.__bases__[0]
    known = declarations(base) if is_dataclass(base) else {}
    about = inspect.cleandoc(group.__doc__ or "").splitlines()[0]
    yield f"## {', '.join(f'`{PROGRAM} {command}`' for command in commands)}: {group.__name__}\n"
    yield f"{about}{f' As {base.__name__}, but for:' if known else ''}\n"
    yield "| option | type | default | |"
    yield "| --- | --- | --- | --- |"
    for name, declaration in declarations(group).items():
        if known.get(name) != declaration:
            yield f"| {' | '.join(_row(declaration))} |"
    yield ""


def _row(declaration: Declaration) -> Iterator[str]:
    option = declaration.option
    flag = declaration.name.upper() if option.is_positional else declaration.flag
    yield f"`{flag}`" + (f", `{option.each}`" if option.each else "")
    yield ", ".join(f"`{choice}`" for choice in declaration.choices) or declaration.type_name
    default = "yes" if declaration.default is True else declaration.default
    default = "no" if default is False else default
    yield "required" if declaration.required else "" if default in (None, ()) else f"`{default}`"
    yield option.help


if __name__ == "__main__":
    path = Path(sys.argv[1])
    write_whole(path, replaced(path.read_text(encoding="utf-8")))
