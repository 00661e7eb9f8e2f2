"""A real black box: does a contract hold a clause of this kind, and how strongly?

TF-IDF and logistic regression learn from clauses that lawyers cut out of contracts. A whole
contract scores as its best passage: the highest log-odds over sliding windows of 80 words, half a
window apart. The score is blind to where the passage stands, and to every other passage.

A contract is asked about hundreds of times with other sentences missing, so windows are counted
from word ids, and everything after the counting is scikit-learn's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression

from focus_lime.errors import FocusLimeError, suggest
from focus_lime.models.base import Floats

from ..datasets.cuad import Excerpt
from .ngrams import NGrams

LABELS = (
    "Governing Law",
    "Cap On Liability",
    "Anti-Assignment",
    "Audit Rights",
    "Insurance",
    "License Grant",
    "Exclusivity",
    "Post-Termination Services",
)
WINDOW = 80  # words; the excerpts' median is 39, their 90th percentile about 130


class ClauseClassifier:
    """One binary logistic regression a label over shared TF-IDF features.

    Attributes:
        labels: in the order of the columns of `scores`.
        window: words of a window; the next one begins half a window later.
        counter, tfidf: scikit-learn's, fitted.
        coefficients, intercepts: `float64[n_features, n_labels]`, `float64[n_labels]`.
    """

    def __init__(
        self,
        *,
        labels: tuple[str, ...],
        window: int,
        counter: CountVectorizer,
        tfidf: TfidfTransformer,
        coefficients: Floats,
        intercepts: Floats,
    ) -> None:
        if window < 2 or window % 2:
            raise FocusLimeError(f"a window needs an even number of words, got {window}")
        self.labels, self.window = labels, window
        self.counter, self.tfidf = counter, tfidf
        self.coefficients, self.intercepts = coefficients, intercepts
        self._ngrams = NGrams(counter.vocabulary_, counter.ngram_range[1])

    @classmethod
    def train(
        cls,
        excerpts: Iterable[Excerpt],
        labels: Sequence[str],
        *,
        window: int = WINDOW,
        widest: int = 2,
        max_features: int | None = 50_000,
        min_df: int = 2,
    ) -> ClauseClassifier:
        """Each label's excerpts against the excerpts of all other categories.

        Args:
            widest: n-grams of 1 to so many words.
            max_features: the most frequent n-grams stay.
            min_df: n-grams of fewer excerpts go.

        Raises:
            FocusLimeError: a label without excerpts.
        """
        excerpts = list(excerpts)
        texts = [excerpt.text for excerpt in excerpts]
        categories = np.array([excerpt.category for excerpt in excerpts], dtype=object)
        counter = CountVectorizer(
            ngram_range=(1, widest), max_features=max_features, min_df=min_df, dtype=np.float64
        )
        tfidf = TfidfTransformer(sublinear_tf=True)
        for label in labels:
            if label not in categories:
                raise FocusLimeError(f"no excerpts of {label!r}: {suggest(label, set(categories))}")
        features = tfidf.fit_transform(counter.fit_transform(texts))
        fits = [
            LogisticRegression(
                C=10.0,
                class_weight="balanced",
                solver="liblinear",
                random_state=0,  # without one the user's global generator would move
            ).fit(features, categories == label)
            for label in labels
        ]
        coefficients = np.column_stack([fit.coef_[0] for fit in fits])
        intercepts = np.array([fit.intercept_[0] for fit in fits])
        return cls(
            labels=tuple(labels),
            window=window,
            counter=counter,
            tfidf=tfidf,
            coefficients=coefficients,
            intercepts=intercepts,
        )

    def for_label(self, label: str) -> LabelScore:
        """The classifier of one label, as a function that `FunctionModel` takes."""
        if label not in self.labels:
            raise FocusLimeError(f"the classifier has no {label!r}: {suggest(label, self.labels)}")
        return LabelScore(self, self.labels.index(label))

    def scores(self, texts: Sequence[str]) -> Floats:
        """Log-odds in nats of each text's best window, `float64[n_texts, n_labels]`."""
        counts, first = self._windows(texts)
        return np.maximum.reduceat(self._decide(counts), first, axis=0)

    def _decide(self, counts: csr_matrix) -> Floats:
        decision = self.tfidf.transform(counts) @ self.coefficients + self.intercepts
        return np.asarray(decision, dtype=np.float64)

    def _windows(self, texts: Sequence[str]) -> tuple[csr_matrix, NDArray[np.int64]]:
        """Counts `[n_windows, n_features]` of all texts' windows, and each text's first row."""
        rows: list[NDArray[np.int64]] = []
        columns: list[NDArray[np.int64]] = []
        first: list[int] = []
        n_windows = 0
        for words in self._ngrams.read(texts):
            first.append(n_windows)
            here = n_window(len(words), self.window)
            for width, ids in enumerate(self._ngrams.features(words), start=1):
                for row, known in _rows(ids, width, here, self.window):
                    rows.append(row + n_windows)
                    columns.append(known)
            n_windows += here
        row, column = np.concatenate(rows), np.concatenate(columns)
        shape = (n_windows, len(self.counter.vocabulary_))
        counts = csr_matrix((np.ones(len(row)), (row, column)), shape=shape)
        return counts, np.array(first, dtype=np.int64)


@dataclass(frozen=True)
class LabelScore:
    """texts -> log-odds in nats of one label, `float64[n_texts]`."""

    classifier: ClauseClassifier
    index: int

    def __call__(self, texts: list[str]) -> Floats:
        return self.classifier.scores(texts)[:, self.index]


def n_window(n_words: int, window: int) -> int:
    """Windows of a text: the last one may be shorter, and even no words are one window."""
    return 1 + max(0, -(-(n_words - window) // (window // 2)))


def _rows(
    ids: NDArray[np.int64], width: int, n_windows: int, window: int
) -> Iterable[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """(window, feature) pairs of known n-grams that stand whole inside the window.

    Window j holds the half-window blocks j and j + 1. An n-gram that begins in block b stands
    in window b, and in window b - 1 too unless it runs over the end of block b.
    """
    stride = window // 2
    position = np.flatnonzero(ids >= 0)
    known, block = ids[position], position // stride
    whole = (position + width - 1) // stride == block
    for row, inside in ((block, block < n_windows), (block - 1, (block > 0) & whole)):
        yield row[inside], known[inside]
