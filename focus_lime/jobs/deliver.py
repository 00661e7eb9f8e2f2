"""An audit from its files to its folder: what both kinds of audit do alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from focus_lime.explanation import Explanation, write_whole
from focus_lime.jobs.audit import Finding, Results, Subject, audit
from focus_lime.jobs.checklist import Item
from focus_lime.jobs.outputs import file_page, index_page, print_findings, write_findings
from focus_lime.jobs.run import Run, make_folder, unique

REPORT = "report.html"  # of the one file, or over all of them


def deliver(
    title: str,
    paths: Sequence[str],
    load: Callable[[str], Subject],
    items: Sequence[Item],
    run: Run,
    folder: Path,
    results: Results,
    *,
    redact: bool = False,
) -> None:
    """Audit the files and write the findings after each: pages, JSON, CSV, a table."""
    make_folder(folder / "pages")
    model = run.explainer.model
    about = {"target": model.name, "fingerprint": model.fingerprint}
    names = dict(zip(paths, unique([Path(path).name for path in paths]), strict=True))
    linked: dict[str, str] = {}

    def finished(subject: Subject, found: Sequence[tuple[Finding, Explanation]]) -> None:
        alone = len(paths) == 1 and not any(f.file != subject.name for f in results.failures)
        linked[subject.name] = REPORT if alone else f"pages/{names[subject.name]}.html"
        write_whole(folder / linked[subject.name], file_page(subject, found, results, redact))
        write_findings(folder, results, about)

    audit(paths, load, items, run, finished, results)
    write_findings(folder, results, about)
    if REPORT not in linked.values():
        write_whole(folder / REPORT, index_page(title, results, linked))
    console = Console(highlight=False)
    print_findings(results, console)
    console.print(f"Wrote {REPORT}, findings.json and findings.csv in {folder}.", markup=False)
