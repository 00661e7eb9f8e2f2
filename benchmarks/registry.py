"""Tasks, methods, metrics and surrogates by name, with the options that the YAML gives.

The names are entry points: NAME = "package.module:load" of `focus_lime.methods` is called with the
options. A metric's entry point is a `Metric`.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, Literal

from focus_lime import registry
from focus_lime.errors import FocusLimeError, suggest

Kind = Literal["tasks", "methods", "metrics", "surrogates"]


class NotInstalled(Exception):
    """A package that a name needs is missing. Of a method the tables then say so."""


def names(kind: Kind) -> tuple[str, ...]:
    return tuple(registry.entries(f"focus_lime.{kind}"))


def load(kind: Kind, label: str, name: str) -> Any:
    """What the entry point of `name` is.

    Args:
        label: what the user calls it, for messages.

    Raises:
        FocusLimeError: no such name.
        NotInstalled: a package that its module imports is not there.
    """
    try:
        return registry.load(f"focus_lime.{kind}", name)
    except FocusLimeError as error:
        raise FocusLimeError(f"{_place(kind, label, name)}: {error}") from None
    except ModuleNotFoundError as error:
        raise _not_installed(error) from error


def build(kind: Kind, label: str, name: str, options: Mapping[str, Any]) -> Any:
    """What the factory of `name` makes of the options.

    Args:
        label: as for `load`.

    Raises:
        FocusLimeError: an unknown name or option, or what the factory says of them.
        NotInstalled: a package that the factory imports is not there.
    """
    factory, place = load(kind, label, name), _place(kind, label, name)
    parameters = inspect.signature(factory).parameters
    for option in options:
        if option not in parameters:
            raise FocusLimeError(f"{place}: no option {option!r}: {suggest(option, parameters)}")
    required = [p.name for p in parameters.values() if p.default is p.empty]
    missing = [option for option in required if option not in options]
    if missing:
        raise FocusLimeError(f"{place}: needs the option {missing[0]!r}")
    try:
        return factory(**options)
    except ModuleNotFoundError as error:
        raise _not_installed(error) from error
    except (TypeError, ValueError) as error:  # a FocusLimeError is a ValueError
        raise FocusLimeError(f"{place}: {error}") from None


def _not_installed(error: ModuleNotFoundError) -> Exception:
    """A module of this project that is missing is a bug, not a package to be installed."""
    package = (error.name or "").partition(".")[0]
    return error if package == "focus_lime" else NotInstalled(f"{error.name} is not installed")


def _place(kind: Kind, label: str, name: str) -> str:
    return f"{kind} {label!r}" if label == name else f"{kind} {label!r}, use: {name}"
