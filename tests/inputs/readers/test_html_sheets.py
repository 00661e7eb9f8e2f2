"""pytest tests/inputs/readers/test_html_sheets.py

What Chromium hides, for each sheet: the word `gone`, and never the word `seen`.
"""

from __future__ import annotations

import pytest

from focus_lime.inputs.readers.html_page import read_page
from focus_lime.inputs.readers.html_sheets import rules

_PAGES = (
    "<p style='DISPLAY : NONE ;'>gone</p>seen",
    "<p style='display:/**/none'>gone</p>seen",
    "<p style='dis\\play:none'>gone</p>seen",
    "<p style='display:none;display:block'>seen</p>",
    "<style media=print>b{display:none}</style><style>p{display:none}</style><p>gone</p>seen",
    "<style>@import 'x'; p{display:none}</style><p>gone</p>seen",
    "<style>@media print{b{display:none}}p{display:none}</style><p>gone</p><b>seen</b>",
    "<style>@media (max-width:500px){b{display:none}}</style><b>seen</b>",
    "<style>p{display:none}p.x{display:block}</style><p>gone<p class=x>seen",
    "<style>p{display:none!important}p.x{display:block}</style>seen<p>gone<p class=x>gone",
    "<style>#a{display:block}p.x{display:none}</style><p id=a class=x>seen",
    "<style>:root p:first-of-type{display:none}</style><p>gone<p>seen",
    "<style>div p{visibility:hidden} p b{visibility:visible}</style><div><p>gone<b>seen</b></div>",
    "<style>p{display:none</style><p>gone</p>seen",
    "<style><!-- p{display:none} --></style><p>gone</p>seen",
    "<style>p{}q{display:none}}b{display:none}</style><q>gone</q><b>seen</b>",
    "<style>[data-x='a,b']{display:none}</style><p data-x='a,b'>gone</p>seen",
    "<style>@layer a{p{display:none}}</style><p>gone</p>seen",
    "<style>div{p{display:none}&.x{display:none}}</style><div><p>gone</p></div>"
    "<div class=x>gone</div>seen",
    "<style>p:empty,p:has(b){display:none}</style><p><b>gone</b></p>seen",
    "<style>p:hover,p::before{display:none}</style><p>seen</p>",
    "<style>p{opacity:0}</style><p>gone</p>seen",
    "<style>div{font-size:0}p{font-size:12px}</style><div>gone<p>seen</p></div>",
)


@pytest.mark.parametrize("source", _PAGES)
def test_sheets_hide_what_they_hide_in_a_browser(source: str) -> None:
    page = read_page(source)
    assert "gone" not in page.text
    assert page.text.count("seen") == 1
    n_gone = source.count("gone")
    assert not n_gone or page.notes == (
        ("1 hidden element was not read",)
        if n_gone == 1
        else (f"{n_gone} hidden elements were not read",)
    )


def test_selectors_are_cut_at_their_own_commas() -> None:
    found = rules("a, p:is(.b, :not(i, u)) > q[x='1,2'], i { display: none }")
    assert [rule.selector for rule in found] == ["a", "p:is(.b, :not(i, u)) > q[x='1,2']", "i"]
