"""The figures of the trust benchmark:

    pip install 'focus-lime[peers]'
    python -m focus_lime.benchmarks.experiments.trust --figure 1 --documents 50 --out FILE

Everything is measured on the bundled target, on contracts of its own generator with held-out facts,
whose answers are right; seeds count from 50000 if the figure does not say otherwise. Every document
is one line of `--records`: a killed run goes on where it stopped. Records know the model and the
figure, not the code: after a change that moves a figure delete them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from focus_lime.errors import FocusLimeError
from focus_lime.models.hf import HFCausalLM
from focus_lime.models.loading import load_model

from ... import script
from .examined import CONTEXT, MISSES, SETS
from .figure import Figure
from .weighed import COST, STABILITY, WORDS

FIGURES: dict[int, Figure] = {
    1: MISSES,
    2: SETS,
    3: COST,
    4: WORDS,
    5: STABILITY,
    6: CONTEXT,
}


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--figure", type=int, choices=FIGURES, required=True)
    parser.add_argument("--documents", type=int, default=50)
    parser.add_argument("--model", default="bundled:target")
    parser.add_argument("--records", type=Path, help="default: runs/trust-FIGURE.jsonl")


def _work(options: argparse.Namespace, command: str) -> Iterator[str]:
    model = load_model(options.model)
    if not isinstance(model, HFCausalLM):
        raise FocusLimeError(f"--model {options.model}: a local causal language model is needed")
    figure = FIGURES[options.figure]
    records = options.records or Path("runs", f"trust-{options.figure}.jsonl")
    for table in figure.tables(model, options.documents, records):
        yield f"# {options.figure}. {figure.title}\n\nCommand: `{command}`\n\n{table}"


def main(arguments: Sequence[str] | None = None) -> int:
    return script.run("experiments.trust", arguments, _options, _work)


if __name__ == "__main__":
    sys.exit(main())
