"""captum's LLMAttribution: FeatureAblation, Lime and KernelShap, with its own forward passes.

Its features are the units; a mask's prompt is our token ids less those of the hidden units (its own
inputs put a baseline token in place of a token, or tokenise the rest again). It is called with
`forward_in_tokens=False` and the response's ids: see `peers.captum_scores` for why. It explains the
log-probability of the response, shares no prefix, and runs one prompt at a time.

FeatureAblation runs a prompt a unit, up to ten times the budget; the table shows what that costs.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from captum.attr import FeatureAblation, KernelShap, Lime, LLMAttribution, TextTokenInput
from sklearn.exceptions import ConvergenceWarning

from focus_lime.errors import FocusLimeError, suggest
from focus_lime.method.masks import Masks

from .base import Attributions, Case
from .isolated import isolated
from .peers import Names

_ALGORITHMS = {"ablation": FeatureAblation, "lime": Lime, "kernel-shap": KernelShap}


@dataclass(frozen=True)
class Captum:
    algorithm: str

    def explain(self, case: Case) -> Attributions:
        model, response = case.causal, case.response_ids("captum's LLMAttribution")
        f, n_units = case.value(), len(case.units)

        def ids(mask: Masks) -> torch.Tensor:
            tokens = model.encoder.variant_ids(f.variant(mask))
            return torch.from_numpy(tokens)[None].to(model.model.device)

        options: dict[str, Any] = {}
        if self.algorithm == "ablation":
            case.check_fixed(float(n_units))
        else:
            n_samples = max(2, int(case.budget / case.unshared(f)))
            options = {"n_samples": n_samples, "perturbations_per_eval": 1}
        attribution = LLMAttribution(_ALGORITHMS[self.algorithm](model.model), Names())
        with isolated(case.seed), torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # of its LASSO, at its own settings
            result = attribution.attribute(
                _Units(n_units, ids),
                target=torch.tensor(response),
                forward_in_tokens=False,
                **options,
            )
        return Attributions(result.seq_attr.double().cpu().numpy().reshape(n_units))


class _Units(TextTokenInput):  # type: ignore[misc]  # captum accepts only its own inputs
    """An input with one feature a unit; 0 hides it."""

    def __init__(self, n_units: int, ids: Callable[[Masks], torch.Tensor]) -> None:
        self.n_itp_features, self.ids = n_units, ids
        self.values = [str(i) for i in range(n_units)]  # what captum calls the features

    def to_tensor(self) -> torch.Tensor:
        return torch.ones(1, self.n_itp_features)

    def to_model_input(self, perturbed_tensor: torch.Tensor | None = None) -> torch.Tensor:
        if perturbed_tensor is None:
            return self.ids(np.ones(self.n_itp_features, dtype=bool))
        return self.ids(perturbed_tensor[0].cpu().numpy() != 0)


def load(algorithm: str = "lime") -> Captum:
    """`algorithm`: ablation, lime or kernel-shap."""
    if algorithm not in _ALGORITHMS:
        raise FocusLimeError(f"no algorithm {algorithm!r}: {suggest(algorithm, _ALGORITHMS)}")
    return Captum(algorithm)
