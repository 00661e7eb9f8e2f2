"""`focus-lime audit legal`: which sentences of a contract made the model say so?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from focus_lime.jobs import options as o
from focus_lime.jobs.readers import MEGABYTES, read

_OWN: dict[str, type] = {"files": str, "checklist": str, "items": str, "max_mb": int}


def legal(
    files: Annotated[
        list[str] | None, typer.Argument(help="PDF, DOCX, HTML, Markdown or text.")
    ] = None,
    checklist: Annotated[
        str | None, typer.Option(help="YAML of questions, as configs/legal_cuad.yaml.")
    ] = None,
    items: o.Items = None,
    model: o.Model = None,
    device: o.Device = None,
    proxy: o.Proxy = None,
    granularity: o.Granularity = None,
    ablation: o.Ablation = None,
    budget: o.Budget = None,
    seed: o.Seed = None,
    max_mb: Annotated[int | None, typer.Option(help="Largest file, in MB. Default: 32.")] = None,
    config: o.Config = None,
    out: o.Out = None,
    redact: o.Redact = None,
) -> None:
    """Ask a checklist of contracts, and show what in them made the model answer so."""
    options = o.merged(locals(), config, _OWN, "files checklist model out")

    from focus_lime.explanation import write_whole
    from focus_lime.jobs.audit import Results, Subject
    from focus_lime.jobs.checklist import load_checklist
    from focus_lime.jobs.deliver import deliver
    from focus_lime.jobs.run import Run, make_folder, unique

    how = o.how(options)
    asked = load_checklist(options["checklist"], o.items(options))
    paths = o.files(options["files"])
    folder = o.out_folder(options)
    make_folder(folder / "texts")
    names = dict(zip(paths, unique([Path(path).name for path in paths]), strict=True))
    run, results = Run(o.explainer(options), folder, how), Results()

    def load(path: str) -> Subject:
        document = read(path, options.get("max_mb", MEGABYTES))
        write_whole(folder / "texts" / f"{names[path]}.txt", document.text)
        return document

    deliver(
        "Audit of contracts",
        paths,
        load,
        asked,
        run,
        folder,
        results,
        redact=options.get("redact", False),
    )
    if results.failures:
        raise typer.Exit(1)
