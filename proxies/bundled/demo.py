"""`focus-lime demo`: the main job on a real small model and a page; or, offline, on the bundled
models and a long contract.
"""

from __future__ import annotations

import json as jsonlib
import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from focus_lime.cli.command import command
from focus_lime.errors import FocusLimeError
from focus_lime.options import Option

if TYPE_CHECKING:
    from focus_lime.explain import Stage
    from focus_lime.explanation.result import Explanation
    from focus_lime.models.base import Model

    from .contracts import Question

WORDS = 5000
_WORDS_PER_PAGE = 420
_MODEL = "smollm2"
_OWN = """
Your own document:
  {command} explain --document FILE --question "..." \\
      --model smollm2 --granularity word --html report.html"""


@dataclass(frozen=True, kw_only=True)
class DemoOptions:
    """What is explained, and where the results go."""

    bundled: Annotated[
        bool, Option("Offline: a long generated contract and the bundled models.")
    ] = False
    seed: Annotated[
        int, Option("Of the generated contract, its question and the masks.", least=0)
    ] = 0
    proxy: Annotated[
        str | None,
        Option("A proxy's name, or none. Default: bm25; with the bundled models bundled:proxy."),
    ] = None
    out: Annotated[str, Option("Folder for the explanations and their page.")] = "demo-out"
    json: Annotated[bool, Option("Print one JSON object instead.")] = False


@command(config=False)
def demo(options: DemoOptions) -> None:
    """Ask a real small model about a page, and explain its answers; or do so offline."""
    from focus_lime.files import make_folder
    from focus_lime.models.loading import load_model

    folder = Path(options.out)
    make_folder(folder)
    model: Model | None = None
    if not options.bundled:
        try:
            model = load_model(_MODEL)
        except FocusLimeError as error:
            print(f"{error}\nSo this is the offline demo (--bundled).\n", file=sys.stderr)
    if model is None:
        _bundled(options, folder)
    else:
        _real(options, folder, model)


def _real(options: DemoOptions, folder: Path, model: Model) -> None:
    """A page, two questions: one that the model answers rightly, and one wrongly."""
    from rich.console import Console

    from focus_lime.files import write_whole
    from focus_lime.report import page, print_explanation, stage

    from .agreement import QUESTIONS, explain

    console, done = Console(highlight=False), []
    if not options.json:
        console.print("SmolLM2-135M-Instruct reads a maintenance agreement of one page.")
    for number, asked in enumerate(QUESTIONS, start=1):
        explained = explain(model, options.proxy or "bm25", asked, stage)
        done.append(explained)
        explained.explanation.save(folder / f"explanation-{number}.json")
        if not options.json:
            console.rule()
            print_explanation(explained.explanation, console)
            right = "right" if explained.is_right else "WRONG"
            console.print(
                f"\nThe answer is {right}: the page says {asked.value!r}.",
                style="bold green" if explained.is_right else "bold red",
                markup=False,
            )
    explanations = [explained.explanation for explained in done]
    titles = [explained.asked.question for explained in done]
    write_whole(folder / "explanation.html", page(explanations, titles=titles))
    if options.json:
        summaries = [
            {**_summary(explained.explanation), "right": explained.is_right} for explained in done
        ]
        print(jsonlib.dumps(summaries, ensure_ascii=False, indent=1))
        return
    console.rule()
    console.print(f"Wrote {folder / 'explanation.html'}, and what it shows as JSON.", markup=False)
    console.print(_OWN.format(command=_command()), markup=False, soft_wrap=True)


def _command() -> str:
    """How a shell calls this command: by its path where no folder of PATH has it."""
    here = Path(sys.argv[0])
    if here.name != "focus-lime" or shutil.which("focus-lime"):
        return "focus-lime"
    return str(here.relative_to(Path.cwd()) if here.is_relative_to(Path.cwd()) else here)


def _bundled(options: DemoOptions, folder: Path) -> None:
    from focus_lime.report import stage

    demonstration = explain_generated(options.seed, options.proxy or "bundled:proxy", stage)
    explanation = demonstration.explanation
    explanation.save(folder / "explanation.json")
    explanation.save_html(folder / "explanation.html")
    if options.json:
        print(jsonlib.dumps(demonstration.summary(), ensure_ascii=False, indent=1))
    else:
        _print(demonstration, options.seed, folder)


def _summary(explanation: Explanation) -> dict[str, Any]:
    """What `--json` prints of an explanation."""
    return {
        "answer": explanation.response,
        "question": explanation.question,
        "top": explanation.table(5),
        "cost": asdict(explanation.cost),
    }


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
        return {**_summary(self.explanation), "planted_found": self.planted_found}


def explain_generated(seed: int, proxy: str, stage: Stage | None = None) -> Demonstration:
    """The bundled target's answer to a question about the contract of `seed`, explained."""
    import numpy as np

    from focus_lime.explain import FocusLime
    from focus_lime.inputs.prompt import Prompt

    from .contracts import generate_contract

    contract = generate_contract(np.random.default_rng(seed), words=WORDS)
    asked = contract.questions[0]
    explainer = FocusLime.from_pretrained("bundled:target", proxy)
    explainer.stage = stage or explainer.stage
    prompt = Prompt.from_text(contract.text, question=asked.question)
    return Demonstration(asked, explainer.explain(prompt, seed=seed))
