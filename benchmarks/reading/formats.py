"""Whether a contract is explained alike, whatever the format of its file.

    python -m focus_lime.benchmarks.reading.formats --data DIR [--limit N] [--every N]
        [--out FILE.md]

DIR holds `cuad/`. Each contract, page numbers taken out, is read as text, as a Word file and as
PDFs by two programs, and every question about it for which lawyers marked text is explained on
each, with `jobs.models:clauses` as the model and 64 calls. Evidence is the five leading units of
positive weight; two texts are the same where they are, white space collapsed.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import regex

from focus_lime.explain import FocusLime
from focus_lime.inputs.document import Document
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.readers.docx import read_docx
from focus_lime.inputs.readers.pdf import read_pdf
from focus_lime.method.search import TargetSearch
from focus_lime.models.function import FunctionModel
from focus_lime.workflows.checklist import load_checklist
from focus_lime.workflows.verdicts import EVIDENCE

from .. import script
from ..datasets import cuad
from ..experiments.jobs import models
from ..metrics.evidence import recall_at
from ..tables.bootstrap import bootstrap_mean
from ..tables.markdown import interval, markdown
from . import pdf

TEXT = "text"
_BUDGET = 64
_ILLEGAL = regex.compile(r"[\x00-\x08\x0b-\x1f]")  # characters that XML cannot hold


def word_file(contract: pdf.Contract) -> bytes:
    import docx

    content, held = docx.Document(), io.BytesIO()
    for part in contract.paragraphs:
        content.add_paragraph(_ILLEGAL.sub("", part))
    content.save(held)
    return held.getvalue()


def documents(contract: pdf.Contract) -> Iterator[tuple[str, Document]]:
    """The contract in every format that can be made here."""
    yield TEXT, Document("a.txt", "\n\n".join(contract.paragraphs))
    yield "Word", read_docx("a.docx", word_file(contract))
    for name in ("reportlab, 1 column", "reportlab, 2 columns", "Chromium, 1 column"):
        program, printed = pdf.PRINTERS[name]
        if not program or shutil.which(program):
            yield f"PDF: {name}", read_pdf("a.pdf", printed(contract))


@dataclass(frozen=True)
class Collapsed:
    """A text with its white space collapsed, and where each character of that stands in it."""

    text: str
    places: tuple[int, ...] = field(repr=False)

    @classmethod
    def of(cls, text: str) -> Collapsed:
        kept = [
            (i, " " if character.isspace() else character)
            for i, character in enumerate(text)
            if not character.isspace() or (i and not text[i - 1].isspace())
        ]
        return cls("".join(c for _, c in kept), tuple(i for i, _ in kept))

    def spans(self, excerpts: Sequence[str]) -> list[tuple[int, int]] | None:
        """Where the excerpts stand in the text; None where one does not."""
        found = []
        for excerpt in map(collapsed, excerpts):
            at = self.text.find(excerpt)
            if at < 0:
                return None
            found.append((self.places[at], self.places[at + len(excerpt) - 1] + 1))
        return found


def collapsed(text: str) -> str:
    return " ".join(text.split())


@dataclass(frozen=True)
class Answer:
    """The evidence of one question, and the recall of what lawyers marked; None where that does not
    stand whole in the text.
    """

    evidence: tuple[str, ...]
    recall: float | None


def answer(document: Document, question: str, excerpts: Sequence[str]) -> Answer:
    prompt = Prompt.from_document(document, question)
    model = FunctionModel(models.clauses, name="clauses")
    explained = FocusLime(model, TargetSearch()).explain(prompt, budget=_BUDGET, sets=False)
    leading = [u for u in explained.top(EVIDENCE) if (u.weight or 0.0) > 0]
    spans, text = Collapsed.of(document.text).spans(excerpts), document.text
    recall = None
    if spans:
        units = prompt.tree.scored
        gold = [i for i, u in enumerate(units) if any(u.start < b and a < u.end for a, b in spans)]
        at = {(unit.start, unit.end): i for i, unit in enumerate(units)}
        recall = recall_at([at[u.start, u.end] for u in leading], gold, EVIDENCE)
    return Answer(tuple(collapsed(text[u.start : u.end]) for u in leading), recall)


@dataclass(frozen=True)
class Pair:
    """One question, on text and in another format."""

    format: str
    as_text: Answer
    other: Answer

    @property
    def agreement(self) -> tuple[float, float, float]:
        """Whether the first of the evidence is the same; all of it; what share of it."""
        one, two = self.as_text.evidence, self.other.evidence
        both, all_of = set(one) & set(two), set(one) | set(two)
        share = len(both) / len(all_of) if all_of else 1.0
        return float(one[:1] == two[:1]), float(set(one) == set(two)), share


def pairs(contracts: Sequence[cuad.Contract], every: int) -> Iterator[Pair]:
    """Each `every`-th question about the contracts, in each format."""
    questions = load_checklist(models.CHECKLIST)
    for contract in contracts:
        asked = [q for q in questions if q.name in contract.evidence][::every]
        read = dict(documents(pdf.contract_of(contract.title, contract.text)))
        for question in asked:
            excerpts = [contract.text[a:b] for a, b in contract.evidence[question.name].spans]
            answers = {n: answer(d, question.question, excerpts) for n, d in read.items()}
            for name, other in answers.items():
                if name != TEXT:
                    yield Pair(name, answers[TEXT], other)


def _row(name: str, found: Sequence[Pair]) -> list[str]:
    def shown(values: Sequence[float]) -> str:
        return interval(bootstrap_mean(values)) if values else "–"

    known = [
        (pair.as_text.recall, pair.other.recall)
        for pair in found
        if pair.as_text.recall is not None and pair.other.recall is not None
    ]
    agreements = list(zip(*(pair.agreement for pair in found), strict=True))
    return [
        name,
        str(len(found)),
        *(shown(values) for values in agreements),
        shown([one for one, _ in known]),
        shown([two for _, two in known]),
        shown([two - one for one, two in known]),
    ]


def report(found: Sequence[Pair], command: str) -> str:
    by_format: dict[str, list[Pair]] = {}
    for pair in found:
        by_format.setdefault(pair.format, []).append(pair)
    header = (
        "read as", "questions", "same first", "same five", "share in both", "recall on text",
        "recall", "less text's",
    )  # fmt: skip
    return (
        f"# Evidence by the format of the file\n\n```\n{command}\n```\n\n"
        "Questions of configs/legal_cuad.yaml for which lawyers marked text; five leading units of "
        "positive weight, 64 calls, in each format and on the same text as plain text. Recall: of "
        "the lawyers' sentences, where their excerpts stand whole in both. In brackets: 95 % "
        "percentile bootstrap over questions.\n\n"
        + markdown(header, [_row(name, own) for name, own in by_format.items()])
    )


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", required=True, help="folder that holds cuad/")
    parser.add_argument("--limit", type=int, help="only the first N contracts")
    parser.add_argument("--every", type=int, default=1, help="only each N-th question")


def _work(options: argparse.Namespace, command: str) -> Iterator[str]:
    os.environ["FOCUS_LIME_DATA"] = options.data
    contracts = cuad.load(Path(options.data) / "cuad")[: options.limit]
    found: list[Pair] = []
    for pair in pairs(contracts, options.every):
        found.append(pair)
        if len(found) % 20 == 0:
            yield report(found, command)
    yield report(found, command)


def main(arguments: Sequence[str] | None = None) -> int:
    return script.run("reading.formats", arguments, _options, _work)


if __name__ == "__main__":
    sys.exit(main())
