"""pytest tests/inputs/test_languages.py"""

from __future__ import annotations

import pytest

from focus_lime.inputs.languages import ENDINGS, is_source, language_of, parser


@pytest.mark.parametrize(
    ("name", "text", "language"),
    [
        ("src/a.PY", "", "python"),
        ("a.tsx", "", "tsx"),
        ("lib/Rakefile", "", "ruby"),
        (".zshrc", "", "bash"),
        ("run", "#!/usr/bin/env -S python3 -u\n", "python"),
        ("run", "#!/bin/bash\n", "bash"),
        ("run", "#! /usr/local/bin/node\n", "javascript"),
        ("run", "#!/usr/bin/awk -f\n", None),
        ("a.txt", "#!/bin/bash\n", None),
        ("Makefile", "all:\n", None),
        ("a.lua", "", None),
    ],
)
def test_a_name_says_the_language(name: str, text: str, language: str | None) -> None:
    found = language_of(name, text)
    assert (found.name if found else None) == language


def test_which_files_of_a_folder_are_code() -> None:
    assert all(
        is_source(n) for n in ("a.cs", "A.SQL", "Dockerfile", "Gemfile", ".bashrc", "a.yaml")
    )
    assert not any(is_source(n) for n in ("a.txt", "a.ipynb", "LICENSE", "py", "dockerfile.md"))


@pytest.mark.parametrize("ending", sorted(ENDINGS))
def test_every_grammar_is_there(ending: str) -> None:
    language = language_of(f"a{ending}")
    assert language is None or parser(language).parse(b"x").root_node.end_byte == 1
