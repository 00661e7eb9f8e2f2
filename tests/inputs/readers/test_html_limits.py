"""pytest tests/inputs/readers/test_html_limits.py"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.documents import read
from focus_lime.inputs.readers import html
from focus_lime.inputs.readers.html_page import read_page
from focus_lime.inputs.readers.html_sheets import rules

# Small pages that take a parser minutes, or all memory.
_DEEP = b"<div>" * 200_000 + b"x"
_ATTRIBUTES = b"<a " + b" ".join(b"a%d" % i for i in range(100_000)) + b">x"
_CLONES = b"".join(b"<p><b id=%d>x</p>" % i for i in range(20_000))


@pytest.mark.parametrize("source", [_DEEP, _ATTRIBUTES, _CLONES], ids=["deep", "wide", "clones"])
def test_hostile_pages_end_in_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: bytes
) -> None:
    monkeypatch.setattr(html, "SECONDS", 3)
    (tmp_path / "a.html").write_bytes(source)
    start = time.monotonic()
    with pytest.raises(FocusLimeError, match=r"a\.html (takes longer than 3 s|is more than the)"):
        read(tmp_path / "a.html")
    assert time.monotonic() - start < 20


@pytest.mark.parametrize(
    "unit",
    ["<span>", "<q>", "<p>x<b>y</b>", "<!--", "<noscript>", "<script>", "<a b='", "<p style='a(",
     "<style>p{", "<li>x", "&amp;", "<td>x", "<select><option>a</select>", "<title>"],
)  # fmt: skip
def test_time_grows_with_the_page(unit: str) -> None:
    def seconds(n: int) -> float:
        start = time.process_time()
        read_page(unit * n)
        return time.process_time() - start

    short, long = min(seconds(2_000) for _ in range(3)), min(seconds(16_000) for _ in range(2))
    assert long < 30 * short + 0.5


def test_entities_of_xhtml_are_not_expanded(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    (tmp_path / "a.xhtml").write_text(f"{bomb}<html><title/><body><p/>Rent &b; 400</body></html>")
    assert read(tmp_path / "a.xhtml").text == "Rent &b; 400"


_SHEETS = ("{", "a{b:c;", '"', "/*", "p,", "@media", "a[", "p:not(", "(,")


@pytest.mark.parametrize("unit", _SHEETS)
def test_broken_sheets_end(unit: str) -> None:
    start = time.process_time()
    list(rules(unit * 50_000 + "p{display:none}"))
    assert time.process_time() - start < 10
