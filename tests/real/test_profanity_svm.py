"""Five linear SVMs on real toxic posts: the exact attribution of every word is known.

The decision value is linear in word counts, so deleting a word takes its coefficient away, and
an explanation must rank the words as the coefficients do.

Run: pytest tests/real/test_profanity_svm.py
"""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import spearmanr

from focus_lime import FocusLime, FunctionModel, Prompt
from focus_lime.inputs.units import Units
from focus_lime.method.masks import bernoulli
from focus_lime.method.surrogates.sparse import fit_sparse

BUDGET = 256
N_POSTS = 12
_TOKEN = re.compile(r"(?u)\b\w\w+\b")  # scikit-learn's CountVectorizer, as the SVMs were trained


class ProfanitySVM:
    """The mean of five linear SVMs: their decision values, or their Platt probabilities."""

    def __init__(self, folder: Path) -> None:
        arrays = np.load(folder / "linear_svm_platt.npz")
        self.coef, self.intercept = arrays["coef"], arrays["intercept"]
        self.platt_a, self.platt_b = arrays["platt_a"], arrays["platt_b"]
        vocabulary = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))
        self.vocabulary: dict[str, int] = vocabulary

    def decisions(self, texts: list[str]) -> np.ndarray:
        """`float64[n_texts, 5]`."""
        rows = [self.coef[:, self.ids(text)].sum(axis=1) + self.intercept for text in texts]
        return np.array(rows)

    def mean_decision(self, texts: list[str]) -> np.ndarray:
        return self.decisions(texts).mean(axis=1)

    def log_odds(self, texts: list[str]) -> np.ndarray:
        """Of the mean of the five probabilities, which is the model's published score."""
        return logit(expit(-(self.platt_a * self.decisions(texts) + self.platt_b)).mean(axis=1))

    def ids(self, text: str) -> list[int]:
        words = _TOKEN.findall(text.lower())
        return [self.vocabulary[word] for word in words if word in self.vocabulary]

    def exact(self, units: Units, text: str) -> np.ndarray:
        """What each unit adds to the mean decision value."""
        return np.array([self.coef[:, self.ids(t)].mean(axis=0).sum() for t in units.texts([text])])


@pytest.fixture(scope="module")
def svm(shared: Path) -> ProfanitySVM:
    return ProfanitySVM(shared / "models" / "profanity_svm")


@pytest.fixture(scope="module")
def posts(shared: Path) -> list[str]:
    """Posts spread over the file whose words all fit: at most 100 of them for 256 masks."""
    with open(shared / "data" / "toxic_spans" / "tsd_trial.csv", encoding="utf-8") as file:
        texts = [row["text"] for row in csv.DictReader(file)]
    fitting = [text for text in texts if 8 <= len(text.split()) <= 90]
    return fitting[:: len(fitting) // N_POSTS][:N_POSTS]


def explained(function: Any, text: str) -> tuple[Units, np.ndarray]:
    explainer = FocusLime(FunctionModel(function), None)
    explanation = explainer.explain(Prompt.from_document(text), granularity="word", budget=BUDGET)
    units = explainer.value_function(Prompt.from_document(text), level="word").units
    assert [(u.start, u.end) for u in explanation.attributed] == [(u.start, u.end) for u in units]
    return units, np.array([unit.weight for unit in explanation.attributed])


def test_an_explanation_ranks_words_as_the_coefficients_do(
    svm: ProfanitySVM, posts: list[str]
) -> None:
    assert len(posts) == N_POSTS
    for text in posts:
        units, weights = explained(svm.mean_decision, text)
        exact = svm.exact(units, text)
        np.testing.assert_allclose(weights, exact, atol=1e-6)
        assert spearmanr(weights, exact).statistic >= 0.95, text


def test_the_value_function_is_linear_in_words(svm: ProfanitySVM, posts: list[str]) -> None:
    for text in posts:
        explainer = FocusLime(FunctionModel(svm.mean_decision), None)
        f = explainer.value_function(Prompt.from_document(text), level="word")
        exact = svm.exact(f.units, text)
        masks = bernoulli(len(f.units), BUDGET, seed=0)
        values = f(masks)
        np.testing.assert_allclose(values, svm.intercept.mean() + masks @ exact, atol=1e-9)
        weights = fit_sparse(masks, values, n_bootstrap=0).weights
        np.testing.assert_allclose(weights, exact, atol=1e-6)


def test_through_the_probability_the_words_keep_their_rank(
    svm: ProfanitySVM, posts: list[str]
) -> None:
    """The log-odds of a mean of sigmoids is no longer linear, only nearly so: over the words that
    the SVMs know (the others are 0 and tied in truth, and some get a little weight)."""
    found = []
    for text in posts:
        units, weights = explained(svm.log_odds, text)
        exact = svm.exact(units, text)
        known = exact != 0
        found.append(spearmanr(weights[known], exact[known]).statistic)
    assert np.mean(found) >= 0.95, found
