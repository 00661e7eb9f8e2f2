"""Conversations: message > sentence > word. A proxy scores chunks of the messages first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from focus_lime.inputs.cut import cut
from focus_lime.inputs.prose import chunks
from focus_lime.inputs.tree import UnitTree
from focus_lime.inputs.units import Unit, Units


@dataclass(frozen=True)
class Messages:
    """Args:
    names: of the sources, such as "3 user" or "4 assistant (tool call search)".
    """

    names: tuple[str, ...]

    def split(self, sources: Sequence[str]) -> UnitTree:
        messages = Units(
            Unit(i, 0, len(text), "message", name)
            for i, (text, name) in enumerate(zip(sources, self.names, strict=True))
            if text
        )
        sentences = cut(sources, "sentence", messages)
        return UnitTree(
            {
                "message": messages,
                "sentence": sentences,
                "word": lambda units: cut(sources, "word", units),
            },
            scored="sentence",
            coarse=chunks(sources, sentences),
        )
