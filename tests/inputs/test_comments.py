"""pytest tests/inputs/test_comments.py

What is left out is exactly the comments: what a grammar, Python's own `ast` and C's own
preprocessor say of the same text.
"""

from __future__ import annotations

import ast
import io
import shutil
import subprocess
import tokenize
from pathlib import Path

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from focus_lime.inputs.comments import is_comment
from focus_lime.inputs.grammar import cut_code
from focus_lime.inputs.languages import language_of, parser
from focus_lime.inputs.source_files import SourceFile, SourceFiles


def comments(name: str, text: str) -> list[str]:
    return [text[start:end] for start, end in cut_code(name, text).comments]


def omitted(name: str, text: str) -> str:
    """What the model reads under `--comments omit`."""
    code = SourceFiles([SourceFile(name, text, cut_code(name, text))], "omit")
    return code.prompt("Is it?").messages[0].content.removesuffix("\n\nQuestion: Is it?")


# Text by its ending, and the comments in it.
KINDS: dict[str, tuple[str, list[str]]] = {
    "macro.c": (
        "#define A 0x10 // flag\n#define B(w) ((w)) /* product */ \n",
        ["// flag", "/* product */"],
    ),
    "continued.c": (
        '#define B(x) do { /* y */ \\\n  f("//no/*"); \\\n} while (0) // z \\\n  more\nint q;\n',
        ["/* y */", "// z \\\n  more"],
    ),
    "over_lines.c": ("#define S 1 /* u\n v */ + 2\nint i; // w\n", ["/* u\n v */", "// w"]),
    "glob.c": ('#define GLOB "src/*" // a\nint i; /* b */\n', ["// a", "/* b */"]),
    "error.c": ("#error don't // a\n#pragma x // b\n#endif // c\n", ["// a", "// b", "// c"]),
    "include.c": ("#include <a//b.h> // c\n#if A // d\n#endif\n", ["// c", "// d"]),
    "raw.cpp": (
        '#define R R"(// no)" /* yes */ 1\'0 // z\nauto s = R"(/* no */)";\n',
        ["/* yes */", "// z"],
    ),
    "string.c": ('char *s = "// no", c = \'"\'; // yes "\n', ['// yes "']),
    "region.cs": (
        "#region A // b\n#define X // c\n/// <s/>\n#endregion // e\n",
        ["// b", "// c", "/// <s/>", "// e"],
    ),
    "strings.cs": ('var s = $"// {x /* y */}"; var t = @"a""//"; // z\n', ["/* y */", "// z"]),
    "jsx.jsx": ("const A = <b t='//n'>{/* c */}// text</b>; // d\n", ["/* c */", "// d"]),
    "generic.tsx": ("const A = <T,>(x: T) => <b>{/* c */}</b>;\n", ["/* c */"]),
    "regex.js": ("#!/usr/bin/env node\nlet r = /a\\/\\/b/, t = `// ${x /* y */}`;\n", ["/* y */"]),
    "html.php": (
        "<p><!-- c --> // no</p>\n<?php // a ?><b>\n<?php # b\n#[A]\n$x = '# no'; /* d */ ?>\n",
        ["<!-- c -->", "// a ", "# b", "/* d */"],
    ),
    "over_code.php": (
        "<!-- a\n<?= $x /* b */ ?> c --><script>'<!--no-->'</script>",
        ["<!-- a\n", "/* b */", "c -->"],
    ),
    "doc.rb": (
        '#!/usr/bin/ruby\n=begin\nx\n=end\ns = "# no #{z # in\n}"\n<<~E\n# no\nE\n__END__\n# no\n',
        ["=begin\nx\n=end", "# in"],
    ),
    "nested.kt": (
        '/* a /* b */ c */ val s = "// ${y /* q */}" // e\n',
        ["/* a /* b */ c */", "/* q */", "// e"],
    ),
    "nested.swift": ('/* a /* b */ c */ let r = #"// no"# // h\n', ["/* a /* b */ c */", "// h"]),
    "nested.rs": (
        "//! in\nfn f() { /* a /* b */ c */ } /// d\n",
        ["//! in", "/* a /* b */ c */", "/// d"],
    ),
    "dash.sql": (
        "-- a\nSELECT '-- no', 1 /* b */;\nCOMMENT ON TABLE t IS 'x';\n",
        ["-- a", "/* b */"],
    ),
    "mysql.sql": (
        "# don't\nSELECT `a#b` # c\nFROM t; # d\n/*!40 SET x */;",
        ["# don't", "# c", "# d"],
    ),
    "xor.sql": ("SELECT 5 # 3, a::int # b FROM #t;\n", []),
    "here.sh": (
        "#!/bin/sh\necho a#b \"# no\" ${x#y} # c\ncat <<E\n# no\nE\n: <<'C'\nno\nC\n",
        ["# c"],
    ),
    "block.yaml": ('a: |\n  # no\nb: "# no" # c\nurl: a#b\n', ["# c"]),
    "doc.py": (
        '#!/usr/bin/python\n"""m"""\nclass A:\n  # c\n  r"""k"""\n  x = 1\n  "no"\n'
        '  def f(self): ("o" "p")\n'
        '  def g(self):\n    f"no"\n  def h(self):\n    b"no"  # type: x\n',
        ['"""m"""', "# c", 'r"""k"""', '("o" "p")', "# type: x"],
    ),
    "go.go": ("//go:build x\npackage a\nvar s = `// no` // c\n", ["//go:build x", "// c"]),
    "text.java": ('/** d */ class A { String s = """\n // no\n"""; } // e\n', ["/** d */", "// e"]),
    "yul.sol": (
        '// SPDX\ncontract A { string s = unicode"// no"; /* e */ }\n',
        ["// SPDX", "/* e */"],
    ),
    "broken.kt": ('val a = 1\n@file:A("x") // c\nval b = "// no" // d\n', ["// c", "// d"]),
    "broken.java": (
        "class A { int f( { // c\n @@ ### /* d */ } // e\n",
        ["// c", "/* d */", "// e"],
    ),
    "return.js": ("let a = 1 // b\rlet c = 2\r", ["// b"]),
}


