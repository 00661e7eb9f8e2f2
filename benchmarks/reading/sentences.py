"""Sentence boundaries against those labelled by hand, and against other splitters.

    python -m focus_lime.benchmarks.reading.sentences [--data ../shared/data] [--split test]

The labels are in `labels/boundaries.jsonl`; `labels/README.md` says what counts as one.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import regex

from focus_lime.inputs.sentences import sentences

from .. import script
from ..tables.markdown import markdown
from .texts import read_text

LABELS = Path(__file__).parent / "labels" / "boundaries.jsonl"
_AROUND = 3000  # characters around a window that a slow splitter is given
_DRAWS = 2000
_STOPPED = regex.compile(r"[\p{Sentence_Terminal}…][\"'’”»\p{Pe}\s]*$")

Splitter = Callable[[str], list[int]]  # a text to the offsets where units begin


@dataclass(frozen=True)
class Window:
    """Labelled characters [start, end) of a text: where units begin in it, and its furniture."""

    kind: str
    source: str
    split: str
    sha256: str
    start: int
    end: int
    boundaries: tuple[int, ...]
    furniture: tuple[tuple[int, int], ...]

    def slot(self, text: str, at: int) -> int:
        """Where the white space and the furniture before an offset begin: a unit may begin
        anywhere in them.
        """
        while True:
            inside = [low for low, high in self.furniture if low < at <= high]
            if inside:
                at = inside[0]
            elif at and text[at - 1].isspace():
                at -= 1
            else:
                return at


@dataclass(frozen=True)
class Counts:
    """Boundaries of one window: found and labelled, found only, labelled only."""

    right: int
    extra: int
    missed: int


def load_labels(path: Path = LABELS) -> list[Window]:
    """All labelled windows."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    return [
        Window(
            **{
                **row,
                "boundaries": tuple(row["boundaries"]),
                "furniture": tuple(map(tuple, row["furniture"])),
            }
        )
        for row in rows
    ]


def compare(
    window: Window, text: str, starts: Sequence[int], *, stops_only: bool = False
) -> Counts:
    """Count the boundaries within a window; each label is found once, and a second boundary in the
    same white space is one too many.

    Args:
        stops_only: only those after a full stop, question or exclamation mark.
    """

    def slots(offsets: Sequence[int]) -> list[int]:
        found = [window.slot(text, at) for at in offsets if window.start < at < window.end]
        found = [at for at in found if at > window.start]
        if stops_only:
            found = [at for at in found if _STOPPED.search(text, max(0, at - 9), at)]
        return found

    labelled, found = set(slots(window.boundaries)), slots(starts)
    right = len(labelled & set(found))
    return Counts(right, len(found) - right, len(labelled) - right)


def splitters() -> dict[str, Splitter]:
    """Ours, and those of other projects that are installed."""
    from nltk.tokenize.punkt import PunktSentenceTokenizer

    def punkt(text: str) -> list[int]:
        return [start for start, _ in PunktSentenceTokenizer().span_tokenize(text)]

    found: dict[str, Splitter] = {
        "focus-lime": lambda text: [start for start, _ in sentences(text)],
        "nltk Punkt, untrained": punkt,
    }
    try:
        import blingfire
    except ImportError:
        pass
    else:
        found["blingfire"] = lambda text: [
            start for start, _ in blingfire.text_to_sentences_and_offsets(text)[1]
        ]
    try:
        import pysbd
    except ImportError:
        pass
    else:
        segmenter = pysbd.Segmenter(language="en", clean=False, char_span=True)
        found["pysbd"] = lambda text: [span.start for span in segmenter.segment(text)]
    return found


def count(
    windows: Sequence[Window], texts: dict[str, str], name: str, split: Splitter
) -> tuple[list[Counts], list[Counts]]:
    """Counts of a splitter in each window: of all boundaries, and of those after a stop."""
    whole: dict[str, list[int]] = {}
    all_of, stops = [], []
    for window in windows:
        text = texts[window.source]
        if name == "pysbd":  # which needs minutes for a contract
            low = max(0, window.start - _AROUND)
            starts = [low + at for at in split(text[low : window.end + _AROUND])]
        else:
            if window.source not in whole:
                whole[window.source] = split(text)
            starts = whole[window.source]
        all_of.append(compare(window, text, starts))
        stops.append(compare(window, text, starts, stops_only=True))
    return all_of, stops


def _scores(counts: np.ndarray) -> np.ndarray:
    """Precision, recall and F1 of pooled counts, shape [..., 3] of (right, extra, missed)."""
    right, extra, missed = np.moveaxis(counts, -1, 0)
    nothing = np.maximum(right, 1)
    return np.stack(
        [
            right / np.maximum(right + extra, 1),
            right / np.maximum(right + missed, 1),
            2 * right / np.maximum(2 * right + extra + missed, nothing),
        ],
        axis=-1,
    )


def row(name: str, kind: str, counts: Sequence[Counts]) -> list[str]:
    """A row of the table: pooled scores, with the percentile interval over windows."""
    array = np.array([[c.right, c.extra, c.missed] for c in counts])
    drawn = np.random.default_rng(0).integers(0, len(array), size=(_DRAWS, len(array)))
    low, high = np.percentile(_scores(array[drawn].sum(axis=1)), [2.5, 97.5], axis=0)
    mean = _scores(array.sum(axis=0))
    cells = [f"{mean[i]:.3f} [{low[i]:.3f}, {high[i]:.3f}]" for i in range(3)]
    return [f"{name}: {kind}", str(array[:, 0].sum() + array[:, 2].sum()), *cells]


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", default="../shared/data", help="the folder of the texts")
    parser.add_argument("--split", default="tuning", choices=["tuning", "test"])


def _work(options: argparse.Namespace, command: str) -> Iterator[str]:
    windows = [window for window in load_labels() if window.split == options.split]
    texts = {w.source: read_text(Path(options.data), w.source, w.sha256) for w in windows}
    header = ["splitter: kind of text", "n", "precision", "recall", "F1"]
    rows: list[list[str]] = []
    stopped: list[list[str]] = []
    for name, split in splitters().items():
        counts = count(windows, texts, name, split)
        for table, of_window in zip((rows, stopped), counts, strict=True):
            for kind in ["contract", "paper", "meeting", "email"]:
                mine = [c for c, w in zip(of_window, windows, strict=True) if w.kind == kind]
                table.append(row(name, kind, mine))
            table.append(row(name, "all", of_window))
        yield (
            f"# Sentence boundaries, {options.split} half\n\nCommand: `{command}`\n\n"
            "95 % intervals over windows.\n\n"
            f"{markdown(header, rows)}\n## After a full stop, question or exclamation mark\n\n"
            f"{markdown(header, stopped)}"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    return script.run("reading.sentences", arguments, _options, _work)


if __name__ == "__main__":
    sys.exit(main())
