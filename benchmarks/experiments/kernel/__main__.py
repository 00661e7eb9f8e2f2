"""The scoring kernel against its bound, a plain forward pass, ContextCite and captum.

    pip install 'focus-lime[peers]'
    python -m focus_lime.benchmarks.experiments.kernel [--out FILE.md]

All run in one process, in turn, on the same model, the same token sequences and the same masks; the
values are compared. Nothing but the ratios is meant to be read: seconds are those of the machine.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Iterator, Sequence

import torch

from focus_lime.errors import FocusLimeError
from focus_lime.models.hf import HFCausalLM
from focus_lime.models.loading import load_model

from ... import script
from .cases import make_case, write_document
from .figures import GOALS, PEERS, cached_table, exact_table, measure, memory_table

_UNITS = 32
_LONG = 16_000  # tokens; above, a peer scores few masks, once


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", default="bundled:target")
    parser.add_argument("--device", default="cpu", help="as torch names it")
    parser.add_argument("--lengths", type=int, nargs="*", default=[2000, 8000, 32000])
    parser.add_argument("--masks", type=int, default=64)
    parser.add_argument("--peer-masks", type=int, default=4, help="for prompts above 16,000 tokens")
    parser.add_argument("--cached", type=int, default=8000, help="tokens; 0 leaves it out")
    parser.add_argument("--memory", type=int, default=32000, help="tokens; 0 leaves it out")


def _work(options: argparse.Namespace, command: str) -> Iterator[str]:
    """The tables after every case."""
    model = load_model(options.model, device_map=options.device)
    if not isinstance(model, HFCausalLM):
        raise FocusLimeError(f"--model {options.model}: a local causal language model is needed")
    device = platform.processor() or platform.machine()
    if options.device == "cuda":
        device = torch.cuda.get_device_name()
    head = (
        f"# The scoring kernel, {options.model} on {options.device}\n\nCommand: `{command}`\n\n"
        f"{device}, {torch.get_num_threads()} threads, torch {torch.__version__}.\n\n"
    )
    rows, exact = [], ""
    for tokens in options.lengths:
        document = write_document(model, tokens, 0)
        few = options.peer_masks if tokens > _LONG else options.masks
        rounds = 1 if tokens > _LONG else 2 if tokens > 4_000 else 3
        for depth in GOALS:
            for design in PEERS:
                case = make_case(document, depth, design, n_masks=options.masks, n_units=_UNITS)
                rows.append(measure(case, depth, design, rounds=rounds, peer_masks=few))
                exact = exact_table(rows) + _NOTE
                yield head + exact
    parts = [exact]
    if options.cached:
        parts.append(cached_table(model, options.cached, 1000, 200))
    if options.memory:
        budget = model.scorer.memory
        parts.append(memory_table(options.model, options.memory, options.device, budget))
    yield head + "\n".join(parts)


_NOTE = """
Depth is where the 32 sentences of S should begin; where less room is left they are the last 32, and
the bound may lie below the goal. The bound is the prefix once and, for each mask, what follows its
first change; masks that go on alike share more, so tokens may be fewer.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    return script.run("experiments.kernel", arguments, _options, _work)


if __name__ == "__main__":
    sys.exit(main())