@pytest.mark.parametrize("name", KINDS)
def test_comments_of_a_kind(name: str) -> None:
    text, wanted = KINDS[name]
    found = comments(name, text)
    assert [comment.strip() for comment in found] == [comment.strip() for comment in wanted]
    read = omitted(name, text)
    assert not any(comment.strip() in read for comment in wanted)
    assert read.count("no") == text.count("no")


# Code that is none without what stands between its tokens; "" may stand between any two.
BLOCK, NESTED, LINE, HASH = ("/* c */", "/**/", "/*\n*/"), ("/* /* */ */",), ("// c\n",), ("# c\n",)
CODE: dict[str, tuple[str, tuple[str, ...]]] = {
    ".c": ("int f ( char * p ) { return * p + 1 - - 2 ; }", BLOCK + LINE),
    ".cpp": ("auto f ( int & a ) { return a << 1 ; }", BLOCK + LINE),
    ".java": ("class A { int f ( ) { return 1 + - 2 ; } }", BLOCK + LINE),
    # In the midst of a statement a comment over lines ends it for these grammars.
    ".js": ("let a = b + + c ; f ( a , 1 ) ;", BLOCK[:2] + LINE),
    ".ts": ("let a : string = b ; f ( a ) ;", BLOCK[:2] + LINE),
    ".go": ("package a ; var x = y & ^ z ;", (*BLOCK[:2], "/*c*/")),
    ".rs": ("fn f ( a : & u8 ) -> u8 { 1 }", BLOCK + LINE + NESTED),
    ".sol": ("contract A { uint x ; }", BLOCK + LINE),
    ".cs": ("class A { int F ( ) { return 1 ; } }", BLOCK + LINE),
    ".php": ("<?php $x = f ( 1 ) ; echo 2 ;", ("/* c */", "/*\n*/", "# c\n", "// c\n")),
    ".kt": ("val x : Int = f ( 1 )", (*BLOCK[:2], *NESTED)),
    # Its grammar takes "=/*" for an operator.
    ".swift": ("let x : Int = f ( 1 )", (" /* c */", " /**/ ", " /* /* */ */")),
    ".sql": ("SELECT a , b FROM t WHERE a = 1 ;", ("/* c */", "-- c\n", "/*\n*/", " # c\n")),
}


def leaves(name: str, text: str) -> list[str]:
    """Words and signs of a text as its grammar sees it."""
    language = language_of(name)
    assert language is not None
    stack, found = [parser(language).parse(text.encode()).root_node], []
    while stack:
        node = stack.pop()
        assert not is_comment(node)
        stack += reversed(node.children)
        if not node.child_count and node.text.strip():
            found.append(node.text.decode())
    return found


