"""BM25: chunks and sentences that share rare words with the question and the answer.

The retriever is the bm25s package (Robertson's Okapi BM25 with Lucene's idf). It costs no model
call and knows only words; it is the proxy to try first on a laptop.
"""

from __future__ import annotations

import time

import bm25s
import numpy as np
import regex

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Units
from focus_lime.method.objective import Objective
from focus_lime.method.proxy import ProxyScores
from focus_lime.method.value import Progress
from focus_lime.models.base import Ledger, Model

_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")


class BM25:
    """Scores of each unit as a document, with the question and the answer as the query."""

    name = "bm25"

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
        started = time.perf_counter()
        query = _words(f"{prompt.question or ''} {objective.query}")
        if not query:
            raise FocusLimeError(
                "the proxy bm25 has nothing to look for: ask a question, give a response or "
                "labels, or take a proxy that needs none, as target"
            )
        corpus = [_words(text) for text in units.texts(prompt.sources)]
        known = {word for words in corpus for word in words}
        query = [word for word in query if word in known]
        scores = np.zeros(len(units))
        if query:
            retriever = bm25s.BM25()
            retriever.index(corpus, show_progress=False)
            scores = retriever.get_scores(query).astype(np.float64)
        return ProxyScores(scores, Ledger(seconds=time.perf_counter() - started))


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]
