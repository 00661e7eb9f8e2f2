"""What an explanation would cost, counted before anything runs.

Nobody has chosen the neighborhood or answered yet: sentences spread evenly over the prompt stand
for S, and an answer of the greatest length for the answer; nothing has to be rescued, no masks are
saved, and the sets that decide are single sentences. What the proxy asks, of itself or of the
target, is not counted.
"""

from __future__ import annotations

import numpy as np

from focus_lime.attribution import CHECKS, cached_view
from focus_lime.models.base import Estimate, Ledger, Model, Response
from focus_lime.neighborhood import Proxy
from focus_lime.objective import Labels, Objective, ResponseLogOdds, Score, choose
from focus_lime.perturb.masks import Masks, each_and_nested, with_full
from focus_lime.perturb.value import ValueFunction
from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.split import split
from focus_lime.prompt.units import Units
from focus_lime.settings import (
    CACHED_TIMES,
    OPENED,
    Granularity,
    Settings,
    masks_over,
    units_within,
)


def estimate(
    model: Model,
    prompt: Prompt,
    settings: Settings,
    proxy: Proxy | None,
    response: str | Response | None,
    labels: Labels | None,
    seed: int,
) -> Estimate:
    """What the target would be asked for by `FocusLime.explain`."""
    sentences = split(prompt.sources, "sentence")
    focus, flat = sentences, proxy is None
    if not flat and len(focus) > settings.sentences:
        spread = np.linspace(0, len(focus) - 1, settings.sentences).round().astype(int)
        focus = focus.select(map(int, spread))
    answered = labels is not None or response is not None
    objective: Objective = Score()
    if model.speaks:
        expected = response if answered else Response("", (0,) * settings.max_new_tokens)
        objective = choose(model, prompt, expected, labels, 0, Ledger())
    f = ValueFunction(
        model,
        prompt,
        sentences,
        objective,
        ablation=settings.ablation,
        placeholder=settings.placeholder or "...",
    )
    level = settings.granularity if flat else "sentence"
    units = units_within(model, prompt, focus, level)
    inside = sentences.parents(focus) >= 0
    found = reading = f.estimate(np.ones((1, len(sentences)), dtype=bool))
    found += _phase(f.over(units), focus, settings, level, seed)
    if settings.audit:
        found += _after_reading(f, np.stack([inside & False, inside, ~inside]))
    if level != settings.granularity:
        opened = focus.select(range(min(OPENED, len(focus))))
        words = units_within(model, prompt, opened, settings.granularity)
        found += _phase(f.over(words), opened, settings, settings.granularity, seed)
    if settings.sets and isinstance(objective, ResponseLogOdds):
        found += reading  # for the answer without what decides
    return found if answered else found + reading  # and for the answer


def _after_reading(f: ValueFunction, masks: Masks) -> Estimate:
    """The masks, once f(x) is known: what they begin with is not computed again."""
    both = with_full(masks)
    return f.estimate(both) - f.estimate(both[:1])


def _phase(
    f: ValueFunction, parents: Units, settings: Settings, level: Granularity, seed: int
) -> Estimate:
    """All masks of one level, its leading units alone and nested."""
    masks = masks_over(f.units, parents, settings, seed, level)
    n = len(f.units)
    verified = each_and_nested(n, range(n)[: settings.verify])
    cached = cached_view(f) if settings.fidelity == "mixed" and level == "sentence" else None
    if cached is not None:
        masks = masks_over(f.units, parents, settings, seed, level, times=CACHED_TIMES)
        exactly = np.vstack([masks[:CHECKS], verified])
        return _after_reading(cached, masks) + _after_reading(f, exactly)
    return _after_reading(f, np.vstack([masks, verified]))
