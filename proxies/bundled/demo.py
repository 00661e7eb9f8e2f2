"""`focus-lime demo`: the main job on a generated contract and the bundled models."""

from __future__ import annotations

import json as jsonlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer
from rich.console import Console

from focus_lime.errors import FocusLimeError

from .contracts import Question, generate_contract

if TYPE_CHECKING:
    from focus_lime.explain import Stage
    from focus_lime.explanation import Explanation

_WORDS = 5000
_WORDS_PER_PAGE = 420


def demo(
    seed: Annotated[int, typer.Option(help="Of the contract, the question and the masks.")] = 0,
    proxy: Annotated[
        str, typer.Option(help="bundled:proxy, bm25, a model, or none (plain LIME).")
    ] = "bundled:proxy",
    out: Annotated[
        Path, typer.Option(help="Folder for explanation.json and explanation.html.")
    ] = Path("demo-out"),
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Ask the bundled model about a contract of a dozen pages, and explain its answer."""
    from focus_lime.report.progress import stage  # torch is slow to import: not for --help
    from focus_lime.report.terminal import print_explanation

    if seed < 0:
        raise FocusLimeError(f"--seed {seed}: give a whole number from 0 on")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FocusLimeError(f"--out {out}: {error.strerror}") from None
    found = explain_generated(seed, proxy, stage)
    explanation, asked = found.explanation, found.asked
    explanation.save(out / "explanation.json")
    explanation.save_html(out / "explanation.html")
    if json:
        summary = {
            "answer": explanation.response,
            "question": asked.question,
            "planted_found": found.planted_found,
            "top": explanation.table(5),
            "cost": explanation.cost,
        }
        typer.echo(jsonlib.dumps(summary, ensure_ascii=False, indent=1))
        return
    console = Console(highlight=False)
    pages = round(len(explanation.sources[0].text.split()) / _WORDS_PER_PAGE)
    console.print(f"A contract of about {pages} pages, written by the generator (seed {seed}).\n")
    print_explanation(explanation, console)
    console.print(
        f"\nThe planted clause {'is' if found.planted_found else 'is NOT'} the top sentence; "
        f"the right answer is {asked.value!r}.",
        style="bold green" if found.planted_found else "bold red",
        markup=False,
    )
    console.print(f"Wrote {out / 'explanation.json'} and {out / 'explanation.html'}.", markup=False)


@dataclass(frozen=True)
class Demonstration:
    """A question about a generated contract, and the explanation of the answer."""

    asked: Question
    explanation: Explanation

    @property
    def answered(self) -> bool:
        """Whether the model gave the right value."""
        return self.asked.value in self.explanation.response

    @property
    def planted_found(self) -> bool:
        """Whether the top sentence is the planted one."""
        best = self.explanation.top(1)[0]
        return any(best.start < end and start < best.end for start, end in self.asked.evidence)


def explain_generated(seed: int, proxy: str, stage: Stage | None = None) -> Demonstration:
    """The bundled target's answer to a question about the contract of `seed`, explained."""
    from focus_lime.explain import FocusLime
    from focus_lime.prompt.prompt import Prompt

    contract = generate_contract(np.random.default_rng(seed), words=_WORDS)
    asked = contract.questions[0]
    explainer = FocusLime.from_pretrained("bundled:target", proxy)
    explainer.stage = stage or explainer.stage
    prompt = Prompt.from_document(contract.text, question=asked.question)
    return Demonstration(asked, explainer.explain(prompt, seed=seed))
