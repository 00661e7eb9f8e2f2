"""What of a page was not read, and what is not as it looks, in lines for people."""

from __future__ import annotations

from collections import Counter

# What is counted: the note on it, of one and of several.
_SEEN = {
    "picture": ("1 picture was not read", "{} pictures were not read"),
    "description of a picture": (
        "1 description of a picture, which browsers show where it is missing, was not read",
        "{} descriptions of pictures, which browsers show where they are missing, were not read",
    ),
    "embedded page": ("1 embedded page was not read", "{} embedded pages were not read"),
    "embedded object": ("1 embedded object was not read", "{} embedded objects were not read"),
    "film": ("1 film was not read", "{} films were not read"),
    "sound": ("1 sound was not read", "{} sounds were not read"),
    "drawing of a script": (
        "1 drawing of a script was not read",
        "{} drawings of scripts were not read",
    ),
    "passage struck through": (
        "1 passage that is struck through (<s>) was read",
        "{} passages that are struck through (<s>) were read",
    ),
    "raised or lowered passage": (
        "1 raised or lowered passage (<sup>, <sub>) stands as plain text",
        "{} raised or lowered passages (<sup>, <sub>) stand as plain text",
    ),
    "folded passage": (
        "1 folded passage (<details>), one click away, was read",
        "{} folded passages (<details>), one click away, were read",
    ),
    "soft hyphen": ("1 soft hyphen was left out", "{} soft hyphens were left out"),
    "linked style sheet": (
        "1 linked style sheet was not applied: what it hides was read",
        "{} linked style sheets were not applied: what they hide was read",
    ),
    "style rule": (
        "1 style rule was not applied: there are too many, or its selector is too long",
        "{} style rules were not applied: there are too many, or their selectors are too long",
    ),
}
_UNREAD = {
    "hidden element": "hidden elements",
    "element for browsers without scripts": "elements for browsers without scripts (<noscript>)",
    "deleted passage (<del>)": "deleted passages (<del>)",
    "option that is not chosen": "options that are not chosen",
    "reading aid above the text (ruby)": "reading aids above the text (ruby)",
    "password": "passwords",
}


class Account:
    """Counts what was left out, by its kind in the singular, and what was seen besides."""

    def __init__(self) -> None:
        self._unread: Counter[str] = Counter()
        self._seen: Counter[str] = Counter()

    def leave(self, kind: str, count: int = 1) -> None:
        """Text that no browser shows; "" for what is no text, as scripts."""
        if kind:
            self._unread[kind] += count

    def see(self, kind: str, count: int = 1) -> None:
        self._seen[kind] += count

    def notes(self) -> tuple[str, ...]:
        left = [
            f"1 {kind} was not read" if n == 1 else f"{n:,} {_UNREAD[kind]} were not read"
            for kind, n in self._unread.items()
            if n
        ]
        seen = [
            _SEEN[kind][0] if n == 1 else _SEEN[kind][1].format(f"{n:,}")
            for kind, n in self._seen.items()
            if n
        ]
        return (*left, *seen)
