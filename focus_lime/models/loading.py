"""Models by name.

`SCHEME:REST` is a backend of the entry-point group `focus_lime.models` (`hf:`, `gguf:`, ...),
`NAME` one whose factory takes no REST (`smollm2`), `module:attribute` a Python function, everything
else a Hugging Face id or folder.
"""

from __future__ import annotations

import os
from inspect import Parameter, signature
from typing import Any, cast

from focus_lime import registry
from focus_lime.errors import FocusLimeError, suggest
from focus_lime.models import checkpoints, function
from focus_lime.models.base import Model

GROUP = "focus_lime.models"


def load_model(spec: str, **options: Any) -> Model:
    """The model that `spec` names. `options` go to the backend (for `hf`: to `from_pretrained`).

    Raises:
        FocusLimeError: no such model. Only ORG/NAME is looked for on the hub.
    """
    if not spec.strip():
        raise FocusLimeError(
            "the model's name is empty: give a folder, a hub id or module:attribute"
        )
    scheme, colon, rest = spec.partition(":")
    schemes = registry.entries(GROUP)
    if not colon or "/" in scheme:
        if scheme in schemes and not os.path.exists(scheme):
            factory = registry.load(GROUP, scheme)
            if _wants_name(factory):
                raise FocusLimeError(f"model {spec!r} is a kind of model: give {scheme}:NAME")
            return cast(Model, factory(**options))
        checkpoints.check(spec, options.get("cache_dir"), schemes)  # before torch
        scheme, rest = "hf", spec
    elif scheme not in schemes:
        if not function.is_module(scheme):
            raise FocusLimeError(
                f"model {spec!r}: {scheme!r} is neither a kind of model nor a Python module: "
                f"{suggest(scheme, schemes)}"
            )
        if options:
            raise FocusLimeError(
                f"{spec} is a function and runs where it runs: leave out {', '.join(options)}"
            )
        return function.load(spec)
    factory = registry.load(GROUP, scheme)
    if not _wants_name(factory):
        raise FocusLimeError(f"model {spec!r}: {scheme} is one model: leave out {colon + rest!r}")
    return cast(Model, factory(rest, **options))


def _wants_name(factory: Any) -> bool:
    """Whether a backend has models of many names, and not one of its own."""
    kinds = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    return any(p.kind in kinds for p in signature(factory).parameters.values())
