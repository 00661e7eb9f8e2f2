"""What the scripts of this folder share: a report in Markdown that says its own command and is
whole after every part of the work, and errors in one line.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence

from focus_lime.errors import FocusLimeError
from focus_lime.files import write_whole

Work = Callable[[argparse.Namespace, str], Iterator[str]]


def run(
    name: str,
    arguments: Sequence[str] | None,
    add_options: Callable[[argparse.ArgumentParser], None],
    work: Work,
) -> int:
    """Run `python -m focus_lime.benchmarks.NAME`; the exit status.

    Args:
        arguments: those of the process if None.
        add_options: tells the parser the options; `--out` is here.
        work: (options, command) -> the report, again and again as it grows; the last one is
            printed.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(prog=f"python -m focus_lime.benchmarks.{name}")
    add_options(parser)
    parser.add_argument("--out", help="a Markdown file")
    options = parser.parse_args(arguments)
    command = shlex.join(["python", "-m", f"focus_lime.benchmarks.{name}", *arguments])
    text = ""
    try:
        for text in work(options, command):
            if options.out:
                write_whole(options.out, text)
    except (FocusLimeError, OSError) as error:  # also of data that is not there
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(text)
    return 0
