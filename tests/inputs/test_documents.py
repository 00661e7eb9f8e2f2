"""pytest tests/inputs/test_documents.py"""

from __future__ import annotations

from pathlib import Path

import pytest

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.documents import read


def test_html_is_what_a_reader_sees(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        "<head><title>no</title><style>p{}</style></head><h2>Term &amp; end</h2>"
        "<p>Two\n  <b>years</b>.</p><script>no()</script><table><tr><td>a<td>b</table>x<br>y"
    )
    document = read(tmp_path / "a.html")
    assert document.text == "Term & end\n\nTwo years.\n\na\tb\n\nx\ny"
    assert document.headings == ((0, "Term & end"),)


def test_markdown_and_text_keep_every_character(tmp_path: Path) -> None:
    text = "# Head\r\n\r\n  A\ttab.  \n## Next #\nB 条款。\n"
    (tmp_path / "a.md").write_bytes(text.encode())
    document = read(tmp_path / "a.md")
    assert document.text == text
    assert document.section(text.index("tab")) == "Head"
    assert document.section(text.index("条")) == "Next"


@pytest.mark.parametrize(
    ("line", "section"),
    [
        ("12. Governing law", "12"),
        ("7.2.1 Cap", "7.2.1"),
        ("Section 4.1 Notices", "4.1"),
        ("ARTICLE IV. Fees", "IV"),
        ("(i) no number", None),
        ("30 Days after the", None),
        ("5.5 million dollars", None),
    ],
)
def test_section_numbers(tmp_path: Path, line: str, section: str | None) -> None:
    (tmp_path / "a.txt").write_text(f"Words before.\n{line}\nand after.")
    document = read(tmp_path / "a.txt")
    assert document.section(document.text.index("after")) == section or section is None
    assert document.section(len(document.text)) == section
    assert document.section(0) is None


def test_files_that_are_none(tmp_path: Path) -> None:
    with (tmp_path / "big.txt").open("wb") as file:
        file.truncate(50 << 20)
    with pytest.raises(FocusLimeError, match=r"big\.txt has 50 MB, more than the limit of 32"):
        read(tmp_path / "big.txt")
    (tmp_path / "empty.txt").write_text(" \n")
    with pytest.raises(FocusLimeError, match="no text"):
        read(tmp_path / "empty.txt")
    with pytest.raises(FocusLimeError, match="no such file"):
        read(tmp_path / "absent.txt")
    with pytest.raises(FocusLimeError, match="directory"):
        read(tmp_path)
