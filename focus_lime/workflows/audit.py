"""An audit: every question of a checklist about every file, from the files to a folder of results.
What fails is noted, and the others go on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from focus_lime.errors import FocusLimeError, first_line
from focus_lime.explanation.result import Explanation
from focus_lime.files import make_folder, unique, write_whole
from focus_lime.report import steps
from focus_lime.workflows.checklist import Item
from focus_lime.workflows.outputs import file_page, index_page, print_verdicts, write_verdicts
from focus_lime.workflows.run import Run
from focus_lime.workflows.verdicts import Failure, Subject, Verdict, Verdicts, verdict_of

Note = Callable[[str], None]  # told the name of each step that is done

REPORT = "report.html"  # of the one file, or over all of them


@dataclass(kw_only=True)
class Audit:
    """
    Args:
        title: of the report over several files.
        paths: of the files.
        load: reads one of them.
        redact: leave out of the reports all text that is no evidence.
        results: the verdicts, as they become known.
    """

    title: str
    paths: Sequence[str]
    load: Callable[[str], Subject]
    items: Sequence[Item]
    run: Run
    folder: Path
    redact: bool = False
    results: Verdicts = field(default_factory=Verdicts)

    def deliver(self) -> None:
        """Ask, and write what is known after each file: pages, JSON, CSV; then print a table."""
        make_folder(self.folder / "pages")
        names = dict(zip(self.paths, unique([Path(p).name for p in self.paths]), strict=True))
        pages: dict[str, str] = {}
        with steps(len(self.paths) * len(self.items)) as note:
            for path in self.paths:
                subject = self._loaded(path, note)
                if subject is None:
                    continue
                explained = self._asked(subject, note)
                is_alone = len(self.paths) == 1 and not self._failed_apart_from(subject)
                pages[subject.name] = REPORT if is_alone else f"pages/{names[path]}.html"
                page = file_page(subject, explained, self.results, redact=self.redact)
                write_whole(self.folder / pages[subject.name], page)
                self._write()
        self._write()
        if REPORT not in pages.values():
            write_whole(self.folder / REPORT, index_page(self.title, self.results, pages))
        console = Console(highlight=False)
        print_verdicts(self.results, console)
        files = f"{REPORT}, verdicts.json and verdicts.csv"
        console.print(f"Wrote {files} in {self.folder}.", markup=False)

    def _loaded(self, path: str, note: Note) -> Subject | None:
        try:
            return self.load(path)
        except FocusLimeError as error:
            reason = str(error)
        except Exception as error:  # what a reader stumbles over ends no other file's audit
            reason = f"{path} cannot be read: {type(error).__name__}: {first_line(error)}"
        self.results.failures.append(Failure(path, None, reason))
        for item in self.items:
            note(f"{path}: {item.id}: not read")
        return None

    def _asked(self, subject: Subject, note: Note) -> list[tuple[Verdict, Explanation]]:
        """Every question about one file."""
        explained: list[tuple[Verdict, Explanation]] = []
        for item in self.items:
            name = f"{Path(subject.name).stem}-{item.id}"
            try:
                prompt, objective = subject.prompt(item.question), self.run.objective(item.labels)
                explanation, path = self.run.explain(name, prompt, objective)
            except FocusLimeError as error:
                self.results.failures.append(Failure(subject.name, item.id, str(error)))
                note(f"{subject.name}: {item.id}: failed")
                continue
            verdict = verdict_of(subject, item, explanation, f"{path.parent.name}/{path.name}")
            explained.append((verdict, explanation))
            self.results.verdicts.append(verdict)
            note(f"{subject.name}: {item.id}: {verdict.conclusion:.60}")
        return explained

    def _failed_apart_from(self, subject: Subject) -> bool:
        return any(failure.file != subject.name for failure in self.results.failures)

    def _write(self) -> None:
        write_verdicts(self.folder, self.results, self.run.explainer.model)
