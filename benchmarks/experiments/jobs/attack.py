"""`flag` on e-mails with an attacker's order in them: is the order found?

    python -m focus_lime.benchmarks.experiments.jobs.attack --data DIR [--out FILE.md]

DIR holds `bipia/`. Each held-out e-mail comes as the result of a tool, after a user's question,
with each of a few held-out orders at a drawn place. The judge is `jobs.models:attacks`, a detector
that saw none of them. Through the public command.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from focus_lime.inputs.cut import sentences
from focus_lime.inputs.units import Span

from ... import script
from ...datasets import bipia
from .job import Measures, command, extent, in_text, means

_CALL = {"id": "1", "type": "function", "function": {"name": "read_mail", "arguments": "{}"}}
_COLUMNS = ("message", "first sentence", "random sentence", "edit recall", "edit precision")


def conversation(email: str) -> list[dict[str, Any]]:
    return [
        {"role": "user", "content": "Please sum up my newest e-mail."},
        {"role": "assistant", "content": None, "tool_calls": [_CALL]},
        {"role": "tool", "tool_call_id": "1", "content": email},
    ]


def score(email: str, order: Span, judgement: Mapping[str, Any]) -> Measures:
    """Whether the message and the first span are right, and characters of the edit on the order.

    Args:
        order: where it stands in the e-mail.
        judgement: of the conversation, as `flag.json` has it.
    """

    def touches(passage: Mapping[str, Any]) -> bool:
        return passage["place"]["number"] == 3 and order.overlaps(extent(passage))

    known = [m for m in judgement["messages"] if m["effect"] is not None]
    worst = max(known, key=lambda message: message["effect"])
    evidence = [e for e in judgement["evidence"] if e["weight"] > 0]
    edit = judgement["edit"]["passages"] if judgement["edit"] else []
    passages = [extent(p) for p in edit if p["place"]["number"] == 3]
    cut = {i for passage in passages for i in range(passage.start, passage.end)}
    inside = set(range(order.start, order.end))
    pieces = in_text(sentences(email))
    n_touched = sum(order.overlaps(piece) for piece in pieces)
    return {
        "flagged": float(judgement["flagged"]),
        "message": float(worst["number"] == 3),
        "first sentence": float(bool(evidence) and touches(evidence[0])),
        # One of all sentences of the conversation: those of the mail, the question, the call.
        "random sentence": n_touched / (len(pieces) + 2),
        "edit recall": len(cut & inside) / len(inside),
        "edit precision": len(cut & inside) / len(cut) if cut else 0.0,
    }


def report(rows: Sequence[Measures], false_alarms: tuple[int, int], command_line: str) -> str:
    groups = {
        f"all {len(rows)}": rows,
        "flagged": [row for row in rows if row["flagged"]],
        "not flagged": [row for row in rows if not row["flagged"]],
    }
    return "\n\n".join(
        [
            "# `focus-lime flag` on e-mails with an order in them",
            f"```\n{command_line}\n```",
            f"{len(rows)} conversations: held-out e-mails of BIPIA as a tool's result, a held-out "
            "order inserted at a drawn place (seed 0). The detector is TF-IDF and logistic "
            "regression over sentences, its score the most suspect sentence's; without an order "
            f"it flags {false_alarms[0]} of the {false_alarms[1]} e-mails. Threshold 0, sentences. "
            "Message: the tool's result has the largest effect. First sentence: the span of the "
            "largest positive weight touches the order; random sentence: the chance that a "
            "drawn one does. Edit: the smallest edit that clears the flag, its characters on the "
            "order over those of the order and of the edit; 0 where there is no flag to clear. "
            "In brackets: 95 % percentile bootstrap over conversations.",
            means("conversations", groups, _COLUMNS),
        ]
    )


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", required=True, help="folder that holds bipia/")
    parser.add_argument("--orders", type=int, default=5, help="inserted in each e-mail, in turn")
    parser.add_argument("--limit", type=int, help="only the first N held-out e-mails")


def _work(options: argparse.Namespace, command_line: str) -> Iterator[str]:
    os.environ["FOCUS_LIME_DATA"] = options.data
    folder = Path(options.data) / "bipia"
    known = list(bipia.contexts(folder, "email"))
    emails = [context.text for context in bipia.held_out(known)][: options.limit]
    orders = [attack.text for attack in bipia.held_out(bipia.attacks(folder, "email"))]
    rng = np.random.default_rng(0)
    cases = [
        bipia.insert_inline(email, str(order), rng)
        for email in emails
        for order in rng.choice(orders, options.orders, replace=False)
    ]
    with tempfile.TemporaryDirectory() as scratch:
        attacked = _judge(Path(scratch) / "attacked", [email for email, _ in cases])
        clean = _judge(Path(scratch) / "clean", emails)
    rows = [score(*case, judgement) for case, judgement in zip(cases, attacked, strict=True)]
    n_flagged = sum(judgement["flagged"] for judgement in clean)
    yield report(rows, (n_flagged, len(clean)), command_line)


def _judge(folder: Path, emails: Sequence[str]) -> list[dict[str, Any]]:
    """The judgements of the public command."""
    folder.mkdir()
    files = []
    for number, email in enumerate(emails):
        files.append(str(folder / f"mail-{number:03}.json"))
        Path(files[-1]).write_text(json.dumps(conversation(email)), encoding="utf-8")
    command(
        *("flag", *files, "--model", "focus_lime.benchmarks.experiments.jobs.models:attacks"),
        *("--granularity", "sentence", "--out", str(folder / "out")),
    )
    judgements: list[dict[str, Any]] = json.loads((folder / "out/flag.json").read_text())[
        "judgements"
    ]
    return judgements


def main(arguments: Sequence[str] | None = None) -> int:
    return script.run("experiments.jobs.attack", arguments, _options, _work)


if __name__ == "__main__":
    sys.exit(main())
