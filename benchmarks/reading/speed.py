"""How fast a text is cut into units, and what memory that takes, on one core.

    python -m focus_lime.benchmarks.reading.speed [--words 1000000] [--file FILE] [--out FILE.md]

Each step runs in a process of its own, which does all that comes before it, too; what is said is
the step alone, but the memory is the most that the process had. Without a file the text is that of
generated contracts.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from focus_lime.inputs.prose import Prose
from focus_lime.inputs.sections import sections
from focus_lime.proxies.bundled.contracts import generate_contract

from .. import script
from ..tables.markdown import markdown

STEPS = ("text", "sentences", "words", "sections")


def contracts(n_words: int) -> str:
    """So many words of generated contracts."""
    parts: list[str] = []
    while n_words > 0:
        text = generate_contract(np.random.default_rng(len(parts)), words=10_000).text
        parts.append(text)
        n_words -= len(text.split())
    return "\n\n".join(parts)


def measure(step: str, n_words: int, file: str | None) -> dict[str, float]:
    """Seconds of this processor for the step, its units, and the most memory so far in MB."""
    text = Path(file).read_text("utf-8") if file else contracts(n_words)
    if file:
        text *= max(1, round(n_words / len(text.split())))
    begun = time.process_time()
    n = len(text.split())
    if step == "sections":
        begun = time.process_time()
        n = len(sections(text))
    elif step != "text":
        begun = time.process_time()
        tree = Prose().split((text,))
        n = len(tree.scored)
        if step == "words":
            begun = time.process_time()
            n = len(tree.units("word"))
    seconds = time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return {"seconds": seconds, "units": n, "megabytes": peak / unit}


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--words", type=int, default=1_000_000, help="about so many")
    parser.add_argument("--file", help="a text, repeated up to that many words")
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)


def work(options: argparse.Namespace, command: str) -> Iterator[str]:
    if options.step:
        yield json.dumps(measure(options.step, options.words, options.file))
        return
    rows: list[list[str]] = []
    for step in STEPS:
        arguments = [sys.executable, "-m", "focus_lime.benchmarks.reading.speed"]
        arguments += ["--step", step, "--words", str(options.words)]
        arguments += ["--file", options.file] if options.file else []
        output = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout
        found = json.loads(output)
        seconds = "" if step == "text" else f"{found['seconds']:.1f}"
        rows.append([step, f"{found['units']:,.0f}", seconds, f"{found['megabytes']:.0f}"])
        table = markdown(["step", "units", "seconds", "memory, MB"], rows)
        yield f"`{command}`, Python {platform.python_version()}\n\n{table}"


def main(arguments: Sequence[str] | None = None) -> int:
    return script.run("reading.speed", arguments, add_options, work)


if __name__ == "__main__":
    sys.exit(main())
