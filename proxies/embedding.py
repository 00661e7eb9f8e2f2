"""Embeddings: units whose text means what the question and the answer mean.

The model is any of the sentence-transformers package (Reimers & Gurevych 2019), which the extra
`embedding` installs. It reads each unit once and knows nothing of the target.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import torch

from focus_lime.errors import FocusLimeError, first_line
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Units
from focus_lime.method.objective import Objective
from focus_lime.method.proxy import ProxyScores
from focus_lime.method.value import Progress
from focus_lime.models.base import Floats, Ledger, Model


class Embedding:
    """The cosine similarity of each unit with the question and the answer, from -1 to 1.

    A unit that is longer than the model's window is read in pieces, and the best piece counts
    (MaxP, Dai & Callan 2019): nothing is cut off.

    Args:
        model: a `SentenceTransformer`.
        batch_size: texts that are read at once.
    """

    def __init__(self, model: Any, name: str, *, batch_size: int = 32) -> None:
        self.name = f"embedding:{name}"
        self._model, self._batch_size = model, batch_size

    def score(
        self,
        prompt: Prompt,
        units: Units,
        objective: Objective,
        *,
        target: Model,
        rng: np.random.Generator,
        progress: Progress | None = None,
    ) -> ProxyScores:
        """Raises:
        FocusLimeError: neither a question nor an answer.
        """
        query = f"{prompt.question or ''} {objective.query}".strip()
        if not query:
            raise FocusLimeError(
                "the proxy embedding has nothing to look for: ask a question, give a response or "
                "labels, or take another proxy"
            )
        ledger = Ledger()
        asked = self._encode(self._model.encode_query, self._pieces(query), ledger)
        pieces = [self._pieces(text) for text in units.texts(prompt.sources)]
        flat = [piece for some in pieces for piece in some]
        read = self._encode(self._model.encode_document, flat, ledger, progress)
        best = (_unit_length(read) @ _unit_length(asked).T).max(axis=1)
        firsts = np.cumsum([0, *map(len, pieces)])[:-1]
        return ProxyScores(np.maximum.reduceat(best, firsts), ledger)

    def _encode(
        self, encode: Any, texts: list[str], ledger: Ledger, progress: Progress | None = None
    ) -> Floats:
        """`float64[n_texts, width]`, read longest first, so that texts of a batch are alike."""
        lengths = np.array([self._length(text) for text in texts])
        order = np.argsort(-lengths, kind="stable")
        rows: list[Floats] = []
        for first in range(0, len(order), self._batch_size):
            started = time.perf_counter()
            batch = order[first : first + self._batch_size]
            vectors = encode(
                [texts[i] for i in batch], batch_size=len(batch), show_progress_bar=False
            )
            rows += list(np.asarray(vectors, dtype=np.float64))
            computed = len(batch) * int(lengths[batch[0]])
            seconds = time.perf_counter() - started
            ledger.add(Ledger(len(batch), int(lengths[batch].sum()), computed, 0, seconds))
            if progress is not None:
                progress(len(rows), len(texts))
        return np.stack([rows[place] for place in np.argsort(order)])

    def _pieces(self, text: str) -> list[str]:
        """The text, halved between words until the model reads each piece whole."""
        window = self._model.max_seq_length
        if window is None or self._length(text) <= window or len(text) < 2:
            return [text]
        middle = len(text) // 2
        cut = text.rfind(" ", 1, middle) + 1 or middle
        return self._pieces(text[:cut]) + self._pieces(text[cut:])

    def _length(self, text: str) -> int:
        """Tokens, with those of the longest of the model's own prompts ("query: ")."""
        tokenizer = self._model.tokenizer
        longest = max(self._model.prompts.values(), key=len, default="")
        if callable(tokenizer):
            return len(tokenizer(longest + text, truncation=False, verbose=False)["input_ids"])
        return len(tokenizer.encode(longest + text).ids)  # static embeddings


def _unit_length(rows: Floats) -> Floats:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(norms > 0, norms, 1.0)


def load(spec: str = "") -> Embedding:
    """`--proxy embedding:SPEC`, a folder or a hub id."""
    if not spec.strip():
        raise FocusLimeError(
            "give a model: embedding:FOLDER or a hub id, as embedding:BAAI/bge-small-en-v1.5"
        )
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError:
        raise FocusLimeError(
            "the package sentence-transformers is missing: pip install 'focus-lime[embedding]'"
        ) from None
    try:
        with torch.random.fork_rng(devices=[]):  # weights that a file lacks are drawn at random
            model = SentenceTransformer(spec)
    except (OSError, ValueError, KeyError) as error:
        reason = first_line(error)
        raise FocusLimeError(
            f"{spec!r} cannot be loaded ({reason}): give a folder or a hub id"
        ) from None
    return Embedding(model, spec)
