"""Gives a reader that looks values up the means to say whether a given value is the right one.

"Is it agreed that the governing law of the Orion agreement is Nevada?": at "is" the reader looks up
what the document says; the next token is what the question says. Whether the two are equal is a
product of two codes, and plain training does not find it in a thousand steps. `install_check` lets
the second layer carry the asked value to where the answer starts, the last layer the true one, and
some units of the last layer multiply the two. Training goes on from there. All maps are ridge
regressions on what the model computes for generated questions, so they fit the model as it is.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from transformers import LlamaForCausalLM, PreTrainedTokenizerBase

from .contracts import generate_contract
from .examples import RowMaker

_HEAD_DIM = 32
_ROPE_THETA = 1e8
_BACK = 4  # about so many tokens before the answer stands what is compared
_NEAR = {2: 60.0, 3: 40.0, 4: 40.0}  # rotary pair -> nats, for tokens about `_BACK` back
_SOUGHT = 30.0  # nats for the token that is sought
_WRITTEN = 1.0
_CODE = 32


@dataclass(frozen=True)
class _Case:
    """A prompt and the positions in it of the asked value, of "is", and of the last token."""

    ids: list[int]
    asked: int
    is_word: int
    ends: int
    asked_id: int
    true_id: int


@torch.no_grad()
def install_check(
    model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerBase, rng: np.random.Generator, n: int
) -> float:
    """Change `model` as said above, fitted to `n` questions.

    Returns how well the product alone tells Yes from No on them (area under the ROC curve).
    """
    cases = [case for _ in range(n // 6) for case in _cases(tokenizer, rng)]
    second, last = model.model.layers[-2], model.model.layers[-1]
    embeddings = model.model.embed_tokens.weight
    hidden, heads = embeddings.shape[1], int(model.config.num_attention_heads)
    generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
    code = _orthogonal(hidden, generator)[:_CODE] * (hidden / _CODE) ** 0.5
    asked_code = embeddings[[c.asked_id for c in cases]] @ code.T
    true_code = embeddings[[c.true_id for c in cases]] @ code.T

    seen = _inputs(model, second.input_layernorm, cases)
    speaks, sought = _detector(seen, cases, "ends"), _detector(seen, cases, "asked")
    usual = second.self_attn.q_proj(torch.stack([x[-1] for x in seen])).mean(0)
    for head in (heads - 2, heads - 1):
        _look(second.self_attn, head, speaks, sought, usual)

    seen = _inputs(model, last.input_layernorm, cases)
    speaks, sought = _detector(seen, cases, "ends"), _detector(seen, cases, "is_word")
    rows = slice((heads - 1) * _HEAD_DIM, heads * _HEAD_DIM)
    attention = last.self_attn
    for projection in (attention.q_proj, attention.k_proj):
        projection.weight[rows] = 0
        projection.bias[rows] = 0
    _look(attention, heads - 1, speaks, sought, torch.zeros_like(usual))
    here = torch.stack([x[c.is_word] for x, c in zip(seen, cases, strict=True)])
    attention.v_proj.weight[rows], attention.v_proj.bias[rows] = _ridge(here, true_code)
    written = _orthogonal(hidden, generator)
    attention.o_proj.weight[:, rows] = written[:, rows] * _WRITTEN

    seen = _inputs(model, last.post_attention_layernorm, cases)
    inner = torch.stack([x[c.ends] for x, c in zip(seen, cases, strict=True)])
    asked_map, _ = _ridge(inner, asked_code)
    true_map, _ = _ridge(inner, true_code)
    product = ((inner @ asked_map.T) * (inner @ true_map.T)).sum(-1)
    yes, no = tokenizer.convert_tokens_to_ids(["Yes", "No"])
    out = (embeddings[yes] - embeddings[no]) / product.std()
    _multiply(last.mlp, asked_map, true_map, out)
    return _area(product, torch.tensor([c.asked_id == c.true_id for c in cases]))


def _cases(tokenizer: PreTrainedTokenizerBase, rng: np.random.Generator) -> list[_Case]:
    contract = generate_contract(
        rng, words=250, task="yes_no", n_questions=6, n_facts=14, split="train"
    )
    cases = []
    for question in contract.questions:
        row = RowMaker(tokenizer).contract(contract.text, [question])
        ends = row.values[0][1][0] - 1
        told = question.question.split(" is ")[-1].removesuffix("?")
        true = question.answer.split(" is ")[-1].removesuffix(".")
        told_ids, true_ids = (tokenizer(f" {text}")["input_ids"] for text in (told, true))
        asked = ends - 2 - len(told_ids)  # after it: "?", the end mark, the assistant's mark
        ids = row.ids[: ends + 1]
        cases.append(_Case(ids, asked, asked - 1, ends, told_ids[0], true_ids[0]))
    return cases


def _inputs(model: LlamaForCausalLM, module: nn.Module, cases: list[_Case]) -> list[Tensor]:
    """What `module` puts out, `[length, hidden]` for each case."""
    seen: list[Tensor] = []
    hook = module.register_forward_hook(lambda _module, _input, out: seen.append(out[0].clone()))
    for case in cases:
        model.model(torch.tensor([case.ids]), use_cache=False)
    hook.remove()
    return seen


def _detector(seen: list[Tensor], cases: list[_Case], place: str) -> tuple[Tensor, Tensor]:
    """A linear function that is about 1 at `place` and 0 at the other positions near the end."""
    near = [x[c.ends - 12 : c.ends + 1] for x, c in zip(seen, cases, strict=True)]
    hits = torch.zeros(len(cases), 13)
    for i, case in enumerate(cases):
        hits[i, getattr(case, place) - case.ends + 12] = 1
    return _ridge(torch.cat(near), hits.reshape(-1, 1))


def _ridge(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Weight `[out, in]` and bias `[out]` of the best linear map from rows of `x` to those of `y`."""
    mean_x, mean_y = x.mean(0), y.mean(0)
    centred = x - mean_x
    gram = centred.T @ centred + 0.02 * len(x) * torch.eye(x.shape[1])
    weight = torch.linalg.solve(gram, centred.T @ (y - mean_y)).T
    return weight, mean_y - weight @ mean_x


