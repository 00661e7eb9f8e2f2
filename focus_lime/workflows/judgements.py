"""What `flag` leaves: JSON, a page, and a short table."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from focus_lime.explanation.formats import quote
from focus_lime.explanation.result import Explanation
from focus_lime.files import write_whole
from focus_lime.inputs.layout import Layout
from focus_lime.report import Cell, Summary, page
from focus_lime.workflows.contrast import Contrast
from focus_lime.workflows.flag import Judgement
from focus_lime.workflows.outputs import plain
from focus_lime.workflows.verdicts import Failure

SCHEMA = "focus-lime/flag/2"

_COLUMNS = (
    "conversation",
    "model, policy",
    "verdict",
    "from the threshold",
    "message",
    "words",
    "the smallest edit that clears it",
)
_LEAD = (
    "Values are log-odds in nats; the flag is up above the threshold. A message's effect is what "
    "the value loses when the message alone is deleted, measured on the model. The edit is the "
    "smallest that was found, and was measured too."
)


@dataclass
class Judgements:
    """What is known so far.

    Attributes:
        explained: judgements and their explanations.
    """

    explained: list[tuple[Judgement, Explanation]] = field(default_factory=list)
    contrasts: list[Contrast] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "judgements": [
                {**asdict(j), "flagged": j.flagged, "distance": j.value - j.threshold}
                for j, _ in self.explained
            ],
            "contrasts": [asdict(contrast) for contrast in self.contrasts],
            "failures": [asdict(failure) for failure in self.failures],
        }

    def save(self, folder: Path) -> None:
        """Write `flag.json`, whole or not at all."""
        text = json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False, indent=1) + "\n"
        write_whole(folder / "flag.json", text)


def _message(judged: Judgement) -> str:
    """The turn whose deletion lowers the value most."""
    most = max(judged.messages, key=lambda message: message.effect or 0.0)
    if most.effect is None or most.effect <= 0:
        return "none"
    kind = "" if most.kind == "message" else f", {most.kind}"
    return f"{most.number} {most.role}{kind} ({most.effect:+.2f}): {quote(most.text, 80)}"


def _words(judged: Judgement) -> str:
    supporting = [e for e in judged.evidence if e.significant and e.weight > 0]
    return ", ".join(f"{quote(e.text, 40)} ({e.weight:+.2f})" for e in supporting[:5]) or "none"


def _edit(judged: Judgement) -> str:
    if not judged.flagged:
        return "not flagged"
    if judged.edit is None:
        return "nothing found"
    passages = [f"{p.place}: “{quote(p.text, 60)}”" for p in judged.edit.passages]
    return f"delete {'; '.join(passages)} ({judged.edit.value:+.2f})"


def _cells(judged: Judgement) -> list[str]:
    return [
        judged.chat,
        f"{judged.model}, {judged.policy}",
        "flagged" if judged.flagged else "not flagged",
        f"{judged.value - judged.threshold:+.2f}",
        _message(judged),
        _words(judged),
        _edit(judged),
    ]


def report_page(results: Judgements, *, redact: bool = False) -> str:
    """One page over all conversations."""
    rows = []
    for number, (judged, _) in enumerate(results.explained, start=1):
        first, *others = _cells(judged)
        rows.append([Cell(first, f"#finding-{number}"), *map(Cell, others)])
    lead = " ".join([_LEAD, *map(str, results.contrasts)])
    return page(
        [explanation for _, explanation in results.explained],
        titles=[f"{j.chat}: {j.model}, {j.policy}" for j, _ in results.explained],
        layouts=[_layout(judged, explanation) for judged, explanation in results.explained],
        title="Why was it flagged?",
        summary=Summary(lead, _COLUMNS, rows, results.failures),
        redact=redact,
    )


def _layout(judged: Judgement, explanation: Explanation) -> Layout:
    """Bubbles that say what each source is; calls of tools and their results are folded."""
    turns = iter(judged.messages)
    titles, folded = [], set()
    for index, source in enumerate(explanation.sources):
        turn = next((turn for turn in turns if turn.text == source.text), None)
        kind = turn.kind if turn else "message"
        name = f" {turn.name}" if turn and turn.name else ""
        titles.append(source.role if kind == "message" else f"{kind}{name}")
        if kind != "message":
            folded.add(index)
    return Layout("chat", judged.chat, tuple(titles), frozenset(folded))


def print_judgements(results: Judgements, console: Console) -> None:
    """A block for each conversation. Texts are never read as markup or control codes."""
    for judged, _ in results.explained:
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="dim", no_wrap=True)
        grid.add_column(overflow="fold")
        for name, cell in zip(_COLUMNS, _cells(judged), strict=True):
            short = "to clear it" if name == _COLUMNS[-1] else name
            grid.add_row(short, Text(plain(cell)))
        console.print(grid)
        console.print()
    for contrast in results.contrasts:
        console.print(Text(plain(str(contrast))))
    for failure in results.failures:
        console.print(Text.assemble(("failed  ", "red"), plain(failure.reason)))
