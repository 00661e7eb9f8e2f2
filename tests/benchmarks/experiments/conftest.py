"""The bundled target, which the experiments are tried on."""

from __future__ import annotations

import pytest

from focus_lime.models.hf import HFCausalLM
from focus_lime.proxies.bundled.models import load


@pytest.fixture(scope="package")
def target() -> HFCausalLM:
    return load("target")
