"""Code: block > line > token, by the grammar of their language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from focus_lime.inputs.grammar import cut_code
from focus_lime.inputs.spans import Spans
from focus_lime.inputs.tree import UnitTree
from focus_lime.inputs.units import Unit


@dataclass(frozen=True)
class Code:
    """Args:
    ending: of a file in the language, as ".py"; one without a grammar is cut at its lines.
    """

    ending: str

    def split(self, sources: Sequence[str]) -> UnitTree:
        levels: dict[str, list[Unit]] = {}
        for source, text in enumerate(sources):
            if text:
                for level, starts in cut_code(f"source{self.ending}", text).levels.items():
                    edges = (*starts, len(text))
                    units = [Unit(source, a, b, level) for a, b in pairwise(edges)]
                    levels.setdefault(level, []).extend(units)
        return Spans(levels).split(sources)
