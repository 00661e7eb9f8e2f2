"""Focus-LIME, from coarse to fine (arXiv 2602.04607).

Phase I, scout: a proxy scores the coarse units of the prompt, such as chunks or passages, then the
scored units, such as sentences, of the best ones; the best of those are the neighborhood S. The
target checks how much of the effect S holds, and what the proxy missed is added. Phase II,
attribute: the target answers masks over the units in S, all else stays as it was, and a sparse
surrogate of (mask, value) pairs gives each its weight. The leading ones are verified by exact
deletion, the sets that decide are looked for, and, if asked, the leading units are opened to a
finer level, such as words.

Without a proxy S is the whole prompt. That is plain LIME, the baseline.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from focus_lime.errors import FocusLimeError, suggest
from focus_lime.explanation.build import build
from focus_lime.explanation.result import Explanation
from focus_lime.inputs.prompt import Prompt
from focus_lime.method.cache import ScoreCache
from focus_lime.method.objective import Objective
from focus_lime.method.objectives.own_answer import OwnAnswer
from focus_lime.method.objectives.response import ResponseLogOdds
from focus_lime.method.ownership import tree_for
from focus_lime.method.phase import PhaseResults
from focus_lime.method.phases import phases_of
from focus_lime.method.plan import Plan
from focus_lime.method.proxy import USUAL, Proxy, chosen_proxy, usual_proxy
from focus_lime.method.settings import MODEL_TOKEN, Settings
from focus_lime.method.surrogate import Surrogate
from focus_lime.method.value import Progress, ValueFunction
from focus_lime.models.base import PLACEHOLDER, Ablation, Estimate, Ledger, Model
from focus_lime.models.loading import load_model
from focus_lime.options import keywords_of

# Shows the progress of one phase: stage(name) is a context manager around a Progress.
Stage = Callable[[str], AbstractContextManager[Progress | None]]


@dataclass(frozen=True, kw_only=True)
class Request(Settings):
    """Settings, and what is explained; a text is the response that is explained."""

    objective: Objective | str | None = None

    @property
    def asked(self) -> Objective:
        if isinstance(self.objective, str):
            return ResponseLogOdds(self.objective)
        if self.objective is not None and not isinstance(self.objective, Objective):
            raise FocusLimeError(
                f"{repr(self.objective)[:60]} is no objective: "
                "give the response as text, or LabelLogOdds, ClassLogOdds, ..."
            )
        return self.objective or OwnAnswer()


class FocusLime:
    """Explains a target model with the help of a proxy.

    Args:
        model: the target.
        proxy: chooses the neighborhood; None attributes everything (plain LIME).
        surrogate: fits weights to masks and values; by default a sparse linear model.
        cache: scores that survive the process.
        stage: shows progress; silent if not given.

    Raises:
        FocusLimeError: a model or proxy that is none, such as a name or a plain function.
    """

    def __init__(
        self,
        model: Model,
        proxy: Proxy | None = None,
        *,
        surrogate: Surrogate | None = None,
        cache: ScoreCache | None = None,
        stage: Stage | None = None,
    ) -> None:
        if not isinstance(model, Model):
            raise FocusLimeError(
                f"{model!r:.60} is no model: give load_model(NAME), or FunctionModel(FUNCTION)"
            )
        if proxy is not None and not isinstance(proxy, Proxy):
            raise FocusLimeError(f"{proxy!r:.60} is no proxy: give load_proxy(NAME), or an object")
        if isinstance(surrogate, str | type):
            raise FocusLimeError(f"{surrogate!r:.60} is no surrogate: give an object, as Ridge()")
        self.model, self.proxy, self.surrogate, self.cache = model, proxy, surrogate, cache
        self.stage: Stage = stage or (lambda name: nullcontext())

    @classmethod
    def from_pretrained(cls, model: str, proxy: str | None = USUAL, **backend: Any) -> FocusLime:
        """Models by name (`focus_lime.models.loading`).

        Args:
            proxy: by name (`focus_lime.method.proxy`); "none" and None are no proxy. Usually bm25
                for a language model, and target for a model of scores.
            backend: for the target's backend, such as `device_map`.
        """
        # A mistyped proxy shows before a model is loaded.
        chosen = None if proxy == USUAL else chosen_proxy(proxy or None)
        target = load_model(model, **backend)
        return cls(target, usual_proxy(target) if proxy == USUAL else chosen)

    @keywords_of(Request)
    def explain(self, prompt: Prompt, request: Request) -> Explanation:
        """Explain the target's answer to `prompt`.

        `objective` is what is explained: the model's own answer if not given; a text, that
        response; or an `Objective`: `ResponseLogOdds`, `LabelLogOdds`, `ClassLogOdds`, `Score`, or
        one of your own.

        Raises:
            FocusLimeError: bad input; nothing was lost.
        """
        plan, ledger = self.plan(prompt, request), Ledger()
        self.model.clear_kv()  # what others had it read is not ours: the cost would be another
        try:
            with self.stage("answer"):
                objective = request.asked.resolve(
                    self.model, prompt, request.max_new_tokens, ledger
                )
            f = self._value_function(plan, objective, ledger)
            # A prompt that the target cannot read must show before a proxy has worked on it.
            f.estimate(np.ones((1, len(f.units)), dtype=bool))
            results = PhaseResults()
            for phase in phases_of(plan):
                with self.stage(phase.name) as progress:
                    phase.run(f, results, progress)
        finally:
            self.model.clear_kv()
        return build(plan, f, results)

    @keywords_of(Request)
    def estimate(self, prompt: Prompt, request: Request) -> Estimate:
        """What `explain` with the same keywords would ask of the target, before anything runs. See
        `focus_lime.method.phase` for what stands for what nobody knows yet.
        """
        plan, asked = self.plan(prompt, request), request.asked
        self.model.clear_kv()
        objective = asked.expected(self.model, prompt, request.max_new_tokens)
        f = self._value_function(plan, objective, Ledger())
        reading = f.estimate(np.ones((1, len(f.units)), dtype=bool))
        cost = reading + reading if asked.is_open else reading  # to answer, and to score
        results = PhaseResults()
        for phase in phases_of(plan):
            cost += phase.price(f, results)
        return cost

    def plan(self, prompt: Prompt, settings: Settings) -> Plan:
        """What `explain` does, with every default filled in."""
        if not isinstance(prompt, Prompt):
            raise FocusLimeError(f"{prompt!r:.60} is no prompt: give Prompt.from_document(TEXT)")
        return Plan.of(prompt, settings, self.model, self.proxy, self.surrogate)

    def _value_function(self, plan: Plan, objective: Objective, ledger: Ledger) -> ValueFunction:
        return ValueFunction(
            self.model,
            plan.prompt,
            plan.tree.scored,
            objective,
            ablation=plan.settings.ablation,
            placeholder=plan.settings.placeholder or PLACEHOLDER,
            ledger=ledger,
            cache=self.cache,
        )

    def value_function(
        self,
        prompt: Prompt,
        *,
        objective: Objective | str | None = None,
        level: str | None = None,
        ablation: Ablation = "delete",
        placeholder: str = PLACEHOLDER,
        estimator: Literal["exact", "cached"] = "exact",
        max_new_tokens: int = 64,
    ) -> ValueFunction:
        """The target seen through all units of one level: `bool[n_masks, n_units] -> float64`.

        Args:
            level: of the prompt's unit tree, or `token`; the scored level by default.
            estimator: `exact` reads each perturbed prompt; `cached` reads the prompt once and
                answers over what it kept of it (the ablation `attention`): thousands of masks for
                the price of a few, and near to deletion, not equal.
        """
        if estimator not in ("exact", "cached"):
            raise FocusLimeError(
                f"no estimator {estimator!r}: {suggest(estimator, ['exact', 'cached'])}"
            )
        ledger, tree = Ledger(), tree_for(self.model, prompt)
        asked = Request(objective=objective).asked
        resolved = asked.resolve(self.model, prompt, max_new_tokens, ledger)
        name = level or tree.scored_level
        from_model = name == MODEL_TOKEN and name not in tree.levels
        units = self.model.tokens(prompt) if from_model else tree.units(name)
        return ValueFunction(
            self.model,
            prompt,
            units,
            resolved,
            ablation="attention" if estimator == "cached" else ablation,
            placeholder=placeholder,
            ledger=ledger,
            cache=self.cache,
        )
