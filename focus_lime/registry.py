"""Models, proxies, tasks and the like by name, from the entry points of installed packages.

A group is named in full, as "focus_lime.proxies". A package adds to it by a line of its
pyproject.toml: NAME = "module:factory".
"""

from __future__ import annotations

import inspect
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from focus_lime.errors import FocusLimeError, suggest


def entries(group: str) -> dict[str, EntryPoint]:
    """The entry points of a group, by name. Nothing is imported."""
    return {entry.name: entry for entry in entry_points(group=group)}


def load(group: str, name: str) -> Any:
    """What the entry point `name` stands for, mostly a factory.

    Raises:
        FocusLimeError: no such name; the message has the names near to it.
        ModuleNotFoundError: its module imports a package that is not installed.
    """
    known = entries(group)
    if name not in known:
        raise FocusLimeError(f"no {_noun(group)} {name!r}: {suggest(name, known)}")
    return known[name].load()


def build(group: str, spec: str) -> Any:
    """What the factory of `NAME` or `NAME:REST` makes: it is called with nothing, or with REST.

    Raises:
        FocusLimeError: no such name; REST is missing or not taken; or the factory's own. Other
            errors of the factory are not touched.
    """
    name, colon, rest = spec.partition(":")
    factory = load(group, name)
    arguments = (rest,) if colon else ()
    signature = inspect.signature(factory)
    try:
        signature.bind(*arguments)
    except TypeError:
        problem = f"{name} takes no {rest!r}" if colon else f"give {name}:{_wanted(signature)}"
        raise FocusLimeError(f"{_noun(group)} {spec!r}: {problem}") from None
    try:
        return factory(*arguments)
    except FocusLimeError as error:
        raise FocusLimeError(f"{_noun(group)} {spec!r}: {error}") from None


def _noun(group: str) -> str:
    """One member of the group: "proxy" of "focus_lime.proxies"."""
    plural = group.rpartition(".")[2]
    return plural[:-3] + "y" if plural.endswith("ies") else plural.removesuffix("s")


def _wanted(signature: inspect.Signature) -> str:
    """The name of the first parameter without a default, as messages write it."""
    required = (p.name for p in signature.parameters.values() if p.default is p.empty)
    return next(required).upper()
