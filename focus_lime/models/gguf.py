"""GGUF files, llama.cpp's format: converted once to what transformers reads fast, then kept.

`gguf:FILE` is any file whose architecture transformers can read. Quantised weights are taken as
what they stand for, in the dtype asked for: the values are those of the quantised model, the speed
and the memory those of an ordinary one.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from focus_lime.errors import FocusLimeError, first_line
from focus_lime.models import checkpoints, gguf_unread, store
from focus_lime.models.gguf_header import Header
from focus_lime.models.store import Origin

if TYPE_CHECKING:
    from focus_lime.models.hf import HFCausalLM

DTYPE = "float32"  # exact for every quantisation, and the fastest on most processors
_BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}


def load(file: str, *, dtype: str = DTYPE, **options: Any) -> HFCausalLM:
    """The model in a GGUF file, which is converted the first time that it is asked for.

    Args:
        dtype: `float32`, `bfloat16` or `float16`; `auto` is float32.
        options: of the backend `hf`, as `device_map`.

    Raises:
        FocusLimeError: no such file; not a whole GGUF file; an architecture that transformers
            cannot read; something in it that transformers leaves out; no room.
    """
    if not file.strip():
        raise FocusLimeError("gguf: names no file: give gguf:FILE, as gguf:models/tiny.gguf")
    name, path, kind = f"gguf:{file}", Path(file).expanduser(), dtype_named(dtype)
    digest = digest_of(path)
    folder = store.find(digest, kind) or convert(path, name, digest, kind)
    return load_converted(folder, name, options)


def load_converted(folder: Path, name: str, options: Mapping[str, Any]) -> HFCausalLM:
    """
    Args:
        folder: of the store.
        options: of the backend `hf`.

    Raises:
        FocusLimeError: it cannot be loaded, as where files of it are gone.
    """
    from focus_lime.models.hf import load as load_hf  # imports torch: what is wrong shows before

    try:
        return load_hf(str(folder), name=name, **options)
    except FocusLimeError as error:
        raise FocusLimeError(
            f"{error} (if the folder {folder} is damaged, `focus-lime models remove {folder.name}` "
            "takes it away, and it is made again)"
        ) from None


def digest_of(file: Path) -> str:
    """The SHA-256 of a file.

    Raises:
        FocusLimeError: it cannot be read.
    """
    if os.path.isdir(file):  # no error where it may not be looked at
        inside = sorted(path.name for path in file.glob("*.gguf"))
        raise FocusLimeError(
            f"{file} is a directory: give one GGUF file"
            + (f", as {file / inside[0]}" if inside else "")
        )
    if os.path.exists(file) and not os.path.isfile(file):
        raise FocusLimeError(f"{file} is a pipe or a device: give a file on a disk")
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise FocusLimeError(f"{file} cannot be read: {error.strerror}") from None


def convert(file: Path, name: str, digest: str, dtype: str) -> Path:
    """Convert a file into a folder of the store, and give that.

    Args:
        name: of the model, as the user asks for it.
        digest: of the file.

    Raises:
        FocusLimeError: see `load`; nothing half-made stays.
    """
    header = Header.of(file)
    origin = Origin(name, file.name, digest, header.architecture, dtype, date.today().isoformat())
    size = header.n_weights * _BYTES[dtype]
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    source = {"pretrained_model_name_or_path": str(file.parent), "gguf_file": file.name}
    with _reading(file):
        config = AutoConfig.from_pretrained(**source)
        gguf_unread.check(file, header, config)
    print(
        f"{file.name}: converting to {dtype}, once ({store.megabytes(size)} in {store.root()})",
        file=sys.stderr,
    )
    with store.making(origin, size) as folder:
        with _reading(file):
            tokenizer = AutoTokenizer.from_pretrained(**source)
            with torch.random.fork_rng(devices=[]):  # what a file lacks transformers draws
                model, report = AutoModelForCausalLM.from_pretrained(
                    **source,
                    **_unpacked(),
                    config=config,  # reading it takes seconds
                    dtype=dtype,
                    output_loading_info=True,
                    ignore_mismatched_sizes=True,  # they are reported, and refused below
                )
        _check_shapes(file, report)
        checkpoints.check_whole(str(file), report)
        _unmark(model)
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    if not tokenizer.chat_template:
        print(
            f"{file.name} has no chat template: it is given plain text, as a base model is",
            file=sys.stderr,
        )
    return origin.folder


@contextmanager
def _reading(file: Path) -> Iterator[None]:
    """Whatever a reader of some architecture raises says which file it was."""
    try:
        yield
    except FocusLimeError:
        raise
    except Exception as error:
        raise FocusLimeError(
            f"{file} cannot be converted ({first_line(error)}): give the model's own folder or "
            "hub id"
        ) from error


def _unpacked() -> dict[str, Any]:
    """The option by which weights are read as numbers where the package `kernels` would leave them
    in their blocks, which cannot be saved.
    """
    try:
        from transformers import GgufConfig
    except ImportError:  # transformers that knows no other way
        return {}
    return {"quantization_config": GgufConfig(dequantize=True)}


def _check_shapes(file: Path, report: Mapping[str, Any]) -> None:
    """
    Raises:
        FocusLimeError: a weight has another shape than the file's keys say.
    """
    if report["mismatched_keys"]:
        name, has, wanted = min(report["mismatched_keys"])
        raise FocusLimeError(
            f"{file} contradicts itself: {name} is {_shape(has)}, and by what the file says of the "
            f"architecture it would be {_shape(wanted)}: give the model's own folder or hub id"
        )


def _shape(size: Any) -> str:
    return " x ".join(map(str, size))


def dtype_named(name: str) -> str:
    """The dtype that a name means; `auto` is float32.

    Raises:
        FocusLimeError: none that weights can be kept in.
    """
    name = DTYPE if name == "auto" else str(name).removeprefix("torch.")
    if name not in _BYTES:
        raise FocusLimeError(f"a GGUF file cannot be read as {name}: give float32 or bfloat16")
    return name


def _unmark(model: Any) -> None:
    """Take off the marks of a quantised model, which `save_pretrained` refuses: the weights are
    plain numbers now.
    """
    for mark in ("hf_quantizer", "is_quantized", "quantization_method"):
        if hasattr(model, mark):
            delattr(model, mark)
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