def _look(
    attention: nn.Module,
    head: int,
    speaks: tuple[Tensor, Tensor],
    sought: tuple[Tensor, Tensor],
    usual: Tensor,
) -> None:
    """Where `speaks` is high, let `head` look a few tokens back to where `sought` is high.

    `usual` are the queries that the layer makes there so far; they are taken off.
    """
    pairs = _HEAD_DIM // 2
    query, key, key_bias = torch.zeros(3, _HEAD_DIM)
    for pair, nats in _NEAR.items():
        size = (nats * _HEAD_DIM**0.5) ** 0.5
        angle = torch.tensor(_BACK * _ROPE_THETA ** (-pair / pairs))
        query[pair], query[pair + pairs] = size * angle.cos(), -size * angle.sin()
        key_bias[pair] = size
    query[pairs - 1] = key[pairs - 1] = (_SOUGHT * _HEAD_DIM**0.5) ** 0.5
    rows = slice(head * _HEAD_DIM, (head + 1) * _HEAD_DIM)
    query -= usual[rows]
    attention.q_proj.weight[rows] += query[:, None] * speaks[0]
    attention.q_proj.bias[rows] += query * speaks[1]
    attention.k_proj.weight[rows] += key[:, None] * sought[0]
    attention.k_proj.bias[rows] += key * sought[1] + key_bias


def _multiply(mlp: nn.Module, left: Tensor, right: Tensor, out: Tensor) -> None:
    """Write (left x) . (right x) along `out`, with the units of `mlp` that matter least.

    silu(z) u + silu(-z) (-u) = z u, so two units make one exact product.
    """
    size = mlp.down_proj.weight.norm(dim=0) * mlp.up_proj.weight.norm(dim=1)
    units = (size * mlp.gate_proj.weight.norm(dim=1)).argsort()[: 2 * len(left)]
    mlp.gate_proj.weight[units] = torch.cat([left, -left])
    mlp.up_proj.weight[units] = torch.cat([right, -right])
    mlp.down_proj.weight[:, units] = out[:, None].expand(-1, len(units))


def _orthogonal(n: int, generator: torch.Generator) -> Tensor:
    return torch.linalg.qr(torch.randn(n, n, generator=generator)).Q


def _area(score: Tensor, positive: Tensor) -> float:
    """Area under the ROC curve, by ranks."""
    ranks = score.argsort().argsort().double() + 1
    n = int(positive.sum())
    return float((ranks[positive].sum() - n * (n + 1) / 2) / (n * (len(score) - n)))
