"""Texts by the name of their source, checked against the sum that they were labelled with.

A name is a file of the data folder; what follows "#" is a part of it: a title of CUAD, or a line
of JSONL, from 0.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from focus_lime.errors import FocusLimeError


def read_text(folder: Path, source: str, sha256: str) -> str:
    """The text of a source.

    Raises:
        FocusLimeError: it is not there, or another text than the labelled one.
    """
    name, _, part = source.partition("#")
    try:
        text = _part((folder / name).read_bytes().decode(), name, part)
    except (OSError, KeyError, ValueError, StopIteration, IndexError) as error:
        raise FocusLimeError(f"{folder / name}: no text {source!r} there ({error})") from None
    if hashlib.sha256(text.encode()).hexdigest() != sha256:
        raise FocusLimeError(f"{folder / name}: {source!r} is not the text that was labelled")
    return text


def _part(content: str, name: str, part: str) -> str:
    if name.endswith(".jsonl"):
        context = json.loads(content.split("\n")[int(part)])["context"]
        return context if isinstance(context, str) else "\n".join(context)
    if not name.endswith(".json"):
        return content
    data = json.loads(content)
    if part:
        document = next(row for row in data["data"] if row["title"] == part)
        return "\n\n".join(paragraph["context"] for paragraph in document["paragraphs"])
    turns = data["meeting_transcripts"]
    return "\n".join(f"{turn['speaker']}: {turn['content']}" for turn in turns)
