"""Evidence Inference 2.0: what clinical trials found, and the passages that say so.

DeYoung et al. 2020 (arXiv 2005.04177), MIT. The official folder has `prompts_merged.csv` (outcome,
intervention, comparator), one CSV of annotations with character offsets, and `txt_files/PMC*.txt`.
Only annotations whose label and reasoning were found valid count.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt
from focus_lime.method.objectives.labels import LabelLogOdds

from ..datasets import reading
from . import data
from .base import Item

HUB_ID, HUB_CONFIG, HUB_REVISION = "evidence_infer_treatment", "2.0", "refs/convert/parquet"
FORM = "Evidence Inference"
LABELS = {1: "increased", 0: "unchanged", -1: "decreased"}  # by label code
PROMPTS, TEXTS = "prompts_merged.csv", "txt_files"
_PROMPT = ("PromptID", "PMCID", "Outcome", "Intervention", "Comparator")
_ANNOTATION = (
    "PromptID",
    "Valid Label",
    "Valid Reasoning",
    "Annotations",
    "Label Code",
    "Evidence Start",
    "Evidence End",
)


@dataclass(frozen=True)
class Annotation:
    """What one annotator marked: characters `[start, end)`, and the finding's code."""

    where: str
    text: str
    code: int
    start: int
    end: int


def load(path: str | None = None) -> data.Documents:
    """The task `evidence_inference`: one item a prompt with valid evidence.

    The finding is explained against the other two, as labels. Where annotators differ, the finding
    of most of them counts, and their spans are the evidence.

    Args:
        path: the official folder; the hub's test split if None.
    """
    if path is None:
        rows, mark = reading.hub(HUB_ID, config=HUB_CONFIG, split="test", revision=HUB_REVISION)
        return data.Documents("evidence_inference", mark, lambda seed: _from_hub(rows))
    folder = Path(path)
    if not folder.is_dir():
        raise FocusLimeError(f"{path} is not the folder of {FORM} with {PROMPTS} and {TEXTS}/")
    (prompts,) = reading.files(folder, PROMPTS)
    annotations = reading.files(folder, "*annotations*.csv")
    if len(annotations) != 1:
        raise FocusLimeError(f"{folder} has {len(annotations)} files of annotations: leave one")
    texts = reading.files(folder / TEXTS, "PMC*.txt")
    mark = reading.fingerprint([prompts, *annotations, *texts])
    known = {text.stem for text in texts}
    return data.Documents(
        "evidence_inference",
        mark,
        lambda seed: _from_folder(folder, prompts, annotations[0], known),
    )


def _from_folder(
    folder: Path, prompts: Path, annotations: Path, known: set[str]
) -> Iterator[tuple[str, Iterator[Item]]]:
    marked: dict[str, list[Annotation]] = defaultdict(list)
    for where, row in reading.csv_of(annotations, _ANNOTATION):
        annotation = _annotation(where, row)
        if annotation is not None:
            marked[row["PromptID"]].append(annotation)
    by_article: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for _, row in reading.csv_of(prompts, _PROMPT):
        if marked[row["PromptID"]]:
            by_article[f"PMC{row['PMCID']}"].append(row)
    for article, rows in by_article.items():
        if article not in known:
            raise FocusLimeError(f"{folder / TEXTS} has no {article}.txt, which {prompts} asks for")
        yield article, _of_article(folder, article, rows, marked)


def _of_article(
    folder: Path,
    article: str,
    rows: Sequence[Mapping[str, str]],
    marked: Mapping[str, Sequence[Annotation]],
) -> Iterator[Item]:
    text = reading.text_of(folder / TEXTS / f"{article}.txt")
    for row in rows:
        yield _item(article, text, row, marked[row["PromptID"]])


def _from_hub(rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Iterator[Item]]]:
    for row in rows:
        with reading.expecting(f"{HUB_ID}, {row.get('PMCID')}", FORM):
            article, text = f"PMC{row['PMCID']}", row["Text"]
            asked = reading.records(row["Prompts"])
        yield article, _of_row(article, text, asked)


def _of_row(article: str, text: str, asked: Iterable[Mapping[str, Any]]) -> Iterator[Item]:
    for prompt in asked:
        where = f"{HUB_ID}, {article}, prompt {prompt['PromptID']}"
        with reading.expecting(where, FORM):
            rows = reading.records(prompt["Annotations"])
        annotations = [a for a in (_annotation(where, row) for row in rows) if a is not None]
        if annotations:
            yield _item(article, text, prompt, annotations)


def _annotation(where: str, row: Mapping[str, Any]) -> Annotation | None:
    """None for what reviewers refused, and for what has no place in the text."""
    if str(row["Valid Label"]) != "True" or str(row["Valid Reasoning"]) != "True":
        return None
    with reading.expecting(where, FORM):
        start, end = int(float(row["Evidence Start"])), int(float(row["Evidence End"]))
        code = int(float(row["Label Code"]))
        if code not in LABELS:
            raise FocusLimeError(f"{where}: the label code {code} is not -1, 0 or 1")
    return None if start < 0 else Annotation(where, row["Annotations"], code, start, end)


def _item(
    article: str, text: str, row: Mapping[str, Any], annotations: Sequence[Annotation]
) -> Item:
    for annotation in annotations:
        if text[annotation.start : annotation.end] != annotation.text:
            raise FocusLimeError(
                f"{annotation.where}: {article} does not hold {annotation.text!r:.40} at "
                f"[{annotation.start}, {annotation.end})"
            )
    code, agree = Counter(a.code for a in annotations).most_common(1)[0]
    label = LABELS[code]
    prompt = Prompt.from_document(text, _question(row))
    return Item(
        id=f"{article}/{row['PromptID']}",
        prompt=prompt,
        objective=LabelLogOdds(label, *(other for other in LABELS.values() if other != label)),
        gold=data.gold(
            f"{article}, prompt {row['PromptID']}",
            prompt,
            [(a.start, a.end) for a in annotations if a.code == code],
        ),
        facts={
            "label": label,
            "annotators": len(annotations),
            "agree": agree,
            "characters": len(text),
        },
    )


def _question(row: Mapping[str, Any]) -> str:
    return (
        f"With {row['Intervention']}, compared with {row['Comparator']}, was {row['Outcome']} "
        "significantly increased, significantly decreased, or unchanged? "
        "Answer increased, decreased or unchanged."
    )
