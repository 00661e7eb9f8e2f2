"""Hugging Face checkpoints: where one can be, and how it is loaded with its tokenizer."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from focus_lime.errors import FocusLimeError, first_line
from focus_lime.models.gguf_header import is_gguf

# Options of `from_pretrained` that a tokenizer takes as a model does.
_SHARED = ("cache_dir", "local_files_only", "revision", "token", "trust_remote_code")
_ADVICE = "fetch it again"


def check(spec: str, cache_dir: str | None = None, names: Iterable[str] = ()) -> None:
    """Refuse a name that can be no checkpoint, before any network is asked.

    A checkpoint is a local folder; ORG/NAME on the hub; or an old hub id of one word, as "gpt2",
    if the local cache has it.

    Args:
        names: others that the user may have meant.

    Raises:
        FocusLimeError: it is none of these; the message has names and cached ids near to it.
    """
    if spec.lower().endswith(".gguf") or is_gguf(spec):
        raise FocusLimeError(f"model {spec!r} is a GGUF file: write gguf:{spec}")
    if os.path.isfile(spec):
        raise FocusLimeError(
            f"model {spec!r} is a file: give the folder that it is in, or gguf:FILE"
        )
    if os.path.exists(spec):  # False for what can be no path
        return
    if spec.startswith((".", "/", "~")) or spec.count("/") > 1:
        raise FocusLimeError(f"model {spec!r}: there is no such folder")
    if "/" in spec:
        return
    cached = cached_ids(cache_dir)
    if spec not in cached:
        near = get_close_matches(spec, [*names, *cached], n=1)
        raise FocusLimeError(
            f"model {spec!r} is neither a folder nor in the local cache: for a model on the hub "
            "write ORG/NAME" + "".join(f"; did you mean {name}?" for name in near)
        )


def cached_ids(cache_dir: str | None = None) -> set[str]:
    """Hub ids of the models whose configuration is in the local cache."""
    from huggingface_hub.constants import HF_HUB_CACHE

    configs = Path(cache_dir or HF_HUB_CACHE).glob("models--*/snapshots/*/config.json")
    return {config.parts[-4].removeprefix("models--").replace("--", "/") for config in configs}


def load(
    auto_model: Any, spec: str, options: Mapping[str, Any], *, name: str, advice: str = _ADVICE
) -> tuple[Any, Any]:
    """The model and its tokenizer.

    Args:
        auto_model: the transformers class whose `from_pretrained` reads it.
        options: of `from_pretrained`.
        name: of the model, as the user asked for it.
        advice: what to do where weights are missing.

    Raises:
        FocusLimeError: no such checkpoint, the first line of why it cannot be loaded, or weights
            are missing.
    """
    import torch
    from transformers import AutoTokenizer

    check(spec, options.get("cache_dir"))
    shared = {name: value for name, value in options.items() if name in _SHARED}
    try:
        tokenizer = AutoTokenizer.from_pretrained(spec, **shared)
        with torch.random.fork_rng(devices=[]):  # for what is missing transformers draws numbers
            model, report = auto_model.from_pretrained(spec, output_loading_info=True, **options)
    except Exception as error:  # whatever a reader of some architecture raises
        raise FocusLimeError(
            f"model {spec!r} cannot be loaded ({first_line(error)}): give a folder, a hub id, "
            "gguf:FILE, smollm2, bundled:target or module:attribute"
        ) from None
    check_whole(name, report, advice)
    return model, tokenizer


def check_whole(name: str, report: Mapping[str, Any], advice: str = _ADVICE) -> None:
    """
    Args:
        report: what transformers says of the loading ("missing_keys", ...).

    Raises:
        FocusLimeError: weights are missing, for which transformers would draw random numbers.
    """
    missing = sorted(report["missing_keys"])
    if missing:
        raise FocusLimeError(
            f"{name} lacks {len(missing)} of its weights ({missing[0]}), and random ones would "
            f"take their place: {advice}"
        )
