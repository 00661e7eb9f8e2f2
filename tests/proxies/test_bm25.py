"""pytest tests/proxies/test_bm25.py"""

import numpy as np
import pytest

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt
from focus_lime.method.objective import Score
from focus_lime.method.objectives.response import ResponseLogOdds
from focus_lime.models.base import Response
from focus_lime.proxies.bm25 import BM25
from tests.conftest import linear_function

TEXT = "Payment is due. The governing law is Nevada. Notices go by post. The law binds all."
TARGET = linear_function({})
RNG = np.random.default_rng(0)


def test_sentences_with_the_rare_words_of_question_and_answer_come_first() -> None:
    prompt = Prompt.from_document(TEXT, question="Which law governs?")
    objective = ResponseLogOdds(Response("Nevada"))
    scores = (
        BM25()
        .score(
            prompt,
            prompt.tree.scored,
            objective,
            target=TARGET,
            rng=RNG,
        )
        .scores
    )
    assert np.argsort(-scores).tolist()[:2] == [1, 3]
    assert scores[0] == scores[2] == 0.0


def test_a_query_without_a_known_word_scores_nothing() -> None:
    prompt = Prompt.from_document(TEXT, question="Quid?")
    scores = (
        BM25()
        .score(
            prompt,
            prompt.tree.scored,
            Score(),
            target=TARGET,
            rng=RNG,
        )
        .scores
    )
    assert scores.tolist() == [0.0] * 4


def test_nothing_to_look_for_is_an_error() -> None:
    prompt = Prompt.from_document(TEXT)
    with pytest.raises(FocusLimeError, match="nothing to look for"):
        BM25().score(
            prompt,
            prompt.tree.scored,
            Score(),
            target=TARGET,
            rng=RNG,
        )
