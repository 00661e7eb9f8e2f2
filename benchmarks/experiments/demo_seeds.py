"""How often the demo's top sentence is the planted clause.

    python -m focus_lime.benchmarks.experiments.demo_seeds --seeds 20 [--out FILE.md]

Each seed writes its own contract and question (held out from training), asks the bundled target,
and explains its answer with the default budget.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence

from focus_lime.proxies.bundled.demo import explain_generated

from .. import script
from ..tables.markdown import markdown

_HEADER = ("seed", "answer is right", "top sentence is the planted one", "held-out R²", "seconds")


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--proxy", default="bundled:proxy")


def _work(options: argparse.Namespace, command: str) -> Iterator[str]:
    """The table after every seed."""
    rows: list[list[str]] = []
    n_right = n_planted = 0
    for seed in range(options.seeds):
        started = time.perf_counter()
        demo = explain_generated(seed, options.proxy)
        seconds = time.perf_counter() - started
        n_right, n_planted = n_right + demo.answered, n_planted + demo.planted_found
        r2 = demo.explanation.fit.r2
        rows.append(
            [
                str(seed),
                "yes" if demo.answered else "no",
                "yes" if demo.planted_found else "no",
                "not measured" if r2 is None else f"{r2:.2f}",
                f"{seconds:.0f}",
            ]
        )
        n = len(rows)
        yield (
            f"# The demo over {n} seeds, proxy {options.proxy}\n\nCommand: `{command}`\n\n"
            f"{markdown(_HEADER, rows)}\n"
            f"Right answers: {n_right} of {n}. Planted clause on top: {n_planted} of {n}.\n"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    return script.run("experiments.demo_seeds", arguments, _options, _work)


if __name__ == "__main__":
    sys.exit(main())
