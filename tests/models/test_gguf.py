"""pytest tests/models/test_gguf.py

GGUF files made here: the converted model is the one that was written, and what is wrong with a file
shows before anything is converted.
"""

from __future__ import annotations

import os
import shutil
from collections import namedtuple
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
import torch

from focus_lime import FocusLime, Prompt, load_model
from focus_lime.errors import FocusLimeError
from focus_lime.models import gguf, gguf_header, store
from focus_lime.models.hf import HFCausalLM

from ..conftest import TEXT, make_model
from .gguf_files import write


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("FOCUS_LIME_CACHE", str(folder))
    return folder / "models"


@pytest.fixture
def file(tmp_path: Path, llama: HFCausalLM) -> Path:
    return write(tmp_path / "tiny.gguf", llama)


def test_the_converted_model_is_the_one_that_was_written(file: Path, llama: HFCausalLM) -> None:
    model = load_model(f"gguf:{file}")
    assert isinstance(model, HFCausalLM)
    assert model.name == f"gguf:{file}"
    prompt = Prompt.from_document(TEXT, question="Which law governs?")
    ids = llama.encoder.encode(prompt).ids
    assert model.encoder.encode(prompt).ids.tolist() == ids.tolist()
    with torch.inference_mode():
        inputs = torch.from_numpy(ids)[None]
        torch.testing.assert_close(model.model(inputs).logits, llama.model(inputs).logits)
    masks = ~np.eye(len(prompt.tree.scored), dtype=bool)
    ours, theirs = (
        FocusLime(m).value_function(prompt, objective="Nevada")(masks) for m in (model, llama)
    )
    assert np.allclose(ours, theirs, atol=1e-4)


def test_a_file_is_converted_once_a_dtype(
    file: Path, cache: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_model(f"gguf:{file}").model.dtype == torch.float32  # type: ignore[attr-defined]
    assert "tiny.gguf: converting to float32, once" in capsys.readouterr().err
    half = load_model(f"gguf:{file}", dtype="bfloat16")
    assert half.model.dtype == torch.bfloat16  # type: ignore[attr-defined]
    assert [(m.origin.model, m.origin.dtype) for m in store.stored()] == [
        (f"gguf:{file}", "bfloat16"),
        (f"gguf:{file}", "float32"),
    ]
    monkeypatch.setattr(gguf, "convert", lambda *a: pytest.fail("converted again"))
    moved = file.rename(file.with_name("elsewhere.gguf"))  # the digest counts, not the name
    load_model(f"gguf:{moved}")


def test_another_file_of_that_name_is_another_model(file: Path, base_gpt2: HFCausalLM) -> None:
    before = load_model(f"gguf:{file}").fingerprint
    other = make_model("llama")
    with torch.no_grad():
        other.model.model.norm.weight.mul_(2)
    write(file, other)
    assert load_model(f"gguf:{file}").fingerprint != before


def test_a_file_without_a_chat_template_is_a_base_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "base.gguf", make_model("llama", chat_template=None))
    model = load_model(f"gguf:{file}")
    assert "base.gguf has no chat template" in capsys.readouterr().err
    prompt = Prompt.from_document(TEXT, question="Which law governs?")
    explanation = FocusLime(model).explain(prompt, max_new_tokens=4, budget=8, sets=False)
    assert explanation.units


@pytest.mark.parametrize("tensor", ["blk.1.ffn_up.weight", "token_embd.weight"])
def test_a_file_that_lacks_a_tensor_is_not_filled_up_with_random_numbers(
    tmp_path: Path, cache: Path, tensor: str
) -> None:
    file = write(tmp_path / "holed.gguf", make_model("llama"), without=tensor)
    with pytest.raises(FocusLimeError, match=r"holed.gguf lacks 1 of its weights"):
        load_model(f"gguf:{file}")
    assert not store.stored()


def cut(file: Path, share: float) -> None:
    os.truncate(file, int(file.stat().st_size * share))


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.99])
def test_a_file_that_is_cut_off_says_so(file: Path, share: float, cache: Path) -> None:
    cut(file, share)
    with pytest.raises(FocusLimeError, match=r"tiny.gguf is cut off or damaged .*: fetch it again"):
        load_model(f"gguf:{file}")
    assert not cache.exists()


def versioned(file: Path, version: int, order: Literal["little", "big"]) -> None:
    data = file.read_bytes()
    file.write_bytes(data[:4] + version.to_bytes(4, order) + data[8:])


