"""`focus-lime demo`: the main job on a generated contract and the bundled models."""

from __future__ import annotations

import json as jsonlib
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console

from focus_lime.errors import FocusLimeError

_WORDS = 5000


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
    from focus_lime.explain import FocusLime  # torch is slow to import: not for --help
    from focus_lime.prompt.prompt import Prompt
    from focus_lime.report.progress import stage
    from focus_lime.report.terminal import print_explanation

    from .contracts import generate_contract

    if seed < 0:
        raise FocusLimeError(f"--seed {seed}: give a whole number from 0 on")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FocusLimeError(f"--out {out}: {error.strerror}") from None
    contract = generate_contract(np.random.default_rng(seed), words=_WORDS)
    asked = contract.questions[0]
    explainer = FocusLime.from_pretrained("bundled:target", None if proxy == "none" else proxy)
    explainer.stage = stage
    explanation = explainer.explain(
        Prompt.from_document(contract.text, question=asked.question), seed=seed
    )
    explanation.save(out / "explanation.json")
    explanation.save_html(out / "explanation.html")

    best = explanation.top(1)[0]
    planted_found = any(best.start < end and start < best.end for start, end in asked.evidence)
    if json:
        summary = {
            "answer": explanation.response,
            "question": asked.question,
            "planted_found": planted_found,
            "top": explanation.table(5),
            "cost": explanation.cost,
        }
        typer.echo(jsonlib.dumps(summary, ensure_ascii=False, indent=1))
        return
    console = Console()
    pages = round(len(contract.text.split()) / 420)
    console.print(f"A contract of about {pages} pages, written by the generator (seed {seed}).\n")
    print_explanation(explanation, console)
    expected = f"the right answer is {asked.value!r}"
    console.print(
        f"\nThe planted clause {'is' if planted_found else 'is NOT'} the top sentence; {expected}.",
        style="bold green" if planted_found else "bold red",
        markup=False,
        highlight=False,
    )
    console.print(f"Wrote {out / 'explanation.json'} and {out / 'explanation.html'}.", markup=False)
