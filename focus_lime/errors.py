"""What the user can mend. Everything else is a bug and keeps its traceback."""

import difflib
from collections.abc import Iterable


class FocusLimeError(ValueError):
    """Bad input. The message says, in one line, what was wrong, where, and what to do."""


def first_line(error: Exception) -> str:
    """What an exception of somebody else's says, in one line; its type where it says nothing."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def suggest(name: str, known: Iterable[str]) -> str:
    """The end of an error message: the known names nearest to `name`, or all of them."""
    known = list(known)
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    if close:
        return f"did you mean {' or '.join(close)}?"
    return f"known: {', '.join(sorted(known)) or 'none'}"
