"""Many explanations at once: what carries weight, the few that show most, the ones that differ.

    python -m focus_lime.benchmarks.corpus FOLDER [--pick 5] [--out FILE.md]

FOLDER holds explanations as JSON. A unit's *share* is its |weight| over the sum of all |weights| of
its explanation, so that an explanation counts the same however many nats it moves.
"""

from __future__ import annotations

import argparse
import re
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from focus_lime.errors import FocusLimeError
from focus_lime.explanation import ExplainedUnit, Explanation
from focus_lime.models.base import Floats

from . import script
from .outliers import outliers, shares, words
from .tables import markdown

NO_HEADING = "(before any heading)"

_HEADING = re.compile(
    r"""^[ \t]*(?:
      \#{1,6}[ \t]+(?P<marked>[^\n]{1,80}?)[ \t]*$                            # Markdown
    | (?:article|section)[ \t]+(?P<number>[ivxlc\d.]+)[ \t.:–-]*(?P<article>[^\n.]{0,80})
    | \d+(?:\.\d+)*\.?[ \t]+(?P<numbered>(?-i:[A-Z])[^\n.:]{2,60})(?:[.:](?=\s)|$)  # "2. Term."
    | (?P<capitals>(?-i:[A-Z][A-Z \t,&/'’-]{3,78}))[ \t]*$
    )""",
    re.VERBOSE | re.MULTILINE | re.IGNORECASE,
)

Namer = Callable[[Explanation], Callable[[ExplainedUnit], str]]


@dataclass(frozen=True)
class Carrier:
    """A kind of text, and the weight that it carries over a corpus.

    Attributes:
        explanations, units: in how many it has attributed units, and how many.
        share: mean over all explanations of the share of the weight on it; these sum to 1.
        lift: that share over its share of the attributed characters: 1 is what chance gives.
        weight: mean signed weight of its units, in nats.
    """

    name: str
    explanations: int
    units: int
    share: float
    lift: float
    weight: float


def by_role(explanation: Explanation) -> Callable[[ExplainedUnit], str]:
    """Who said it: the role of the unit's message."""
    return lambda unit: explanation.sources[unit.source].role


def by_section(explanation: Explanation) -> Callable[[ExplainedUnit], str]:
    """The last heading at or above the unit, without its number, in lower case.

    Headings are Markdown's, `Article IV` and `Section 2`, numbered titles and lines of capitals.
    """
    found = [
        [(m.start(), _title(m)) for m in _HEADING.finditer(source.text) if _is_title(m)]
        for source in explanation.sources
    ]

    def name(unit: ExplainedUnit) -> str:
        before = bisect_right(found[unit.source], unit.start, key=lambda heading: heading[0])
        # A heading that begins in the unit is above most of it where the unit is one sentence.
        return found[unit.source][before - 1][1] if before else NO_HEADING

    return name


def by_clause(explanation: Explanation) -> Callable[[ExplainedUnit], str]:
    """The unit's own words, whatever their case, and any number as 0: the same clause in many
    documents has one name.
    """
    return lambda unit: " ".join(re.sub(r"\d+", "0", explanation.text(unit).casefold()).split())


NAMERS: dict[str, Namer] = {"role": by_role, "section": by_section, "clause": by_clause}


def carriers(explanations: Iterable[Explanation], namer: Namer) -> list[Carrier]:
    """What carries the weight of a corpus, the largest share first.

    Explanations without any weight are not counted.
    """
    rows: dict[str, list[tuple[int, float, float, float]]] = {}
    counted = 0
    for explanation in explanations:
        units, parts = shares(explanation)
        if not units:
            continue
        length = sum(unit.end - unit.start for unit in units)
        name = namer(explanation)
        for unit, part in zip(units, parts, strict=True):
            row = counted, float(part), (unit.end - unit.start) / length, unit.weight or 0.0
            rows.setdefault(name(unit), []).append(row)
        counted += 1
    found = [
        Carrier(
            name=name,
            explanations=len({row[0] for row in of_name}),
            units=len(of_name),
            share=sum(row[1] for row in of_name) / counted,
            lift=sum(row[1] for row in of_name) / sum(row[2] for row in of_name),
            weight=float(np.mean([row[3] for row in of_name])),
        )
        for name, of_name in rows.items()
    ]
    return sorted(found, key=lambda carrier: (-carrier.share, carrier.name))


@dataclass(frozen=True)
class Pick:
    """An explanation that was picked, and the share of the importance covered so far."""

    index: int
    covered: float


