"""Pages explained whole by a real model, against the same work by peers: seconds, and what counts.

    pip install 'focus-lime[peers]'
    python -m focus_lime.benchmarks.experiments.pages --hotpotqa FOLDER --pages 20 \\
        --out benchmarks/results/pages.md

A page is a few paragraphs of HotpotQA that hold what answers its question, or a generated contract,
of some 300 tokens. `FocusLime.explain` answers and explains with its defaults. Then each peer, in
the same process and in turn, answers and explains for as many tokens. The order of the methods
changes from page to page. Nothing was chosen on the test split, of which pages are by default.
With `--records FILE` a run that was broken off goes on, and several at once share the pages.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from focus_lime.errors import FocusLimeError
from focus_lime.explain import FocusLime
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Units
from focus_lime.method.cache import ScoreCache
from focus_lime.method.objectives.response import ResponseLogOdds
from focus_lime.method.proxy import load_proxy
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import Ledger
from focus_lime.models.hf import HFCausalLM
from focus_lime.models.loading import load_model

from .. import script
from ..datasets import reading
from ..evaluate import Evaluator
from ..meter import Meter
from ..methods import bisection, context_cite, focus_lime, surrogate
from ..methods.base import Attributions, Case, Method
from ..metrics import top_k
from ..metrics.evidence import gold_units
from ..records import append_line
from ..tables.bootstrap import bootstrap_mean
from ..tables.markdown import interval, markdown
from ..tasks import hotpotqa, planted
from ..tasks.base import SPLITS, Item, Split

_LEVELS = ("sentence", "word")
_OURS = "focus-lime"
_DROPS = [f"drop@{k}" for k in top_k.TOP]


@dataclass(frozen=True)
class Outcome:
    """One method on one page at one level.

    Attributes:
        setting: what pages these are, and of which model.
        fpe: tokens computed, those of the answer among them, over those of the prompt.
        drops: what the log-probability of the answer loses without the leading units, in nats.
    """

    setting: str
    page: int
    method: str
    level: str
    seconds: float
    tokens: int
    fpe: float
    drops: Mapping[str, float]


def hotpot_pages(model: HFCausalLM, folder: str, split: Split, tokens: int) -> Iterator[Prompt]:
    """Of each question the paragraphs with its evidence, and others before and after them while
    they fit.
    """
    for item in hotpotqa.load(folder).items(split, 0):
        paragraphs = item.prompt.tree.units("paragraph")
        texts = paragraphs.texts(item.prompt.sources)

        def page(numbers: Iterable[int], item: Item = item, texts: Sequence[str] = texts) -> Prompt:
            text = "\n\n".join(texts[number].strip() for number in sorted(numbers))
            return Prompt.from_document(text, item.prompt.question)

        chosen = set(gold_units(paragraphs, item.gold))
        for number in range(len(paragraphs)):
            if model.count_tokens(page({*chosen, number})) <= tokens:
                chosen.add(number)
        if model.count_tokens(page(chosen)) <= tokens:
            yield page(chosen)


def generated_pages(split: Split, tokens: int, n_pages: int) -> Iterator[Prompt]:
    task = planted.load(("recall", "twice", "joined", "amended"), tokens=tokens, per=n_pages)
    for item in task.items(split, 0):
        yield item.prompt


def peers() -> dict[str, Method]:
    """Plain LIME with our own surrogate and kernel, the informed search of TracLLM, ContextCite."""
    return {
        "plain LIME": surrogate.load(design="uniform-size", options={"kernel": True}),
        "bisection": bisection.load(),
        "context-cite": context_cite.load(),
    }


@dataclass(frozen=True, eq=False)
class Page:
    """One page at one level, and the target's own answer to it, `longest` tokens at most."""

    setting: str
    number: int
    model: HFCausalLM
    prompt: Prompt
    level: str
    longest: int
    objective: ResponseLogOdds

    @property
    def tokens(self) -> int:
        return self.model.count_tokens(self.prompt)

    @property
    def units(self) -> Units:
        return self.prompt.tree.units(self.level)

    def ours(self) -> tuple[Outcome, Attributions]:
        explainer = FocusLime(self.model, load_proxy("bm25"))
        with (meter := Meter(self.model, Ledger())):
            found = explainer.explain(
                self.prompt, granularity=self.level, max_new_tokens=self.longest
            )
        return self._outcome(_OURS, meter), focus_lime.attributions(self.units, found)

    def peers(self, name: str, method: Method, budget: float) -> tuple[Outcome, Attributions]:
        """The same answer, asked for again, and explained.

        Args:
            budget: FPE, the answer's among them.
        """
        self.model.clear_kv()
        ledger = Ledger()
        with (meter := Meter(self.model, ledger)):
            objective = own_answer(self.model, self.prompt, self.longest, ledger)
            left = budget - ledger.tokens_computed / self.tokens
            case = Case(self.model, self.prompt, objective, self.level, self.units, left, seed=0)
            attributions = method.explain(case)
        return self._outcome(name, meter), attributions

    def _outcome(self, name: str, meter: Meter) -> Outcome:
        computed = meter.tokens_computed
        fpe, place = computed / self.tokens, (self.setting, self.number)
        return Outcome(*place, name, self.level, meter.seconds, computed, fpe, {})

    @cached_property
    def evaluator(self) -> Evaluator:
        """It reads each prompt anew, and none twice."""
        value = ValueFunction(
            self.model, self.prompt, self.units, self.objective, cache=ScoreCache()
        )
        return Evaluator(value, frozenset(), ("delete",))

    def measured(self, outcome: Outcome, attributions: Attributions) -> Outcome:
        """The outcome with what the leading units take along."""
        self.model.clear_kv()
        drops = self.evaluator.measure(attributions, {"top-k": top_k.METRIC})
        return replace(outcome, drops={name: float(drops[name] or 0.0) for name in _DROPS})


