"""The command line: `focus-lime explain`, and the commands of the group `focus_lime.commands`."""

from __future__ import annotations

import os
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from focus_lime.config import load_config
from focus_lime.errors import FocusLimeError

GROUP = "focus_lime.commands"

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="What in a long prompt made a large language model answer as it did.",
)

# Options that a YAML file may hold, and the type of each.
_OPTIONS: dict[str, type] = {
    "document": str,
    "question": str,
    "messages": str,
    "model": str,
    "device": str,
    "memory": int,
    "proxy": str,
    "response": str,
    "labels": str,
    "granularity": str,
    "budget": int,
    "chunks": int,
    "sentences": int,
    "design": str,
    "ablation": str,
    "placeholder": str,
    "fidelity": str,
    "audit": bool,
    "verify": int,
    "sets": bool,
    "confidence": float,
    "max_new_tokens": int,
    "seed": int,
    "cache": str,
    "json": str,
    "html": str,
    "redact": bool,
}
# What `FocusLime.explain` takes by the same name.
_PASSED_ON = (
    "response granularity budget chunks sentences design ablation placeholder fidelity audit "
    "verify sets confidence max_new_tokens seed"
).split()


@app.callback()
def _root() -> None:
    """What in a long prompt made a large language model answer as it did."""


@app.command()
def explain(
    document: Annotated[str | None, typer.Option(help="Text file (UTF-8) to explain over.")] = None,
    question: Annotated[str | None, typer.Option(help="Asked after the document.")] = None,
    messages: Annotated[
        str | None, typer.Option(help="JSON file of role and content pairs, instead.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Folder, hub id, bundled:target or module:attribute.")
    ] = None,
    device: Annotated[
        str | None,
        typer.Option(help="Of the model, as torch names it: cpu, cuda, mps; auto spreads it."),
    ] = None,
    memory: Annotated[
        int | None,
        typer.Option(
            help="MiB that scoring may need beside the model and the prompt's keys and "
            "values. Default: 256."
        ),
    ] = None,
    proxy: Annotated[
        str | None,
        typer.Option(help="bm25 (default), attention, a model, none, ...: see docs/proxies.md."),
    ] = None,
    response: Annotated[
        str | None, typer.Option(help="Explain this response, not the model's own.")
    ] = None,
    labels: Annotated[
        str | None, typer.Option(help="A,B: explain A against B; for a classifier, its class.")
    ] = None,
    granularity: Annotated[
        str | None, typer.Option(help="sentence, word or token. Default: sentence.")
    ] = None,
    budget: Annotated[
        int | None, typer.Option(help="Most masks of the target. Default: 64; 256 for words.")
    ] = None,
    chunks: Annotated[
        int | None,
        typer.Option(
            help="Most chunks that the proxy may keep. Default: 6, more for a larger budget."
        ),
    ] = None,
    sentences: Annotated[
        int | None, typer.Option(help="Most sentences of them. Default: a quarter of the masks.")
    ] = None,
    design: Annotated[
        str | None,
        typer.Option(
            help="Of masks: bernoulli, local, near-full, antithetic, shapley, uniform-size, tree."
        ),
    ] = None,
    ablation: Annotated[
        str | None,
        typer.Option(help="delete, placeholder, or attention (cheap, near). Default: delete."),
    ] = None,
    placeholder: Annotated[
        str | None, typer.Option(help="Stands for dropped text. Default: three dots.")
    ] = None,
    fidelity: Annotated[
        str | None,
        typer.Option(help="exact, or mixed (most masks over the cached context). Default: exact."),
    ] = None,
    audit: Annotated[
        bool | None,
        typer.Option(help="Whether the target checks what the proxy chose. Default: it does."),
    ] = None,
    verify: Annotated[
        int | None,
        typer.Option(help="Leading spans that are deleted alone and together. Default: 3."),
    ] = None,
    sets: Annotated[
        bool | None,
        typer.Option(help="Whether to look for sets of sentences that decide. Default: yes."),
    ] = None,
    confidence: Annotated[
        float | None,
        typer.Option(help="At which masks stop before the budget; 1: never. Default: 0.95."),
    ] = None,
    max_new_tokens: Annotated[int | None, typer.Option(help="Longest answer. Default: 64.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of masks and bootstrap. Default: 0.")] = None,
    cache: Annotated[
        str | None, typer.Option(help="SQLite file of scores: a killed run goes on.")
    ] = None,
    config: Annotated[
        str | None, typer.Option(help="YAML file of these options; flags override it.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would cost, and ask nothing.")
    ] = False,
    json: Annotated[str | None, typer.Option(help="Write the explanation here.")] = None,
    html: Annotated[str | None, typer.Option(help="Write the report here.")] = None,
    redact: Annotated[
        bool | None,
        typer.Option("--redact", help="Leave out of the report all text that it does not name."),
    ] = None,
) -> None:
    """Explain a model's answer to a document with a question, or to a conversation."""
    given = {name: value for name, value in locals().items() if value is not None}
    given.pop("config", None)
    given.pop("dry_run")
    options = {**(load_config(config, _OPTIONS) if config is not None else {}), **given}
    if "model" not in options:
        raise FocusLimeError("no model: give --model FOLDER, a hub id, bundled:target or mod:attr")
    if options.get("redact") and "html" not in options:
        raise FocusLimeError("--redact is for the report: give --html FILE too")
    for name in ("json", "html", "cache"):
        _check_output(name, options.get(name))

    from focus_lime.explain import FocusLime  # not before the options are known to be good
    from focus_lime.perturb.cache import ScoreCache
    from focus_lime.report.progress import stage
    from focus_lime.report.terminal import print_estimate, print_explanation

    prompt = _prompt(options)
    backend: dict[str, Any] = {}
    if "device" in options:
        backend["device_map"] = options["device"]
    if "memory" in options:
        if options["memory"] < 1:
            raise FocusLimeError(f"--memory {options['memory']}: give MiB, 1 or more")
        backend["memory"] = options["memory"] << 20
    explainer = FocusLime.from_pretrained(options["model"], options.get("proxy", "bm25"), **backend)
    how: dict[str, Any] = {name: options[name] for name in _PASSED_ON if name in options}
    how["labels"] = options["labels"].split(",") if "labels" in options else None
    if dry_run:
        print_estimate(explainer.estimate(prompt, **how), Console())
        return
    explainer.cache = ScoreCache(options["cache"]) if "cache" in options else None
    explainer.stage = stage
    explanation = explainer.explain(prompt, **how)
    if "json" in options:
        explanation.save(options["json"])
    if "html" in options:
        explanation.save_html(options["html"], redact=options.get("redact", False))
    print_explanation(explanation, Console())


