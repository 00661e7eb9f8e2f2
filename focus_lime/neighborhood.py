"""The neighborhood: which units the target will attribute, chosen by a proxy from coarse to fine.

Phase I of the paper: the proxy scores chunks; inside the best chunks it scores sentences; the
best sentences are the neighborhood S. How many are kept follows from the scores. What the proxy
missed is the business of `focus_lime.audit`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import Protocol, cast, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from focus_lime.errors import FocusLimeError, first_line
from focus_lime.models.base import Floats, Ledger, Model
from focus_lime.objective import Objective
from focus_lime.perturb.value import Progress
from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.split import split
from focus_lime.prompt.units import Level, Unit, Units

GROUP = "focus_lime.proxies"
_MODEL_PROXY = "small-lm"  # what a plain model name means
_SHARE = 0.97  # of what the scores say: so much is kept


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
    """S, and how it came about. Without a proxy S is everything and nothing was scored.

    `notes` say what went wrong with the proxy.
    """

    units: Units
    proxy: str | None = None
    scored: tuple[Scored, ...] = ()
    cost: Ledger = field(default_factory=Ledger)
    target_cost: Ledger = field(default_factory=Ledger)
    notes: tuple[str, ...] = ()


def load_proxy(spec: str) -> Proxy:
    """`NAME` or `NAME:REST` of the entry-point group `focus_lime.proxies`, or a model's name.

    The factory of NAME is called without arguments, or with REST. A model's name alone means
    `small-lm:MODEL`.
    """
    name, colon, rest = spec.partition(":")
    found = {entry.name: entry for entry in entry_points(group=GROUP)}
    known = name in found
    if not known:
        name, colon, rest = _MODEL_PROXY, ":", spec
    factory = found[name].load()
    try:
        return cast(Proxy, factory(rest) if colon else factory())
    except FocusLimeError as error:
        names = "" if known else f"; proxies: {', '.join(found)}"
        raise FocusLimeError(f"proxy {spec!r}: {error}{names}") from None
    except TypeError:
        raise FocusLimeError(
            f"proxy {spec!r}: give {name}:MODEL" if not colon else f"{name} takes no {rest!r}"
        ) from None


def everything(prompt: Prompt) -> Neighborhood:
    """All sentences of the prompt: plain LIME."""
    return Neighborhood(split(prompt.sources, "sentence"))


def select(scores: Floats, most: int) -> NDArray[np.intp]:
    """Which units to keep, best first: the fewest that hold nearly all of what the scores say.

    What they say is the excess over the median, the score of a unit that does not matter. Never
    more than `most`, which is what Phase II can afford, nor less than half of that: a proxy is not
    to be believed when it puts everything on one unit. Equal scores are kept in reading order.
    """
    order = np.argsort(-scores, kind="stable")
    excess = np.clip(scores[order] - np.median(scores), 0.0, None)
    told = int(np.searchsorted(np.cumsum(excess), _SHARE * excess.sum())) + 1
    wanted = told if excess.sum() > 0 else most
    return order[: min(most, max(wanted, -(-most // 2)))]


def scout(
    prompt: Prompt,
    proxy: Proxy,
    objective: Objective,
    target: Model,
    *,
    n_chunks: int,
    n_sentences: int,
    seed: int,
    guarded: bool = False,
    progress: Progress | None = None,
) -> Neighborhood:
    """At most the best `n_sentences` sentences of the best `n_chunks` chunks, by the proxy.

    Args:
        guarded: an audit follows. Then a proxy that fails is no reason to stop: units are taken at
            random in its place, and the notes say so.

    Raises:
        FocusLimeError: not guarded, and the scores are not one finite number a unit.
    """
    scored: list[Scored] = []
    notes: list[str] = []
    cost, target_cost = Ledger(), Ledger()
    levels: Sequence[tuple[Level, int]] = (("chunk", n_chunks), ("sentence", n_sentences))
    kept: Units | None = None
    for step, (level, wanted) in enumerate(levels):
        candidates = split(prompt.sources, level, within=kept)
        if len(candidates) <= wanted:
            kept = candidates  # nothing to choose: no proxy call is spent on it
            continue
        rng = np.random.default_rng([seed, step])
        try:
            result = proxy.score(
                prompt, candidates, objective, target=target, rng=rng, progress=progress
            )
            fault = result.fault(len(candidates), f"{level}s")
            if fault:
                raise FocusLimeError(
                    f"the proxy {proxy.name} {fault}: it must give one finite score a unit"
                )
            scores = np.asarray(result.scores, dtype=np.float64)
            cost.add(result.cost)
            target_cost.add(result.target_cost)
            notes += result.notes
        except Exception as error:  # whatever a proxy of somebody else's raises
            if not guarded:
                raise
            why = first_line(error)
            notes.append(f"the proxy did not score the {level}s ({why}): chance took its place")
            scores = np.random.default_rng([seed, step]).random(len(candidates))
        if np.ptp(scores) == 0:
            notes.append(f"the proxy gave all {level}s the same score: the first were taken")
        chosen = {int(index) for index in select(scores, wanted)}
        scored += [Scored(u, float(scores[i]), i in chosen) for i, u in enumerate(candidates)]
        kept = candidates.select(chosen)
    assert kept is not None
    found = tuple(dict.fromkeys(notes))
    return Neighborhood(kept, proxy.name, tuple(scored), cost, target_cost, found)
