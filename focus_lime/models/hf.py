"""Causal language models of Hugging Face transformers, scored exactly by token ids."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Units
from focus_lime.models import checkpoints
from focus_lime.models.base import (
    CACHED_ABLATIONS,
    Continuations,
    Estimate,
    Floats,
    Ledger,
    Response,
    Variant,
)
from focus_lime.models.encode import Encoder
from focus_lime.models.fingerprint import Fingerprint
from focus_lime.models.kernel.execution import LOCK, device_of
from focus_lime.models.kernel.memory import MEMORY
from focus_lime.models.kernel.prefixes import Ids, TokenSequence
from focus_lime.models.kernel.scoring import Scorer

# Tokens after each dropped run that are read anew. What a token leaves in others it leaves in the
# next few; beyond them values hardly come nearer to deletion (docs/lab-notes.md).
_AHEAD = {"attention": 0, "reread": 16}


class HFCausalLM:
    """Any `AutoModelForCausalLM` with a fast tokenizer, on the device where it already is.

    Args:
        memory: bytes that scoring may need beside the weights and the prompt's keys and values.
    """

    is_generative = True
    independent_classes = False
    labels: tuple[str, ...] = ()

    def __init__(
        self, model: Any, tokenizer: Any, name: str | None = None, *, memory: int = MEMORY
    ) -> None:
        if model.training:
            raise FocusLimeError(
                "the model is in training mode, where scores are random: call model.eval() first"
            )
        self.name = name or str(getattr(model, "name_or_path", "")) or type(model).__name__
        self.model = model
        self.tokenizer = tokenizer
        self.encoder = Encoder(tokenizer)
        self.scorer = Scorer(model, self.encoder.pad_id, memory)
        self._fingerprint = Fingerprint(model, tokenizer)

    @property
    def window(self) -> int | None:
        """The longest sequence that the model was made for, in tokens; None if it has no limit."""
        positions = getattr(self.model.config.get_text_config(), "max_position_embeddings", None)
        return int(positions) if positions else None

    @property
    def fingerprint(self) -> str:
        """See `Fingerprint`."""
        return self._fingerprint.digest

    def count_tokens(self, prompt: Prompt) -> int:
        return len(self.encoder.encode(prompt).ids)

    def tokens(self, prompt: Prompt) -> Units:
        return self.encoder.tokens(prompt)

    def token_spans(self, prompt: Prompt) -> Units:
        return self.encoder.token_spans(prompt)

    def encode_response(self, response: Response) -> tuple[int, ...]:
        return self.encoder.encode_response(response)

    def response_pieces(self, response: Response) -> tuple[str, ...]:
        return self.encoder.response_pieces(response)

    @torch.inference_mode()
    def generate(self, prompt: Prompt, max_new_tokens: int, ledger: Ledger) -> Response:
        started = time.perf_counter()
        ids = self.encoder.encode(prompt).ids
        self._check_window(len(ids), 1)
        if self.window is not None:
            max_new_tokens = min(max_new_tokens, self.window - len(ids))
        inputs = torch.from_numpy(ids)[None].to(device_of(self.model))
        reading = Ledger()
        past, n_past = self.scorer.past(ids, self._context(prompt), reading)
        with LOCK:
            output = self.model.generate(
                inputs,
                past_key_values=past,
                attention_mask=torch.ones_like(inputs),
                do_sample=False,
                num_beams=1,
                temperature=None,
                top_p=None,
                top_k=None,
                max_new_tokens=max_new_tokens,
                pad_token_id=self.encoder.pad_id,
            )
        answer = output[0, len(ids) :].tolist()
        read = len(ids) + max(len(answer) - 1, 0)
        computed = read - n_past + reading.tokens_computed
        ledger.add(Ledger(1, read, computed, 0, time.perf_counter() - started))
        special = set(self.tokenizer.all_special_ids)
        is_cut = len(answer) == max_new_tokens and answer[-1] not in special
        while answer and answer[-1] in special:
            answer.pop()
        response = self.encoder.response(tuple(answer))
        if not response.text.strip() and not response.n_reasoning:
            raise FocusLimeError(
                f"{self.name} answered nothing to this prompt: give a response to explain"
            )
        return replace(response, is_cut=is_cut)

    def score(
        self, variants: Sequence[Variant], continuations: Continuations, ledger: Ledger
    ) -> Iterator[tuple[int, Floats]]:
        """Log-probabilities (nats, float64) of the continuations' tokens after each variant.

        Values do not depend on which variants are asked for together. Prefixes that variants
        share are computed once; where the model does not allow it, `Ledger.unshared` says why.

        Raises:
            FocusLimeError: a prompt longer than the window; an ablation over the cached context
                on a model that cannot answer over it.
        """
        width = len(continuations)
        if variants[0].ablation in CACHED_ABLATIONS:
            context, tails, kept, ahead = self._cached(variants, continuations)
            scores = self.scorer.score_cached(context, tails, kept, ahead, ledger)
            lengths = [len(context) + len(tail.ids) for tail in tails] * len(variants)
        else:
            sequences = self._sequences(variants, continuations)
            scores = self.scorer.score(sequences, ledger, self._context(variants[0].prompt))
            lengths = [len(sequence.ids) for sequence in sequences]
        rows: dict[int, dict[int, Floats]] = {}
        for index, values in scores:
            variant, continuation = divmod(index, width)
            row = rows.setdefault(variant, {})
            row[continuation] = values
            if len(row) == width:
                ledger.calls += width
                ledger.tokens_asked += sum(lengths[variant * width : (variant + 1) * width])
                yield variant, np.concatenate([row[i] for i in range(width)])
                del rows[variant]

    def estimate(self, variants: Sequence[Variant], continuations: Continuations) -> Estimate:
        if variants[0].ablation in CACHED_ABLATIONS:
            estimate = self.scorer.estimate_cached(*self._cached(variants, continuations))
        else:
            context = self._context(variants[0].prompt)
            estimate = self.scorer.estimate(self._sequences(variants, continuations), context)
        return replace(estimate, prompt_tokens=self.count_tokens(variants[0].prompt))

    def clear_kv(self) -> None:
        self.scorer.clear_kv()

    def _sequences(
        self, variants: Sequence[Variant], continuations: Continuations
    ) -> list[TokenSequence]:
        """Each variant's ids with each continuation's after them."""
        tails = [np.array(self.encode_response(response)) for response in continuations]
        prompts = map(self.encoder.variant_ids, variants)
        sequences = [
            TokenSequence(np.append(ids, tail), len(ids)) for ids in prompts for tail in tails
        ]
        for sequence in sequences:
            self._check_window(sequence.first, len(sequence.ids) - sequence.first)
        return sequences

    def _cached(
        self, variants: Sequence[Variant], continuations: Continuations
    ) -> tuple[Ids, list[TokenSequence], NDArray[np.bool_], int]:
        """The context; the rest of the prompt with each continuation after it; which tokens of the
        context each variant keeps, `bool[n_variants, n_context]`; and how many after each run that
        it drops are read anew.
        """
        prompt = variants[0].prompt
        encoded, context = self.encoder.encode(prompt), self._context(prompt)
        cut, ends = len(context), [self.encode_response(response) for response in continuations]
        longest = max(map(len, ends))
        why_not = self.scorer.why_not(len(encoded.ids) + longest)
        if why_not or cut < 1:
            raise FocusLimeError(
                f"{self.name} cannot answer over its cached context "
                f"({why_not or 'nothing stands before the response'}): use the ablation delete"
            )
        self._check_window(len(encoded.ids), longest)
        rest = encoded.ids[cut:]
        tails = [TokenSequence(np.append(rest, end), len(rest)) for end in ends]
        kept = np.stack([~self.encoder.dropped(variant)[:cut] for variant in variants])
        return context, tails, kept, _AHEAD[variants[0].ablation]

    def _context(self, prompt: Prompt) -> Ids:
        """The prompt up to its last attributable token, without the prompt's last token, which must
        run to predict the response.
        """
        encoded = self.encoder.encode(prompt)
        attributable = np.flatnonzero(encoded.source >= 0)
        cut = int(attributable[-1]) + 1 if len(attributable) else 0
        return encoded.ids[: min(len(encoded.ids) - 1, cut)]

    def _check_window(self, prompt_tokens: int, response_tokens: int) -> None:
        if self.window is not None and prompt_tokens + response_tokens > self.window:
            raise FocusLimeError(
                f"the prompt has {prompt_tokens} tokens and the response {response_tokens}, but "
                f"{self.name} reads at most {self.window}: shorten the document or take a model "
                "with a longer window"
            )


def load(spec: str, *, name: str | None = None, memory: int = MEMORY, **options: Any) -> HFCausalLM:
    """A hub id or a local folder. `options` go to `AutoModelForCausalLM.from_pretrained`, as
    `device_map="auto"`, by which accelerate spreads a model; `name` (by default `spec`) and
    `memory` to `HFCausalLM`.

    Raises:
        FocusLimeError: it cannot be loaded; see `checkpoints.load`.
    """
    from transformers import AutoModelForCausalLM

    options.setdefault("dtype", "auto")
    name = name or spec
    model, tokenizer = checkpoints.load(AutoModelForCausalLM, spec, options, name=name)
    return HFCausalLM(model, tokenizer, name=name, memory=memory)
