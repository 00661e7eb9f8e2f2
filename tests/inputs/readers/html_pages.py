"""Pages made by chance, for tests that compare what is read with what a browser shows."""

from __future__ import annotations

import random
from collections.abc import Callable

_INLINE = (
    "<b>{}</b>",
    "<i>{}</i>",
    "<span>{}</span>",
    "<a href=x>{}</a>",
    "<span hidden>{}</span>",
    "<span style='display:none'>{}</span>",
    "<span style='visibility: hidden'>{}</span>",
    "<span style='visibility:hidden'>a<b style='visibility:visible'>{}</b></span>",
    "<span class=gone>{}</span>",
    "<span class='gone shown'>{}</span>",
    "<em id=one>{}</em>",
    "<span style='display:block'>{}</span>",
    "<code> {}  </code>",
    "<u>{}",
    "<span style='white-space:pre'>{}  a\n b</span>",
    "{}<br>",
    "<!-- {} -->",
    "<script>var a = '{}';</script>",
    "<template>{}</template>",
    "<noscript>{}</noscript>",
    "<sup>{}</sup>",
    "<button>{}</button>",
    "<label>{}</label>",
    "<span title='{}'>a</span>",
    "<wbr>{}",
    "<font size=2>{}",
    "<canvas>{}</canvas>",
    "<audio>{}</audio>",
    "<datalist><option>{}</datalist>",
    "<q>{}</q>",
    "<mark hidden=until-found>{}</mark>",
    "<span popover>{}</span>",
)
_BLOCK = (
    "<p>{}",
    "<p>{}</p>",
    "<div>{}</div>",
    "<section>{}</section>",
    "<div hidden>{}</div>",
    "<div aria-hidden=true>{}</div>",
    "<div class=gone>{}</div>",
    "<div class=gone hidden>{}</div>",
    "<div class=shown hidden>{}</div>",
    "<div><p class=inner>{}</p></div>",
    "<p class=inner>{}</p>",
    "<div style='display:none!important' class=shown>{}</div>",
    "<h2>{}</h2>",
    "<ul><li>{}<li>{}</ul>",
    "<ol start=4><li>{}</li><li>{}</li></ol>",
    "<dl><dt>{}<dd>{}</dl>",
    "<table><tr><td>{}<td>{}<tr><td colspan=2>{}</table>",
    "<table>{}<tr><td>{}</table>",
    "<table><caption>{}</caption><thead><tr><th>{}<tbody><tr><td rowspan=2>{}</table>",
    "<pre>\n{}\n  {}</pre>",
    "<blockquote>{}</blockquote>",
    "<details open><summary>{}</summary>{}</details>",
    "<dialog>{}</dialog>",
    "<dialog open>{}</dialog>",
    "<fieldset><legend>{}</legend>{}</fieldset>",
    "<style>.s{{}}/* {} */</style>",
    "<svg><text>{}</text><title>{}</title><g><text>{}</text></g>{}</svg>",
    "<math><semantics><mi>{}</mi><annotation>{}</annotation></semantics></math>",
    "<div style='display:flex'><span>{}</span><span>{}</span></div>",
    "<center>{}</center>",
    "<div></p>{}</div>",
    "<p><table><tr><td>{}</table>",
    "<b><p>{}</b>{}</p>",
    "<a><div>{}</a>{}</div>",
    "<form>{}<input type=hidden value='{}'></form>",
    "<div style='content-visibility:hidden'>{}</div>",
    "<ul style='list-style:none'><li>{}</ul>",
    "<table><tr style='display:none'><td>{}<tr><td>{}</table>",
    "<ruby>{}<rp>(</rp><rp>)</rp></ruby>",
    "<details open>{}</details>",
    "<hr>{}",
    "<div style='visibility:collapse'>{}</div>",
)
_SHEET = """<style>
.gone { display : none; color: red } .shown{display:block}
span.gone.shown { display: inline }
#one, .never:hover { visibility : hidden }
@media print { p, div { display: none } }
@media screen and (max-width: 500px) { b { display: none } }
@media (min-width: 600px) { div > .inner { display: none } }
/* p { display: none } */ .never::before, i::after { content: "x" }
u:hover { display: none }
</style>"""


def page(seed: int, word: Callable[[], str]) -> str:
    """A page of nested pieces; each text in it is one of `word()` or more."""
    chance = random.Random(seed)

    def texts() -> str:
        return chance.choice((" ", "", "\n  ")).join(
            (word() if chance.random() < 0.7 else chance.choice((" ", "&amp; ", "&nbsp;")))
            for _ in range(chance.randrange(1, 4))
        )

    def filled(pattern: str, depth: int, blocks: bool) -> str:
        parts = pattern.count("{}")
        if pattern.startswith(("<svg", "<math")):
            return pattern.format(*(texts() for _ in range(parts)))
        return pattern.format(*(inside(depth + 1, blocks) for _ in range(parts)))

    def inside(depth: int, blocks: bool) -> str:
        parts = []
        for _ in range(chance.randrange(1, 4)):
            kind = chance.random()
            if depth > 3 or kind < 0.4:
                parts.append(texts())
            elif kind < 0.7 or not blocks:
                parts.append(filled(chance.choice(_INLINE), depth, False))
            else:
                parts.append(filled(chance.choice(_BLOCK), depth, chance.random() < 0.5))
        return chance.choice(("", " ", "\n")).join(parts)

    body = "".join(filled(chance.choice(_BLOCK), 0, True) for _ in range(6))
    start = chance.choice(("", "<!DOCTYPE html>", "<!DOCTYPE html><html><head><title>no</title>"))
    return start + _SHEET + chance.choice(("", "</head><body>", "<body>")) + body
