"""Options, declared once: a dataclass whose fields say type, default, limits and help.

The Python signature, the command line, YAML files, the table in the docs and the JSON Schema all
follow from the declaration:

    @dataclass(frozen=True, kw_only=True)
    class Settings:
        budget: Annotated[int | None, Option("Most masks of the target.", least=2)] = None
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Concatenate,
    Literal,
    ParamSpec,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from focus_lime.errors import FocusLimeError, suggest

P = ParamSpec("P")
Owner = TypeVar("Owner")
Subject = TypeVar("Subject")
Declared = TypeVar("Declared")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Option:
    """What is declared of one option beside its type and default.

    Args:
        help: one line for people; it says the default where the field's own says too little.
        least, most: of a number.
        above: what a number must be greater than.
        choices: what a text may be; those of a `Literal` type follow from it.
        is_positional: whether a command line gives it without its flag.
        each: of a list: another flag, which takes one text as it stands, commas and all, and may be
            repeated.
    """

    help: str
    least: float | None = None
    most: float | None = None
    above: float | None = None
    choices: tuple[str, ...] = ()
    is_positional: bool = False
    each: str = ""

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        """Help and limits, as JSON Schema says them."""
        limits = {"minimum": self.least, "maximum": self.most, "exclusiveMinimum": self.above}
        known = {key: value for key, value in limits.items() if value is not None}
        return {**handler(schema), "description": self.help, **known}


@dataclass(frozen=True)
class Declaration:
    """One field of a dataclass of options.

    Attributes:
        type: without None; `str`, `int`, `float`, `bool`, or `tuple` for a list of texts.
        optional: whether it may be None, which means that nothing was said.
        required: whether it has no default.
    """

    name: str
    type: type
    optional: bool
    required: bool
    default: Any
    choices: tuple[str, ...]
    option: Option

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def help(self) -> str:
        """The option's line, and its default where the line does not say it."""
        default = "yes" if self.default is True else self.default
        if any(default is silent for silent in (None, False, ())) or "Default:" in self.option.help:
            return self.option.help
        return f"{self.option.help} Default: {default}."

    @property
    def type_name(self) -> str:
        """Of the type, for people: "a whole number"."""
        return _NAMES[self.type]

    def checked(self, value: Any, where: str) -> Any:
        """The value, as the type that is declared: a list becomes a tuple, a whole number a float.

        Args:
            where: begins the message of an error.

        Raises:
            FocusLimeError: another type, or beyond the limits.
        """
        if value is None and self.optional:
            return None
        if self.type is float and type(value) is int:
            value = float(value)
        if self.type is tuple:
            texts = [value] if isinstance(value, str) else value
            if isinstance(texts, list | tuple) and all(isinstance(text, str) for text in texts):
                return tuple(texts)
        elif type(value) is self.type:
            self._check_limits(value, where)
            return value
        hint = "; quote it" if self.type in (str, tuple) else ""
        raise FocusLimeError(f"{where} must be {self.type_name}, got {value!r}{hint}")

    def _check_limits(self, value: Any, where: str) -> None:
        option = self.option
        if self.choices and value not in self.choices:
            raise FocusLimeError(f"no {where} {value!r}: {suggest(value, self.choices)}")
        if self.type is float and not math.isfinite(value):
            raise FocusLimeError(f"{where} {value} is no number: give a finite one")
        if option.least is not None and value < option.least:
            raise FocusLimeError(f"{where} {value} is too small: give {option.least:g} or more")
        if option.most is not None and value > option.most:
            raise FocusLimeError(f"{where} {value} is too large: give {option.most:g} or less")
        if option.above is not None and value <= option.above:
            raise FocusLimeError(f"{where} {value} is too small: give more than {option.above:g}")


_NAMES = {
    str: "text", int: "a whole number", float: "a number", bool: "true or false",
    tuple: "a list of texts",
}  # fmt: skip


@functools.cache
def declarations(declared: type) -> dict[str, Declaration]:
    """The options of a dataclass, by name, in their order; fields without an `Option` are none."""
    hints = get_type_hints(declared, include_extras=True)
    known: dict[str, Declaration] = {}
    for field in fields(declared):
        hint = hints[field.name]
        options = [m for m in get_args(hint)[1:] if isinstance(m, Option)]
        if get_origin(hint) is Annotated and options:
            known[field.name] = _declaration(field, get_args(hint)[0], options[0])
    return known


def _declaration(field: Field[Any], hint: Any, option: Option) -> Declaration:
    kinds = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    optional = NoneType in kinds
    (kind,) = [kind for kind in kinds if kind is not NoneType]
    choices = option.choices
    if get_origin(kind) is Literal:
        kind, choices = str, get_args(kind)
    elif get_origin(kind) is tuple:
        kind = tuple
    required = field.default is MISSING
    default = None if required else field.default
    return Declaration(field.name, kind, optional, required, default, choices, option)


def check(options: Any) -> None:
    """Check all options of an instance against what is declared of them.

    Raises:
        FocusLimeError: the first that is of another type or beyond its limits.
    """
    declared: type = type(options)
    for name, declaration in declarations(declared).items():
        declaration.checked(getattr(options, name), name)


def from_mapping(
    data: Mapping[Any, Any], known: Mapping[str, Declaration], where: str
) -> dict[str, Any]:
    """The options in a mapping, as YAML gives it: each known and of its type. Dashes and
    underscores in keys are the same.

    Raises:
        FocusLimeError: an unknown key, with the near ones, or a value that is not allowed.
    """
    options: dict[str, Any] = {}
    for key, value in data.items():
        name = str(key).replace("-", "_")
        if name not in known:
            raise FocusLimeError(f"{where}: unknown option {key!r}: {suggest(name, known)}")
        options[name] = known[name].checked(value, f"{where}: {key}")
    return options


def keywords_of(
    declared: Callable[P, Declared],
) -> Callable[
    [Callable[[Owner, Subject, Declared], Result]],
    Callable[Concatenate[Owner, Subject, P], Result],
]:
    """Makes a method that takes a dataclass of options take its fields as keywords instead: for
    the type checker, for `inspect.signature`, and for `help`, which lists what each means.
    """

    def decorate(
        method: Callable[[Owner, Subject, Declared], Result],
    ) -> Callable[Concatenate[Owner, Subject, P], Result]:
        @functools.wraps(method)
        def wrapper(owner: Owner, subject: Subject, *args: P.args, **kwargs: P.kwargs) -> Result:
            return method(owner, subject, declared(*args, **kwargs))

        own = list(inspect.signature(method).parameters.values())[:2]
        hints = get_type_hints(declared)
        keywords = [
            parameter.replace(annotation=hints[name])
            for name, parameter in inspect.signature(declared).parameters.items()
        ]
        wrapper.__signature__ = inspect.Signature([*own, *keywords])  # type: ignore[attr-defined]
        lines = "\n".join(f"    {line}" for line in _described(declared))  # type: ignore[arg-type]
        wrapper.__doc__ = f"{inspect.cleandoc(method.__doc__ or '')}\n\nKeywords:\n{lines}\n"
        return cast(Callable[Concatenate[Owner, Subject, P], Result], wrapper)

    return decorate


def _described(declared: type) -> Iterator[str]:
    for name, declaration in declarations(declared).items():
        yield f"{name}: {declaration.help}"
