"""Web pages. A page is parsed in a process of its own, which has so much time and memory and no
more: a parser that follows the standard takes minutes or all memory for some small hostile pages.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.document import Document
from focus_lime.inputs.readers import child
from focus_lime.inputs.readers.encodings import decode
from focus_lime.inputs.readers.extras import missing
from focus_lime.inputs.readers.html_charset import declared

SECONDS = 20
_READER = "focus_lime.inputs.readers.html_process"


def read_html(name: str, data: bytes) -> Document:
    """What a browser shows of a page; see `html_page.read_page`."""
    return _read(name, data, is_xml=False)


def read_xhtml(name: str, data: bytes) -> Document:
    """The same, of a page whose empty elements and CDATA are XML's."""
    return _read(name, data, is_xml=True)


def _read(name: str, data: bytes, *, is_xml: bool) -> Document:
    if importlib.util.find_spec("selectolax") is None:
        raise missing(name, "selectolax")
    source, notes = decode(name, data, declared(data))
    try:
        done = child.run(
            _READER, "xml" if is_xml else "html", data=source.encode(), seconds=SECONDS
        )
    except subprocess.TimeoutExpired:
        raise FocusLimeError(
            f"{name} takes longer than {SECONDS} s to read: it is too large, or its elements stand "
            "too deep in each other; save its text from a browser, and give that"
        ) from None
    except OSError as error:
        raise FocusLimeError(f"{name} cannot be read: {error.strerror}") from None
    if done.returncode:
        raise FocusLimeError(
            f"{name} is more than the parser of web pages can hold in memory, or breaks it: split "
            "it, or save its text from a browser, and give that"
        )
    page = json.loads(done.stdout)
    headings = tuple((start, title) for start, title in page["headings"])
    return Document(name, page["text"], headings=headings, notes=(*notes, *page["notes"]))
