"""pytest tests/workflows/test_checklist.py"""

from __future__ import annotations

from pathlib import Path

import pytest

from focus_lime.errors import FocusLimeError
from focus_lime.workflows.checklist import load_checklist

ROOT = Path(__file__).parents[2]


def test_the_labels_above_are_those_of_items_without(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(
        'labels: ["Yes", "No"]\nitems:\n'
        '  - {id: a, question: "Is it?"}\n'
        '  - {id: b, question: "Which?", labels: [], name: B, cwe: 89}\n'
    )
    first, second = load_checklist(path)
    assert (first.labels, first.name) == (("Yes", "No"), "a")
    assert (second.labels, second.name, second.cwe) == ((), "B", 89)
    assert load_checklist(path, ["b"]) == (second,)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("items: []", "no checklist"),
        ("- a", "no checklist"),
        ("items: [", "not YAML"),
        ("itemz: []\nitems: [{id: a, question: b}]", "unknown key 'itemz': did you mean items"),
        ("items: [{id: a, questoin: b}]", "item 1: unknown key 'questoin': did you mean question"),
        ("items: [{id: a}]", "item 1: question must be text"),
        ("items: [{id: a, question: b}, {id: a, question: c}]", "items 1 and 2 have the same id"),
        ("labels: [Yes, No]\nitems: [{id: a, question: b}]", "quote Yes and No"),
        ("items: [{id: a, question: b, cwe: x}]", "cwe must be a number"),
    ],
)
def test_bad_checklists(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text)
    with pytest.raises(FocusLimeError, match=message):
        load_checklist(path)


def test_an_item_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FocusLimeError, match="no item 'governing-lav': did you mean governing-law"):
        load_checklist(ROOT / "configs" / "legal_cuad.yaml", ["governing-lav"])


def test_the_checklist_of_contracts_has_the_41_types() -> None:
    items = load_checklist(ROOT / "configs" / "legal_cuad.yaml")
    assert len(items) == 41
    assert len({item.question for item in items}) == 41
    assert all(item.labels in ((), ("Yes", "No")) for item in items)
