"""`focus-lime audit code`: which lines of a program made the model say so?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from focus_lime.cli.command import command
from focus_lime.cli.options import ChecklistOptions, FolderOptions, ModelOptions
from focus_lime.method.settings import Settings
from focus_lime.options import Option

if TYPE_CHECKING:
    from focus_lime.inputs.source_files import SourceFiles
    from focus_lime.workflows.verdicts import Verdicts


@dataclass(frozen=True, kw_only=True)
class CodeOptions:
    """Which code."""

    files: Annotated[tuple[str, ...], Option("Files and folders of code.", is_positional=True)]
    comments: Annotated[
        Literal["ablate", "keep", "omit"],
        Option("ablate (as code), keep (never dropped), omit (never read)."),
    ] = "ablate"
    together: Annotated[bool, Option("One prompt over all files.")] = False
    max_kb: Annotated[int, Option("Largest file, in KB.", least=1)] = 256


@command()
def code(
    sources: CodeOptions,
    questions: ChecklistOptions,
    model: ModelOptions,
    settings: Settings,
    output: FolderOptions,
) -> None:
    """Ask a checklist of code, and show which lines made the model answer so, as SARIF too."""
    from focus_lime.inputs.source_files import SourceFiles, read_source, shown, source_paths
    from focus_lime.workflows.audit import Audit
    from focus_lime.workflows.outputs import write_sarif
    from focus_lime.workflows.run import Run
    from focus_lime.workflows.verdicts import Verdicts

    items, results = questions.load(), Verdicts()
    files = {shown(path): path for path in source_paths(sources.files)}
    folder = output.folder()
    run = Run(model.explainer(), folder, settings)

    def alone(name: str) -> SourceFiles:
        return SourceFiles([read_source(files[name], sources.max_kb)], sources.comments)

    paths = list(files)
    load: Callable[[str], SourceFiles] = alone
    if sources.together:
        together = _together(sources, files, results)
        paths, load = list(together), together.__getitem__
    audit = Audit(
        title="Audit of code",
        paths=paths,
        load=load,
        items=items,
        run=run,
        folder=folder,
        redact=output.redact,
        results=results,
    )
    audit.deliver()
    count = write_sarif(folder, results, run.explainer.model)
    print(f"And verdicts.sarif with {count} result{'' if count == 1 else 's'}.")
    if results.failures:
        raise SystemExit(1)


def _together(
    sources: CodeOptions, paths: Mapping[str, str], results: Verdicts
) -> dict[str, SourceFiles]:
    """All files as one subject, by its name; those that cannot be read are noted as failures."""
    from focus_lime.errors import FocusLimeError, first_line
    from focus_lime.inputs.source_files import SourceFiles, read_source
    from focus_lime.workflows.verdicts import Failure

    files = []
    for name, path in paths.items():
        try:
            files.append(read_source(path, sources.max_kb))
        except FocusLimeError as error:
            results.failures.append(Failure(name, None, str(error)))
        except Exception as error:  # what a reader stumbles over ends no other file's audit
            reason = f"{name} cannot be read: {type(error).__name__}: {first_line(error)}"
            results.failures.append(Failure(name, None, reason))
    if not files:
        return {}
    program = SourceFiles(files, sources.comments)
    return {program.name: program}
