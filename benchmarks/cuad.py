"""CUAD: commercial contracts in which lawyers marked the clauses of 41 categories.

Hendrycks et al. 2021 (arXiv 2103.06268), The Atticus Project, CC BY 4.0. The official file is
SQuAD-like: `{"data": [{"title", "paragraphs": [{"context", "qas": [{"id", "question",
"answers": [{"text", "answer_start"}]}]}]}]}`. The hub's copy has one row per question.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from focus_lime.errors import FocusLimeError

HUB_ID = "theatticusproject/cuad-qa"
# The hub's main branch is a loading script, which datasets >= 4 refuses to run; this revision is
# the same data as Parquet.
HUB_REVISION = "refs/pr/6"
EXCERPTS = "clause_excerpts.jsonl"

_CATEGORY = re.compile(r'related to "([^"]+)"')
_DETAILS = re.compile(r"Details:\s*(.+)", re.DOTALL)


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
    path = Path(path)
    if path.is_dir():
        found = sorted(path.glob("CUAD*.json"))
        if len(found) != 1:
            raise FocusLimeError(f"{path} has {len(found)} files CUAD*.json: expected one")
        path = found[0]
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return list(_contracts(_local_rows(data)))
    except OSError as error:
        raise FocusLimeError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError) as error:
        if isinstance(error, FocusLimeError):
            raise
        raise FocusLimeError(f"{path} is not CUAD's SQuAD-like JSON ({error!r})") from None


def from_hub(split: str = "test", *, revision: str = HUB_REVISION) -> list[Contract]:
    """The contracts of a split (`train`, `test`) of the hub's copy; needs the package `datasets`.

    Raises:
        FocusLimeError: `datasets` is not installed.
    """
    try:
        import datasets
    except ImportError:
        raise FocusLimeError(
            f"{HUB_ID} is loaded with the package datasets: pip install datasets"
        ) from None
    return list(_contracts(datasets.load_dataset(HUB_ID, revision=revision, split=split)))


def load_excerpts(path: str | Path) -> list[Excerpt]:
    """The lines `{"file", "category", "text"}` of `clause_excerpts.jsonl`, or of it in a folder."""
    path = Path(path)
    path = path / EXCERPTS if path.is_dir() else path
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return [Excerpt(**json.loads(line)) for line in lines if line.strip()]
    except OSError as error:
        raise FocusLimeError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, TypeError) as error:
        raise FocusLimeError(f"{path} is not a list of clause excerpts ({error})") from None


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


def _filer(title: str) -> str:
    """`AcmeInc_20190822_10-K_EX-10...` was filed by `acmeinc`."""
    return title.partition("_")[0].lower()


def _local_rows(data: Any) -> Iterator[dict[str, Any]]:
    for entry in data["data"]:
        for paragraph in entry["paragraphs"]:
            for qa in paragraph["qas"]:
                yield {**qa, "title": entry["title"], "context": paragraph["context"]}


def _contracts(rows: Iterable[Mapping[str, Any]]) -> Iterator[Contract]:
    """Rows of one question each, together by title; the hub's train split repeats questions."""
    texts: dict[str, str] = {}
    found: dict[str, dict[str, Evidence]] = {}
    for row in rows:
        title, text, question = row["title"], row["context"], row["question"]
        if texts.setdefault(title, text) != text:
            raise FocusLimeError(f"CUAD: {title!r} has two different texts")
        labels = found.setdefault(title, {})
        spans = tuple(_spans(title, text, row["answers"]))
        if not spans:
            continue
        category = _CATEGORY.search(question)
        label = category.group(1) if category else str(row["id"]).rpartition("__")[2]
        known = labels[label].spans if label in labels else ()
        labels[label] = Evidence(label, question, tuple(sorted({*known, *spans})))
    for title, text in texts.items():
        yield Contract(title, text, found[title])


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
