"""`focus-lime bench`: run a benchmark from YAML, and write its tables, plots and views."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer


def bench(
    config: Annotated[str, typer.Argument(help="YAML file: see docs/benchmarks.md.")],
    limit: Annotated[int | None, typer.Option(help="Items of each task, at most.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where a run in the folder stopped.")
    ] = False,
    out: Annotated[
        str | None, typer.Option(help="Folder of the results. Default: runs/NAME.")
    ] = None,
) -> None:
    """Run explainers on tasks, at equal cost, and write tables, plots and views over all."""
    from focus_lime.errors import FocusLimeError

    from .config import load_benchmark
    from .records import Folder

    if limit is not None and limit < 1:
        raise FocusLimeError(f"--limit {limit}: give 1 or more")
    benchmark = load_benchmark(config)
    from .prepared import prepare
    from .runner import default_folder, run  # not before the options are known to be good

    path = Path(out) if out is not None else default_folder(benchmark)
    prepared = prepare(benchmark)
    for label, why in prepared.missing.items():
        _say(f"{label} is skipped: {why}")
    words = ["focus-lime", "bench", config]
    words += ["--limit", str(limit)] if limit is not None else []
    manifest = prepared.manifest(shlex.join(words), limit)
    with Folder(path, manifest, resume=resume) as folder:
        try:
            run(prepared, folder, limit=limit, say=_say)
        finally:
            if folder.records:  # of what there is, whatever stopped it
                written = report(path)
    print(f"{len(folder.records)} results in {path}: {', '.join(written)}")


def report(path: str | Path) -> list[str]:
    """Write tables, views and plots of a results folder; the names of the files."""
    from focus_lime.explanation import write_whole

    from . import summary, views
    from .records import load_records

    path = Path(path)
    records, manifest = load_records(path)
    methods = [use["label"] for use in manifest["benchmark"]["methods"]]
    found = summary.rows(records, methods, manifest["benchmark"]["top"])
    write_whole(path / "table.csv", summary.to_csv(found))
    write_whole(path / "table.md", summary.to_markdown(records, found, manifest, methods))
    names = ["table.md", "table.csv"]
    pages = views.write(records, path)
    names += [f"{views.VIEWS}/ ({len(pages)})"] if pages else []
    try:
        from .plots import draw
    except ModuleNotFoundError:
        _say("no plots: pip install 'focus-lime[benchmarks]'")
        return names
    return names + [plot.name for plot in draw(records, methods, path)]


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
