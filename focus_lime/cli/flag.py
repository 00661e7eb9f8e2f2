"""`focus-lime flag`: which message raised the flag, which words, and what would clear it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

from focus_lime.cli.command import command
from focus_lime.cli.options import FolderOptions, ModelOptions
from focus_lime.errors import FocusLimeError
from focus_lime.method.settings import Settings
from focus_lime.options import Option

if TYPE_CHECKING:
    from focus_lime.workflows.judgements import Judgements
    from focus_lime.workflows.policy import Policy
    from focus_lime.workflows.run import Run

    Side = tuple[Run, Policy]


@dataclass(frozen=True, kw_only=True)
class ChatOptions:
    """Which conversations, and what raises the flag."""

    chats: Annotated[
        tuple[str, ...], Option("JSON files of OpenAI-style messages.", is_positional=True)
    ]
    policy: Annotated[str | None, Option("YAML: what raises the flag; see docs/flag.md.")] = None
    label: Annotated[str | None, Option("A classifier's class that is the flag, instead.")] = None
    threshold: Annotated[
        float | None, Option("Nats above which the flag is up. Default: the policy's, or 0.")
    ] = None
    against: Annotated[str | None, Option("Another model: where do the two differ?")] = None
    against_policy: Annotated[str | None, Option("Another policy.")] = None

    def __post_init__(self) -> None:
        if self.policy is not None and self.label is not None:
            raise FocusLimeError("give --policy or --label, not both")

    def policies(self) -> tuple[Policy, Policy]:
        """What raises the flag, and what does on the other side."""
        from focus_lime.workflows.policy import Policy, load_policy

        if self.policy is not None:
            first = load_policy(self.policy)
        else:
            first = Policy(self.label or "score", flagged=(self.label,) if self.label else ())
        if self.threshold is not None:
            first = replace(first, threshold=self.threshold)
        return first, load_policy(self.against_policy) if self.against_policy else first


@dataclass(frozen=True, kw_only=True)
class JudgeOptions(ModelOptions):
    """Who judges, and who scouts."""

    usual_proxy: ClassVar[str] = "target-drops"
    proxy: Annotated[
        str | None,
        Option(
            "See docs/proxies.md. Default: target-drops, one deletion a message; target for a "
            "model of scores."
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class FlagSettings(Settings):
    """`Settings` whose weights are of words."""

    granularity: Annotated[
        str | None, Option("Level of the weights: message, sentence, word or token.")
    ] = "word"


@command()
def flag(
    chats: ChatOptions,
    model: JudgeOptions,
    settings: FlagSettings,
    output: FolderOptions,
) -> None:
    """Explain why a guard, a classifier or a refusing model flags a conversation."""
    from rich.console import Console

    from focus_lime.files import write_whole
    from focus_lime.workflows.judgements import print_judgements, report_page
    from focus_lime.workflows.run import Run

    first, second = chats.policies()
    folder = output.folder()
    sides = [(Run(model.explainer(), folder, settings), first)]
    if chats.against is not None:
        explainer = replace(model, model=chats.against).explainer()
        sides.append((Run(explainer, folder, settings), second))
    elif chats.against_policy is not None:
        sides.append((sides[0][0], second))
    for run, policy in sides:
        policy.check(run.explainer.model)
    results = _judged(list(dict.fromkeys(chats.chats)), sides, folder)
    write_whole(folder / "report.html", report_page(results, redact=output.redact))
    console = Console(highlight=False)
    print_judgements(results, console)
    console.print(f"Wrote report.html and flag.json in {folder}.", markup=False)
    if results.failures:
        raise SystemExit(1)


def _judged(paths: Sequence[str], sides: Sequence[Side], folder: Path) -> Judgements:
    """Every conversation before every side; `flag.json` is written after each."""
    from focus_lime.inputs.chats import read_chat
    from focus_lime.report import steps
    from focus_lime.workflows.contrast import contrast
    from focus_lime.workflows.flag import judge
    from focus_lime.workflows.judgements import Judgements
    from focus_lime.workflows.verdicts import Failure

    results = Judgements()
    with steps(len(paths)) as note:
        for path in paths:
            try:
                chat = read_chat(path)
                explained = [judge(run, chat, policy) for run, policy in sides]
            except FocusLimeError as error:
                results.failures.append(Failure(path, None, str(error)))
                note(f"{path}: failed")
                continue
            results.explained += explained
            if len(explained) == 2:
                results.contrasts.append(contrast(chat, *explained))
            note(f"{path}: {'flagged' if explained[0][0].flagged else 'not flagged'}")
            results.save(folder)
    results.save(folder)
    return results
