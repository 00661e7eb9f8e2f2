"""`focus-lime flag`: which message raised the flag, which words, and what would clear it?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from focus_lime.errors import FocusLimeError
from focus_lime.jobs import options as o

_OWN: dict[str, type] = {
    "chats": str,
    "policy": str,
    "label": str,
    "threshold": float,
    "against": str,
    "against_policy": str,
}
_DEFAULTS = {"proxy": "target-drops", "granularity": "word"}


def flag(
    chats: Annotated[
        list[str] | None, typer.Argument(help="JSON files of OpenAI-style messages.")
    ] = None,
    model: o.Model = None,
    policy: Annotated[
        str | None, typer.Option(help="YAML: what raises the flag; see docs/flag.md.")
    ] = None,
    label: Annotated[
        str | None, typer.Option(help="A classifier's class that is the flag, instead.")
    ] = None,
    threshold: Annotated[
        float | None, typer.Option(help="Nats above which the flag is up. Default: 0.")
    ] = None,
    against: Annotated[
        str | None, typer.Option(help="Another model: where do the two differ?")
    ] = None,
    against_policy: Annotated[str | None, typer.Option(help="Another policy.")] = None,
    device: o.Device = None,
    proxy: Annotated[
        str | None, typer.Option(help="target-drops (default) or another: see docs/proxies.md.")
    ] = None,
    granularity: Annotated[
        str | None, typer.Option(help="sentence, word or token. Default: word.")
    ] = None,
    ablation: o.Ablation = None,
    budget: o.Budget = None,
    seed: o.Seed = None,
    config: o.Config = None,
    out: o.Out = None,
    redact: o.Redact = None,
) -> None:
    """Explain why a guard, a classifier or a refusing model flags a conversation."""
    options = {**_DEFAULTS, **o.merged(locals(), config, _OWN, "chats model out")}

    from dataclasses import replace

    from focus_lime.explanation import Explanation, write_whole
    from focus_lime.jobs.audit import Failure
    from focus_lime.jobs.chat import read_chat
    from focus_lime.jobs.contrast import contrast
    from focus_lime.jobs.judge import Judgement, judge
    from focus_lime.jobs.policy import Policy, load_policy
    from focus_lime.jobs.run import Run, progress
    from focus_lime.jobs.verdicts import print_judgements, report_page, to_dict

    if "policy" in options and "label" in options:
        raise FocusLimeError("give --policy or --label, not both")
    how = o.how(options)
    if "policy" in options:
        first = load_policy(options["policy"])
    else:
        name = options.get("label", "score")
        first = Policy(name, flagged=(options["label"],) if "label" in options else ())
    if "threshold" in options:
        first = replace(first, threshold=options["threshold"])
    second = load_policy(options["against_policy"]) if "against_policy" in options else first
    paths = o.files(options["chats"])
    folder = o.out_folder(options)
    sides: list[tuple[Run, Policy]] = [(Run(o.explainer(options), folder, how), first)]
    if "against" in options:
        other = o.explainer({**options, "model": options["against"]})
        sides.append((Run(other, folder, how), second))
    elif "against_policy" in options:
        sides.append((sides[0][0], second))
    for run, rules in sides:
        _check(run.explainer.model, rules)

    found: list[tuple[Judgement, Explanation]] = []
    contrasts: list[dict[str, Any]] = []
    failures: list[Failure] = []
    with progress(len(paths)) as note:
        for path in paths:
            try:
                chat = read_chat(path)
                judged = [judge(run, chat, rules) for run, rules in sides]
            except FocusLimeError as error:
                failures.append(Failure(path, None, str(error)))
                note(f"{path}: failed")
                continue
            found += judged
            if len(judged) == 2:
                contrasts.append({"chat": path, **contrast(chat, judged[0], judged[1])})
            note(f"{path}: {'flagged' if judged[0][0].flagged else 'not flagged'}")
            _save(folder, to_dict([j for j, _ in found], contrasts, failures))
    _save(folder, to_dict([j for j, _ in found], contrasts, failures))
    write_whole(
        folder / "report.html",
        report_page(found, contrasts, failures, redact=options.get("redact", False)),
    )
    console = Console(highlight=False)
    print_judgements([j for j, _ in found], contrasts, failures, console)
    console.print(f"Wrote report.html and flag.json in {folder}.", markup=False)
    if failures:
        raise typer.Exit(1)


def _save(folder: Path, data: dict[str, Any]) -> None:
    from focus_lime.explanation import write_whole

    text = json.dumps(data, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
    write_whole(folder / "flag.json", text)


def _check(model: Any, policy: Any) -> None:
    """A policy that the model cannot follow is told once, before any conversation is read."""
    if model.speaks and not (policy.flagged and policy.cleared):
        raise FocusLimeError(
            f"{model.name} answers in words: give --policy FILE that says which are `flagged` and "
            "which `cleared`"
        )
    if not model.speaks and model.labels and not policy.flagged:
        raise FocusLimeError(
            f"{model.name} has several classes: say which is the flag, as --label "
            f"{model.labels[-1]} (known: {', '.join(model.labels)})"
        )
    if policy.flagged and (model.speaks or model.labels):
        from focus_lime.models.base import Ledger
        from focus_lime.objective import choose
        from focus_lime.prompt.prompt import Prompt

        choose(model, Prompt.from_document("text"), None, policy.labels, 1, Ledger())