@pytest.mark.parametrize("ending", CODE)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_no_code_is_lost_or_joined(ending: str, data: st.DataObject) -> None:
    code, kinds = CODE[ending]
    text = ""
    for number, token in enumerate(code.split()):
        if number:
            text += data.draw(st.sampled_from([" ", *kinds, *(f" {kind} " for kind in kinds)]))
        text += token
    assert leaves(f"a{ending}", omitted(f"a{ending}", text)) == leaves(f"a{ending}", code)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_macros_keep_their_tokens(data: st.DataObject) -> None:
    tokens = ["do", "{", 'f("/*")', ";", "x", "+", "'\"'", "}", "while", "(0)"]
    between = st.sampled_from([" ", " \\\n", "/* c */", "/* c\n */", "/**/\\\n", " /* c */ \\\n\t"])
    last = st.sampled_from(
        ["", "// c", " // c", "/* c */", "\\\n// c", "\\\n  /* c */", " // c \\\nd"]
    )
    text = "#define M(x) " + "".join(token + data.draw(between) for token in tokens)
    text += data.draw(last) + "\nint y;\n"
    read = omitted("a.c", text)
    assert regex.sub(r"\\\n|\s", "", read) == "#defineM(x)" + "".join(tokens) + "inty;"
    root = leaves("a.c", read)
    assert root[-3:] == ["int", "y", ";"]  # no part of the macro
    assert regex.search(r"(?<!\\)\nint y;", read)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ['"""d"""', "'a' 'b'", "# c", "x = '# no'  # c", "f'{x}'", "b'no'", "pass", "('p')"]
        ),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from(["", "def f():", "class A:", "async def f(a): # c"]),
)
def test_docstrings_are_those_of_python(lines: list[str], head: str) -> None:
    indent = "    " if head else ""
    text = "\n".join([head, *(indent + line for line in [*lines, "pass"])]).lstrip("\n") + "\n"
    wanted = [
        token.string
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT
    ]
    for node in ast.walk(ast.parse(text)):
        if isinstance(
            node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        ) and (ast.get_docstring(node) is not None):
            first = ast.get_source_segment(text, node.body[0])
            assert first is not None
            wanted.append(first)
    # `ast` leaves out the parentheses around a string.
    assert sorted(c.strip("()") for c in comments("a.py", text)) == sorted(
        w.strip("()") for w in wanted
    )


@pytest.mark.skipif(not shutil.which("gcc"), reason="needs gcc")
@pytest.mark.parametrize("name", ["macro.c", "over_lines.c", "glob.c", "raw.cpp"])
def test_comments_are_those_of_gcc(name: str) -> None:
    text, _ = KINDS[name]
    kind = "c++" if name.endswith("cpp") else "c"
    command = ["gcc", "-fpreprocessed", "-dD", "-E", "-P", "-w", "-x", kind, "-"]
    # Lines that a backslash joins it leaves as they are, and headers' names it takes for code.
    read = subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout
    assert "".join(read.split()) == "".join(omitted(name, text).replace("\\\n", "").split())


@pytest.mark.parametrize(
    ("name", "text", "read"),
    [
        ("a.c", "int/**/x = a/* b */+b;\n", "int x = a +b;\n"),
        ("a.js", "a = 1 /* c\n */ b = 2\n", "a = 1 \n b = 2\n"),
        ("a.c", "int a; /* c\n */ int b;\n", "int a;  int b;\n"),
        ("a.py", "x = 1  # c\n    # d\n\ny = 2\n", "x = 1  \n\ny = 2\n"),
        ("a.c", "#define X 1 \\\n  // c\nint y;\n", "#define X 1 \\\n  \nint y;\n"),
        ("a.sh", "echo a \\\n# c\necho b\n", "echo a \\\n\necho b\n"),
        ("a.py", "\r\n# c\r\nx = 1\r\n", "\r\nx = 1\r\n"),
    ],
)
def test_what_is_left_when_comments_are_left_out(name: str, text: str, read: str) -> None:
    assert omitted(name, text) == read


def test_the_case_of_macros() -> None:
    text = (Path(__file__).parent / "macro.c").read_text()
    assert omitted("macro.c", text) == (
        "#define CR4_PSE 0x10      \n#define AREA(w,h) ((w)*(h))  \nint x = AREA(2,3); \n"
    )
