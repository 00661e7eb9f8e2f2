"""The shape of the bundled models, the structure they start from, and a fast forward pass to train
them.

A reader answers by one content look-up: where the answer sentence stands ("... law of the Orion
agreement is"), it seeks the place in the document that the same words lead up to, and copies what
stands there. The start makes that easy to find: the first layer's heads look at fixed offsets, by
constant query and key biases that the rotary phase turns against each other, so that each position
knows the words before it; the second layer's queries and keys meet in the same random code, and
its values are copied. The first layer's attention pattern stays as it is, everything else is
trained.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import LlamaConfig, LlamaForCausalLM
from transformers.models.llama.modeling_llama import apply_rotary_pos_emb

_ROPE_THETA = 1e8  # half of the 16 rotary pairs hardly turn within the window: they carry content
_HEAD_DIM = 32
_KERNEL = (
    80.0,
    40.0,
    40.0,
    40.0,
    40.0,
    40.0,
)  # weight of each fast rotary pair in the offset heads, in nats


@dataclass(frozen=True)
class Size:
    """Hidden width is 32 x `len(offsets)`: the first layer has one head for each offset."""

    layers: int
    offsets: tuple[int, ...]
    intermediate: int

    @property
    def hidden(self) -> int:
        return _HEAD_DIM * len(self.offsets)


# In "the governing law of the Orion agreement is Nevada", seen from "is", Orion is 2 back and law
# 5; seen from Nevada they are 3 and 6 back.
SIZES: dict[str, Size] = {
    "target": Size(layers=3, offsets=(1, 2, 3, 5, 6), intermediate=256),
    "proxy": Size(layers=2, offsets=(2, 3, 5, 6), intermediate=128),
}
_PARTNERS = ((2, 3), (5, 6))  # offset seen by the asker, offset seen by the place that is sought


def new_reader(
    name: str, vocab_size: int, eos: int, bos: int, pad: int, seed: int
) -> LlamaForCausalLM:
    """An untrained reader with the structured start. Leaves the global random state as it was."""
    size = SIZES[name]
    config = LlamaConfig(
        vocab_size=vocab_size,
        hidden_size=size.hidden,
        intermediate_size=size.intermediate,
        num_hidden_layers=size.layers,
        num_attention_heads=len(size.offsets),
        num_key_value_heads=len(size.offsets),
        head_dim=_HEAD_DIM,
        attention_bias=True,
        tie_word_embeddings=True,
        max_position_embeddings=32768,
        rope_parameters={"rope_type": "default", "rope_theta": _ROPE_THETA},
        bos_token_id=bos,
        eos_token_id=eos,
        pad_token_id=pad,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = LlamaForCausalLM(config)
        _structure(model, size)
    model.generation_config.do_sample = False
    return model


@torch.no_grad()
def _structure(model: LlamaForCausalLM, size: Size) -> None:
    hidden = size.hidden
    nn.init.normal_(model.model.embed_tokens.weight, std=hidden**-0.5)
    slots = _orthogonal(hidden).split(_HEAD_DIM)  # where head h writes, [32, hidden] each
    first = model.model.layers[0].self_attn
    codes = {offset: _orthogonal(hidden)[:_HEAD_DIM] for offset in size.offsets}
    for asker, sought in _PARTNERS:
        codes[sought] = codes[asker]
    _point_back(first, size.offsets)
    first.v_proj.weight.copy_(torch.cat([codes[offset] for offset in size.offsets]))
    first.o_proj.weight.copy_(torch.cat(slots).T * 0.177)
    slow = [i for i in range(_HEAD_DIM) if i % (_HEAD_DIM // 2) >= _HEAD_DIM // 4]
    for depth, layer in enumerate(model.model.layers[1:], start=1):
        attention = layer.self_attn
        copied = _orthogonal(hidden)
        attention.v_proj.weight.copy_(copied)
        attention.o_proj.weight.copy_(copied.T * (0.4 if depth == 1 else 0.1))
        for head in range(len(size.offsets)):
            rows = slice(head * _HEAD_DIM, (head + 1) * _HEAD_DIM)
            query = torch.randn(_HEAD_DIM, hidden) * 0.02
            key = query.clone()
            for asker, sought in _PARTNERS if depth == 1 else ():
                code = _orthogonal(_HEAD_DIM)[: len(slow)] * 1.5
                query[slow] += code @ slots[size.offsets.index(asker)]
                key[slow] += code @ slots[size.offsets.index(sought)]
            attention.q_proj.weight[rows] = query
            attention.k_proj.weight[rows] = key
        for projection in (attention.q_proj, attention.k_proj, attention.v_proj, attention.o_proj):
            projection.bias.zero_()


def _point_back(attention: nn.Module, offsets: tuple[int, ...]) -> None:
    """Make head h attend to the position `offsets[h]` back, whatever stands there."""
    pairs = _HEAD_DIM // 2
    amplitude = torch.zeros(pairs)
    amplitude[: len(_KERNEL)] = (torch.tensor(_KERNEL) * math.sqrt(_HEAD_DIM)).sqrt()
    speed = _ROPE_THETA ** (-torch.arange(pairs) / pairs)
    for projection in (attention.q_proj, attention.k_proj):
        projection.weight.zero_()
    key = torch.cat([amplitude, torch.zeros(pairs)])
    attention.k_proj.bias.copy_(key.repeat(len(offsets)))
    queries = [
        torch.cat([amplitude * (speed * offset).cos(), -amplitude * (speed * offset).sin()])
        for offset in offsets
    ]
    attention.q_proj.bias.copy_(torch.cat(queries))


def _orthogonal(n: int) -> Tensor:
    return nn.init.orthogonal_(torch.empty(n, n))


def trained_parameters(model: LlamaForCausalLM) -> list[nn.Parameter]:
    """All parameters but the first layer's queries and keys."""
    first = model.model.layers[0].self_attn
    fixed = {id(p) for m in (first.q_proj, first.k_proj) for p in m.parameters()}
    return [p for p in model.parameters() if id(p) not in fixed]


