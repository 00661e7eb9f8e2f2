"""`focus-lime audit code`: which lines of a program made the model say so?"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated

import typer

from focus_lime.errors import FocusLimeError, near
from focus_lime.jobs import options as o
from focus_lime.jobs.codebase import COMMENTS, KILOBYTES, Code, read_source, source_paths

_OWN: dict[str, type] = {
    "files": str,
    "checklist": str,
    "items": str,
    "comments": str,
    "together": bool,
    "max_kb": int,
}


def code(
    files: Annotated[list[str] | None, typer.Argument(help="Files and folders of code.")] = None,
    checklist: Annotated[
        str | None, typer.Option(help="YAML of questions, as configs/code_security.yaml.")
    ] = None,
    items: o.Items = None,
    comments: Annotated[
        str | None,
        typer.Option(help="ablate (as code, default), keep (never dropped), omit (never read)."),
    ] = None,
    together: Annotated[
        bool | None, typer.Option("--together", help="One prompt over all files.")
    ] = None,
    model: o.Model = None,
    device: o.Device = None,
    proxy: o.Proxy = None,
    granularity: o.Granularity = None,
    ablation: o.Ablation = None,
    budget: o.Budget = None,
    seed: o.Seed = None,
    max_kb: Annotated[int | None, typer.Option(help="Largest file, in KB. Default: 256.")] = None,
    config: o.Config = None,
    out: o.Out = None,
    redact: o.Redact = None,
) -> None:
    """Ask a checklist of code, and show which lines made the model answer so, as SARIF too."""
    options = o.merged(locals(), config, _OWN, "files checklist model out")

    from dataclasses import asdict

    from focus_lime.explanation import write_whole
    from focus_lime.jobs.audit import Failure, Results, Subject
    from focus_lime.jobs.checklist import load_checklist
    from focus_lime.jobs.deliver import deliver
    from focus_lime.jobs.run import Run
    from focus_lime.report.sarif import to_sarif

    kept = options.get("comments", "ablate")
    if kept not in COMMENTS:
        raise FocusLimeError(f"no --comments {kept!r}: {near(kept, COMMENTS)}")
    how, kilobytes = o.how(options), options.get("max_kb", KILOBYTES)
    asked = load_checklist(options["checklist"], o.items(options))
    paths = source_paths(o.files(options["files"]))
    folder = o.out_folder(options)
    run, results = Run(o.explainer(options), folder, how), Results()

    def one(path: str) -> Subject:
        return Code([read_source(path, kilobytes)], kept)

    load: Callable[[str], Subject] = one
    if options.get("together"):
        read = []
        for path in paths:
            try:
                read.append(read_source(path, kilobytes))
            except FocusLimeError as error:
                results.failures.append(Failure(path, None, str(error)))
        whole: dict[str, Subject] = {code.name: code for code in [Code(read, kept)] if read}
        paths, load = list(whole), whole.__getitem__
    deliver(
        "Audit of code",
        paths,
        load,
        asked,
        run,
        folder,
        results,
        redact=options.get("redact", False),
    )
    log = to_sarif(
        [asdict(finding) for finding in results.findings],
        [asdict(failure) for failure in results.failures],
        run.explainer.model.name,
    )
    write_whole(folder / "findings.sarif", json.dumps(log, ensure_ascii=False, indent=1) + "\n")
    typer.echo(f"And findings.sarif with {len(log['runs'][0]['results'])} results.")
    if results.failures:
        raise typer.Exit(1)
