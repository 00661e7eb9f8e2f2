"""Tasks and methods by name, from the entry points `focus_lime.tasks` and `focus_lime.methods`.

NAME = "package.module:load": the factory is called with the options that the YAML gives.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any, Literal

from focus_lime.errors import FocusLimeError, near

Kind = Literal["tasks", "methods"]


class NotInstalled(Exception):
    """A method's package is missing. The method is skipped, and the tables say so."""


def build(kind: Kind, label: str, name: str, options: Mapping[str, Any]) -> Any:
    """What the factory of `name` makes of the options.

    Args:
        label: what the user calls it, for messages.

    Raises:
        FocusLimeError: an unknown name or option, or what the factory says of them.
        NotInstalled: a package that the factory imports is not there.
    """
    known = {entry.name: entry for entry in entry_points(group=f"focus_lime.{kind}")}
    where = f"{kind} {label!r}" if label == name else f"{kind} {label!r}, use: {name}"
    if name not in known:
        raise FocusLimeError(f"{where}: no such name: {near(name, known)}")
    try:
        factory = known[name].load()
    except ModuleNotFoundError as error:
        raise NotInstalled(f"{error.name} is not installed") from None
    parameters = inspect.signature(factory).parameters
    for option in options:
        if option not in parameters:
            raise FocusLimeError(f"{where}: no option {option!r}: {near(option, parameters)}")
    missing = [
        p.name for p in parameters.values() if p.default is p.empty and p.name not in options
    ]
    if missing:
        raise FocusLimeError(f"{where}: needs the option {missing[0]!r}")
    try:
        return factory(**options)
    except ModuleNotFoundError as error:
        raise NotInstalled(f"{error.name} is not installed") from None
    except (TypeError, ValueError) as error:  # a FocusLimeError is a ValueError
        raise FocusLimeError(f"{where}: {error}") from None
