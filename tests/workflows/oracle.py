"""A model of one score for the jobs' tests: does the text hold the question's last word?"""

from __future__ import annotations

import numpy as np

CALLS: list[int] = []


def words(texts: list[str]) -> np.ndarray:
    """4 nats for each time the text before the question holds the question's last word, less 2."""
    CALLS.append(len(texts))
    scores = []
    for text in texts:
        document, _, question = text.rpartition("\n\nQuestion: ")
        wanted = question.rstrip("?").split()[-1]
        scores.append(4.0 * document.count(wanted) - 2.0)
    return np.array(scores)


def either(texts: list[str]) -> list[float]:
    """'hereby grants' says it, or six times 'licensed', each a sixth."""
    return [6 * max(float("hereby grants" in t), t.count("licensed") / 6) - 3 for t in texts]
