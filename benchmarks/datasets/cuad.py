"""CUAD: commercial contracts in which lawyers marked the clauses of 41 categories.

Hendrycks et al. 2021 (arXiv 2103.06268), The Atticus Project, CC BY 4.0. The official file is
SQuAD-like: `{"data": [{"title", "paragraphs": [{"context", "qas": [{"id", "question",
"answers": [{"text", "answer_start"}]}]}]}]}`. The hub's copy has one row per question.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from focus_lime.errors import FocusLimeError

from . import reading

HUB_ID = "theatticusproject/cuad-qa"
# The hub's main branch is a loading script, which datasets >= 4 refuses to run; this revision is
# the same data as Parquet.
HUB_REVISION = "refs/pr/6"
FORM = "CUAD's SQuAD-like JSON"
EXCERPTS = "clause_excerpts.jsonl"

_CATEGORY = re.compile(r'related to "([^"]+)"')
_DETAILS = re.compile(r"Details:\s*(.+)", re.DOTALL)
_LEGAL_FORM = re.compile(
    r"(incorporated|inc|corporation|corp|company|co|limited|ltd|llc|llp|lp|plc|gmbh)+$"
)


@dataclass(frozen=True)
class Evidence:
    """What lawyers marked for one category: characters `[start, end)` of the contract."""

    label: str
    question: str
    spans: tuple[tuple[int, int], ...]

    @property
    def query(self) -> str:
        """The label and what it asks for, without the words that all 41 questions share."""
        details = _DETAILS.search(self.question)
        return f"{self.label}. {details.group(1) if details else self.question}"


@dataclass(frozen=True)
class Contract:
    """A contract and, by label, its evidence; categories without a marked span are left out."""

    title: str
    text: str = field(repr=False)
    evidence: Mapping[str, Evidence] = field(repr=False)


@dataclass(frozen=True)
class Excerpt:
    """A clause that lawyers cut out of the contract `file`."""

    file: str
    category: str
    text: str


def load(path: str | Path) -> list[Contract]:
    """The contracts of an official JSON file, or of the one `CUAD*.json` in a folder.

    Raises:
        FocusLimeError: no such file, another format, or an answer that is not where it says.
    """
    files = reading.files(path, "CUAD*.json")
    if len(files) != 1:
        raise FocusLimeError(f"{path} has {len(files)} files CUAD*.json: expected one")
    with reading.expecting(str(files[0]), FORM):
        return list(_contracts(_local_rows(reading.json_of(files[0]))))


def from_hub(split: str = "test") -> list[Contract]:
    """The contracts of a split (`train`, `test`) of the hub's copy."""
    rows, _ = reading.hub(HUB_ID, split=split, revision=HUB_REVISION)
    return list(_contracts(rows))


def load_excerpts(path: str | Path) -> list[Excerpt]:
    """The lines `{"file", "category", "text"}` of `clause_excerpts.jsonl`, or of it in a folder."""
    (file,) = reading.files(path, EXCERPTS)
    excerpts = []
    for where, row in reading.jsonl_of(file):
        with reading.expecting(where, "clause excerpts"):
            excerpts.append(Excerpt(**row))
    return excerpts


def with_excerpts(path: str | Path | None) -> tuple[list[Contract], list[Excerpt]]:
    """Contracts to explain, and clauses of other companies' contracts to learn from.

    Args:
        path: a folder with both, in the official format; the hub's test and train split if None.
    """
    if path is None:
        contracts, excerpts = from_hub("test"), excerpts_of(from_hub("train"))
    else:
        contracts, excerpts = load(path), load_excerpts(path)
    return contracts, without_filers(excerpts, contracts)


def digest(contracts: Iterable[Contract], *others: object) -> str:
    """Digest of contracts, and of whatever else JSON can hold."""
    plain = [
        [contract.title, contract.text, {k: asdict(e) for k, e in contract.evidence.items()}]
        for contract in contracts
    ]
    return reading.digest([*others, *plain])


def excerpts_of(contracts: Iterable[Contract]) -> list[Excerpt]:
    """The marked spans of contracts as excerpts, for instance those of the train split."""
    return [
        Excerpt(contract.title, label, contract.text[start:end])
        for contract in contracts
        for label, evidence in contract.evidence.items()
        for start, end in evidence.spans
    ]


def without_filers(excerpts: Iterable[Excerpt], contracts: Iterable[Contract]) -> list[Excerpt]:
    """The excerpts of companies that filed none of the contracts.

    A company's agreements copy each other's clauses, so leaving out the contract alone would
    leave its text in the training set.
    """
    filers = {_filer(contract.title) for contract in contracts}
    return [excerpt for excerpt in excerpts if _filer(excerpt.file) not in filers]


def by_company(contracts: Sequence[Contract]) -> tuple[list[Contract], list[Contract]]:
    """Those of the first half of the companies, in the contracts' order, and those of the others:
    no company is in both.
    """
    filers = list(dict.fromkeys(_filer(contract.title) for contract in contracts))
    first = set(filers[: len(filers) // 2])
    halves: tuple[list[Contract], list[Contract]] = [], []
    for contract in contracts:
        halves[_filer(contract.title) not in first].append(contract)
    return halves


def _filer(title: str) -> str:
    """The company: `AcmeInc_20190822_10-K_EX-10...`, `ACME INC_01_02_2003-EX-10-...` and
    `Acme, Inc. - SUPPLY AGREEMENT` were all filed by `acme`.

    Names of one word hide where their legal form begins (`TEXACO`), so that two companies may
    become one; then more is left out than must be, never less.
    """
    name = re.split(r"_| - ", title, maxsplit=1)[0]
    plain = "".join(filter(str.isalnum, name.casefold()))
    return _LEGAL_FORM.sub("", plain) or plain


def _local_rows(data: Any) -> Iterator[dict[str, Any]]:
    for entry in data["data"]:
        for paragraph in entry["paragraphs"]:
            for qa in paragraph["qas"]:
                yield {**qa, "title": entry["title"], "context": paragraph["context"]}


def _contracts(rows: Iterable[Mapping[str, Any]]) -> Iterator[Contract]:
    """Rows of one question each, together by title; the hub's train split repeats questions."""
    texts: dict[str, str] = {}
    evidence: dict[str, dict[str, Evidence]] = {}
    for row in rows:
        title, text, question = row["title"], row["context"], row["question"]
        if texts.setdefault(title, text) != text:
            raise FocusLimeError(f"CUAD: {title!r} has two different texts")
        labels = evidence.setdefault(title, {})
        spans = tuple(_spans(title, text, row["answers"]))
        if not spans:
            continue
        category = _CATEGORY.search(question)
        label = category.group(1) if category else str(row["id"]).rpartition("__")[2]
        known = labels[label].spans if label in labels else ()
        labels[label] = Evidence(label, question, tuple(sorted({*known, *spans})))
    for title, text in texts.items():
        yield Contract(title, text, evidence[title])


def _spans(title: str, text: str, answers: Any) -> Iterator[tuple[int, int]]:
    """From a list of `{text, answer_start}` (official) or a mapping of two lists (hub)."""
    if isinstance(answers, Mapping):
        pairs = list(zip(answers["text"], answers["answer_start"], strict=True))
    else:
        pairs = [(answer["text"], answer["answer_start"]) for answer in answers]
    for answer, start in pairs:
        if text[start : start + len(answer)] != answer:
            raise FocusLimeError(f"CUAD: {title!r} does not hold {answer!r:.40} at {start}")
        if answer:
            yield int(start), int(start) + len(answer)
