"""`focus-lime demo`: the main job on a generated contract and the bundled models."""

from __future__ import annotations

import json as jsonlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from focus_lime.cli.command import command
from focus_lime.options import Option

if TYPE_CHECKING:
    from focus_lime.explain import Stage
    from focus_lime.explanation.result import Explanation

    from .contracts import Question

_WORDS = 5000
_WORDS_PER_PAGE = 420


@dataclass(frozen=True, kw_only=True)
class DemoOptions:
    """What is generated, and where the results go."""

    seed: Annotated[int, Option("Of the contract, the question and the masks.", least=0)] = 0
    proxy: Annotated[str, Option("bundled:proxy, bm25, a model, or none (plain LIME).")] = (
        "bundled:proxy"
    )
    out: Annotated[str, Option("Folder for explanation.json and explanation.html.")] = "demo-out"
    json: Annotated[bool, Option("Print one JSON object instead.")] = False


@command(config=False)
def demo(options: DemoOptions) -> None:
    """Ask the bundled model about a contract of a dozen pages, and explain its answer."""
    from focus_lime.files import make_folder
    from focus_lime.report import stage

    folder = Path(options.out)
    make_folder(folder)
    demonstration = explain_generated(options.seed, options.proxy, stage)
    explanation = demonstration.explanation
    explanation.save(folder / "explanation.json")
    explanation.save_html(folder / "explanation.html")
    if options.json:
        print(jsonlib.dumps(demonstration.summary(), ensure_ascii=False, indent=1))
    else:
        _print(demonstration, options.seed, folder)


def _print(demonstration: Demonstration, seed: int, folder: Path) -> None:
    from rich.console import Console

    from focus_lime.report import print_explanation

    explanation, is_found = demonstration.explanation, demonstration.planted_found
    console = Console(highlight=False)
    pages = round(len(explanation.sources[0].text.split()) / _WORDS_PER_PAGE)
    console.print(f"A contract of about {pages} pages, written by the generator (seed {seed}).\n")
    print_explanation(explanation, console)
    console.print(
        f"\nThe planted clause {'is' if is_found else 'is NOT'} the top sentence; "
        f"the right answer is {demonstration.asked.value!r}.",
        style="bold green" if is_found else "bold red",
        markup=False,
    )
    console.print(
        f"Wrote {folder / 'explanation.json'} and {folder / 'explanation.html'}.", markup=False
    )


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

    def summary(self) -> dict[str, Any]:
        """What `--json` prints."""
        return {
            "answer": self.explanation.response,
            "question": self.asked.question,
            "planted_found": self.planted_found,
            "top": self.explanation.table(5),
            "cost": asdict(self.explanation.cost),
        }


def explain_generated(seed: int, proxy: str, stage: Stage | None = None) -> Demonstration:
    """The bundled target's answer to a question about the contract of `seed`, explained."""
    import numpy as np

    from focus_lime.explain import FocusLime
    from focus_lime.inputs.prompt import Prompt

    from .contracts import generate_contract

    contract = generate_contract(np.random.default_rng(seed), words=_WORDS)
    asked = contract.questions[0]
    explainer = FocusLime.from_pretrained("bundled:target", proxy)
    explainer.stage = stage or explainer.stage
    prompt = Prompt.from_text(contract.text, question=asked.question)
    return Demonstration(asked, explainer.explain(prompt, seed=seed))