def test_the_architectures_are_those_of_causal_language_models() -> None:
    names = gguf_header.architectures()
    assert {"llama", "qwen2", "qwen2moe", "gemma3", "phi3"} <= set(names)
    assert not {"general", "tokenizer", "t5", "umt5", "deci"} & set(names)


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda p, m: p.write_bytes(b"PK\x03\x04 a wheel"), "is not a GGUF file: it begins with"),
        (lambda p, m: p.write_bytes(b""), "is not a GGUF file"),
        (lambda p, m: p.mkdir(), "is a directory: give one GGUF file"),
        (lambda p, m: None, "cannot be read: No such file"),
        (lambda p, m: os.mkfifo(p), "is a pipe or a device"),
        (lambda p, m: write(p, m, architecture="mamba9"), "architecture 'mamba9', which"),
        (lambda p, m: write(p, m, architecture="t5"), "as a causal language model; it reads bloom"),
        (lambda p, m: write(p, m, parts=3), "one of 3 parts: join them with llama-gguf-split"),
        (lambda p, m: versioned(write(p, m), 1, "little"), "of version 1 of GGUF, and versions 2"),
        (lambda p, m: versioned(write(p, m), 99, "little"), "and 3 are read: get one that a curr"),
        (lambda p, m: versioned(write(p, m), 3, "big"), "is big-endian, which transformers"),
    ],
    ids=[
        *("foreign", "empty", "folder", "missing", "pipe", "architecture", "encoder"),
        *("part", "version", "later", "endian"),
    ],
)
def test_what_is_no_model_is_refused_before_anything_is_converted(
    make: Any, complaint: str, tmp_path: Path, llama: HFCausalLM, cache: Path
) -> None:
    make(tmp_path / "x.gguf", llama)
    with pytest.raises(FocusLimeError, match=complaint):
        load_model(f"gguf:{tmp_path / 'x.gguf'}")
    assert not cache.exists()


def test_a_weight_of_another_shape_is_named(tmp_path: Path, cache: Path) -> None:
    name, wrong = "blk.0.ffn_up.weight", np.ones((3, 32), dtype=np.float32)
    file = write(
        tmp_path / "bent.gguf",
        make_model("llama"),
        without=name,
        extra=lambda writer: writer.add_tensor(name, wrong),
    )
    with pytest.raises(FocusLimeError, match=r"mlp.up_proj.weight is 3 x 32, and by what the file"):
        load_model(f"gguf:{file}")
    assert not store.stored()


@pytest.mark.parametrize("spec", ["gguf:", "gguf:  "])
def test_no_name_at_all(spec: str) -> None:
    with pytest.raises(FocusLimeError, match="gguf: names no file: give gguf:FILE"):
        load_model(spec)


@pytest.mark.parametrize("name", ["tiny", "TINY.GGUF"])
def test_a_file_is_known_by_how_it_begins_not_by_its_name(
    name: str, file: Path, tmp_path: Path
) -> None:
    moved = file.rename(tmp_path / name)
    with pytest.raises(FocusLimeError, match=f"is a GGUF file: write gguf:{moved}"):
        load_model(str(moved))
    assert load_model(f"gguf:{moved}")


def test_a_file_that_is_no_gguf_wants_its_folder(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(FocusLimeError, match="is a file: give the folder that it is in"):
        load_model(str(tmp_path / "config.json"))


def test_a_name_that_no_file_can_have(cache: Path) -> None:
    with pytest.raises(FocusLimeError, match="cannot be read: File name too long"):
        load_model(f"gguf:{'x' * 300}.gguf")


def test_a_damaged_conversion_says_what_to_remove(file: Path, cache: Path) -> None:
    load_model(f"gguf:{file}")
    (model,) = store.stored()
    (model.path / "model.safetensors").unlink()
    with pytest.raises(FocusLimeError, match=f"focus-lime models remove {model.path.name}"):
        load_model(f"gguf:{file}")
    store.remove(model)
    assert load_model(f"gguf:{file}")


def test_a_full_disk_is_known_before(
    file: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10, 10, 1000))
    with pytest.raises(FocusLimeError, match="make room, or set FOCUS_LIME_CACHE"):
        load_model(f"gguf:{file}")
    assert not list(cache.iterdir())


def test_a_conversion_that_fails_leaves_nothing(
    file: Path, cache: Path, llama: HFCausalLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(llama.model), "save_pretrained", full)
    with pytest.raises(FocusLimeError, match="No space left on device"):
        load_model(f"gguf:{file}")
    assert not list(cache.iterdir())


def test_a_dtype_that_weights_cannot_have(file: Path) -> None:
    with pytest.raises(FocusLimeError, match="cannot be read as int8: give float32 or bfloat16"):
        load_model(f"gguf:{file}", dtype="int8")
