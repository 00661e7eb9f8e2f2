"""A checklist: the questions that are asked of every file, from YAML.

labels: ["Yes", "No"]      # of the items that have none: the first is what is looked for
items:
  - id: governing-law
    name: Governing law
    question: Which law governs the contract?
    labels: [...]          # if other than above; [] explains the model's own answer
    cwe: 89                # code only
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from focus_lime.errors import FocusLimeError, suggest
from focus_lime.files import load_yaml

_TOP = ("labels", "items")
_KEYS = ("id", "name", "question", "labels", "cwe")


@dataclass(frozen=True)
class Item:
    """One question. Without labels the model's own answer is explained."""

    id: str
    name: str
    question: str
    labels: tuple[str, ...] = ()
    cwe: int | None = None


def load_checklist(path: str | Path, only: Iterable[str] | None = None) -> tuple[Item, ...]:
    """The items of a file, in its order; `only` those of the given ids.

    Raises:
        FocusLimeError: not YAML, an unknown key, an item without its text, two equal ids, an id
            in `only` that there is not.
    """
    data = load_yaml(path)
    if not isinstance(data, dict) or not isinstance(data.get("items"), list) or not data["items"]:
        raise FocusLimeError(f"{path} is no checklist: it needs a list of `items`")
    _check_keys(f"{path}", data, _TOP)
    shared = _labels(f"{path}: labels", data.get("labels", []))
    items = [_item(path, n, item, shared) for n, item in enumerate(data["items"], start=1)]
    seen: dict[str, int] = {}
    for number, item in enumerate(items, start=1):
        if item.id in seen:
            raise FocusLimeError(
                f"{path}: the items {seen[item.id]} and {number} have the same id {item.id!r}: "
                "give each its own"
            )
        seen[item.id] = number
    if only is None:
        return tuple(items)
    wanted = list(only)
    for name in wanted:
        if name not in seen:
            raise FocusLimeError(f"{path} has no item {name!r}: {suggest(name, seen)}")
    return tuple(item for item in items if item.id in wanted)


def _item(path: str | Path, number: int, data: Any, shared: tuple[str, ...]) -> Item:
    where = f"{path}: item {number}"
    if not isinstance(data, dict):
        raise FocusLimeError(f"{where} must have an id and a question, got {data!r:.60}")
    _check_keys(where, data, _KEYS)
    for key in ("id", "question"):
        if not isinstance(data.get(key), str) or not data[key].strip():
            raise FocusLimeError(f"{where}: {key} must be text, got {data.get(key)!r}")
    name, cwe = data.get("name", data["id"]), data.get("cwe")
    if not isinstance(name, str):
        raise FocusLimeError(f"{where}: name must be text, got {name!r}; quote it")
    if cwe is not None and (type(cwe) is not int or cwe < 1):
        raise FocusLimeError(f"{where}: cwe must be a number, as in `cwe: 89`, got {cwe!r}")
    labels = _labels(f"{where}: labels", data["labels"]) if "labels" in data else shared
    return Item(data["id"].strip(), name, " ".join(data["question"].split()), labels, cwe)


def _check_keys(where: str, data: dict[Any, Any], known: tuple[str, ...]) -> None:
    for key in data:
        if key not in known:
            raise FocusLimeError(f"{where}: unknown key {key!r}: {suggest(str(key), known)}")


def _labels(where: str, data: Any) -> tuple[str, ...]:
    if isinstance(data, list) and all(isinstance(label, str) for label in data):
        return tuple(data)
    hint = "; quote Yes and No, which YAML reads as true and false" if "True" in repr(data) else ""
    raise FocusLimeError(f"{where} must be a list of texts, got {data!r}{hint}")
