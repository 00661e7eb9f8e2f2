"""What `flag` leaves: JSON, a page, and a short table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from focus_lime.explanation import Explanation
from focus_lime.jobs.judge import Judgement
from focus_lime.jobs.outputs import plain
from focus_lime.jobs.wording import where
from focus_lime.report.highlight import quote
from focus_lime.report.html import Cell, Summary, page
from focus_lime.report.layout import Layout

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


def to_dict(
    found: Sequence[Judgement], contrasts: Sequence[Mapping[str, Any]], failures: Sequence[Any]
) -> dict[str, Any]:
    return {
        "schema": "focus-lime/flag/1",
        "judgements": [
            {**asdict(j), "flagged": j.flagged, "distance": j.value - j.threshold} for j in found
        ],
        "contrasts": list(contrasts),
        "failures": [asdict(failure) for failure in failures],
    }


def _message(judged: Judgement) -> str:
    """The turn whose deletion lowers the value most."""
    known = [m for m in judged.messages if m["effect"] is not None]
    if not known or (most := max(known, key=lambda m: m["effect"]))["effect"] <= 0:
        return "none"
    kind = "" if most["kind"] == "message" else f", {most['kind']}"
    return f"{where(most)}{kind} ({most['effect']:+.2f}): {quote(most['text'], 80)}"


def _words(judged: Judgement) -> str:
    sure = [s for s in judged.spans if s["sure"] and s["weight"] > 0]
    return ", ".join(f"{quote(s['text'], 40)} ({s['weight']:+.2f})" for s in sure[:5]) or "none"


def _edit(judged: Judgement) -> str:
    if not judged.flagged:
        return "not flagged"
    if judged.edit is None:
        return "nothing found"
    what = "; ".join(f"{where(s)}: “{quote(s['text'], 60)}”" for s in judged.edit.spans)
    return f"delete {what} ({judged.edit.value:+.2f})"


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


def report_page(
    found: Sequence[tuple[Judgement, Explanation]],
    contrasts: Sequence[Mapping[str, Any]],
    failures: Sequence[Any],
    redact: bool = False,
) -> str:
    """One page over all conversations."""
    rows = []
    for number, (judged, _) in enumerate(found, start=1):
        first, *others = _cells(judged)
        rows.append([Cell(first, f"#finding-{number}"), *map(Cell, others)])
    return page(
        [explanation for _, explanation in found],
        titles=[f"{j.chat}: {j.model}, {j.policy}" for j, _ in found],
        layouts=[_layout(judged, explanation) for judged, explanation in found],
        title="Why was it flagged?",
        summary=Summary(" ".join([_LEAD, *map(differ, contrasts)]), _COLUMNS, rows, failures),
        redact=redact,
    )


def _layout(judged: Judgement, explanation: Explanation) -> Layout:
    """Bubbles that say what each source is; calls of tools and their results are folded."""
    turns = iter(judged.messages)
    titles, folded = [], set()
    for index, source in enumerate(explanation.sources):
        turn = next((t for t in turns if t["text"] == source.text), None)
        kind = turn["kind"] if turn else "message"
        name = f" {turn['name']}" if turn and turn["name"] else ""
        titles.append(source.role if kind == "message" else f"{kind}{name}")
        if kind != "message":
            folded.add(index)
    return Layout("chat", judged.chat, tuple(titles), frozenset(folded))


def differ(found: Mapping[str, Any]) -> str:
    """Where two judgements differ, in a sentence."""
    said = [
        f"{name} {'flags' if flagged else 'does not flag'} it"
        for name, flagged in zip(found["judged"], found["flagged"], strict=True)
    ]
    most = found["messages"][0]
    shares = " against ".join(f"{share:+.0%}" for share in most["shares"])
    return (
        f"{found['chat']}: {'; '.join(said)}. They differ most on message {where(most)}: "
        f"{shares} of all effects."
    )


def print_judgements(
    found: Sequence[Judgement],
    contrasts: Sequence[Mapping[str, Any]],
    failures: Sequence[Any],
    console: Console,
) -> None:
    """A block for each conversation. Texts are never read as markup or control codes."""
    for judged in found:
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="dim", no_wrap=True)
        grid.add_column(overflow="fold")
        for name, cell in zip(_COLUMNS, _cells(judged), strict=True):
            short = "to clear it" if name == _COLUMNS[-1] else name
            grid.add_row(short, Text(plain(cell)))
        console.print(grid)
        console.print()
    for one in contrasts:
        console.print(Text(plain(differ(one))))
    for failure in failures:
        console.print(Text.assemble(("failed  ", "red"), plain(failure.reason)))
