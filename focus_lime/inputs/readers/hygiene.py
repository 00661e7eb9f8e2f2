"""What text must not hold, and what it may hold that nobody sees."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from focus_lime.errors import FocusLimeError

_SURROGATE = regex.compile("[\ud800-\udfff]")
_MANY = 3  # characters without width: fewer may be an editor's
_KINDS = (
    (
        "[\u202a-\u202e\u2066-\u2069]",
        "control of the direction of writing, which can show text in another order than it is read",
    ),
    ("[\U000e0000-\U000e007f]", "invisible tag character, which models may read"),
    ("[\x00-\x08\x0e-\x1f\x7f-\x9f]", "control character"),
    ("\ufffd", "sign (U+FFFD) in place of a character that was lost"),
)
# Joiners are spelling in many scripts, and build emoji; between Latin letters they are none.
_WITHOUT_WIDTH = regex.compile(
    "[\u200b\u2060-\u2064\ufeff\u034f\u180e]|(?<=\\p{Latin})[\u200c\u200d](?=\\p{Latin})"
)


def check_whole(name: str, text: str) -> None:
    """
    Raises:
        FocusLimeError: half of a character (a lone surrogate), which no tokenizer takes, and no
            file; says where.
    """
    if match := _SURROGATE.search(text):
        raise FocusLimeError(
            f"{name} holds half of a character (U+{ord(match[0]):X} at {match.start()}): it is no "
            "Unicode text; mend it where it was made"
        )


def unseen_notes(text: str) -> Iterator[str]:
    """A note for each kind of character that is not seen, or hides what is."""
    for pattern, what in _KINDS:
        if found := regex.findall(pattern, text):
            yield f"holds {len(found):,} of: {what}"
    n_hidden = len(_WITHOUT_WIDTH.findall(text))
    if n_hidden >= _MANY:
        yield f"holds {n_hidden:,} of: character without width, which is not seen"
