"""The fast windows against scikit-learn's own pipeline on the windows' text.

Run: pytest tests/benchmarks/classifiers/test_clauses.py
"""

from __future__ import annotations

import pickle
import re

import numpy as np
import pytest

from focus_lime.benchmarks.classifiers.clauses import ClauseClassifier, n_window
from focus_lime.benchmarks.datasets.cuad import Excerpt
from focus_lime.errors import FocusLimeError
from tests.benchmarks.datasets import tiny_cuad

LABELS = ("Governing Law", "Cap On Liability")
LAW = "This contract is governed by the laws of Texas."
FILLER = "the buyer shall carry lunch and the seller shall carry insurance of fees in Ohio "


@pytest.fixture(scope="module", params=[1, 2, 3])
def classifier(request: pytest.FixtureRequest) -> ClauseClassifier:
    excerpts = [Excerpt(**excerpt) for excerpt in tiny_cuad.excerpts()]
    return ClauseClassifier.train(excerpts, LABELS, window=12, widest=request.param, min_df=1)


def plain(classifier: ClauseClassifier, text: str) -> np.ndarray:
    """Every window as text through scikit-learn, `float64[n_labels]`."""
    words = re.findall(r"(?u)\b\w\w+\b", text.lower())
    stride = classifier.window // 2
    windows = [
        " ".join(words[start : start + classifier.window])
        for start in range(0, max(1, len(words) - stride), stride)
    ]
    features = classifier.tfidf.transform(classifier.counter.transform(windows))
    return np.max(features @ classifier.coefficients + classifier.intercepts, axis=0)


def test_fast_equals_plain_at_every_length(classifier: ClauseClassifier) -> None:
    words = (FILLER * 3 + LAW + " " + FILLER * 2).split()
    texts = [" ".join(words[:n]) for n in range(len(words) + 1)]
    exact = np.array([plain(classifier, text) for text in texts])
    np.testing.assert_allclose(classifier.scores(texts), exact, atol=1e-12)
    alone = np.vstack([classifier.scores([text]) for text in texts])
    np.testing.assert_allclose(alone, exact, atol=1e-12)


def test_fast_equals_plain_on_random_deletions(classifier: ClauseClassifier) -> None:
    rng = np.random.default_rng(0)
    words = (
        (FILLER + LAW + " unknownword 4.2 (a) Fees/LAWS,Ohio\u2014governed İnsurance ") * 4
    ).split()
    for _ in range(50):
        text = " ".join(w for w in words if rng.random() < 0.6)
        np.testing.assert_allclose(
            classifier.scores([text])[0], plain(classifier, text), atol=1e-12
        )


def test_a_text_without_words_has_the_intercept(classifier: ClauseClassifier) -> None:
    for text in ("", " \n", "4 . a ()"):
        np.testing.assert_allclose(classifier.scores([text])[0], classifier.intercepts)


def test_a_clause_raises_the_score_wherever_it_stands(classifier: ClauseClassifier) -> None:
    texts = [FILLER * 8, FILLER * 4 + LAW + " " + FILLER * 4, LAW + " " + FILLER * 8]
    without, middle, first = classifier.for_label("Governing Law")(texts)
    assert middle > without
    assert first > without


def test_number_of_windows() -> None:
    counts = [n_window(n, 80) for n in (0, 1, 80, 81, 120, 121, 160)]
    assert counts == [1, 1, 1, 2, 2, 3, 3]


def test_a_label_is_a_function_that_survives_pickling(classifier: ClauseClassifier) -> None:
    function = classifier.for_label("Cap On Liability")
    again = pickle.loads(pickle.dumps(function))
    np.testing.assert_array_equal(again([FILLER, LAW]), function([FILLER, LAW]))
    assert function([FILLER, LAW]).shape == (2,)


def test_training_twice_gives_the_same() -> None:
    excerpts = [Excerpt(**excerpt) for excerpt in tiny_cuad.excerpts()]
    first, second = (ClauseClassifier.train(excerpts, LABELS, min_df=1) for _ in range(2))
    np.testing.assert_array_equal(first.coefficients, second.coefficients)


def test_errors_name_the_label_and_the_window(classifier: ClauseClassifier) -> None:
    excerpts = [Excerpt(**excerpt) for excerpt in tiny_cuad.excerpts()]
    with pytest.raises(FocusLimeError, match="did you mean Governing Law"):
        ClauseClassifier.train(excerpts, ["Governing Laws"])
    with pytest.raises(FocusLimeError, match="did you mean Governing Law"):
        classifier.for_label("governing law")
    with pytest.raises(FocusLimeError, match="even number"):
        ClauseClassifier.train(excerpts, LABELS, window=7, min_df=1)