def _prompt(options: dict[str, Any]) -> Any:
    from focus_lime.prompt.prompt import Prompt, read_document, read_messages

    if ("document" in options) == ("messages" in options):
        raise FocusLimeError("give either --document FILE or --messages FILE.json")
    if "messages" in options:
        return Prompt.from_messages(read_messages(options["messages"]), options.get("question"))
    return Prompt.from_document(read_document(options["document"]), options.get("question"))


def _check_output(name: str, path: str | None) -> None:
    """Where a result cannot be written is known before it is worked for."""
    if path is None:
        return
    if Path(path).is_dir():
        raise FocusLimeError(f"--{name} {path} is a directory: give a file")
    folder = Path(path).absolute().parent
    if not folder.is_dir():
        raise FocusLimeError(f"--{name} {path}: the directory {folder} does not exist")
    if not os.access(folder, os.W_OK):
        raise FocusLimeError(f"--{name} {path}: the directory {folder} is not writable")


def main(arguments: list[str] | None = None) -> None:
    """Run the command line. Bad input is one line on standard error and exit code 2."""
    # A command line is the whole process, so it may quieten the libraries that it runs.
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    for entry in entry_points(group=GROUP):
        found = entry.load()
        if isinstance(found, typer.Typer):  # commands of commands, as `audit legal`
            app.add_typer(found, name=entry.name)
        else:
            app.command(name=entry.name)(found)
    try:
        app(args=arguments, prog_name="focus-lime")
    except FocusLimeError as error:
        line = " ".join(str(error).split())
        typer.echo(f"focus-lime: error: {line}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
