"""`focus-lime audit legal`: which sentences of a contract made the model say so?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from focus_lime.jobs import options as o
from focus_lime.jobs.readers import MEGABYTES, read

REPORT = "report.html"  # of the one file, or over all of them
_OWN: dict[str, type] = {"files": str, "checklist": str, "items": str, "max_mb": int}


def legal(
    files: Annotated[
        list[str] | None, typer.Argument(help="PDF, DOCX, HTML, Markdown or text.")
    ] = None,
    checklist: Annotated[
        str | None, typer.Option(help="YAML of questions, as configs/legal_cuad.yaml.")
    ] = None,
    items: Annotated[
        str | None, typer.Option(help="Only these of the checklist: ids with commas.")
    ] = None,
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
) -> None:
    """Ask a checklist of contracts, and show what in them made the model answer so."""
    options = o.merged(locals(), config, _OWN, "files checklist model out")

    from focus_lime.explanation import Explanation, write_whole
    from focus_lime.jobs.audit import Finding, Results, Subject, audit
    from focus_lime.jobs.checklist import load_checklist
    from focus_lime.jobs.outputs import file_page, index_page, print_findings, write_findings
    from focus_lime.jobs.run import Run, make_folder, unique

    how = o.how(options)
    wanted = options["items"].split(",") if "items" in options else None
    asked = load_checklist(options["checklist"], wanted)
    paths = options["files"]
    paths = list(dict.fromkeys(paths.split(",") if isinstance(paths, str) else paths))
    folder = o.out_folder(options)
    texts, pages = folder / "texts", folder / "pages"
    make_folder(texts)
    make_folder(pages)
    explainer = o.explainer(options)
    run, results = Run(explainer, folder, how), Results()
    names = dict(zip(paths, unique([Path(path).name for path in paths]), strict=True))
    about = {"target": explainer.model.name, "fingerprint": explainer.model.fingerprint}
    linked: dict[str, str] = {}

    def finished(subject: Subject, found: Sequence[tuple[Finding, Explanation]]) -> None:
        page = file_page(subject.name, found, results)
        linked[subject.name] = REPORT if len(paths) == 1 else f"pages/{names[subject.name]}.html"
        write_whole(folder / linked[subject.name], page)
        write_findings(folder, results, about)

    def load(path: str) -> Subject:
        document = read(path, options.get("max_mb", MEGABYTES))
        write_whole(texts / f"{names[path]}.txt", document.text)
        return document

    audit(paths, load, asked, run, finished, results)
    write_findings(folder, results, about)
    if REPORT not in linked.values():
        write_whole(folder / REPORT, index_page("Audit of contracts", results, linked))
    console = Console(highlight=False)
    print_findings(results, console)
    console.print(f"Wrote {REPORT}, findings.json and findings.csv in {folder}.", markup=False)
    if results.failures:
        raise typer.Exit(1)
