"""pytest tests/test_config.py"""

from pathlib import Path

import pytest

from focus_lime.config import load_config
from focus_lime.errors import FocusLimeError

KNOWN = {"model": str, "budget": int, "labels": str, "max_new_tokens": int}


def test_options_keep_their_names_and_types(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("model: bundled:target\nbudget: 32\nlabels: [Ja, Nein]\nmax-new-tokens: 8\n")
    assert load_config(path, KNOWN) == {
        "model": "bundled:target",
        "budget": 32,
        "labels": "Ja,Nein",
        "max_new_tokens": 8,
    }


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("budgt: 3", "unknown option 'budgt': did you mean budget"),
        ("budget: many", "budget must be a whole number, got 'many'"),
        ("budget: true", "budget must be a whole number, got True"),
        ("model: 3", "model must be text, got 3; quote it"),
        ("labels: yes", "labels must be text, got True; quote it"),
        ("- model", "must hold a mapping"),
        ("model: [a", "line 2 is not YAML"),
        ("model: a\n\tbudget: 3", "line 2 is not YAML"),
    ],
)
def test_bad_files_are_named(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text + "\n")
    with pytest.raises(FocusLimeError, match=complaint):
        load_config(path, KNOWN)
