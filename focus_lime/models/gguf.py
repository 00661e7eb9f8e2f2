"""GGUF files, llama.cpp's format: converted once to what transformers reads fast, then kept.

`gguf:FILE` is any file whose architecture transformers can read. Quantised weights are taken as
what they stand for, in the dtype asked for: the values are those of the quantised model, the speed
and the memory those of an ordinary one.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from focus_lime.errors import FocusLimeError, first_line
from focus_lime.models import checkpoints, store
from focus_lime.models.store import Origin

if TYPE_CHECKING:
    from focus_lime.models.hf import HFCausalLM

DTYPE = "float32"  # exact for every quantisation, and the fastest on most processors
_BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
_MAGIC = b"GGUF"


def load(file: str, *, dtype: str = DTYPE, **options: Any) -> HFCausalLM:
    """The model in a GGUF file, which is converted the first time that it is asked for.

    Args:
        dtype: `float32`, `bfloat16` or `float16`; `auto` is float32.
        options: of the backend `hf`, as `device_map`.

    Raises:
        FocusLimeError: no such file; not a whole GGUF file; an architecture that transformers
            cannot read; no room.
    """
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
    print(
        f"{file.name}: converting to {dtype}, once ({store.megabytes(size)} in {store.root()})",
        file=sys.stderr,
    )
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    source = {"pretrained_model_name_or_path": str(file.parent), "gguf_file": file.name}
    with store.making(origin, size) as folder:
        try:
            tokenizer = AutoTokenizer.from_pretrained(**source)
            with torch.random.fork_rng(devices=[]):  # what a file lacks transformers draws
                model, report = AutoModelForCausalLM.from_pretrained(
                    **source, dtype=dtype, output_loading_info=True
                )
        except Exception as error:  # whatever a reader of some architecture raises
            raise FocusLimeError(
                f"{file} cannot be converted ({first_line(error)}): give the model's own folder or "
                "hub id"
            ) from error
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


@dataclass(frozen=True)
class Header:
    """What a GGUF file says of itself.

    Attributes:
        n_weights: how many numbers its tensors hold.
    """

    architecture: str
    n_weights: int

    @classmethod
    def of(cls, file: Path) -> Header:
        """
        Raises:
            FocusLimeError: not a GGUF file, cut off, one part of several, or of an architecture
                that transformers cannot read.
        """
        try:
            from gguf import GGUFReader
        except ImportError:
            raise FocusLimeError("GGUF files need the package gguf: pip install gguf") from None
        with file.open("rb") as opened:
            magic = opened.read(len(_MAGIC))
        if magic != _MAGIC:
            raise FocusLimeError(f"{file} is not a GGUF file: it begins with {magic!r}")
        try:
            reader = GGUFReader(file)
            field = reader.get_field("general.architecture")
            architecture = "" if field is None else str(field.contents())
            parts = reader.get_field("split.count")
            n_parts = 1 if parts is None else int(parts.contents())
            n_weights = sum(int(tensor.n_elements) for tensor in reader.tensors)
        except (OSError, ValueError, IndexError, KeyError, OverflowError, MemoryError) as error:
            raise FocusLimeError(
                f"{file} is cut off or damaged ({first_line(error)}): fetch it again"
            ) from None
        if n_parts > 1:
            raise FocusLimeError(
                f"{file} is one of {n_parts} parts: join them with llama-gguf-split --merge"
            )
        from transformers.modeling_gguf_pytorch_utils import (
            GGUF_SUPPORTED_ARCHITECTURES as readable,
        )

        if _plain(architecture) not in {_plain(name) for name in readable}:
            raise FocusLimeError(
                f"{file} has the architecture {architecture!r}, which transformers cannot read "
                f"from GGUF; it reads {', '.join(sorted(readable))}. Give the model's own folder "
                "or hub id"
            )
        if not n_weights:
            raise FocusLimeError(f"{file} holds no weights: it is a vocabulary alone")
        return cls(architecture, n_weights)


def _plain(architecture: str) -> str:
    """The name without the marks in which llama.cpp's and transformers' names differ."""
    return architecture.replace("_", "").replace("-", "").lower()


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
