"""pytest tests/inputs/test_grammar.py"""

from __future__ import annotations

import sys
from itertools import pairwise

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from focus_lime.errors import FocusLimeError
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
    "a.cs": "// c\nclass A { int F() { return 1; } }\n",
    "a.php": "<p>é</p>\n<?php # c\nfunction f($x) { return eval($x); }\n",
    "a.rb": "# c\ndef f(x)\n  `ls #{x}`\nend\n",
    "a.kt": "/* c */ fun f(x: Int) = x + 1\n",
    "a.swift": "// c\nfunc f(x: Int) -> Int { return x }\n",
    "a.sql": "-- c\nSELECT a, 'é' FROM t;\n",
    "a.sh": '# c\nf() { echo "$1"; }\n',
    "a.yml": "# c\na: {b: 1}\n",
    "a.lua": "-- c\n\n\ndef f\n  1\nend",
}


def check(name: str, text: str) -> None:
    cuts = cut_code(name, text)
    assert set(cuts.blocks) <= set(cuts.lines) <= set(cuts.tokens)
    for starts in (cuts.blocks, cuts.lines, cuts.tokens):
        assert "".join(text[a:b] for a, b in pairwise((*starts, len(text)))) == text
    edges = [edge for comment in cuts.comments for edge in comment]
    assert edges == sorted(edges)
    assert all(0 <= start < end <= len(text) for start, end in cuts.comments)
    inside = {match.start() for match in regex.finditer(r"\X", text)}
    assert set(cuts.tokens) <= inside | set(cuts.lines)
    lines = {0, *(match.end() for match in regex.finditer(r"\r\n|\r|\n", text))}
    assert set(cuts.lines) <= lines
    assert all(text[a:b].strip() for a, b in pairwise((*cuts.lines[1:], len(text))))


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_units_tile_the_file(name: str) -> None:
    text = SAMPLES[name]
    check(name, text)
    comments = [text[a:b] for a, b in cut_code(name, text).comments]
    assert bool(comments) == (name != "a.lua")
    assert all(c.startswith(("#", "//", "/*", "--", '"""')) for c in comments)


@settings(max_examples=300, deadline=None)
@given(
    text=st.text(
        "ab(){}[]<>'\"`#/*-:;?!$%|&\\\n\r\t =é\U0001f600\u0301\u200d\u2028\x00\x0c\ufeff\ud800",
        min_size=1,
        max_size=60,
    ),
    name=st.sampled_from(sorted(SAMPLES)),
)
def test_units_tile_anything(text: str, name: str) -> None:
    check(name, text)


def test_blocks_begin_where_definitions_do() -> None:
    text = "\n".join(
        f"# about {i}\ndef f{i}(x):\n    a = 1\n    b = 2\n    return x\n" for i in range(4)
    )
    cuts = cut_code("a.py", text)
    assert [text[b : b + 9] for b in cuts.blocks] == [f"# about {i}" for i in range(4)]


def tokens(name: str, text: str) -> list[str]:
    starts = cut_code(name, text).tokens
    return [text[a:b].strip() for a, b in pairwise((*starts, len(text)))]


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("a.py", 'f("a\\nb", x)', ["f", "(", '"a\\nb"', ",", "x", ")"]),
        ("a.py", 'f"a\\n{x}b"', ['f"', "a\\n", "{", "x", "}", "b", '"']),
        ("a.c", 'p("%s\\n", \'x\');', ["p", "(", '"%s\\n"', ",", "'x'", ")", ";"]),
        ("a.c", "#define A(x) (x+1) // b", ["#define", "A", "(", "x", ")", *"(x+1)", "// b"]),
        ("a.cs", 'var a = $"x{y}";', ["var", "a", "=", "$", '"', "x", "{", "y", "}", '"', ";"]),
        ("a.php", "<b>hi</b><?= $x->y;", ["<b>", "hi</", "b>", "<?=", "$", "x", "->", "y", ";"]),
        ("a.rb", "x = :a && %w[b]", ["x", "=", ":a", "&&", "%w[", "b", "]"]),
        ("a.kt", 'val s = "a${b}"', ["val", "s", "=", '"', "a", "${", "b", "}", '"']),
        ("a.swift", 'let s = "a\\(b)c"', ["let", "s", "=", '"', "a", "\\(", "b", ")", "c", '"']),
        ("a.sql", "SELECT a.b, 'c d'", ["SELECT", "a", ".", "b", ",", "'c d'"]),
        ("a.sh", 'ls "$a b" | wc -l', ["ls", '"', "$", "a", "b", '"', "|", "wc", "-l"]),
        ("a.yml", 'a: "b c"\nd: |\n  e f\n', ["a", ":", '"b c"', "d", ":", "|", "e", "f"]),
        ("a.js", "f(`b${c}` + /d/g)", ["f", "(", "`", "b", "${", "c", "}", "`", "+", "/d/g", ")"]),
        ("a.py", "e\u0301 = '\U0001f468\u200d'", ["e\u0301", "=", "'\U0001f468\u200d'"]),
    ],
)  # fmt: skip
def test_tokens(name: str, text: str, wanted: list[str]) -> None:
    assert tokens(name, text) == wanted


