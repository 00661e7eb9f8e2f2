"""ContextCite (Cohen-Wang et al. 2024) by its own package: its masks, forward passes and LASSO.

It gets our token ids of each mask and those of the response, in place of its own template, and one
prompt at a time, the only batch size that is exact for all models (see `peers`). Its masks are
those of seeds 0, 1, 2, ...; here they begin elsewhere for every seed.
"""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from focus_lime.errors import FocusLimeError
from focus_lime.method.masks import Masks

from .base import Attributions, Case
from .isolated import isolated
from .peers import context_cite_utils, left_padding

_APART = 100_000  # seeds between the masks of two runs


@dataclass(frozen=True)
class ContextCite:
    def explain(self, case: Case) -> Attributions:
        model, response = case.causal, case.response_ids("ContextCite")
        f, n_units = case.value(), len(case.units)

        def ids(mask: Masks | None = None) -> list[int]:
            kept = np.ones(n_units, dtype=bool) if mask is None else mask
            return [int(token) for token in model.encoder.variant_ids(f.variant(kept))]

        citer = _citer(
            model.model,
            left_padding(model),
            context="",
            query="",
            partitioner=SimpleNamespace(context="", num_sources=n_units),
            num_ablations=max(2, int(case.budget / case.unshared(f))),
            batch_size=1,
        )
        with isolated(case.seed), contextlib.redirect_stderr(io.StringIO()):  # a bar
            masks, log_odds = context_cite_utils().get_masks_and_logit_probs(
                citer.model,
                citer.tokenizer,
                citer.num_ablations,
                citer.num_sources,
                ids,
                response,
                citer.ablation_keep_prob,
                citer.batch_size,
                base_seed=_APART * case.seed,
            )
        citer._cache.update(reg_masks=masks, reg_logit_probs=log_odds)
        total = context_cite_utils().aggregate_logit_probs(log_odds)
        if not np.isfinite(total).all():
            raise FocusLimeError(
                "ContextCite's log-odds are infinite: it takes 1 - p in float32, and p rounds to 1"
            )
        weights, _ = citer._get_attributions_for_ids_range(0, len(response))
        return Attributions(np.asarray(weights, dtype=np.float64))


def _citer(*args: Any, **options: Any) -> Any:
    context_cite_utils()  # so that the import asks for no download
    from context_cite import ContextCiter

    return ContextCiter(*args, **options)


def load() -> ContextCite:
    context_cite_utils()
    return ContextCite()
