"""Word files."""

from __future__ import annotations

from typing import Literal

from focus_lime.inputs.document import Document
from focus_lime.inputs.readers.extras import missing


def read_docx(
    name: str, data: bytes, tracked: Literal["accepted", "original"] = "accepted"
) -> Document:
    """What Word shows with all mark-up hidden.

    Headers come before the text and footers after it, each once; notes after the paragraph that
    refers to them; text boxes after the paragraph that holds them.

    Args:
        tracked: how tracked changes are read.

    Raises:
        FocusLimeError: not a Word file, encrypted, broken, too large; pictures without text.
    """
    try:
        import lxml  # noqa: F401
    except ImportError:
        raise missing(name, "lxml") from None
    from focus_lime.inputs.readers.docx_package import Package
    from focus_lime.inputs.readers.docx_reader import read_package

    return read_package(Package(name, data), tracked)
