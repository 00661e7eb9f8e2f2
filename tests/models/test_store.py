"""pytest tests/models/test_store.py"""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict
from pathlib import Path

import pytest

from focus_lime.errors import FocusLimeError
from focus_lime.models import store
from focus_lime.models.store import Origin

ORIGIN = Origin("gguf:a.gguf", "a.gguf", "0123456789abcdef99", "llama", "float32", "2026-11-27")


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FOCUS_LIME_CACHE", str(tmp_path))
    return tmp_path / "models"


def make(origin: Origin = ORIGIN) -> None:
    with store.making(origin, 10) as folder:
        (folder / "weights").write_bytes(b"1234567890")


def test_what_was_made_is_found_and_removed(root: Path) -> None:
    assert store.stored() == []
    make()
    (model,) = store.stored()
    assert model.origin == ORIGIN
    assert model.path == ORIGIN.folder == root / "0123456789abcdef-float32"
    assert model.size > 10
    store.remove(model)
    assert list(root.iterdir()) == []


def test_what_fails_is_not_there(root: Path) -> None:
    with pytest.raises(KeyError), store.making(ORIGIN, 10) as folder:  # noqa: PT012
        (folder / "weights").write_bytes(b"12345")
        raise KeyError
    assert list(root.iterdir()) == []


def test_a_model_that_another_process_made_first_is_kept(root: Path) -> None:
    with store.making(ORIGIN, 10) as folder:
        (folder / "weights").write_bytes(b"second")
        make()
    assert (ORIGIN.folder / "weights").read_bytes() == b"1234567890"
    assert len(list(root.iterdir())) == 1


def test_what_a_killed_process_left_goes_with_the_next(root: Path) -> None:
    old = 2 * 24 * 3600
    for name, age in ((".making-old", old), (".making-new", 60), (".git", old)):
        (root / name).mkdir(parents=True)
        os.utime(root / name, (time.time() - age,) * 2)
    make()
    assert sorted(path.name for path in root.iterdir()) == [
        ".git",
        ".making-new",
        ORIGIN.folder.name,
    ]
    assert len(store.stored()) == 1


@pytest.mark.parametrize(
    "theirs", ["{}", "[]", "{", json.dumps({**asdict(ORIGIN), "made": 2026, "file": ["a", "b"]})]
)
def test_a_folder_of_somebody_elses_is_let_be(root: Path, theirs: str) -> None:
    (root / "other").mkdir(parents=True)
    (root / "other" / "origin.json").write_text(theirs)
    assert store.stored() == []


def test_of_a_damaged_model_no_more_is_known_than_its_folder_says(root: Path) -> None:
    make()
    (ORIGIN.folder / "origin.json").unlink()
    (model,) = store.stored()
    assert (model.origin.model, model.origin.dtype) == ("(damaged)", "float32")
    store.remove(model)
    assert store.stored() == []


def test_a_place_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FOCUS_LIME_CACHE", str(tmp_path / "file"))
    with pytest.raises(FocusLimeError, match="cannot be made"):
        make()


@pytest.mark.parametrize(
    ("own", "xdg", "expected"),
    [("/own", "/xdg", "/own/models"), ("", "/xdg", "/xdg/focus-lime/models")],
)
def test_where_it_is(own: str, xdg: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOCUS_LIME_CACHE", own)
    monkeypatch.setenv("XDG_CACHE_HOME", xdg)
    assert store.root() == Path(expected)


@pytest.mark.parametrize(
    ("size", "shown"), [(0, "1 MB"), (93_000_000, "93 MB"), (1_072_419_256, "1.1 GB")]
)
def test_sizes_for_people(size: int, shown: str) -> None:
    assert store.megabytes(size) == shown
