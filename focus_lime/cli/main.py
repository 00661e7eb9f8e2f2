"""The command line, put together of the entry points `focus_lime.commands`.

An entry point names a `Command`; `audit.legal` is `focus-lime audit legal`. Only the command that
is asked for is loaded, and all of them for `--help`.
"""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from importlib.metadata import EntryPoint, version

from focus_lime.cli.command import Command
from focus_lime.errors import FocusLimeError, suggest
from focus_lime.registry import entries

COMMANDS = "focus_lime.commands"
PROGRAM = "focus-lime"

_ABOUT = "What in a long prompt made a large language model answer as it did."
_HELP = ("-h", "--help")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line, and leave by `SystemExit`. Bad input is one line on standard error and
    exit code 2.
    """
    # A command line is the whole process, so it may quieten the libraries that it runs.
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        _run(words)
    except FocusLimeError as error:
        line = " ".join(str(error).split())
        print(f"{PROGRAM}: error: {line}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(0)


def _run(words: Sequence[str]) -> None:
    known = entries(COMMANDS)
    for length in (1, 2):
        if (name := ".".join(words[:length])) in known:
            command: Command = known[name].load()
            command.run(" ".join([PROGRAM, *words[:length]]), words[length:])
            return
    prefix = f"{words[0]}." if words else "."
    inside = {n.removeprefix(prefix): e for n, e in known.items() if n.startswith(prefix)}
    program, rest = (f"{PROGRAM} {words[0]}", words[1:]) if inside else (PROGRAM, words)
    commands = inside or known
    if rest[:1] == ["--version"]:
        print(f"{PROGRAM} {version(PROGRAM)}")
        return
    if rest and rest[0] not in _HELP:
        first_words = [name.partition(".")[0] for name in commands]
        raise FocusLimeError(f"{program} has no {rest[0]!r}: {suggest(rest[0], first_words)}")
    print(_overview(program, commands))


def _overview(program: str, commands: Mapping[str, EntryPoint]) -> str:
    """Every command and what it does."""
    lines = [f"usage: {program} COMMAND [OPTIONS]", "", _ABOUT, ""]
    for name in sorted(commands):
        command: Command = commands[name].load()
        lines += textwrap.wrap(
            f"{name.replace('.', ' '):<15}{command.help}",
            width=min(100, shutil.get_terminal_size().columns) - 2,
            initial_indent="  ",
            subsequent_indent=" " * 17,
        )
    return "\n".join([*lines, "", f"{program} COMMAND --help lists the options of a command."])


if __name__ == "__main__":
    main()
