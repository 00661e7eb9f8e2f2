"""Scores that survive: what a model said of a variant, kept in memory and, if asked, on disk."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from focus_lime.errors import FocusLimeError
from focus_lime.models.base import Continuations, Floats, Model, Variant


class ScoreCache:
    """Rows of `Model.score` by digest. With a `path`, an SQLite file; a row is on disk before
    the next batch begins, and a failure to write is a failure of the run.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        try:
            self._db = sqlite3.connect(":memory:" if path is None else path)
            with self._db:
                self._db.execute(
                    "CREATE TABLE IF NOT EXISTS scores (key TEXT PRIMARY KEY, row BLOB)"
                )
        except sqlite3.Error as error:
            raise FocusLimeError(f"the score cache {path} cannot be used: {error}") from None

    def get(self, key: str) -> Floats | None:
        row = self._db.execute("SELECT row FROM scores WHERE key = ?", (key,)).fetchone()
        return None if row is None else np.frombuffer(row[0], dtype="<f8")

    def put(self, rows: Iterable[tuple[str, Floats]]) -> None:
        blobs = [(key, np.asarray(row, dtype="<f8").tobytes()) for key, row in rows]
        with self._db:
            self._db.executemany("INSERT OR REPLACE INTO scores VALUES (?, ?)", blobs)

    def __len__(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM scores").fetchone()[0])

    def close(self) -> None:
        self._db.close()


def context_key(model: Model, variant: Variant, continuations: Continuations) -> str:
    """Digest of all that the variants of a prompt share: weights, prompt, continuations."""
    content = [
        model.fingerprint,
        variant.prompt.data,
        variant.prompt.question,
        [[r.text, r.ids] for r in continuations],
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def variant_key(context: str, variant: Variant) -> str:
    """Digest of one variant in its context; equal spans have equal keys, whatever the units. The
    prompt itself has one key under every ablation.
    """
    dropped = [(span.source, span.start, span.end) for span in variant.dropped]
    how = (variant.ablation, variant.filler, dropped) if dropped else ()
    return hashlib.sha256(f"{context}{how}".encode()).hexdigest()
