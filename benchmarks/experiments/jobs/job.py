"""What the benchmarks of `audit` and `flag` share: options, and the public command."""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Iterable, Mapping
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import focus_lime
from focus_lime.cli.main import main
from focus_lime.explanation.result import Explanation
from focus_lime.inputs.chats import Chat, read_chat
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Span
from focus_lime.workflows.policy import Policy

from ...datasets import reading
from ...methods import drops
from ...tasks.base import SPLITS

OURS = "focus-lime"
# What is run: the library, the peers, and the jobs themselves.
_CODE = (Path(focus_lime.__file__).parent, Path(drops.__file__).parent, Path(__file__).parent)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that all jobs have alike."""
    parser.add_argument("--split", choices=SPLITS, default="test")
    parser.add_argument(
        "--work", type=Path, help="folder to keep each item's result in; a killed run goes on there"
    )


def setting(
    job: str, options: argparse.Namespace, files: Iterable[Path], peers: Iterable[str], **more: Any
) -> dict[str, Any]:
    """What the outcome of an item depends on, beside the item.

    Args:
        files: of the data, and of models that are read from files.
        more: options that only this job has.
    """
    return {
        "job": job,
        "split": options.split,
        "data": reading.fingerprint(files),
        "code": reading.fingerprint(file for root in _CODE for file in sorted(root.rglob("*.py"))),
        "peers": list(peers),
        **more,
    }


def command(*arguments: str) -> None:
    """Run `focus-lime` with these arguments in this process; what it prints is only shown where it
    fails.

    Raises:
        SystemExit: it failed; the reason is on standard error.
    """
    printed = io.StringIO()
    try:
        with redirect_stdout(printed):
            main([*arguments])
    except SystemExit as stopped:
        if stopped.code:
            print(printed.getvalue(), file=sys.stderr)
            raise


def audited(kind: str, file: Path, *arguments: str) -> tuple[dict[str, Any], Explanation]:
    """The one verdict of `focus-lime audit KIND FILE`, and its explanation.

    Args:
        file: in a folder that may be written to.
    """
    out = file.parent / "out"
    command("audit", kind, str(file), *arguments, "--out", str(out))
    return _only(out, "verdicts")


def flagged(file: Path, *arguments: str) -> tuple[dict[str, Any], Explanation]:
    """The one judgement of `focus-lime flag FILE`, and its explanation."""
    out = file.parent / "out"
    command("flag", str(file), *arguments, "--out", str(out))
    return _only(out, "judgements")


def conversation_of(file: Path) -> tuple[Prompt, Chat]:
    """What `focus-lime flag FILE` asks about, without a policy."""
    chat = read_chat(file)
    return Policy("score").prompt(chat), chat


def _only(out: Path, key: str) -> tuple[dict[str, Any], Explanation]:
    name = "flag" if key == "judgements" else key
    (result,) = json.loads((out / f"{name}.json").read_text(encoding="utf-8"))[key]
    return result, Explanation.load(out / result["explanation"])


def extent(passage: Mapping[str, Any]) -> Span:
    """The characters of a passage, as JSON has it, of the one text that is asked about."""
    return Span(0, passage["place"]["start"], passage["place"]["end"])


def in_text(spans: Iterable[tuple[int, int]]) -> list[Span]:
    """Characters `[start, end)` of the one text that is asked about; empty ones are left out."""
    return [Span(0, start, end) for start, end in spans if start < end]
