"""Shared by all tests: tiny random models of several families, an exact oracle, the shared data.

Run: bash scripts/test.sh
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

# As the command line does for its process, before transformers is imported.
os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
os.environ["HF_HUB_OFFLINE"] = "1"  # no test reaches for a network

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, decoders, pre_tokenizers, trainers
from tokenizers.models import BPE
from transformers import (
    AutoModelForCausalLM,
    GPT2Config,
    LlamaConfig,
    MistralConfig,
    PreTrainedTokenizerFast,
    Qwen2Config,
)

from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Units
from focus_lime.models.function import FunctionModel
from focus_lime.models.hf import HFCausalLM

TEXT = (
    "The governing law of the Orion agreement is Nevada. The notice period is thirty days.\n\n"
    "Either party may end this agreement. Payment falls due on the first day of each month. "
)
CHAT_TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
VOCABULARY = 384


def make_tokenizer(chat_template: str | None = None) -> PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer that learned a few merges from TEXT."""
    core = Tokenizer(BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=["<s>", "<|end|>", "<|user|>", "<|assistant|>", "<|system|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    core.train_from_iterator([TEXT * 3], trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=core, bos_token="<s>", eos_token="<|end|>")
    fast.chat_template = chat_template
    return fast


SMALL: dict[str, Any] = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 512,
    "bos_token_id": 0,
    "eos_token_id": 1,
}
FAMILIES: dict[str, Callable[[], Any]] = {
    # Absolute positions; rotary with grouped queries; the same with a sliding window; with biases.
    "gpt2": lambda: GPT2Config(
        vocab_size=VOCABULARY,
        n_embd=32,
        n_layer=2,
        n_head=4,
        n_positions=512,
        bos_token_id=0,
        eos_token_id=1,
    ),
    "llama": lambda: LlamaConfig(**SMALL),
    "mistral": lambda: MistralConfig(**SMALL, sliding_window=16),
    "qwen2": lambda: Qwen2Config(**SMALL),
}


def make_model(family: str, chat_template: str | None = CHAT_TEMPLATE) -> HFCausalLM:
    with torch.random.fork_rng():
        torch.manual_seed(7)
        model = AutoModelForCausalLM.from_config(FAMILIES[family]()).eval()
        # The default initialisation is so small that nothing would depend on the prompt.
        for parameter in model.parameters():
            parameter.data.mul_(3.0)
    return HFCausalLM(model, make_tokenizer(chat_template), name=f"tiny-{family}")


@pytest.fixture(scope="session", params=sorted(FAMILIES))
def family_model(request: pytest.FixtureRequest) -> HFCausalLM:
    return make_model(request.param)


@pytest.fixture(scope="session")
def llama() -> HFCausalLM:
    return make_model("llama")


@pytest.fixture(scope="session")
def base_gpt2() -> HFCausalLM:
    return make_model("gpt2", chat_template=None)


def linear_function(weights: dict[str, float]) -> FunctionModel:
    """The exact oracle: the score of a text is the sum of the weights of the words it contains."""

    def score(texts: list[str]) -> np.ndarray:
        return np.array([sum(w for word, w in weights.items() if word in t) for t in texts])

    return FunctionModel(score, name="linear")


def units_of(prompt: Prompt, level: str) -> Units:
    """The units of a level of the prompt's tree, or its chunks."""
    tree = prompt.tree
    units = tree.coarse if level == "chunk" else tree.units(level)
    assert units is not None
    return units


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data and models beside the repository; tests skip without it."""
    path = Path(__file__).parents[2] / "shared"
    if not path.is_dir():
        pytest.skip("real data (../shared) is not here")
    return path


@pytest.fixture(autouse=True)
def nothing_global_changes() -> Any:
    """No part of the library may touch a global random state."""
    before = _numpy_state(), torch.random.get_rng_state()
    yield
    assert (_numpy_state() == before[0]).all()
    assert torch.equal(torch.random.get_rng_state(), before[1])


def _numpy_state() -> Any:
    return np.random.get_state()[1].copy()  # noqa: NPY002 (the global state is what we watch)
