"""From logits to log-probabilities, precise where the probability is near 1."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from focus_lime.models.base import Floats
from focus_lime.models.kernel.prefixes import Ids

_ROWS = 16  # of logits that are in float32 at once


def log_probabilities(logits: torch.Tensor, rows: NDArray[np.intp], ids: Ids) -> Floats:
    """log p of `ids[n]` under the rows `rows[n]` of `logits[m, vocabulary]`, in float64.

    Where p is near 1, float32 has log p = 0. There it is log1p(-q) with q the probability of all
    other tokens, which float32 holds to full relative precision.
    """
    values = []
    for first in range(0, len(ids), _ROWS):
        block = logits[torch.from_numpy(rows[first : first + _ROWS]).to(logits.device)].float()
        index = torch.from_numpy(ids[first : first + _ROWS]).to(logits.device)[:, None]
        total = block.logsumexp(-1)
        direct = (block.gather(-1, index)[:, 0] - total).double()
        rest = block.scatter(-1, index, float("-inf")).logsumexp(-1) - total
        precise = torch.log1p(-rest.double().exp())
        values.append(torch.where(direct > -0.7, precise, direct).cpu().numpy())
    return np.concatenate(values)
