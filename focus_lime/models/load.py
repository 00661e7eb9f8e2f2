"""Models by name.

`scheme:rest` is a backend of the entry-point group `focus_lime.models` (`hf:`, `bundled:`),
`module:attribute` any Python function, everything else a Hugging Face id or folder.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any, cast

from focus_lime.errors import FocusLimeError
from focus_lime.models import function
from focus_lime.models.base import Model

GROUP = "focus_lime.models"


def load_model(spec: str, **options: Any) -> Model:
    """The model that `spec` names. `options` go to the backend (for `hf`: to `from_pretrained`).

    Raises:
        FocusLimeError: no such model.
    """
    if not spec.strip():
        raise FocusLimeError(
            "the model's name is empty: give a folder, a hub id or module:attribute"
        )
    scheme, colon, rest = spec.partition(":")
    backends = {entry.name: entry for entry in entry_points(group=GROUP)}
    if colon and scheme in backends:
        return cast(Model, backends[scheme].load()(rest, **options))
    if colon and scheme.replace(".", "").replace("_", "").isalnum():
        if options:
            raise FocusLimeError(
                f"{spec} is a function and runs where it runs: leave out {', '.join(options)}"
            )
        return function.load(spec)
    return cast(Model, backends["hf"].load()(spec, **options))
