"""What identifies a transformers model: caches and provenance rest on it."""

from __future__ import annotations

import hashlib
from typing import Any

import torch


def fingerprint(model: Any, tokenizer: Any) -> str:
    """Digest of the configuration, the vocabulary, and a sample and the byte sum of every
    parameter.
    """
    config = model.config.to_diff_dict()
    said = {k: v for k, v in config.items() if k not in ("_name_or_path", "transformers_version")}
    digest = hashlib.sha256(repr(sorted(said.items())).encode())
    digest.update(tokenizer.backend_tokenizer.to_str().encode())
    digest.update(str(getattr(tokenizer, "chat_template", None)).encode())
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            flat = tensor.detach().reshape(-1)
            sample = flat[:: max(1, flat.numel() // 4096)].double().cpu().numpy()
            # Whole numbers: a sum of floats depends on how many threads make it.
            total = int(flat.contiguous().view(torch.uint8).sum(dtype=torch.int64))
            digest.update(f"{name}{tuple(tensor.shape)}{tensor.dtype}{total}".encode())
            digest.update(sample.tobytes())
    return digest.hexdigest()[:16]
