"""Small random models of many families, prompts to ask them, and the reference that each must meet:
a plain forward pass of transformers over each sequence alone.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import torch
from transformers import AutoConfig, AutoModelForCausalLM

from focus_lime.inputs.prompt import Prompt
from focus_lime.method.masks import bernoulli
from focus_lime.method.objectives.response import ResponseLogOdds
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import Continuations, Ledger, Response, Variant, score_all
from focus_lime.models.hf import HFCausalLM
from focus_lime.models.kernel.execution import attention_by
from focus_lime.models.kernel.prefixes import TokenSequence
from focus_lime.models.kernel.scoring import Scorer
from tests import conftest
from tests.conftest import CHAT_TEMPLATE, TEXT, VOCABULARY, make_tokenizer

PROMPT = Prompt.from_document(TEXT, question="Which law?")
ONE = (Response("Nevada law."),)
LABELS = (Response("Nevada"), Response("Never"), Response("Ohio or Utah"))

SMALL: dict[str, Any] = {**conftest.SMALL, "pad_token_id": 2}
_LATENT = {
    "num_key_value_heads": 4,
    "q_lora_rank": 16,
    "kv_lora_rank": 16,
    "qk_rope_head_dim": 8,
    "qk_nope_head_dim": 8,
    "v_head_dim": 12,
    "n_routed_experts": 4,
    "num_experts_per_tok": 2,
    "n_group": 1,
    "topk_group": 1,
    "moe_intermediate_size": 32,
    "first_k_dense_replace": 1,
}
ALTERNATE = {"layer_types": ["sliding_attention", "full_attention"], "sliding_window": 16}
# What the attention of each does that the others' do not.
SHARED: dict[str, tuple[str, dict[str, Any]]] = {
    "cohere": ("cohere", {}),  # interleaved rotary, one norm for both branches
    "cohere2": ("cohere2", ALTERNATE),  # no positions where nothing slides
    "deepseek-v3": ("deepseek_v3", _LATENT),  # values narrower than keys
    "gemma2": ("gemma2", {"head_dim": 8, **ALTERNATE}),  # capped scores, own scale
    "gemma3": ("gemma3_text", {"head_dim": 8, **ALTERNATE}),  # two rotary bases
    "gemma3n": (  # layers that use the keys of others; one inner width a layer
        "gemma3n_text",
        {
            "head_dim": 8,
            "num_hidden_layers": 3,
            "num_kv_shared_layers": 1,
            "intermediate_size": [48] * 3,
            "layer_types": ["sliding_attention", "full_attention", "full_attention"],
            "sliding_window": 16,
            "hidden_size_per_layer_input": 8,
            "vocab_size_per_layer_input": VOCABULARY,
            "activation_sparsity_pattern": [0.0] * 3,
            "laurel_rank": 4,
        },
    ),
    "gpt-neox": ("gpt_neox", {}),  # rotary on a part of each head
    "gpt2": ("gpt2", {}),  # absolute positions
    "gpt-oss": (  # sinks that take a share of the attention
        "gpt_oss",
        {"head_dim": 8, "num_local_experts": 4, **ALTERNATE},
    ),
    "granite": ("granite", {"attention_multiplier": 0.3}),
    "jetmoe": ("jetmoe", {"num_local_experts": 4}),  # a mixture of attentions
    "llama": ("llama", {}),
    "llama-one-group": ("llama", {"num_key_value_heads": 4}),
    "mistral": ("mistral", {"sliding_window": 16}),
    "mistral-wide": ("mistral", {"sliding_window": 400}),
    "mixtral": ("mixtral", {"num_local_experts": 4}),
    "olmo2": ("olmo2", {}),
    "opt": ("opt", {"ffn_dim": 48, "word_embed_proj_dim": 32}),
    "phi": ("phi", {}),
    "phi3": ("phi3", {}),
    "qwen2": ("qwen2", {}),
    "qwen3": ("qwen3", {"head_dim": 8}),
    "smollm3": ("smollm3", {}),  # some layers without positions
    "stablelm": ("stablelm", {}),  # hands no options down to its attention
    "starcoder2": ("starcoder2", {"sliding_window": 16}),
}
UNSHARED: dict[str, tuple[str, dict[str, Any], str]] = {
    "bloom": ("bloom", {}, "AttentionInterface"),  # a bias by distance
    "falcon-mamba": ("falcon_mamba", {}, "linear_attention"),
    "gpt-neo": (
        "gpt_neo",
        {"attention_types": [[["global", "local"], 1]], "num_layers": 2, "window_size": 16},
        "AttentionInterface",
    ),
    "lfm2": ("lfm2", {"layer_types": ["conv", "full_attention"]}, "kind conv"),
    "llama4": (
        "llama4_text",
        {
            "head_dim": 8,
            "num_local_experts": 2,
            "intermediate_size_mlp": 48,
            "layer_types": ["chunked_attention", "full_attention"],
            "attention_chunk_size": 16,
        },
        "chunked_attention",
    ),
    "mamba": ("mamba", {}, "linear_attention"),
    "mpt": ("mpt", {}, "does not run on shared keys"),
    "rwkv": ("rwkv", {}, "AttentionInterface"),  # which knows no padding either
}


def build(
    kind: str, options: dict[str, Any], *, factor: float = 3.0, attention: str | None = None
) -> HFCausalLM:
    """A random model whose answers depend on the prompt."""
    config = AutoConfig.for_model(kind, **{**SMALL, **options})
    extra = {} if attention is None else {"attn_implementation": attention}
    with torch.random.fork_rng():
        torch.manual_seed(7)
        model = AutoModelForCausalLM.from_config(config, **extra).eval()
    for parameter in model.parameters():
        parameter.data.mul_(factor)
    return HFCausalLM(model, make_tokenizer(CHAT_TEMPLATE), name=f"tiny-{kind}")


@cache
def shared_model(name: str) -> HFCausalLM:
    return build(*SHARED[name])


def of(masks: np.ndarray, kind: str = "word", **options: Any) -> list[Variant]:
    """The prompts of masks over units of a kind, fitted to how many there are."""
    units = PROMPT.tree.units(kind)
    assert masks.shape[1] == len(units)
    f = ValueFunction(shared_model("llama"), PROMPT, units, ResponseLogOdds(Response("x")))
    return [Variant(PROMPT, variant.dropped, **options) for variant in map(f.variant, masks)]


N_WORDS = len(PROMPT.tree.units("word"))
N_SENTENCES = len(PROMPT.tree.units("sentence"))
# The prompt, random subsets of words, single sentences and words, half of them, nothing.
DELETE = [
    *of(np.ones((1, N_WORDS), dtype=bool)),
    *of(bernoulli(N_WORDS, 6, seed=3)),
    *of(~np.eye(N_SENTENCES, dtype=bool), "sentence"),
    *of(~np.eye(N_WORDS, dtype=bool)[::4]),
    *of(np.zeros((1, N_WORDS), dtype=bool)),
]
PLACEHOLDER = of(bernoulli(N_WORDS, 5, seed=4), ablation="placeholder", placeholder=" ...")


def naive(model: HFCausalLM, ids: list[int], tail: list[int]) -> np.ndarray:
    """log p of each token of `tail`, from a plain forward pass over one sequence."""
    with torch.no_grad():
        logits = model.model(torch.tensor([ids + tail])).logits[0].double()
    rows = logits[len(ids) - 1 : -1].log_softmax(-1)
    return rows[range(len(tail)), tail].numpy()


def sequences(
    model: HFCausalLM, variants: list[Variant], continuations: Continuations
) -> list[TokenSequence]:
    """Each variant's ids with each continuation's after them."""
    prompts = [model.encoder.variant_ids(variant) for variant in variants]
    tails = [np.array(model.encode_response(response)) for response in continuations]
    return [TokenSequence(np.append(ids, tail), len(ids)) for ids in prompts for tail in tails]


def context_of(model: HFCausalLM, prompt: Prompt) -> np.ndarray:
    """The prompt's ids up to its last attributable token."""
    encoded = model.encoder.encode(prompt)
    cut = int(np.flatnonzero(encoded.source >= 0)[-1]) + 1
    assert cut < len(encoded.ids)
    return encoded.ids[:cut]


