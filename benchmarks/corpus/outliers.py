"""Prompts whose explanations differ from the rest: how injected or poisoned text is found.

An explanation's *profile* is a row of numbers that say where its weight lies, how it is spread, and
how strange the words are that carry it. The distance of a profile from the rest is Mahalanobis's,
with center and scatter by the minimum covariance determinant (Rousseeuw and Van Driessen 1999), so
that the outliers themselves do not move what they are measured against.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2
from sklearn.covariance import MinCovDet

from focus_lime.explanation.result import ExplainedUnit, Explanation
from focus_lime.models.base import Floats

FEATURES = ("position", "spread", "evenness", "largest", "against", "supporter", "opponent")
_PER_FEATURE = 5  # with fewer profiles a feature, a covariance is a guess
_CONDITION = 50.0
_BEYOND = 0.975
_WORD = re.compile(r"\w\w+")


@dataclass(frozen=True)
class Outlier:
    """How far explanation `index` is from the rest.

    Attributes:
        distance: robust; about sqrt(number of features) for an ordinary profile.
        beyond: farther than all but 2.5 % would be if profiles were normally distributed.
        feature, deviation: what it differs most in, and by how many robust standard deviations.
    """

    index: int
    distance: float
    beyond: bool
    feature: str
    deviation: float


def words(text: str) -> set[str]:
    """The different words of two or more characters, in lower case."""
    return set(_WORD.findall(text.casefold()))


def shares(explanation: Explanation) -> tuple[tuple[ExplainedUnit, ...], Floats]:
    """The attributed units and their shares; nothing where no unit has any weight."""
    units = explanation.attributed
    sizes = np.array([abs(unit.weight or 0.0) for unit in units])
    if not sizes.sum():
        return (), np.zeros(0)
    return units, sizes / sizes.sum()


class Surprise:
    """How rare words are in the documents of a corpus, in bits.

    A word's surprise in document i is -log2 of the share of the *other* documents that have it,
    (count + 1/2) / (documents + 1); a text's is the mean over its different words.
    """

    def __init__(self, documents: Sequence[str]) -> None:
        self._words = [words(document) for document in documents]
        self._counts = Counter(word for document in self._words for word in document)

    def of(self, index: int, text: str) -> float | None:
        """The surprise of a text of document `index`; None where it has no words."""
        present = words(text)
        if not present:
            return None
        others, here = len(self._words) - 1, self._words[index]
        seen = np.array([self._counts[word] - (word in here) for word in sorted(present)])
        return float(-np.log2((seen + 0.5) / (others + 1)).mean())


def profiles(explanations: Sequence[Explanation]) -> NDArray[np.float64]:
    """`float64[n_explanations, n_features]`, columns as `FEATURES`; NaN where nothing has weight.

    position, spread: mean and standard deviation of where the weight lies, 0 the text's begin, 1
        its end.
    evenness: entropy of the shares over its largest value, 1 where all units weigh the same.
    largest: the largest share, over 1 / number of units.
    against: the share of weights below 0.
    supporter, opponent: bits by which the words of the unit that speaks most for the answer, and of
        the one that speaks most against it, are rarer in the corpus than those of the text's units
        are on average; 0 where there is none.
    """
    surprise = Surprise(["\n".join(s.text for s in e.sources) for e in explanations])
    return np.array(
        [_profile(explanation, i, surprise) for i, explanation in enumerate(explanations)]
    ).reshape(len(explanations), len(FEATURES))


def outliers(
    explanations: Sequence[Explanation], features: Sequence[str] = FEATURES
) -> list[Outlier]:
    """All explanations, the farthest from the rest first; ties in their order.

    An explanation without any weight has no profile: it is as ordinary as the median.
    """
    columns = [FEATURES.index(feature) for feature in features]
    rows = profiles(explanations)[:, columns]
    if not len(rows):
        return []
    deviations = robust_deviations(rows)
    distances = robust_distances(deviations)
    limit = float(np.sqrt(chi2.ppf(_BEYOND, len(columns))))
    most = np.abs(deviations).argmax(axis=1)
    ranked = [
        Outlier(
            index,
            float(distance),
            bool(distance > limit),
            features[most[index]],
            float(deviations[index, most[index]]),
        )
        for index, distance in enumerate(distances)
    ]
    return sorted(ranked, key=lambda outlier: -outlier.distance)


def robust_deviations(rows: Floats) -> NDArray[np.float64]:
    """(x - median) / (1.4826 MAD) by column; by the mean deviation where more than half are equal,
    and 0 where all are. NaN counts as the median.
    """
    deviations = np.zeros(rows.shape)
    for column, values in enumerate(rows.T):
        known = ~np.isnan(values)
        if not known.any():
            continue
        off = np.where(known, values - np.median(values[known]), 0.0)
        scale = 1.4826 * np.median(np.abs(off)) or 1.2533 * np.abs(off).mean()
        # Differences in the last bits of a column that is constant are no differences.
        if scale > 1e-9 * (1 + np.abs(values[known]).max()):
            deviations[:, column] = off / scale
    return deviations


def robust_distances(deviations: Floats) -> NDArray[np.float64]:
    """Distances from the center of most rows, `float64[n]`.

    The scatter is drawn to the identity until its condition number is 50 at most, as the minimum
    regularized covariance determinant does (Boudt et al. 2020): columns that depend on each other
    in most rows would else make any other row infinitely far. Columns that do not vary are left
    out. With fewer than five rows a column, or where most rows are equal, the columns count as
    independent.
    """
    varying = deviations[:, (deviations != 0).any(axis=0)]
    n, d = varying.shape
    if d == 0:
        return np.zeros(n)
    center, scatter = np.zeros(d), np.eye(d)
    if n >= _PER_FEATURE * d:
        with warnings.catch_warnings():
            # Of a determinant that grows by rounding, and of columns that depend on each other.
            warnings.simplefilter("ignore")
            try:
                estimate = MinCovDet(random_state=0).fit(varying)
                center, scatter = estimate.location_, regularized(estimate.covariance_)
            except ValueError:  # the rows in the middle have no scatter
                pass
    off = varying - center
    squares = (off * np.linalg.solve(scatter, off.T).T).sum(axis=1)
    return np.asarray(np.sqrt(squares))


def regularized(scatter: Floats) -> Floats:
    """(1 - r) scatter + r identity, with the least r that bounds the condition number."""
    values = np.linalg.eigvalsh(scatter)
    excess = values[-1] - _CONDITION * max(values[0], 0.0)
    r = max(0.0, excess / (excess + _CONDITION - 1)) if excess > 0 else 0.0
    return np.asarray((1 - r) * scatter + r * np.eye(len(scatter)))


def _profile(explanation: Explanation, index: int, surprise: Surprise) -> list[float]:
    units, share = shares(explanation)
    if not units:
        return [np.nan] * len(FEATURES)
    weights = np.array([unit.weight or 0.0 for unit in units])
    places = _places(explanation, units)
    position = float(share @ places)
    spread = float(np.sqrt(share @ (places - position) ** 2))
    held = share[share > 0]
    evenness = float(-(held * np.log(held)).sum() / np.log(max(len(share), 2)))
    against = float(share[weights < 0].sum())
    largest = float(share.max()) * len(share)
    surprises = [surprise.of(index, explanation.text(unit)) for unit in units]
    bits = np.array([np.nan if value is None else value for value in surprises])
    strange = np.zeros(len(bits))
    known = ~np.isnan(bits)
    if known.any():
        strange[known] = bits[known] - bits[known].mean()
    supporter = float(strange[weights.argmax()]) if weights.max() > 0 else 0.0
    opponent = float(strange[weights.argmin()]) if weights.min() < 0 else 0.0
    return [position, spread, evenness, largest, against, supporter, opponent]


def _places(explanation: Explanation, units: Sequence[ExplainedUnit]) -> Floats:
    """The middle of each unit, as a share of all sources in a row."""
    lengths = [len(source.text) for source in explanation.sources]
    before = np.cumsum([0, *lengths])
    middles = [before[unit.source] + (unit.start + unit.end) / 2 for unit in units]
    return np.array(middles) / max(1, sum(lengths))
