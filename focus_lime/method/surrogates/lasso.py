"""The LASSO: its path on one sample, by scikit-learn; and, at one penalty, of hundreds of bootstrap
samples at once, by coordinate descent over all of them together (Friedman et al. 2010, equation 5),
since scikit-learn's checks of one small fit take longer than the fit.

    minimise |y - X w|^2 / (2 n) + penalty |w|_1

X and y are centred.
"""

from __future__ import annotations

import warnings

import numpy as np

from focus_lime.models.base import Floats

_SWEEPS = 1000
_TOLERANCE = 1e-4  # of the values' size: what no coordinate moves any more
_CHECKED = 4  # sweeps, after which samples that are done leave
AT_ONCE = 2**22  # numbers of the samples that are fitted together


def lasso_path(x: Floats, y: Floats, penalties: Floats | None = None) -> tuple[Floats, Floats]:
    """Penalties, falling, and the coefficients `float64[n_units, n_penalties]` at each of them.

    Args:
        penalties: 60 by default, from the least that leaves nothing to a ten-thousandth of it.
    """
    import sklearn  # slow to import
    from sklearn import linear_model
    from sklearn.exceptions import ConvergenceWarning

    x = np.asfortranarray(x)
    if penalties is None:
        highest = float(np.abs(x.T @ y).max(initial=0.0)) / len(y)
        penalties = np.geomspace(max(highest, np.finfo(float).tiny), 1e-4 * highest, 60)
    with warnings.catch_warnings(), sklearn.config_context(skip_parameter_validation=True):
        warnings.simplefilter("ignore", ConvergenceWarning)
        # random_state: without one scikit-learn draws from the user's global generator.
        alphas, path, _ = linear_model.lasso_path(
            x, y, alphas=penalties, max_iter=5000, random_state=0, check_input=False
        )
    return alphas, path


def lasso_of_samples(x: Floats, y: Floats, penalty: float, start: Floats) -> Floats:
    """Coefficients of many samples, `float64[n_samples, n_units]`.

    Args:
        x, y: `float64[n_samples, n, n_units]` and `float64[n_samples, n]`.
        start: coefficients to begin at, `float64[n_units]`.
    """
    at_once = max(1, AT_ONCE // max(1, x[0].size))
    chunks = [
        _descend(x[i : i + at_once], y[i : i + at_once], penalty, start)
        for i in range(0, len(y), at_once)
    ]
    return np.concatenate(chunks)


def _descend(x: Floats, y: Floats, penalty: float, start: Floats) -> Floats:
    n_samples, n, n_units = x.shape
    found = np.zeros((n_units, n_samples))
    columns = np.ascontiguousarray(x.transpose(2, 0, 1)) / np.sqrt(n)
    norms = np.einsum("jbi,jbi->jb", columns, columns)
    # A unit that a sample always keeps, or never, has no weight, and its column is 0.
    weights = np.where(norms > 0, start[:, None], 0.0)
    norms[norms == 0] = 1.0
    rest = y / np.sqrt(n) - np.einsum("jbi,jb->bi", columns, weights)
    least = _TOLERANCE * np.linalg.norm(y, axis=1) / np.sqrt(n)
    left = np.arange(n_samples)
    for sweep in range(_SWEEPS):
        moved = np.zeros(len(left))
        for j in range(n_units):
            pull = np.einsum("bi,bi->b", columns[j], rest) + norms[j] * weights[j]
            after = (np.maximum(pull - penalty, 0.0) + np.minimum(pull + penalty, 0.0)) / norms[j]
            step = after - weights[j]
            if step.any():
                rest -= columns[j] * step[:, None]
                weights[j] = after
                np.maximum(moved, np.abs(step), out=moved)
        if sweep % _CHECKED == 0:
            found[:, left] = weights
            going = moved > least[left]
            if not going.any():
                break
            left, rest, weights = left[going], rest[going], weights[:, going]
            columns, norms = columns[:, going], norms[:, going]
    else:
        found[:, left] = weights
    return found.T