def read_anew(dropped: np.ndarray, ahead: int) -> list[int]:
    """The kept tokens that follow a dropped one by no more than `ahead`."""
    kept = np.flatnonzero(~dropped).tolist()
    return [t for t in kept if dropped[max(0, t - ahead) : t].any()]


def hidden(model: HFCausalLM, variant: Variant, tail: list[int], ahead: int) -> np.ndarray:
    """log p of each token of `tail`: one plain forward pass under a mask. The whole prompt stands
    in the row; then, at their own positions once more, the tokens that are read anew; then the
    tail, which sees neither what is dropped nor the first copy of what is read anew.
    """
    encoded = model.encoder.encode(variant.prompt)
    cut = len(context_of(model, variant.prompt))
    dropped = model.encoder.dropped(variant)[:cut]
    anew = read_anew(dropped, ahead)
    after = [*encoded.ids[cut:].tolist(), *tail]
    ids = [*encoded.ids[:cut].tolist(), *encoded.ids[anew].tolist(), *after]
    moved = []  # up by what is dropped before them, back to the last token that stays as it was
    for t in anew:
        still = [s for s in range(t) if not dropped[s] and s not in anew]
        moved.append(t - int(dropped[max(still, default=-1) + 1 : t].sum()))
    at = np.array([*range(cut), *moved, *range(cut, cut + len(after))])
    rows = np.arange(len(ids))
    first_copy = rows < cut
    apart = at[:, None] - at
    full = (apart >= 0) & (rows[:, None] >= rows)
    # Of the context a later row sees what is kept and not read anew.
    stale = first_copy & ~np.isin(rows, [*np.flatnonzero(dropped), *anew])
    full[cut:] &= stale | ~first_copy
    config = model.model.config
    window = getattr(config, "sliding_window", None)
    near = full & (apart < window) if window else full
    masks = {
        kind: torch.zeros(1, 1, *seen.shape).masked_fill(torch.from_numpy(~seen), -1e30)
        for kind, seen in (("full_attention", full), ("sliding_attention", near))
    }
    by_layer = getattr(config, "layer_types", None)
    with torch.no_grad(), attention_by(model.model, "eager"):
        output = model.model(
            torch.tensor([ids]),
            attention_mask=masks if by_layer else masks["sliding_attention"],
            position_ids=torch.from_numpy(at)[None],
            logits_to_keep=len(tail) + 1,
        )
    log_p = output.logits[0, :-1].double().log_softmax(-1)
    return log_p[range(len(tail)), tail].numpy()