def answer_logits(
    model: LlamaForCausalLM, offsets: tuple[int, ...], ids: Tensor, places: Tensor
) -> Tensor:
    """Logits `[batch, n_places, vocab]` after the tokens at `places[batch, n_places]` of
    `ids[batch, length]`.

    Equal to the model's own forward pass, but the first layer's attention is done as the shift
    that it is, and the last layer runs only for the places asked for. Rows are padded on the right
    and longer than any offset.
    """
    body = model.model
    x = body.embed_tokens(ids)
    length = ids.shape[1]
    cos, sin = body.rotary_emb(x, torch.arange(length)[None])
    first, *middle, last = body.layers
    normed = first.input_layernorm(x)
    values = first.self_attn.v_proj(normed).unflatten(-1, (len(offsets), _HEAD_DIM))
    shifted = [_shift(values[:, :, head], offset) for head, offset in enumerate(offsets)]
    x = x + first.self_attn.o_proj(torch.cat(shifted, dim=-1))
    x = x + first.mlp(first.post_attention_layernorm(x))
    for layer in middle:
        x = _layer(layer, x, x, cos, sin, cos, sin, None)
    here = places[:, :, None].expand(-1, -1, x.shape[-1])
    mask = places[:, None, :, None] >= torch.arange(length)
    asked = x.gather(1, here)
    x = _layer(last, asked, x, cos[0][places], sin[0][places], cos, sin, mask)
    return model.lm_head(body.norm(x))


def _shift(values: Tensor, offset: int) -> Tensor:
    """What a head that looks `offset` back reads from `values[batch, length, dim]`."""
    return torch.cat([values[:, _nearest(offset)], values[:, :-offset]], dim=1)


def _nearest(offset: int) -> list[int]:
    """Where the first `offset` positions look: their offset leads out of the text, so the
    kernel's next best.
    """
    speed = _ROPE_THETA ** (-torch.arange(len(_KERNEL)) / (_HEAD_DIM // 2))
    weight = torch.tensor(_KERNEL)
    return [
        int(((torch.arange(t + 1)[:, None] - t + offset) * speed).cos().mv(weight).argmax())
        for t in range(offset)
    ]


def _layer(
    layer: nn.Module,
    x: Tensor,
    context: Tensor,
    cos: Tensor,
    sin: Tensor,
    context_cos: Tensor,
    context_sin: Tensor,
    mask: Tensor | None,
) -> Tensor:
    """One decoder layer for `x`, which attends to `context`; causal if `mask` is None."""
    attention = layer.self_attn
    normed_context = layer.input_layernorm(context)
    normed = normed_context if x is context else layer.input_layernorm(x)
    query = _heads(attention.q_proj(normed))
    key = _heads(attention.k_proj(normed_context))
    value = _heads(attention.v_proj(normed_context))
    query, _ = apply_rotary_pos_emb(query, query, cos, sin)
    key, _ = apply_rotary_pos_emb(key, key, context_cos, context_sin)
    read = F.scaled_dot_product_attention(
        query.to(value.dtype), key.to(value.dtype), value, attn_mask=mask, is_causal=mask is None
    )
    x = x + attention.o_proj(read.transpose(1, 2).flatten(2))
    return x + layer.mlp(layer.post_attention_layernorm(x))


def _heads(x: Tensor) -> Tensor:
    return x.unflatten(-1, (-1, _HEAD_DIM)).transpose(1, 2)