def pick(explanations: Sequence[Explanation], k: int) -> list[Pick]:
    """The few explanations that show most of what matters in the corpus.

    SP-LIME (Ribeiro et al. 2016, algorithm 2): with W the explanations' weights on features, the
    importance of a feature is I_j = sqrt(sum_i W_ij), and the explanations that cover the most
    importance are picked greedily, which is within 1 - 1/e of the best choice. Features are words;
    a unit's share is spread evenly over its different words. Ties go to the earlier one; picking
    ends when nothing is left to cover.
    """
    weights = words_by_explanation(explanations)
    importance = np.sqrt(weights.sum(axis=0))
    total = importance.sum()
    open_, chosen = np.ones(len(importance), dtype=bool), list[Pick]()
    covered = 0.0
    while len(chosen) < k:
        gains = (weights > 0) @ (importance * open_)
        best = int(gains.argmax()) if len(gains) else 0
        if not len(gains) or gains[best] <= 0:
            break
        covered += float(gains[best])
        open_ &= weights[best] <= 0
        chosen.append(Pick(best, covered / total))
    return chosen


def coverage(weights: Floats, chosen: Iterable[int]) -> float:
    """The importance that a set of explanations covers: sum of I_j over their features."""
    rows = sorted(set(chosen))
    return float(np.sqrt(weights.sum(axis=0))[(weights[rows] > 0).any(axis=0)].sum())


def words_by_explanation(explanations: Sequence[Explanation]) -> NDArray[np.float64]:
    """SP-LIME's W: the share of each word in each explanation, `float64[n, n_words]`."""
    columns: dict[str, int] = {}
    entries: list[tuple[int, int, float]] = []
    for row, explanation in enumerate(explanations):
        units, parts = shares(explanation)
        for unit, part in zip(units, parts, strict=True):
            found = sorted(words(explanation.text(unit)))
            for word in found:
                entries.append((row, columns.setdefault(word, len(columns)), part / len(found)))
    weights = np.zeros((len(explanations), len(columns)))
    for row, column, part in entries:
        weights[row, column] += part
    return weights


def _is_title(match: re.Match[str]) -> bool:
    """A short numbered sentence is none: a title has few words, or its long ones begin large."""
    words = (match["numbered"] or "").split()
    return len(words) <= 3 or all(word[0].isupper() for word in words if len(word) > 3)


def _title(match: re.Match[str]) -> str:
    if match["number"]:
        title = match["article"].strip() or f"article {match['number'].rstrip('.')}"
    else:
        title = match["marked"] or match["numbered"] or match["capitals"]
    title = re.sub(r"^[\d.]+\s+", "", title)
    return " ".join(title.casefold().split())


# -- the report -------------------------------------------------------------------------------


def load_folder(folder: str | Path) -> list[tuple[str, Explanation]]:
    """The explanations of a folder's `*.json`, by name.

    Raises:
        FocusLimeError: there are none, or a file is no explanation.
    """
    paths = sorted(Path(folder).glob("*.json"))
    if not paths:
        raise FocusLimeError(f"{folder} has no explanations: give a folder of *.json")
    found: list[tuple[str, Explanation]] = []
    for path in paths:
        try:
            found.append((path.stem, Explanation.load(path)))
        except FocusLimeError as error:
            said = str(error) if str(path) in str(error) else f"{path}: {error}"
            raise FocusLimeError(said) from None
    return found


def report(
    named: Sequence[tuple[str, Explanation]], *, picks: int = 5, rows: int = 10, title: str = ""
) -> str:
    """Markdown: what carries weight by role, section and clause; the picked; the outliers."""
    explanations = [explanation for _, explanation in named]
    parts = [f"# {len(named)} explanations together{title and f': {title}'}\n"]
    for kind, namer in NAMERS.items():
        found = carriers(explanations, namer)
        parts.append(f"## Weight by {kind}\n")
        parts.append(_carriers(kind, found[:rows]))
        if len(found) > rows:
            parts.append(f"{len(found) - rows} more.\n")
    chosen = pick(explanations, picks)
    parts.append("## The few that show most (SP-LIME)\n")
    covered = [[named[p.index][0], f"{p.covered:.0%}"] for p in chosen]
    parts.append(markdown(["explanation", "importance covered so far"], covered))
    parts.append("## The ones that differ from the rest\n")
    strange = outliers(explanations)
    table = [
        [
            named[o.index][0],
            f"{o.distance:.1f}",
            "yes" if o.beyond else "no",
            f"{o.feature} ({o.deviation:+.1f})",
        ]
        for o in strange[:rows]
    ]
    header = ["explanation", "robust distance", "beyond 97.5 %", "differs most in"]
    parts.append(markdown(header, table))
    return "\n".join(parts)


def _carriers(kind: str, found: Iterable[Carrier]) -> str:
    header = [kind, "share of weight", "lift", "mean weight, nats", "units", "explanations"]
    return markdown(
        header,
        [
            [
                _cell(c.name),
                f"{c.share:.1%}",
                f"{c.lift:.2f}",
                f"{c.weight:+.2f}",
                str(c.units),
                str(c.explanations),
            ]
            for c in found
        ],
    )


def _cell(text: str) -> str:
    short = text if len(text) <= 80 else f"{text[:79]}…"
    return short.replace("|", "\\|") or "(blank)"


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
