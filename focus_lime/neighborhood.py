"""The neighborhood: which units the target will attribute, chosen by a proxy from coarse to fine.

Phase I of the paper: the proxy scores chunks; inside the best chunks it scores sentences; the
best sentences are the neighborhood S.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import Protocol, cast, runtime_checkable

import numpy as np

from focus_lime.errors import FocusLimeError
from focus_lime.models.base import Floats, Ledger, Model
from focus_lime.objective import Objective
from focus_lime.perturb.value import Progress
from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.split import split
from focus_lime.prompt.units import Level, Unit, Units

GROUP = "focus_lime.proxies"
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
            objective: with the target's own token ids; `objective.for_other()` is for other models.
            target: the model that is explained, for proxies that look into it.
        """


@dataclass(frozen=True)
class Scored:
    """A unit that the proxy scored, and whether it was kept."""

    unit: Unit
    score: float
    kept: bool


@dataclass(frozen=True)
class Neighborhood:
    """S, and how it came about. Without a proxy S is everything and nothing was scored."""

    units: Units
    proxy: str | None = None
    scored: tuple[Scored, ...] = ()
    cost: Ledger = field(default_factory=Ledger)
    target_cost: Ledger = field(default_factory=Ledger)


def load_proxy(spec: str) -> Proxy:
    """`NAME` or `NAME:REST` of the entry-point group `focus_lime.proxies`, or a model's name.

    The factory of NAME is called without arguments, or with REST. A model's name alone means
    `small-lm:MODEL`.
    """
    name, colon, rest = spec.partition(":")
    found = {entry.name: entry for entry in entry_points(group=GROUP)}
    if name not in found:
        name, colon, rest = _MODEL_PROXY, ":", spec
    factory = found[name].load()
    try:
        return cast(Proxy, factory(rest) if colon else factory())
    except FocusLimeError as error:
        raise FocusLimeError(f"proxy {spec!r}: {error}; proxies: {', '.join(found)}") from None
    except TypeError:
        raise FocusLimeError(
            f"proxy {spec!r}: give {name}:MODEL" if not colon else f"{name} takes no {rest!r}"
        ) from None


def everything(prompt: Prompt) -> Neighborhood:
    """All sentences of the prompt: plain LIME."""
    return Neighborhood(split(prompt.sources, "sentence"))


def scout(
    prompt: Prompt,
    proxy: Proxy,
    objective: Objective,
    target: Model,
    *,
    n_chunks: int,
    n_sentences: int,
    seed: int,
    progress: Progress | None = None,
) -> Neighborhood:
    """The best `n_sentences` sentences of the best `n_chunks` chunks, by the proxy's scores."""
    scored: list[Scored] = []
    cost, target_cost = Ledger(), Ledger()
    levels: Sequence[tuple[Level, int]] = (("chunk", n_chunks), ("sentence", n_sentences))
    kept: Units | None = None
    for step, (level, wanted) in enumerate(levels):
        candidates = split(prompt.sources, level, within=kept)
        if len(candidates) <= wanted:
            kept = candidates  # nothing to choose: no proxy call is spent on it
            continue
        rng = np.random.default_rng([seed, step])
        result = proxy.score(
            prompt, candidates, objective, target=target, rng=rng, progress=progress
        )
        scores = np.asarray(result.scores, dtype=np.float64)
        if scores.shape != (len(candidates),) or not np.isfinite(scores).all():
            raise FocusLimeError(
                f"the proxy {proxy.name} gave scores of shape {list(scores.shape)} for "
                f"{len(candidates)} {level}s, or NaN: it must give one finite score a unit"
            )
        cost.add(result.cost)
        target_cost.add(result.target_cost)
        best = np.argsort(-scores, kind="stable")[:wanted]
        chosen = {int(index) for index in best}
        scored += [Scored(u, float(scores[i]), i in chosen) for i, u in enumerate(candidates)]
        kept = candidates.select(chosen)
    assert kept is not None
    return Neighborhood(kept, proxy.name, tuple(scored), cost, target_cost)