BLOCKS = {
    "a.cs": (
        "class A{i}\n{{\n    int F()\n    {{\n        return {i};\n    }}\n}}\n",
        "class A{i}",
    ),
    "a.php": ("function f{i}()\n{{\n    a();\n    b();\n    return {i};\n}}\n", "function f{i}"),
    "a.rb": ("def f{i}\n  a\n  b\n  c\nend\n", "def f{i}"),
    "a.kt": ("fun f{i}(): Int {{\n    a()\n    b()\n    c()\n    return 1\n}}\n", "fun f{i}"),
    "a.swift": ("func f{i}() {{\n    a()\n    b()\n    c()\n}}\n", "func f{i}"),
    "a.sql": ("CREATE TABLE t{i} (\n  a INT,\n  b INT,\n  c INT\n);\n", "CREATE TABLE t{i}"),
    "a.sh": ("f{i}() {{\n  a\n  b\n  c\n}}\n", "f{i}()"),
    "a.yml": ("key{i}:\n  a: 1\n  b: 2\n  c:\n    - 1\n    - 2\n", "key{i}:"),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_blocks_of_a_language(name: str) -> None:
    head = "<?php\n" if name == "a.php" else ""
    body, first = BLOCKS[name]
    text = head + "".join(body.format(i=i) for i in range(4))
    starts = [text.index(first.format(i=i)) for i in range(1, 4)]
    assert list(cut_code(name, text).blocks) == [0, *starts]


def test_a_definition_of_many_lines_is_cut_at_what_stands_inside() -> None:
    method = "        public int F{i}()\n        {{\n            return 1;\n        }}\n\n\n"
    inside = "".join(method.format(i=i) for i in range(20))
    text = f"namespace N\n{{\n    class A\n    {{\n{inside}    }}\n}}\n"
    blocks = cut_code("a.cs", text).blocks
    assert 5 <= len(blocks) <= 20
    assert all(text[b:].lstrip().startswith("public int F") for b in blocks[1:-1])


def test_the_work_grows_with_the_text() -> None:
    def calls(text: str) -> int:
        counted = 0

        def count(frame: object, event: str, argument: object) -> None:
            nonlocal counted
            counted += 1

        sys.setprofile(count)
        try:
            cut_code("a.js", text)
        finally:
            sys.setprofile(None)
        return counted

    line = "f(a /* b */, 'c'); // d\n"
    once, four_times = calls(line * 100), calls(line * 400)
    assert four_times < 5 * once
    # A text without line ends, too.
    once, four_times = calls("f(a /* b */);" * 100), calls("f(a /* b */);" * 400)
    assert four_times < 5 * once


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_brackets_without_end(name: str) -> None:
    for text in ("(" * 4000, "[" * 2000 + "]" * 2000, "{" * 4000):
        check(name, text)


def test_what_crashes_a_grammar_fails_alone() -> None:
    with pytest.raises(FocusLimeError, match="the grammar of yaml does not come to an end"):
        cut_code("a.yml", "- " * 1000)


def test_lines_end_as_in_an_editor() -> None:
    text = "a = 1\r# b\rc = 2\r\n\r\nd = '\u2028\x85\x0c'\n\ne = 3"
    cuts = cut_code("a.py", text)
    pieces = [text[a:b] for a, b in pairwise((*cuts.lines, len(text)))]
    assert pieces == ["a = 1\r", "# b\r", "c = 2\r\n\r\n", "d = '\u2028\x85\x0c'\n\n", "e = 3"]
    assert [text[a:b] for a, b in cuts.comments] == ["# b"]
