"""Options from a YAML file: the same names as on the command line, checked before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from focus_lime.errors import FocusLimeError, near
from focus_lime.prompt.prompt import read_document


def load_yaml(path: str | Path) -> Any:
    """What a YAML file holds.

    Raises:
        FocusLimeError: no such file, or not YAML; says the line.
    """
    try:
        return yaml.safe_load(read_document(path))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        reason = getattr(error, "problem", "")
        raise FocusLimeError(f"{path}{where} is not YAML: {reason}") from None


def load_config(path: str | Path, known: Mapping[str, type]) -> dict[str, Any]:
    """The mapping in a YAML file, every key one of `known` and every value of its type.

    Dashes and underscores in keys are the same. Text stands for a path or a name; a list of texts
    for `labels` is joined by commas.

    Raises:
        FocusLimeError: not YAML, not a mapping, an unknown key, a value of another type.
    """
    data = load_yaml(path)
    if not isinstance(data, dict):
        raise FocusLimeError(
            f"{path} must hold a mapping of options, as in `model: bundled:target`"
        )
    options: dict[str, Any] = {}
    for key, value in data.items():
        name = str(key).replace("-", "_")
        if name not in known:
            raise FocusLimeError(f"{path}: unknown option {key!r}: {near(name, known)}")
        if isinstance(value, list) and known[name] is str:
            value = ",".join(str(item) for item in value)
        if known[name] is float and type(value) is int:
            value = float(value)
        if type(value) is not known[name]:
            raise FocusLimeError(
                f"{path}: {key} must be {_NAMES[known[name]]}, got {value!r}"
                + ("; quote it" if known[name] is str else "")
            )
        options[name] = value
    return options


_NAMES = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
