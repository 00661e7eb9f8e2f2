"""The proxy: gives coarse units scores, cheaply, and never has the last word."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, cast, runtime_checkable

import numpy as np

from focus_lime import registry
from focus_lime.errors import FocusLimeError, suggest
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Units
from focus_lime.method.objective import Objective
from focus_lime.method.value import Progress
from focus_lime.models.base import Floats, Ledger, Model

GROUP = "focus_lime.proxies"
USUAL = "usual"  # what `usual_proxy` says
_MODEL_PROXY = "small-lm"  # what a plain model name means


@dataclass(frozen=True, eq=False)
class ProxyScores:
    """One score a unit, `float64[n_units]`, higher = more important; and what they cost, the proxy
    itself and, if it asked that, the target. `notes` are what a reader of the result must know.
    """

    scores: Floats
    cost: Ledger = field(default_factory=Ledger)
    target_cost: Ledger = field(default_factory=Ledger)
    notes: tuple[str, ...] = ()

    def fault(self, n_units: int, what: str = "units") -> str:
        """What is wrong with the scores; empty if they are one finite number a unit."""
        scores = np.asarray(self.scores, dtype=np.float64)
        if scores.shape == (n_units,) and np.isfinite(scores).all():
            return ""
        return f"gave scores of shape {list(scores.shape)} for {n_units} {what}, or NaN"


@runtime_checkable
class Proxy(Protocol):
    """Gives coarse units scores, cheaply. It never has the last word."""

    @property
    def name(self) -> str: ...

    def score(
        self,
        prompt: Prompt,
        units: Units,
        objective: Objective,
        *,
        target: Model,
        rng: np.random.Generator,
        progress: Progress | None = None,
    ) -> ProxyScores:
        """Scores of `units`; the text outside of them stays as it is.

        Args:
            objective: with the target's own token ids; another model takes it
                `without_token_ids()`.
            target: the model that is explained, for proxies that look into it.
        """


def chosen_proxy(spec: str | None) -> Proxy | None:
    """The proxy that a name means; "none" and None are no proxy: plain LIME.

    Raises:
        FocusLimeError: see `load_proxy`.
    """
    return None if spec in (None, "none") else load_proxy(spec)


def usual_proxy(model: Model, of_language_models: str = "bm25") -> Proxy:
    """Where nobody says which: a model of scores reads every prompt anew, and searches itself."""
    return load_proxy(of_language_models if model.is_generative else "target")


def load_proxy(spec: str) -> Proxy:
    """`NAME` or `NAME:REST` of the entry-point group `focus_lime.proxies`, or a model's name.

    The factory of NAME is called without arguments, or with REST. A model's name alone means
    `small-lm:MODEL`.

    Raises:
        FocusLimeError: no such proxy, nor such a model.
    """
    name, known = spec.partition(":")[0], registry.entries(GROUP)
    if name in known:
        return cast(Proxy, registry.build(GROUP, spec))
    try:
        return cast(Proxy, registry.load(GROUP, _MODEL_PROXY)(spec))
    except FocusLimeError as error:
        raise FocusLimeError(
            f"proxy {spec!r}: {error}; for a proxy, {suggest(name, known)}"
        ) from None
