"""What the trust benchmark explains: generated contracts with planted facts, and what is asked of
an explanation of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from focus_lime.explanation.result import ExplainedUnit, Explanation
from focus_lime.inputs.prompt import Message, Prompt, Segment
from focus_lime.inputs.units import Span, Units
from focus_lime.method.cache import ScoreCache
from focus_lime.method.masks import nested_drops, single_drops
from focus_lime.method.objectives.response import ResponseLogOdds
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import Floats, Ledger, Response
from focus_lime.models.hf import HFCausalLM
from focus_lime.proxies.bundled.contracts import Question, generate_contract
from focus_lime.proxies.bundled.evaluation import TOKENS_PER_WORD

from ...metrics.evidence import gold_units
from ...metrics.formulas import aopc
from ...tasks.planted import evidence_of

FIRST_SEED = 50_000  # apart from those of training, of the model card and of the demo
STEPS = 5  # of AOPC
MIXED: dict[str, Any] = {"estimator": "mixed"}


@dataclass(frozen=True, eq=False)
class Planted:
    """A contract with one question, and the model's right answer to it."""

    model: HFCausalLM
    prompt: Prompt
    asked: Question
    response: Response
    task: str
    seed: int
    _measured: ScoreCache = field(default_factory=ScoreCache, repr=False)

    @property
    def sentences(self) -> Units:
        return self.prompt.tree.scored

    @property
    def evidence(self) -> frozenset[int]:
        """Indices of the sentences that hold the answer."""
        return gold_units(self.sentences, evidence_of(self.asked))

    def value(self, ledger: Ledger | None = None, cache: ScoreCache | None = None) -> ValueFunction:
        """The exact value function over all sentences."""
        objective = ResponseLogOdds(self.response)
        return ValueFunction(
            self.model, self.prompt, self.sentences, objective, ledger=ledger, cache=cache
        )

    def alone(self, words: Units, ablation: Mapping[str, Any]) -> dict[int, float]:
        """What the value loses with each word of the planted clause alone, exactly, the largest
        loss first; by the words' indices.
        """
        clause = sorted(gold_units(words, evidence_of(self.asked)[:1]))
        objective = ResponseLogOdds(self.response)
        f = ValueFunction(self.model, self.prompt, words.select(clause), objective, **ablation)
        effects = f.full() - f(single_drops(len(clause)))
        return {clause[i]: float(effects[i]) for i in by_weight(effects)}

    def aopc(self, ranking: Sequence[int]) -> float:
        """Over the first `STEPS` sentences of a ranking, in nats. Rankings that begin alike share
        what is measured; no explanation does.
        """
        f = self.value(cache=self._measured)
        drops = nested_drops(len(f.units), ranking[:STEPS])
        return aopc(f.full(), f(drops).tolist())


def plant(model: HFCausalLM, task: str, tokens: int, seed: int) -> Planted | None:
    """The contract of a seed; None if the model's answer is not right."""
    rng = np.random.default_rng([seed, tokens])
    contract = generate_contract(rng, words=int((tokens - 40) / TOKENS_PER_WORD), task=task)
    asked = contract.questions[0]
    prompt = Prompt.from_document(contract.text, question=asked.question)
    response = model.generate(prompt, 40, Ledger())
    if asked.value not in response.text:
        return None
    return Planted(model, prompt, asked, response, task=task, seed=seed)


def answered_elsewhere(case: Planted) -> Planted:
    """The same prompt, of which only the half of the document without the evidence may be
    perturbed: nothing in it is needed for the answer.
    """
    (asked,) = case.prompt.messages
    document, question = asked.segments
    sentences, first = case.sentences, min(case.evidence)
    at = sentences[len(sentences) // 2].start
    early = first < len(sentences) // 2
    halves = Segment(document.text[:at], not early), Segment(document.text[at:], early)
    message = Message(asked.role, (*halves, question))
    return replace(case, prompt=Prompt((message,), case.prompt.question))


def ranking(explanation: Explanation, units: Units) -> list[int]:
    """Indices of the units by weight, those that speak for the answer first; a tie by the
    estimate without selection; those without a weight last.
    """
    index = {(unit.source, unit.start): i for i, unit in enumerate(units)}

    def key(unit: ExplainedUnit) -> tuple[float, float]:
        return -(unit.weight or 0.0), -(unit.estimate or 0.0)

    weighed = explanation.attributed if units[0].level == "word" else explanation.coarse
    examined = [index[u.source, u.start] for u in sorted(weighed, key=key)]
    others = set(range(len(units))) - set(examined)
    return [*examined, *sorted(others)]


def by_weight(weights: Floats) -> list[int]:
    return [int(i) for i in np.argsort(-weights, kind="stable")]


def spans(units: Iterable[Span]) -> set[Span]:
    return {Span(unit.source, unit.start, unit.end) for unit in units}


def content_words(case: Planted, words: Units) -> frozenset[int]:
    """The words of the planted clause that state the fact: value, party, attribute."""
    span = evidence_of(case.asked)[0]
    clause = span.text(case.prompt.sources)
    subject = case.asked.question.removeprefix("What is ").removesuffix("?")
    facts = []
    for part in (subject, case.asked.value):
        at = clause.lower().rfind(part.lower())
        if at >= 0:
            facts.append(Span(0, span.start + at, span.start + at + len(part)))
    small = {"the", "of", "a", "an", "and"}
    texts = words.texts(case.prompt.sources)
    return frozenset(
        i for i in gold_units(words, facts) if texts[i].strip(" .,;").lower() not in small
    )


def value_words(case: Planted, words: Units) -> frozenset[int]:
    """The words of the planted value."""
    span, value = evidence_of(case.asked)[0], case.asked.value
    start = span.start + span.text(case.prompt.sources).rfind(value)
    return gold_units(words, [Span(0, start, start + len(value))])
