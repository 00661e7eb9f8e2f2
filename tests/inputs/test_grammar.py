"""pytest tests/inputs/test_grammar.py"""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from focus_lime.inputs.grammar import cut_code

PYTHON = '''# É: a comment
import os


def run(name):
    """Runs."""
    # not this one
    query = "SELECT " + name  # evil é
    return os.system(query)


class A:
    def b(self): pass
'''
SAMPLES = {
    "a.py": PYTHON,
    "a.js": "// c\nfunction f(x) {\n  return eval(x); // d\n}\n",
    "a.ts": "const f = (x: string): number => x.length; /* c */ let y = 1\n",
    "a.tsx": "const A = () => <b>é</b>; // c\n",
    "a.java": "class A {\r\n  /** c */\r\n  int f() { return 1; }\r\n}\r\n",
    "a.c": "#include <s.h>\n/* c\n c */ int f(char *p) { return *p; }\n",
    "a.cpp": "// c\nnamespace n { template<class T> T f(T t) { return t; } }\n",
    "a.go": "package a\n\n// c\nfunc F() int { return 1 }\n",
    "a.rs": "/// c\nfn f() -> u8 { 1 } // d\n",
    "a.sol": "// c\ncontract A { function f() public {} }\n",
    "a.lua": "-- c\n\n\ndef f\n  1\nend",
}


def check(name: str, text: str) -> None:
    cuts = cut_code(name, text)
    assert set(cuts.blocks) <= set(cuts.lines) <= set(cuts.tokens)
    for starts in (cuts.blocks, cuts.lines, cuts.tokens):
        assert "".join(text[a:b] for a, b in pairwise((*starts, len(text)))) == text
    for start, end in cuts.comments:
        assert 0 <= start < end <= len(text)


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_units_tile_the_file(name: str) -> None:
    text = SAMPLES[name]
    check(name, text)
    comments = [text[a:b] for a, b in cut_code(name, text).comments]
    assert bool(comments) == (name != "a.lua")
    assert all(c.startswith(("#", "//", "/*", '"""')) for c in comments)


@settings(max_examples=60, deadline=None)
@given(
    text=st.text("ab(){}'\"#/*\n\r\t =é\U0001f600", min_size=1, max_size=60),
    name=st.sampled_from(["a.py", "a.c", "a.lua"]),
)
def test_units_tile_anything(text: str, name: str) -> None:
    check(name, text)


def test_blocks_begin_where_definitions_do() -> None:
    text = "\n".join(
        f"# about {i}\ndef f{i}(x):\n    a = 1\n    b = 2\n    return x\n" for i in range(4)
    )
    cuts = cut_code("a.py", text)
    assert [text[b : b + 9] for b in cuts.blocks] == [f"# about {i}" for i in range(4)]
