"""Causal language models of Hugging Face transformers, scored exactly by token ids."""

from __future__ import annotations

import hashlib
import inspect
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from focus_lime.errors import FocusLimeError
from focus_lime.models.base import Floats, Ledger, Response, Target, Variant
from focus_lime.models.encode import Encoder
from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.units import Units

_BATCH_TOKENS = 4096  # prompts longer than half of it run alone, without padding


class HFCausalLM:
    """Any `AutoModelForCausalLM` with a fast tokenizer, on the device where it already is."""

    speaks = True
    labels: tuple[str, ...] = ()

    def __init__(self, model: Any, tokenizer: Any, name: str | None = None) -> None:
        if model.training:
            raise FocusLimeError(
                "the model is in training mode, where scores are random: call model.eval() first"
            )
        self.name = name or str(getattr(model, "name_or_path", "")) or type(model).__name__
        self.model = model
        self.tokenizer = tokenizer
        self.encoder = Encoder(tokenizer)
        self._takes_logits_to_keep = "logits_to_keep" in inspect.signature(model.forward).parameters

    @property
    def window(self) -> int | None:
        """The longest sequence that the model was made for, in tokens, where it says so."""
        found = getattr(self.model.config.get_text_config(), "max_position_embeddings", None)
        return int(found) if found else None

    @property
    def fingerprint(self) -> str:
        """Digest of the configuration, the vocabulary, and a sample and sum of every parameter."""
        config = self.model.config.to_diff_dict()
        said = {
            k: v for k, v in config.items() if k not in ("_name_or_path", "transformers_version")
        }
        digest = hashlib.sha256(repr(sorted(said.items())).encode())
        digest.update(self.tokenizer.backend_tokenizer.to_str().encode())
        digest.update(str(getattr(self.tokenizer, "chat_template", None)).encode())
        with torch.no_grad():
            for name, tensor in self.model.state_dict().items():
                flat = tensor.detach().reshape(-1)
                sample = flat[:: max(1, flat.numel() // 4096)].double().cpu().numpy()
                digest.update(f"{name}{tuple(tensor.shape)}{tensor.dtype}".encode())
                digest.update(sample.tobytes() + flat.double().sum().cpu().numpy().tobytes())
        return digest.hexdigest()[:16]

    def length(self, prompt: Prompt) -> int:
        return len(self.encoder.encode(prompt).ids)

    def tokens(self, prompt: Prompt) -> Units:
        return self.encoder.tokens(prompt)

    def continuation(self, response: Response) -> tuple[int, ...]:
        return self.encoder.continuation(response)

    @torch.inference_mode()
    def generate(self, prompt: Prompt, max_new_tokens: int, ledger: Ledger) -> Response:
        started = time.perf_counter()
        ids = self.encoder.encode(prompt).ids
        self._check_window(len(ids), 1)
        if self.window is not None:
            max_new_tokens = min(max_new_tokens, self.window - len(ids))
        given = torch.from_numpy(ids)[None].to(self.model.device)
        output = self.model.generate(
            given,
            attention_mask=torch.ones_like(given),
            do_sample=False,
            num_beams=1,
            temperature=None,
            top_p=None,
            top_k=None,
            max_new_tokens=max_new_tokens,
            pad_token_id=self.encoder.pad_id,
        )
        made = output[0, len(ids) :].tolist()
        read = len(ids) + max(len(made) - 1, 0)
        ledger.add(Ledger(1, read, read, 0, time.perf_counter() - started))
        special = set(self.tokenizer.all_special_ids)
        while made and made[-1] in special:
            made.pop()
        if not made:
            raise FocusLimeError(
                f"{self.name} answered nothing to this prompt: give a response to explain"
            )
        return Response(self.tokenizer.decode(made, skip_special_tokens=True), tuple(made))

    def score(self, variants: Sequence[Variant], target: Target, ledger: Ledger) -> list[Floats]:
        """Log-probabilities (nats, float64) of the target's tokens after each variant.

        Values do not depend on which variants are asked for together.
        """
        started = time.perf_counter()
        continuations = [np.array(self.continuation(r)) for r in target.continuations]
        rows = [
            (ids, tail) for ids in map(self.encoder.variant_ids, variants) for tail in continuations
        ]
        for ids, tail in rows:
            self._check_window(len(ids), len(tail))
        found: list[Floats] = [np.empty(0)] * len(rows)
        for batch in _batches([len(ids) + len(tail) for ids, tail in rows]):
            for row, values in zip(batch, self._forward([rows[i] for i in batch]), strict=True):
                found[row] = values
            longest = max(sum(map(len, rows[i])) for i in batch)
            asked = sum(len(ids) + len(tail) for ids, tail in (rows[i] for i in batch))
            ledger.add(Ledger(len(batch), asked, longest * len(batch)))
        ledger.seconds += time.perf_counter() - started
        width = len(continuations)
        return [np.concatenate(found[i : i + width]) for i in range(0, len(found), width)]

    @torch.inference_mode()
    def _forward(self, rows: list[tuple[NDArray[np.int64], NDArray[np.int64]]]) -> list[Floats]:
        """One batch, padded on the left so that the responses end together."""
        longest = max(len(ids) + len(tail) for ids, tail in rows)
        keep = max(len(tail) for _, tail in rows) + 1
        given = torch.full((len(rows), longest), self.encoder.pad_id, dtype=torch.long)
        attention = torch.zeros_like(given)
        for i, (ids, tail) in enumerate(rows):
            given[i, longest - len(ids) - len(tail) :] = torch.from_numpy(np.append(ids, tail))
            attention[i, longest - len(ids) - len(tail) :] = 1
        device = self.model.device
        options = {"logits_to_keep": keep} if self._takes_logits_to_keep else {}
        logits = self.model(
            input_ids=given.to(device),
            attention_mask=attention.to(device),
            position_ids=(attention.cumsum(1) - 1).clamp(min=0).to(device),
            use_cache=False,
            **options,
        ).logits[:, -keep:]
        values: list[Floats] = []
        for i, (_, tail) in enumerate(rows):
            at_target = logits[i, -len(tail) - 1 : -1].float()
            values.append(_log_probabilities(at_target, torch.from_numpy(tail).to(device)))
            if not np.isfinite(values[-1]).all():
                raise FocusLimeError(f"{self.name} gave NaN or inf for a variant of the prompt")
        return values

    def _check_window(self, prompt_tokens: int, response_tokens: int) -> None:
        if self.window is not None and prompt_tokens + response_tokens > self.window:
            raise FocusLimeError(
                f"the prompt has {prompt_tokens} tokens and the response {response_tokens}, but "
                f"{self.name} reads at most {self.window}: shorten the document or take a model "
                "with a longer window"
            )


def _batches(lengths: list[int]) -> Iterator[list[int]]:
    """Indices in batches, the longest first, so that running out of memory shows at once."""
    order = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    while order:
        size = max(1, _BATCH_TOKENS // lengths[order[0]])
        yield order[:size]
        order = order[size:]


def _log_probabilities(logits: torch.Tensor, ids: torch.Tensor) -> Floats:
    """log p of `ids` (shape `[n]`) under `logits` (`[n, vocabulary]`, float32), in float64.

    Where p is near 1, float32 has log p = 0. There it is log1p(-q) with q the probability of all
    other tokens, which float32 holds to full relative precision.
    """
    index = ids[:, None]
    total = logits.logsumexp(-1)
    direct = (logits.gather(-1, index)[:, 0] - total).double()
    others = logits.scatter(-1, index, float("-inf")).logsumexp(-1) - total
    precise = torch.log1p(-others.double().exp())
    values: Floats = torch.where(direct > -0.7, precise, direct).cpu().numpy()
    return values


def load(spec: str, **options: Any) -> HFCausalLM:
    """A hub id or a local folder. `options` go to `AutoModelForCausalLM.from_pretrained`.

    Raises:
        FocusLimeError: it cannot be loaded; the message has the first line of the reason.
    """
    from transformers import AutoModelForCausalLM, AutoTokenizer

    options.setdefault("dtype", "auto")
    shared = {k: v for k, v in options.items() if k in ("revision", "token", "trust_remote_code")}
    try:
        tokenizer = AutoTokenizer.from_pretrained(spec, **shared)
        model = AutoModelForCausalLM.from_pretrained(spec, **options)
    except (OSError, ValueError, KeyError, ImportError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise FocusLimeError(
            f"model {spec!r} cannot be loaded ({reason}): give a folder, a hub id, bundled:target "
            "or module:attribute"
        ) from None
    return HFCausalLM(model, tokenizer, name=spec)