def own_answer(model: HFCausalLM, prompt: Prompt, longest: int, ledger: Ledger) -> ResponseLogOdds:
    return ResponseLogOdds().resolve(model, prompt, longest, ledger)


def explained(page: Page, methods: Mapping[str, Method]) -> Iterator[Outcome]:
    """Ours, whose cost is the budget, then the others beginning with another one each page."""
    outcome, attributions = page.ours()
    yield page.measured(outcome, attributions)
    names, first = list(methods), page.number % len(methods)
    for name in names[first:] + names[:first]:
        other, attributions = page.peers(name, methods[name], outcome.fpe)
        yield page.measured(other, attributions)


@dataclass
class Records:
    """The outcomes of one setting, kept in a file if there is one."""

    file: Path | None
    setting: str
    outcomes: list[Outcome] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.file is not None and self.file.exists():
            kept = (Outcome(**record) for _, record in reading.jsonl_of(self.file))
            self.outcomes = [outcome for outcome in kept if outcome.setting == self.setting]

    def holds(self, number: int, level: str) -> bool:
        return any((one.page, one.level) == (number, level) for one in self.outcomes)

    def add(self, outcomes: Sequence[Outcome]) -> None:
        """All of a page at once, so that a page is there whole or not."""
        self.outcomes += outcomes
        if self.file is not None:
            with self.file.open("a", encoding="utf-8") as file:
                append_line(file, "\n".join(json.dumps(asdict(one)) for one in outcomes))


def tables(outcomes: Sequence[Outcome]) -> str:
    """One a level: means over pages, and ratios and differences page by page."""
    parts = []
    for level in dict.fromkeys(outcome.level for outcome in outcomes):
        by_method: dict[str, list[Outcome]] = {}
        for outcome in outcomes:
            if outcome.level == level:
                by_method.setdefault(outcome.method, []).append(outcome)
        lines = [_line(name, own, by_method[_OURS]) for name, own in by_method.items()]
        parts.append(f"## By {level}\n\n{markdown(_HEADER, lines)}")
    return "\n".join(parts)


_HEADER = (
    "method", "pages", "FPE", "seconds", "tokens / s", "seconds of ours / its",
    *(f"{name} (nats)" for name in _DROPS), *(f"ours - its, {name}" for name in _DROPS),
)  # fmt: skip


def _line(name: str, outcomes: Sequence[Outcome], ours: Sequence[Outcome]) -> list[str]:
    seconds = sum(outcome.seconds for outcome in outcomes)
    pairs = list(zip(ours, outcomes, strict=False))
    ratios = [mine.seconds / other.seconds for mine, other in pairs]

    def drops(k: str) -> str:
        return f"{np.mean([outcome.drops[k] for outcome in outcomes]):.2f}"

    def gain(k: str) -> str:
        return interval(bootstrap_mean([mine.drops[k] - other.drops[k] for mine, other in pairs]))

    return [
        name,
        str(len(outcomes)),
        f"{np.mean([outcome.fpe for outcome in outcomes]):.1f}",
        f"{seconds / len(outcomes):.1f}",
        f"{sum(outcome.tokens for outcome in outcomes) / seconds:.0f}",
        "" if name == _OURS else interval(bootstrap_mean(ratios)),
        *map(drops, _DROPS),
        *(("",) * len(_DROPS) if name == _OURS else map(gain, _DROPS)),
    ]


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", default="smollm2")
    parser.add_argument("--hotpotqa", help="a folder of hotpot*.json; generated contracts if none")
    parser.add_argument("--split", choices=SPLITS, default="test")
    parser.add_argument("--tokens", type=int, default=300, help="of a page, at most or about")
    parser.add_argument("--answer", type=int, default=24, help="its tokens, at most")
    parser.add_argument("--first", type=int, default=0, help="page; those before it are left out")
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--records", type=Path, help="JSON lines: what is there, and what comes")
    parser.add_argument("--levels", nargs="+", choices=_LEVELS, default=_LEVELS)


def _work(options: argparse.Namespace, command: str) -> Iterator[str]:
    """The tables after every page."""
    model = load_model(options.model)
    if not isinstance(model, HFCausalLM):
        raise FocusLimeError(f"--model {options.model}: a causal language model is needed")
    pages = (
        hotpot_pages(model, options.hotpotqa, options.split, options.tokens)
        if options.hotpotqa
        else generated_pages(options.split, options.tokens, options.first + options.pages)
    )
    head = (
        f"# Pages, `{options.model}`\n\nCommand: `{command}`\n\n{torch.get_num_threads()} threads, "
        f"torch {torch.__version__}. Means over pages; in brackets 95% intervals, pages "
        "resampled.\n\n"
    )
    methods = peers()
    warm_up = next(generated_pages("tune", 100, 1))  # what is loaded once is no page's
    Page("", 0, model, warm_up, "word", 4, own_answer(model, warm_up, 4, Ledger())).ours()
    about = (options.model, options.hotpotqa and "hotpotqa", options.split, options.tokens)
    setting = " ".join(map(str, (*about, options.answer)))
    records = Records(options.records, setting)
    last = options.first + options.pages
    for number, prompt in enumerate(islice(pages, options.first, last), options.first):
        for level in options.levels:
            if not records.holds(number, level):
                objective = own_answer(model, prompt, options.answer, Ledger())
                page = Page(setting, number, model, prompt, level, options.answer, objective)
                records.add(list(explained(page, methods)))
        yield head + tables(records.outcomes)


def main(arguments: Sequence[str] | None = None) -> int:
    return script.run("experiments.pages", arguments, _options, _work)


if __name__ == "__main__":
    sys.exit(main())
