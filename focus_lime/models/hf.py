"""Causal language models of Hugging Face transformers, scored exactly by token ids."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from focus_lime.errors import FocusLimeError, first_line
from focus_lime.models.base import Estimate, Floats, Ledger, Response, Target, Variant
from focus_lime.models.encode import Encoder
from focus_lime.models.fingerprint import fingerprint
from focus_lime.models.kernel import LOCK, device_of
from focus_lime.models.prefixes import Ids, Scored
from focus_lime.models.scoring import MEMORY, Scorer
from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.units import Units


class HFCausalLM:
    """Any `AutoModelForCausalLM` with a fast tokenizer, on the device where it already is.

    Args:
        memory: bytes that scoring may need beside the weights and the prompt's keys and values.
    """

    speaks = True
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

    @property
    def window(self) -> int | None:
        """The longest sequence that the model was made for, in tokens, where it says so."""
        found = getattr(self.model.config.get_text_config(), "max_position_embeddings", None)
        return int(found) if found else None

    @property
    def fingerprint(self) -> str:
        """See `focus_lime.models.fingerprint`."""
        return fingerprint(self.model, self.tokenizer)

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
        given = torch.from_numpy(ids)[None].to(device_of(self.model))
        with LOCK:
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

    def score(
        self, variants: Sequence[Variant], target: Target, ledger: Ledger
    ) -> Iterator[tuple[int, Floats]]:
        """Log-probabilities (nats, float64) of the target's tokens after each variant.

        Values do not depend on which variants are asked for together. Prefixes that variants
        share are computed once; where the model does not allow it, `Ledger.unshared` says why.

        Raises:
            FocusLimeError: a prompt longer than the window; the ablation `attention` on a model
                that cannot answer over its cached context.
        """
        width = len(target.continuations)
        if variants[0].ablation == "attention":
            context, tails, kept = self._cached(variants, target)
            known = self.scorer.score_cached(context, tails, kept, ledger)
            lengths = [len(context) + len(tail.ids) for tail in tails] * len(variants)
        else:
            sequences = self._sequences(variants, target)
            known = self.scorer.score(sequences, ledger, self._context(variants[0].prompt))
            lengths = [len(sequence.ids) for sequence in sequences]
        rows: dict[int, dict[int, Floats]] = {}
        for index, values in known:
            variant, continuation = divmod(index, width)
            row = rows.setdefault(variant, {})
            row[continuation] = values
            if len(row) == width:
                ledger.calls += width
                ledger.tokens_asked += sum(lengths[variant * width : (variant + 1) * width])
                yield variant, np.concatenate([row[i] for i in range(width)])
                del rows[variant]

    def estimate(self, variants: Sequence[Variant], target: Target) -> Estimate:
        if variants[0].ablation == "attention":
            found = self.scorer.estimate_cached(*self._cached(variants, target))
        else:
            context = self._context(variants[0].prompt)
            found = self.scorer.estimate(self._sequences(variants, target), context)
        return replace(found, prompt_tokens=self.length(variants[0].prompt))

    def release(self) -> None:
        self.scorer.release()

    def _sequences(self, variants: Sequence[Variant], target: Target) -> list[Scored]:
        """Each variant's ids with each continuation's after them."""
        tails = [np.array(self.continuation(response)) for response in target.continuations]
        prompts = map(self.encoder.variant_ids, variants)
        found = [Scored(np.append(ids, tail), len(ids)) for ids in prompts for tail in tails]
        for sequence in found:
            self._check_window(sequence.first, len(sequence.ids) - sequence.first)
        return found

    def _cached(
        self, variants: Sequence[Variant], target: Target
    ) -> tuple[Ids, list[Scored], NDArray[np.bool_]]:
        """The prompt up to its last attributable token; what follows, with each continuation; and
        the tokens of the former that each variant keeps. At least one token follows: it foretells
        the response.
        """
        prompt = variants[0].prompt
        encoded, context = self.encoder.encode(prompt), self._context(prompt)
        cut = len(context)
        longest = max(len(self.continuation(response)) for response in target.continuations)
        why_not = self.scorer.why_not(len(encoded.ids) + longest)
        if why_not or cut < 1:
            raise FocusLimeError(
                f"{self.name} cannot answer over its cached context "
                f"({why_not or 'nothing stands before the response'}): use the ablation delete"
            )
        rest = encoded.ids[cut:]
        for response in target.continuations:
            self._check_window(len(encoded.ids), len(self.continuation(response)))
        tails = [
            Scored(np.append(rest, self.continuation(response)), len(rest))
            for response in target.continuations
        ]
        kept = np.stack([~self.encoder.dropped(variant)[:cut] for variant in variants])
        return context, tails, kept

    def _context(self, prompt: Prompt) -> Ids:
        """The prompt up to its last attributable token; at least one token follows."""
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


def load(spec: str, *, memory: int = MEMORY, **options: Any) -> HFCausalLM:
    """A hub id or a local folder. `options` go to `AutoModelForCausalLM.from_pretrained`, as
    `device_map="auto"`, by which accelerate spreads a model; `memory` to `HFCausalLM`.

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
        reason = first_line(error)
        raise FocusLimeError(
            f"model {spec!r} cannot be loaded ({reason}): give a folder, a hub id, bundled:target "
            "or module:attribute"
        ) from None
    return HFCausalLM(model, tokenizer, name=spec, memory=memory)
