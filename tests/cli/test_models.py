"""pytest tests/cli/test_models.py"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from focus_lime.cli.main import main
from focus_lime.models import store
from focus_lime.models.store import Origin


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FOCUS_LIME_CACHE", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path / "models"


def make(model: str, digest: str, dtype: str = "float32") -> Path:
    origin = Origin(model, "x.gguf", digest, "llama", dtype, "2026-11-27")
    with store.making(origin, 10) as folder:
        (folder / "weights").write_bytes(b"1" * 2_000_000)
    return origin.folder


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        main(["models", *words])
    return int(stopped.value.code or 0)


def test_list(capsys: pytest.CaptureFixture[str], root: Path) -> None:
    assert run("list") == 0
    assert capsys.readouterr().out == f"No converted model in {root}.\n"
    make("smollm2", "0" * 64)
    make("gguf:[red].gguf", "1" * 64, "bfloat16")
    assert run("list") == 0
    shown = capsys.readouterr().out
    assert all(len(line) <= 80 for line in shown.splitlines()[:-1])
    assert "smollm2" in shown
    assert "gguf:[red].gguf" in shown
    assert "0000000000000000-float32" in shown
    assert shown.splitlines()[-1] == f"4 MB in {root}"


def test_one_name_of_several_files_is_no_name(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But of a file that is there the model is known by what is in it."""
    monkeypatch.chdir(tmp_path)
    Path("m.gguf").write_bytes(b"GGUF")
    own = hashlib.sha256(b"GGUF").hexdigest()
    first, second = make("gguf:m.gguf", own), make("gguf:m.gguf", "1" * 64)
    assert run("path", "gguf:m.gguf") == 0
    assert capsys.readouterr().out.splitlines() == [str(first)]
    Path("m.gguf").unlink()
    assert run("remove", "gguf:m.gguf") == 2
    said = capsys.readouterr().err
    assert "models of several files are called 'gguf:m.gguf'" in said
    assert first.name in said
    assert second.is_dir()
    assert run("remove", second.name) == 0


def test_path_and_remove(capsys: pytest.CaptureFixture[str]) -> None:
    full, half = make("smollm2", "0" * 64), make("smollm2", "0" * 64, "bfloat16")
    other = make("gguf:a.gguf", "1" * 64)
    assert run("path", "smollm2") == 0
    assert capsys.readouterr().out.splitlines() == [str(half), str(full)]
    assert run("remove", half.name) == 0
    assert capsys.readouterr().out == f"Removed {half} (2 MB).\n"
    assert run("remove", "gguf:a.gguf") == 0
    assert full.is_dir()
    assert not half.exists()
    assert not other.exists()


def test_what_is_not_there(capsys: pytest.CaptureFixture[str], root: Path) -> None:
    assert run("path", "smollm2") == 2
    assert capsys.readouterr().err == (
        f"focus-lime: error: no converted model 'smollm2' in {root}: none is kept\n"
    )
    make("smollm2", "0" * 64)
    assert run("remove", "smolm2") == 2
    assert "did you mean smollm2?" in capsys.readouterr().err
    assert run("remove") == 2
    assert run("lst") == 2
    assert "did you mean list?" in capsys.readouterr().err
