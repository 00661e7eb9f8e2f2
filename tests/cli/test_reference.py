"""pytest tests/cli/test_reference.py"""

from __future__ import annotations

from pathlib import Path

from focus_lime.cli.reference import replaced
from tests.cli.test_command import ALL

PAGE = Path(__file__).parents[2] / "docs" / "options.md"


def test_the_docs_list_every_option_as_it_is_declared() -> None:
    page = PAGE.read_text()
    assert replaced(page) == page, "run python -m focus_lime.cli.reference docs/options.md"
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| `")]
    for command in ALL.values():
        for declaration in command.options.values():
            option = declaration.option
            flag = declaration.name.upper() if option.is_positional else declaration.flag
            (row, *_) = [
                row
                for row in rows
                if f"`{flag}`" in row[0] and row[3].removesuffix(" |") == option.help
            ]
            assert declaration.type_name in row[1] or all(
                choice in row[1] for choice in declaration.choices or ("no choice",)
            )
            if declaration.required:
                assert row[2] == "required"
            elif declaration.type is not bool and declaration.default not in (None, ()):
                assert row[2] == f"`{declaration.default}`"
