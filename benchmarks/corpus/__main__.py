"""Many explanations at once: what carries weight, the few that show most, the ones that differ.

    python -m focus_lime.benchmarks.corpus FOLDER [--pick 5] [--out FILE.md]

FOLDER holds explanations as JSON.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence

from .. import script
from .report import load_folder, report


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", help="of explanations as JSON")
    parser.add_argument("--pick", type=int, default=5, help="how many to pick")


def _work(options: argparse.Namespace, command: str) -> Iterator[str]:
    text = report(load_folder(options.folder), picks=options.pick)
    yield text.replace("\n", f"\n\nCommand: `{command}`\n", 1)


def main(arguments: Sequence[str] | None = None) -> int:
    return script.run("corpus", arguments, _options, _work)


if __name__ == "__main__":
    sys.exit(main())
