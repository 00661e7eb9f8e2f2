"""Explanations as JSON. The dataclasses say what an explanation holds; pydantic writes it, checks
it when it is read, and gives its JSON Schema.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import fields as fields_of
from dataclasses import is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from focus_lime.errors import FocusLimeError
from focus_lime.explanation import schema1
from focus_lime.files import load_json
from focus_lime.inputs.units import Span

if TYPE_CHECKING:
    from pydantic import TypeAdapter

SCHEMA = "focus-lime/explanation/2"

T = TypeVar("T")


def _adapter(kind: type[T]) -> TypeAdapter[T]:
    from pydantic import TypeAdapter  # slow to import

    return TypeAdapter(kind, config=None)


def to_dict(explanation: Any) -> dict[str, Any]:
    """Plain data, with the key `schema` first and a digest of each source's text."""
    data = _adapter(type(explanation)).dump_python(explanation, mode="json")
    for source in data["sources"]:
        source["sha256"] = _digest(source["text"])
    return {"schema": SCHEMA, **data}


def to_json(explanation: Any) -> str:
    data = to_dict(explanation)
    return json.dumps(data, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def from_dict(kind: type[T], data: Any) -> T:
    """The explanation that the data hold, of schema 2 or 1.

    Raises:
        FocusLimeError: another schema, a field that is missing, unknown or wrong, a text that was
            changed, a unit outside of its text.
    """
    from pydantic import ValidationError

    schema = data.get("schema") if isinstance(data, dict) else None
    if schema == schema1.SCHEMA:
        data = schema1.converted(data)
    elif schema != SCHEMA:
        raise FocusLimeError(f"not an explanation: schema is {schema!r}, expected {SCHEMA!r}")
    fields = {key: value for key, value in data.items() if key != "schema"}
    sources = fields.get("sources")
    if not isinstance(sources, list) or not sources:
        raise FocusLimeError("not a whole explanation: it has no source")
    fields["sources"] = [_verified(number, source) for number, source in enumerate(sources)]
    try:
        # As JSON: there no text passes for a number, and an array is a tuple.
        text = json.dumps(fields, allow_nan=False)
        explanation = _adapter(kind).validate_json(text, strict=True, extra="forbid")
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise FocusLimeError(f"not a whole explanation: {where}: {first['msg']}") from None
    except (ValueError, RecursionError) as error:  # NaN and infinity are no JSON
        raise FocusLimeError(f"not a whole explanation: {error}") from None
    _check_spans(explanation)
    return explanation


def load(kind: type[T], path: str | Path) -> T:
    """The explanation in a file."""
    data = load_json(path)
    try:
        return from_dict(kind, data)
    except FocusLimeError as error:
        raise FocusLimeError(f"{path}: {error}") from None


def json_schema(kind: type[Any]) -> dict[str, Any]:
    """The JSON Schema of what `to_dict` gives: every object is closed, and every field is there.
    What the docstrings say of attributes describes the fields.
    """
    schema = _adapter(kind).json_schema()
    schema["properties"] = {"schema": {"const": SCHEMA}, **schema["properties"]}
    digest = {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "Of the text in UTF-8."}
    schema["$defs"]["SourceText"]["properties"]["sha256"] = digest
    for part in (schema, *schema["$defs"].values()):
        _close(part)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA,
        "title": "A Focus-LIME explanation",
        **schema,
    }


_ATTRIBUTE = re.compile(r"^ {4}(\w[\w, ]*): (.+(?:\n {8,}.+)*)", re.MULTILINE)


def _close(part: dict[str, Any]) -> None:
    """No other field, and none left out; the docstring's attributes become descriptions."""
    properties = part["properties"]
    part.update(additionalProperties=False, required=list(properties))
    text, _, attributes = part.pop("description", "").partition("Attributes:\n")
    if text and not text.isspace():
        part["description"] = " ".join(text.split())
    for field in (part, *properties.values()):
        field.pop("title", None)
        field.pop("default", None)
    for names, description in _ATTRIBUTE.findall(attributes):
        for name in names.split(", "):
            properties[name]["description"] = " ".join(description.split())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _verified(number: int, source: Any) -> Any:
    """The source without its digest, which its text must fit."""
    if not isinstance(source, dict) or not isinstance(source.get("text"), str):
        raise FocusLimeError(f"the text of source {number} is missing")
    try:
        digest = _digest(source["text"])
    except UnicodeEncodeError:
        raise FocusLimeError(f"the text of source {number} is no Unicode text") from None
    if source.get("sha256") != digest:
        raise FocusLimeError(f"the text of source {number} does not fit its digest: it was changed")
    return {key: value for key, value in source.items() if key != "sha256"}


def _check_spans(explanation: Any) -> None:
    """What every reader of an explanation relies on, so that it need not ask again: each span lies
    in a source, and a deletion curve has a value for each of its spans.
    """
    texts = [source.text for source in explanation.sources]
    for span in _spans(explanation):
        if span.source >= len(texts):
            raise FocusLimeError(f"a span is of source {span.source}: there is none")
        if span.end > len(texts[span.source]):
            raise FocusLimeError(f"a span of source {span.source} ends at {span.end}, behind it")
    for curve in filter(None, (explanation.curve, explanation.fine_curve)):
        if len(curve.spans) != len(curve.values):
            raise FocusLimeError("a deletion curve has not one value for each of its spans")


def _spans(part: Any) -> Iterator[Span]:
    """Every span in an explanation, however deep."""
    if isinstance(part, Span):
        yield part
    elif isinstance(part, tuple):
        for item in part:
            yield from _spans(item)
    elif is_dataclass(part):
        for field in fields_of(part):
            yield from _spans(getattr(part, field.name))
