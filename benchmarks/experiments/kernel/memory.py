"""Peak memory of scoring against that of one plain forward pass.

    python -m focus_lime.benchmarks.experiments.kernel.memory --what kernel --tokens 32000

Prints the bytes by which the process (on Linux; on a GPU: torch's allocator) grows at its peak
above the loaded model. Each measurement is a process of its own, so that none lives on what
another gave back.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from focus_lime.models.base import Response
from focus_lime.models.hf import HFCausalLM
from focus_lime.models.loading import load_model

from .cases import make_case, plain_forward, write_document


def measured(what: str, model: str, tokens: int, device: str) -> int:
    """Bytes that `what` (`plain` or `kernel`) needs at its peak, in a process of its own."""
    command = [sys.executable, "-m", __spec__.name, "--what", what, "--model", model]
    command += ["--tokens", str(tokens), "--device", device]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(done.stdout.split()[-1])


def _held(device: str) -> int:
    """Bytes in use now; from here on the peak is counted."""
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
        return int(torch.cuda.memory_allocated())
    Path("/proc/self/clear_refs").write_text("5")  # Linux: the peak is what is resident now
    return _status("VmRSS")


def _peak(device: str) -> int:
    return int(torch.cuda.max_memory_allocated()) if device == "cuda" else _status("VmHWM")


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) << 10


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--what", choices=["plain", "kernel"], required=True)
    parser.add_argument("--model", default="bundled:target")
    parser.add_argument("--tokens", type=int, default=32000)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args(arguments)
    model = load_model(options.model, device_map=options.device)
    assert isinstance(model, HFCausalLM)
    # A short prompt first: what torch and the model set up once belongs to neither.
    response = Response("The answer.")  # generating one would be a peak of its own
    warm = make_case(
        write_document(model, 1000, 1, response), 0.5, "bernoulli", n_masks=4, n_units=8
    )
    warm.score()
    plain_forward(model, warm.full.ids.tolist())
    document = write_document(model, options.tokens, 0, response)
    case = make_case(document, 0.5, "bernoulli", n_masks=4, n_units=32)
    before = _held(options.device)
    if options.what == "plain":
        plain_forward(model, case.full.ids.tolist())
    else:
        case.score()
    print(_peak(options.device) - before)


if __name__ == "__main__":
    main()
