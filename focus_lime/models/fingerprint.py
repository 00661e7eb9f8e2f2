"""What identifies a transformers model and its tokenizer: caches and provenance rest on it."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import torch

_SAMPLE = 4096  # elements of each weight that are in the digest as they are
_GLANCE = 16  # elements of each weight that are compared to see whether it has changed


class Fingerprint:
    """The digest of a model and its tokenizer. All weights are read for it, so it is kept, and made
    again only when a glance at them shows a change.
    """

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self.model, self.tokenizer = model, tokenizer
        self._seen: tuple[Any, str] | None = None

    @property
    def digest(self) -> str:
        """Of the configuration, the vocabulary, the chat template, and a sample and the byte sum of
        every weight.
        """
        glance = self._glance()
        if self._seen is None or self._seen[0] != glance:
            self._seen = glance, self._read()
        return self._seen[1]

    def _glance(self) -> Any:
        """What changes whenever the model does: configuration and template; size of the vocabulary;
        where each weight lies, how often it was written to, and a few of its elements, as writes to
        `tensor.data` are not counted.
        """
        weights = [
            (name, tensor.data_ptr(), _writes(tensor), _elements(tensor, _GLANCE))
            for name, tensor in self.model.state_dict().items()
        ]
        return self._config(), self._template(), len(self.tokenizer), weights

    def _config(self) -> str:
        config = self.model.config.to_diff_dict()
        left_out = ("_name_or_path", "transformers_version")
        return repr(sorted((key, value) for key, value in config.items() if key not in left_out))

    def _template(self) -> str:
        return str(getattr(self.tokenizer, "chat_template", None))

    def _read(self) -> str:
        digest = hashlib.sha256(self._config().encode())
        digest.update(self.tokenizer.backend_tokenizer.to_str().encode())
        digest.update(self._template().encode())
        with torch.no_grad():
            for name, tensor in self.model.state_dict().items():
                flat = _loaded(self.model, name, tensor).detach().reshape(-1)
                sample = flat[:: max(1, flat.numel() // _SAMPLE)].double().cpu().numpy()
                # Whole numbers: a sum of floats depends on how many threads make it.
                total = _byte_sum(flat.contiguous().view(torch.uint8))
                digest.update(f"{name}{tuple(tensor.shape)}{tensor.dtype}{total}".encode())
                digest.update(sample.tobytes())
        return digest.hexdigest()[:16]


def _byte_sum(flat: torch.Tensor) -> int:
    """On a processor torch would make eight bytes of each, all at once; numpy does not."""
    if flat.device.type == "cpu":
        return int(flat.numpy().sum(dtype=np.int64))
    return int(flat.sum(dtype=torch.int64))


def _writes(tensor: torch.Tensor) -> int:
    """How often the tensor was written to in place; tensors of inference mode do not count."""
    return 0 if tensor.is_inference() else int(tensor._version)


def _elements(tensor: torch.Tensor, n: int) -> bytes:
    """About `n` elements, evenly spaced; none of a weight that is offloaded."""
    if tensor.device.type == "meta":
        return b""
    flat = tensor.detach().reshape(-1)
    return bytes(flat[:: max(1, flat.numel() // n)].double().cpu().numpy().tobytes())


def _loaded(model: Any, name: str, tensor: torch.Tensor) -> torch.Tensor:
    """The weight itself, where accelerate has offloaded it."""
    if tensor.device.type != "meta":
        return tensor
    from accelerate.utils import align_module_device

    owner, _, leaf = name.rpartition(".")
    module = model.get_submodule(owner)
    with align_module_device(module, torch.device("cpu")):
        weight: torch.Tensor = getattr(module, leaf).detach().clone()
    return weight
