"""What an explanation would cost, counted before anything runs.

Nobody has chosen the neighborhood or answered yet: sentences spread evenly over the prompt stand
for S, and an answer of the greatest length for the answer. What the proxy costs is its own affair.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from focus_lime.models.base import Estimate, Ledger, Model, Response
from focus_lime.neighborhood import Proxy
from focus_lime.objective import Objective, Score, choose
from focus_lime.perturb.masks import with_full
from focus_lime.perturb.value import ValueFunction
from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.split import split
from focus_lime.settings import Settings, masks_over, units_within


def estimate(
    model: Model,
    prompt: Prompt,
    settings: Settings,
    proxy: Proxy | None,
    response: str | Response | None,
    labels: Sequence[str] | None,
    seed: int,
) -> Estimate:
    """What the target would be asked for by `FocusLime.explain`."""
    focus = split(prompt.sources, "sentence")
    if proxy is not None and len(focus) > settings.sentences:
        spread = np.linspace(0, len(focus) - 1, settings.sentences).round().astype(int)
        focus = focus.select(map(int, spread))
    units = units_within(model, prompt, focus, settings.granularity)
    answered = labels is not None or response is not None
    objective: Objective = Score()
    if model.speaks:
        expected = response if answered else Response("", (0,) * settings.max_new_tokens)
        objective = choose(model, prompt, expected, labels, 0, Ledger())
    f = ValueFunction(
        model,
        prompt,
        units,
        objective,
        ablation=settings.ablation,
        placeholder=settings.placeholder or "...",
    )
    found = f.estimate(with_full(masks_over(units, focus, settings, seed)))
    if answered:
        return found
    return found + f.estimate(np.ones((1, len(units)), dtype=bool))  # read once more, to answer
