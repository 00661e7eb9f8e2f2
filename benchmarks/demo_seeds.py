"""How often the demo's top sentence is the planted clause.

    python -m focus_lime.benchmarks.demo_seeds --seeds 20 --out benchmarks/results/demo-seeds.md

Each seed writes its own contract and question (held out from training), asks the bundled target,
and explains its answer with the default budget.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from focus_lime.explanation import write_whole
from focus_lime.proxies.bundled.demo import explain_generated


def run(n_seeds: int, proxy: str) -> str:
    """The table in Markdown, one line a seed; progress on standard error."""
    lines = [
        f"# The demo over {n_seeds} seeds, proxy {proxy}",
        "",
        "Command: `python -m focus_lime.benchmarks.demo_seeds "
        f"--seeds {n_seeds} --proxy {proxy} --out FILE`",
        "",
        "| seed | answer is right | top sentence is the planted one | held-out R² | seconds |",
        "| --- | --- | --- | --- | --- |",
    ]
    right = found = 0
    for seed in range(n_seeds):
        started = time.perf_counter()
        demo = explain_generated(seed, proxy)
        seconds = time.perf_counter() - started
        right, found = right + demo.answered, found + demo.planted_found
        r2 = demo.explanation.fit["r2"]
        lines.append(
            f"| {seed} | {'yes' if demo.answered else 'no'} | "
            f"{'yes' if demo.planted_found else 'no'} | "
            f"{'not measured' if r2 is None else f'{r2:.2f}'} | {seconds:.0f} |"
        )
        print(lines[-1], file=sys.stderr, flush=True)
    lines += [
        "",
        f"Right answers: {right} of {n_seeds}. Planted clause on top: {found} of {n_seeds}.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--proxy", default="bundled:proxy")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    table = run(arguments.seeds, arguments.proxy)
    print(table)
    if arguments.out is not None:
        write_whole(arguments.out, table)


if __name__ == "__main__":
    main()
