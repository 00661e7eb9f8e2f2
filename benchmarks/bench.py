"""`focus-lime bench`: run a benchmark from YAML, and write its tables, plots and views."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from focus_lime.cli.command import command
from focus_lime.options import Option


@dataclass(frozen=True, kw_only=True)
class BenchOptions:
    """What is run, and where the results go."""

    config: Annotated[str, Option("YAML file: see docs/benchmarks.md.", is_positional=True)]
    limit: Annotated[int | None, Option("Items of each task, at most.", least=1)] = None
    resume: Annotated[bool, Option("Go on where a run in the folder stopped.")] = False
    out: Annotated[str | None, Option("Folder of the results. Default: runs/NAME.")] = None


@command(config=False)
def bench(options: BenchOptions) -> None:
    """Run explainers on tasks, at equal cost, and write tables, plots and views over all."""
    from .config import load_benchmark
    from .records import Folder

    benchmark = load_benchmark(options.config)
    from .prepared import prepare
    from .runner import default_folder, run  # not before the options are known to be good

    path = Path(options.out) if options.out is not None else default_folder(benchmark)
    prepared = prepare(benchmark)
    for label, reason in prepared.missing.items():
        _say(f"{label} is skipped: {reason}")
    words = ["focus-lime", "bench", options.config]
    words += ["--limit", str(options.limit)] if options.limit is not None else []
    manifest = prepared.manifest(shlex.join(words), options.limit)
    with Folder(path, manifest, resume=options.resume) as folder:
        try:
            run(prepared, folder, limit=options.limit, say=_say)
        finally:
            if folder.records:  # of what there is, whatever stopped it
                written = report(path)
    print(f"{len(folder.records)} results in {path}: {', '.join(written)}")


def report(path: str | Path) -> list[str]:
    """Write tables, views and plots of a results folder; the names of the files."""
    from focus_lime.files import write_whole

    from . import registry
    from .records import load_records
    from .tables import summary, views

    path = Path(path)
    records, manifest = load_records(path)
    benchmark = manifest["benchmark"]
    methods = [use["label"] for use in benchmark["methods"]]
    means = summary.rows(records, methods, benchmark["top"])
    metrics = [registry.load("metrics", name, name) for name in benchmark["metrics"]]
    write_whole(path / "table.csv", summary.to_csv(means))
    write_whole(path / "table.md", summary.to_markdown(records, means, manifest, metrics))
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
