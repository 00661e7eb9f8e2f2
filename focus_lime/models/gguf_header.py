"""What a GGUF file says of itself, and what of it can be no model that transformers reads."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from focus_lime.errors import FocusLimeError, first_line

MAGIC = b"GGUF"
_SOURCE = "give the model's own folder or hub id"


@dataclass(frozen=True)
class Header:
    """
    Attributes:
        keys: what it says of the architecture, by key without the architecture's name, as
            `rope.scaling.type`.
        tensors: as `gguf.GGUFReader` has them: `name`, `data`, `n_elements`.
    """

    architecture: str
    keys: Mapping[str, Any]
    tensors: Sequence[Any]

    @property
    def n_weights(self) -> int:
        """How many numbers its tensors hold."""
        return sum(int(tensor.n_elements) for tensor in self.tensors)

    @classmethod
    def of(cls, file: Path) -> Header:
        """
        Raises:
            FocusLimeError: not a GGUF file; of a version that is not read; cut off; one part of
                several; no model, as an adapter; of an architecture that transformers cannot read.
        """
        try:
            from gguf import GGUFReader
        except ImportError:
            raise FocusLimeError("GGUF files need the package gguf: pip install gguf") from None
        _check_version(file)
        try:
            reader = GGUFReader(file)
            architecture = str(_value(reader, "general.architecture", ""))
            kind = str(_value(reader, "general.type", "model"))
            n_parts = int(_value(reader, "split.count", 1))
            own = architecture + "."
            keys = {
                key.removeprefix(own): field.contents()
                for key, field in reader.fields.items()
                if key.startswith(own)
            }
            header = cls(architecture, keys, reader.tensors)
            n_weights = header.n_weights
        except (OSError, ValueError, IndexError, KeyError, OverflowError, MemoryError) as error:
            raise FocusLimeError(
                f"{file} is cut off or damaged ({first_line(error)}): fetch it again"
            ) from None
        if n_parts > 1:
            raise FocusLimeError(
                f"{file} is one of {n_parts} parts: join them with llama-gguf-split --merge"
            )
        if kind != "model":
            raise FocusLimeError(f"{file} is no model but of the type {kind!r}: give a whole model")
        readable = architectures()
        if architecture not in readable:
            raise FocusLimeError(
                f"{file} has the architecture {architecture!r}, which transformers cannot read "
                f"from GGUF as a causal language model; it reads {', '.join(readable)}. "
                f"{_SOURCE.capitalize()}"
            )
        if not n_weights:
            raise FocusLimeError(f"{file} holds no weights: it is a vocabulary alone")
        return header


def is_gguf(file: str | Path) -> bool:
    """Whether a file begins as a GGUF file does; False for what cannot be read."""
    try:
        if not os.path.isfile(file):  # a pipe would be waited for
            return False
        with open(file, "rb") as opened:
            return opened.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def architectures() -> list[str]:
    """llama.cpp's names of the causal language models that transformers reads from GGUF."""
    from gguf import MODEL_ARCH_NAMES
    from transformers.modeling_gguf_pytorch_utils import GGUF_SUPPORTED_ARCHITECTURES
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

    # Beside architectures transformers' list has `general`, `tokenizer` and encoder-decoders.
    causal = {n for n in GGUF_SUPPORTED_ARCHITECTURES if n in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES}
    readable = {_plain(name) for name in causal} | set(newer())
    return sorted(name for name in MODEL_ARCH_NAMES.values() if _plain(name) in readable)


def newer() -> Mapping[str, Any]:
    """What transformers' newer reader of GGUF has, by llama.cpp's names: there it is read in place
    of the older one.
    """
    try:
        from transformers.integrations.gguf import GGUF_CONFIG_ARCHS
    except ImportError:  # transformers before it
        return {}
    found: Mapping[str, Any] = GGUF_CONFIG_ARCHS
    return found


def mapped(architecture: str) -> Collection[str]:
    """Keys that transformers' older reader takes into the configuration, as `rope.freq_base`."""
    from transformers.modeling_gguf_pytorch_utils import GGUF_TO_TRANSFORMERS_MAPPING

    for name, keys in GGUF_TO_TRANSFORMERS_MAPPING["config"].items():
        if _plain(name) == _plain(architecture) and architecture not in newer():
            return {key for key, attribute in keys.items() if attribute is not None}
    return ()


def _plain(architecture: str) -> str:
    """The name without the marks in which llama.cpp's and transformers' names differ."""
    return architecture.replace("_", "").replace("-", "").lower()


def _value(reader: Any, key: str, default: Any) -> Any:
    field = reader.get_field(key)
    return default if field is None else field.contents()


def _check_version(file: Path) -> None:
    from gguf.gguf_reader import READER_SUPPORTED_VERSIONS as READ

    with file.open("rb") as opened:
        start = opened.read(len(MAGIC) + 4)
    if not start.startswith(MAGIC):
        raise FocusLimeError(f"{file} is not a GGUF file: it begins with {start[:4]!r}")
    number = start[len(MAGIC) :]
    if len(number) < 4 or int.from_bytes(number, "little") in READ:
        return
    if int.from_bytes(number, "big") in READ:
        raise FocusLimeError(
            f"{file} is big-endian, which transformers cannot read: convert it with "
            "gguf-convert-endian FILE little"
        )
    raise FocusLimeError(
        f"{file} is of version {int.from_bytes(number, 'little')} of GGUF, and versions "
        f"{' and '.join(map(str, READ))} are read: get one that a current llama.cpp has made"
    )