def check(
    model: HFCausalLM, variants: list[Variant], continuations: Continuations, **allowed: float
) -> Ledger:
    """Every row is that of plain forward passes."""
    ledger = Ledger()
    rows = score_all(model, variants, continuations, ledger)
    for variant, row in zip(variants, rows, strict=True):
        prompt = model.encoder.variant_ids(variant).tolist()
        parts = [
            naive(model, prompt, list(model.encode_response(response)))
            for response in continuations
        ]
        np.testing.assert_allclose(row, np.concatenate(parts), **{"atol": 1e-4, **allowed})
    return ledger


def check_shared(model: HFCausalLM, variants: list[Variant], continuations: Continuations) -> None:
    """And each prefix ran once; with the prompt known from an earlier call, but what it begins
    with.
    """
    model.clear_kv()
    ledger = check(model, variants, continuations)
    asked = [s.ids.tolist() for s in sequences(model, variants, continuations)]
    assert ledger.unshared == ""
    assert ledger.calls == len(asked)
    assert ledger.tokens_asked == sum(map(len, asked))
    prefixes = {tuple(ids[:n]) for ids in asked for n in range(1, len(ids))}
    assert ledger.tokens_computed == len(prefixes)
    score_all(model, [Variant(variants[0].prompt)], continuations, Ledger())
    context = tuple(context_of(model, variants[0].prompt).tolist())
    new = prefixes - {context[:n] for n in range(1, len(context) + 1)}
    assert check(model, variants, continuations).tokens_computed == len(new)


def resized(model: HFCausalLM, tokens: int, call: float) -> HFCausalLM:
    """The same model with steps of at most so many tokens, and another cost of an attention call:
    with 0 every tile has its own, with much all packed rows share one under a mask.
    """
    other = HFCausalLM(model.model, model.tokenizer, name=model.name)
    other.scorer = Scorer(model.model, model.encoder.pad_id, step_tokens=tokens, call_flops=call)
    return other
