"""The user's own units, by their offsets, at one level or at many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.cut import cut
from focus_lime.inputs.tree import Cut, UnitTree
from focus_lime.inputs.units import Span, Unit, Units

# (start, end) of the only source, or (source, start, end); a name may stand last.
Offsets = Span | tuple[int, int] | tuple[int, int, int] | tuple[int, int, str] | tuple[
    int, int, int, str
]  # fmt: skip


@dataclass(frozen=True)
class Spans:
    """Units at the offsets that the user gives. Text outside of them is always kept.

    Args:
        levels: the offsets of each level, coarse to fine, in any order within a level.
        cuts: levels below, cut by the rules of `cut.CUTS` ("sentence", "line", "cell", "word").
        scored: the level that the target attributes first; by default the second where there are
            several, and the only one else.
    """

    levels: Mapping[str, Sequence[Offsets]]
    cuts: tuple[str, ...] = ()
    scored: str | None = None

    def split(self, sources: Sequence[str]) -> UnitTree:
        """Raises FocusLimeError: no offsets; offsets that overlap, cross an edge of a coarser
        unit, or lie outside of the text.
        """
        if not self.levels or not all(len(offsets) for offsets in self.levels.values()):
            raise FocusLimeError("no offsets: give at least one (start, end) at each level")
        names = [*self.levels, *self.cuts]
        scored = self.scored or names[min(1, len(names) - 1)]
        levels: dict[str, Units | Cut] = {
            level: Units(sorted(_unit(level, entry, sources) for entry in offsets))
            for level, offsets in self.levels.items()
        }
        for level in self.cuts:
            coarser = levels[names[names.index(level) - 1]]
            if names.index(level) <= names.index(scored) and isinstance(coarser, Units):
                levels[level] = cut(sources, level, coarser)
            else:
                levels[level] = _cut_at(sources, level)
        return UnitTree(levels, scored=scored)


def _cut_at(sources: Sequence[str], level: str) -> Cut:
    return lambda units: cut(sources, level, units)


def _unit(level: str, entry: Offsets, sources: Sequence[str]) -> Unit:
    if isinstance(entry, Unit):
        unit = entry
    elif isinstance(entry, Span):
        unit = Unit(entry.source, entry.start, entry.end, level)
    else:
        name = entry[-1] if isinstance(entry[-1], str) else None
        numbers = [n for n in entry if isinstance(n, int)]
        if len(numbers) not in (2, 3) or len(numbers) + (name is not None) != len(entry):
            raise FocusLimeError(
                f"{level} {entry!r}: give (start, end) or (source, start, end), and a name last"
            )
        source, start, end = numbers if len(numbers) == 3 else (0, *numbers)
        unit = Unit(source, start, end, level, name)
    if unit.source >= len(sources) or unit.end > len(sources[unit.source]):
        raise FocusLimeError(
            f"the {level} [{unit.start}, {unit.end}) of source {unit.source} lies outside of the "
            "attributable text"
        )
    return unit


def joined(
    texts: Sequence[str], names: Sequence[str], *, level: str, cuts: tuple[str, ...]
) -> tuple[str, Spans]:
    """One text of several, a blank line between them, and the splitter whose coarsest units they
    are; the white space between two belongs to the first.
    """
    text, offsets = "", []
    for number, (part, name) in enumerate(zip(texts, names, strict=True), start=1):
        start = len(text)
        text += part + ("\n\n" if number < len(texts) else "")
        offsets.append((start, len(text), name))
    return text, Spans({level: offsets}, cuts)
