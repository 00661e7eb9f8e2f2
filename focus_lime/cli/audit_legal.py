"""`focus-lime audit legal`: which sentences of a contract made the model say so?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from focus_lime.cli.command import command
from focus_lime.cli.options import ChecklistOptions, FolderOptions, ModelOptions
from focus_lime.method.settings import Settings
from focus_lime.options import Option

if TYPE_CHECKING:
    from focus_lime.workflows.contract import Contract


@dataclass(frozen=True, kw_only=True)
class ContractOptions:
    """Which contracts."""

    files: Annotated[
        tuple[str, ...], Option("PDF, DOCX, HTML, Markdown or text.", is_positional=True)
    ]
    max_mb: Annotated[int, Option("Largest file, in MB.", least=1)] = 32
    tracked: Annotated[
        Literal["accepted", "original"],
        Option("Tracked changes of Word files: as accepted, or the original, before them."),
    ] = "accepted"


@command()
def legal(
    contracts: ContractOptions,
    questions: ChecklistOptions,
    model: ModelOptions,
    settings: Settings,
    output: FolderOptions,
) -> None:
    """Ask a checklist of contracts, and show what in them made the model answer so."""
    from focus_lime.files import make_folder, unique, write_whole
    from focus_lime.inputs.documents import read
    from focus_lime.workflows.audit import Audit
    from focus_lime.workflows.contract import Contract
    from focus_lime.workflows.run import Run

    items, paths = questions.load(), list(dict.fromkeys(contracts.files))
    folder = output.folder()
    make_folder(folder / "texts")
    names = dict(zip(paths, unique([Path(path).name for path in paths]), strict=True))

    def load(path: str) -> Contract:
        document = read(path, contracts.max_mb, contracts.tracked)
        write_whole(folder / "texts" / f"{names[path]}.txt", document.text)
        return Contract(document)

    run = Run(model.explainer(), folder, settings)
    audit = Audit(
        title="Audit of contracts",
        paths=paths,
        load=load,
        items=items,
        run=run,
        folder=folder,
        redact=output.redact,
    )
    audit.deliver()
    if audit.results.failures:
        raise SystemExit(1)
