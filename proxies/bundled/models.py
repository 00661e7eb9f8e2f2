"""The models that come with the project, by name: `bundled:target` and `bundled:proxy`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from focus_lime.errors import FocusLimeError, suggest
from focus_lime.models.hf import HFCausalLM
from focus_lime.models.hf import load as load_hf

_HERE = Path(__file__).parent
NAMES = ("target", "proxy")


def load(name: str, **options: Any) -> HFCausalLM:
    """The bundled model `name`, offline. `options` go to `AutoModelForCausalLM.from_pretrained`."""
    if name not in NAMES:
        raise FocusLimeError(f"no bundled model {name!r}: {suggest(name, NAMES)}")
    options = {**options, "local_files_only": True}
    return load_hf(str(_HERE / name), name=f"bundled:{name}", **options)
