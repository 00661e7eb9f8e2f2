"""Languages of code: which files are in which, and the grammars that cut them.

Grammars are tree-sitter's, which come as wheels; nothing is fetched when it runs.
"""

from __future__ import annotations

import importlib
import re
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from focus_lime.errors import FocusLimeError


@dataclass(frozen=True)
class Language:
    """A language with a grammar: the module, and the function of it that gives the grammar."""

    name: str
    module: str
    function: str = "language"

    @property
    def has_macros(self) -> bool:
        """Whether C's preprocessor reads it first."""
        return self.name in ("c", "cpp")


def _of(language: Language, endings: str) -> dict[str, Language]:
    return dict.fromkeys(endings.split(), language)


_PYTHON = Language("python", "tree_sitter_python")
_RUBY = Language("ruby", "tree_sitter_ruby")
_BASH = Language("bash", "tree_sitter_bash")
_JAVASCRIPT = Language("javascript", "tree_sitter_javascript")
_PHP = Language("php", "tree_sitter_php", "language_php")

_ENDINGS = {
    **_of(_PYTHON, ".py .pyi .pyw"),
    **_of(_JAVASCRIPT, ".js .jsx .mjs .cjs"),
    **_of(Language("typescript", "tree_sitter_typescript", "language_typescript"), ".ts .mts .cts"),
    **_of(Language("tsx", "tree_sitter_typescript", "language_tsx"), ".tsx"),
    **_of(Language("java", "tree_sitter_java"), ".java"),
    **_of(Language("c", "tree_sitter_c"), ".c .h"),
    **_of(Language("cpp", "tree_sitter_cpp"), ".cc .cpp .cxx .hpp .hh .hxx"),
    **_of(Language("csharp", "tree_sitter_c_sharp"), ".cs"),
    **_of(Language("go", "tree_sitter_go"), ".go"),
    **_of(Language("rust", "tree_sitter_rust"), ".rs"),
    **_of(Language("solidity", "tree_sitter_solidity"), ".sol"),
    **_of(_PHP, ".php .phtml"),
    **_of(_RUBY, ".rb .rake .gemspec"),
    **_of(Language("kotlin", "tree_sitter_kotlin"), ".kt .kts"),
    **_of(Language("swift", "tree_sitter_swift"), ".swift"),
    **_of(Language("sql", "tree_sitter_sql"), ".sql"),
    **_of(_BASH, ".sh .bash .zsh .ksh"),
    **_of(Language("yaml", "tree_sitter_yaml"), ".yml .yaml"),
}
# Files that are known by their whole name.
_NAMES = {
    **_of(_RUBY, "Gemfile Rakefile Vagrantfile Podfile Brewfile Guardfile"),
    **_of(_PYTHON, "SConstruct SConscript wscript"),
    **_of(_BASH, ".bashrc .bash_profile .bash_aliases .profile .zshrc PKGBUILD"),
}
_INTERPRETERS = {
    **_of(_PYTHON, "python pypy"),
    **_of(_RUBY, "ruby"),
    **_of(_BASH, "sh bash zsh ksh dash"),
    **_of(_JAVASCRIPT, "node nodejs"),
    **_of(_PHP, "php"),
}
_SHEBANG = re.compile(r"#![ \t]*(?:\S*/)?(?:env[ \t]+(?:-\S+[ \t]+)*(?:\S*/)?)?([A-Za-z]+)")
# Read as lines: no grammar of ours.
_LINES = ".scala .groovy .pl .pm .lua .r .vue .svelte .ex .exs .erl .hs .dart .vy .ps1 .tf".split()
_LINES_NAMES = "Dockerfile Containerfile Makefile GNUmakefile makefile Jenkinsfile".split()

ENDINGS = frozenset([*_ENDINGS, *_LINES])
NAMES = frozenset([*_NAMES, *_LINES_NAMES])


def is_source(name: str) -> bool:
    """Whether a file of a folder is code, by its name."""
    path = Path(name)
    return path.suffix.lower() in ENDINGS or path.name in NAMES


def language_of(name: str, text: str = "") -> Language | None:
    """By the ending of a file's name, the whole name, or else the interpreter that the text's
    first line names; None without a grammar.
    """
    path = Path(name)
    known = _ENDINGS.get(path.suffix.lower()) or _NAMES.get(path.name)
    shebang = None if known or path.suffix else _SHEBANG.match(text)
    return _INTERPRETERS.get(shebang[1].lower()) if shebang else known


@cache
def parser(language: Language) -> Any:
    """The parser of a language.

    Raises:
        FocusLimeError: its package is not installed.
    """
    try:
        import tree_sitter

        grammar = importlib.import_module(language.module)
    except ImportError:
        raise FocusLimeError(
            f"code is cut with the packages tree-sitter and {language.module.replace('_', '-')}: "
            "pip install 'focus-lime[code]'"
        ) from None
    with warnings.catch_warnings():
        # Some grammars still give their pointer as a number, which tree-sitter takes and deplores.
        warnings.simplefilter("ignore", DeprecationWarning)
        of_language = tree_sitter.Language(getattr(grammar, language.function)())
    return tree_sitter.Parser(of_language)
