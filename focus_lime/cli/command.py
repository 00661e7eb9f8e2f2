"""Commands from declarations: a command is a function whose parameters are dataclasses of options.

    @command()
    def explain(prompt: PromptOptions, settings: Settings) -> None:
        '''What the command does.'''

Its flags are the fields of these dataclasses, a section of the help for each. `--config` names a
YAML file of the same options, which flags override.
"""

from __future__ import annotations

import argparse
import contextlib
import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, get_type_hints

from focus_lime.errors import FocusLimeError, suggest
from focus_lime.files import load_yaml
from focus_lime.options import Declaration, declarations, from_mapping

CONFIG = "YAML file of these options; flags override it."
_METAVARS = {str: "TEXT", int: "N", float: "X", tuple: "A,B,..."}


@dataclass(frozen=True)
class Command:
    """
    Attributes:
        groups: dataclasses of options, by the names of the function's parameters.
        has_config: whether there is `--config`.
    """

    function: Callable[..., None]
    groups: Mapping[str, type]
    has_config: bool

    @property
    def help(self) -> str:
        return inspect.cleandoc(self.function.__doc__ or "")

    @property
    def options(self) -> dict[str, Declaration]:
        """All that may be said, by name."""
        return {n: d for group in self.groups.values() for n, d in declarations(group).items()}

    def run(self, name: str, words: Sequence[str]) -> None:
        """Run the command on a line of words; `name` is what it was called by.

        Raises:
            FocusLimeError: a word or an option that is wrong.
        """
        known, parser = self.options, self._parser(name)
        flags, extras = parser.parse_known_intermixed_args(parser.joined(words))
        if extras:
            raise FocusLimeError(f"no option {extras[0]!r}: {suggest(extras[0], parser.flags)}")
        options = {d.name: v for d in known.values() if (v := _value(d, flags)) is not None}
        if self.has_config and flags.config is not None:
            options = {**read_options(flags.config, known), **options}
        for option, declaration in known.items():
            if declaration.required and option not in options:
                give = "them" if declaration.option.is_positional else declaration.flag
                file = ", or put it in --config" if self.has_config else ""
                raise FocusLimeError(f"no {option}: give {give}{file}")
        arguments = {
            name: group(**{n: options[n] for n in declarations(group) if n in options})
            for name, group in self.groups.items()
        }
        self.function(**arguments)

    def _parser(self, name: str) -> Parser:
        positionals = [d.name.upper() for d in self.options.values() if d.option.is_positional]
        parser = Parser(
            prog=name,
            usage=" ".join([name, *positionals, "[OPTIONS]"]),
            description=self.help,
            allow_abbrev=False,
            formatter_class=_Formatter,
        )
        for title, group in self.groups.items():
            # One dataclass needs no section of its own.
            section = parser.add_argument_group(title) if len(self.groups) > 1 else parser
            for declaration in declarations(group).values():
                _add(section, declaration)
        if self.has_config:
            parser.add_argument("--config", metavar="FILE", help=CONFIG)
        return parser


def command(*, config: bool = True) -> Callable[[Callable[..., None]], Command]:
    """Makes a command of a function.

    Args:
        config: whether there is `--config`.
    """

    def decorate(function: Callable[..., None]) -> Command:
        hints = get_type_hints(function)
        return Command(function, {n: h for n, h in hints.items() if n != "return"}, config)

    return decorate


def read_options(path: str, known: Mapping[str, Declaration]) -> dict[str, Any]:
    """The options in a YAML file.

    Raises:
        FocusLimeError: not YAML, not a mapping, an unknown key, a value that is not allowed.
    """
    data = load_yaml(path)
    if not isinstance(data, dict):
        raise FocusLimeError(
            f"{path} must hold a mapping of options, as in `model: bundled:target`"
        )
    return from_mapping(data, known, path)


class Parser(argparse.ArgumentParser):
    """Says what is wrong as everything else does, in one line."""

    @property
    def flags(self) -> list[str]:
        return [flag for action in self._actions for flag in action.option_strings]

    def joined(self, words: Sequence[str]) -> list[str]:
        """The words, in which a value that begins with a dash, and is no flag, is joined to the
        flag before it: argparse takes it for a mistyped flag.
        """
        taking = {f for a in self._actions if a.nargs is None for f in a.option_strings}
        line: list[str] = []
        for word in words:
            is_value = word.startswith("-") and word.partition("=")[0] not in self.flags
            if is_value and line and line[-1] in taking:
                line[-1] += f"={word}"
            else:
                line.append(word)
        return line

    def error(self, message: str) -> NoReturn:
        raise FocusLimeError(message.removeprefix("argument "))


class _Formatter(argparse.HelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28)

    def _split_lines(self, text: str, width: int) -> list[str]:
        """Names, as near-full, stay whole."""
        return textwrap.wrap(" ".join(text.split()), width, break_on_hyphens=False)


def _add(section: Any, declaration: Declaration) -> None:
    """The flags of an option, none with a default of its own: a flag that was not given must not
    override the file.
    """
    name, option, kind = declaration.name, declaration.option, declaration.type
    line = declaration.help.replace("%", "%%")
    if option.is_positional:
        nargs = "*" if kind is tuple else "?"
        section.add_argument(name, nargs=nargs, metavar=name.upper(), help=line)
        return
    if kind is bool:
        section.add_argument(
            declaration.flag, action=argparse.BooleanOptionalAction, default=None, help=line
        )
        return
    section.add_argument(declaration.flag, metavar=_METAVARS[kind], help=line)
    if option.each:
        one = f"One of {declaration.flag}, commas and all; may be repeated."
        section.add_argument(
            option.each, action="append", metavar="TEXT", dest=f"{name}_each", help=one
        )


def _value(declaration: Declaration, flags: argparse.Namespace) -> Any:
    """The option's value on the command line, checked; None where it was not given."""
    value, kind = getattr(flags, declaration.name), declaration.type
    if kind is tuple and not declaration.option.is_positional:
        texts = [text.strip() for text in value.split(",")] if value is not None else []
        value = [*texts, *(getattr(flags, f"{declaration.name}_each", None) or [])]
    if value is None or value == []:
        return None
    if kind in (int, float):
        with contextlib.suppress(ValueError):  # `checked` says what is wrong with it
            value = kind(value)
    return declaration.checked(value, declaration.flag)
