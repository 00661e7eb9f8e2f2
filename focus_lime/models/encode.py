"""From prompts to token ids, and from ids back to the characters that they show."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.template import render
from focus_lime.inputs.units import Unit, Units
from focus_lime.models import reasoning
from focus_lime.models.base import Response, Variant


@dataclass(frozen=True, eq=False)
class Encoded:
    """A prompt's token ids, and the characters `[start, end)` of source number `source` that each
    shows, all `int64[n_tokens]`. Tokens of protected text have source -1.
    """

    ids: NDArray[np.int64]
    source: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]


class Encoder:
    """Token ids of prompts, variants and responses, by a fast tokenizer.

    Invariant: the ids of a variant are those of the full prompt without the tokens of dropped
    units; nothing is tokenised again.
    """

    def __init__(self, tokenizer: Any) -> None:
        if not getattr(tokenizer, "is_fast", False):
            raise FocusLimeError("the tokenizer gives no offsets: a fast tokenizer is needed")
        self.tokenizer = tokenizer
        self._templated = bool(getattr(tokenizer, "chat_template", None))
        self._last: tuple[Prompt, Encoded] | None = None

    @property
    def pad_id(self) -> int:
        """A token to fill a batch with; it is masked, so any will do."""
        for candidate in (self.tokenizer.pad_token_id, self.tokenizer.eos_token_id):
            if candidate is not None:
                return int(candidate)
        return 0

    def encode(self, prompt: Prompt) -> Encoded:
        """The prompt's ids, by the chat template, or plain with the tokenizer's BOS. Those of the
        last prompt are kept.
        """
        if self._last is not None and self._last[0] is prompt:
            return self._last[1]
        rendered = render(prompt, self.tokenizer)
        coded = self.tokenizer(
            rendered.text,
            add_special_tokens=not self._templated,  # a chat template writes its own BOS
            return_offsets_mapping=True,
            truncation=False,
            verbose=False,
        )
        ids = np.array(coded["input_ids"], dtype=np.int64)
        offsets = np.array(coded["offset_mapping"], dtype=np.int64).reshape(-1, 2)
        while not self._templated and len(ids) and ids[-1] == self.tokenizer.eos_token_id:
            ids, offsets = ids[:-1], offsets[:-1]  # nothing could follow it
        source = np.full(len(ids), -1, dtype=np.int64)
        start, end = np.zeros_like(ids), np.zeros_like(ids)
        for index, placed in enumerate(rendered.sources):
            low = np.clip(offsets[:, 0] - placed.offset, placed.low, placed.high)
            high = np.clip(offsets[:, 1] - placed.offset, placed.low, placed.high)
            # A token over the edge of a source belongs to it if most of its characters do.
            inside = (high > low) & (2 * (high - low) > offsets[:, 1] - offsets[:, 0])
            source[inside], start[inside], end[inside] = index, low[inside], high[inside]
        encoded = Encoded(ids, source, start, end)
        self._last = (prompt, encoded)
        return encoded

    def tokens(self, prompt: Prompt) -> Units:
        """One unit a token, and the text that no token shows with the one before it, so that units
        tile.
        """
        spans, units = self.token_spans(prompt), list[Unit]()
        for index, text in enumerate(prompt.sources):
            starts = [span.start for span in spans if span.source == index]
            cuts = [0, *starts[1:], len(text)] if text else []
            units += [Unit(index, a, b, "token") for a, b in pairwise(cuts)]
        return Units(units)

    def token_spans(self, prompt: Prompt) -> Units:
        """The characters of each token; tokens that share a character are one."""
        encoded, units = self.encode(prompt), list[Unit]()
        for index in range(len(prompt.sources)):
            own = encoded.source == index
            starts, ends = encoded.start[own], np.maximum.accumulate(encoded.end[own])
            first = np.append(True, starts[1:] >= ends[:-1])[: len(starts)]
            last = np.append(first[1:], True)[: len(starts)]
            pairs = zip(starts[first].tolist(), ends[last].tolist(), strict=True)
            units += [Unit(index, a, b, "token") for a, b in pairs]
        return Units(units)

    def encode_response(self, response: Response) -> tuple[int, ...]:
        """The response's own ids, or those of its text; for a base model, of a space and its text,
        as the response continues the prompt. Where the chat template has begun the reasoning, a
        text without any is an answer, and what ends the reasoning comes before it.
        """
        if response.ids is not None:
            ids = response.ids
        else:
            text = response.text
            if not self._templated and text[:1].strip():
                text = " " + text
            ids = self._ids(self._without_first_mark(text))
            if self._begun and reasoning.find(text) is None:
                ids = self._ids(f"\n{self._begun[1]}\n\n") + ids
            if self.tokenizer.unk_token_id in ids:
                raise FocusLimeError(
                    f"the response {response.text!r} is not in the model's vocabulary: its "
                    "tokenizer reads it as unknown; give words that the model knows"
                )
        if not ids:
            raise FocusLimeError(
                f"the response {response.text!r} has no tokens: give a response with text in it"
            )
        return ids

    def response_pieces(self, response: Response) -> tuple[str, ...]:
        """The text that each token of the response adds to what the tokens before it decode to, as
        far as later tokens leave that as it is: the first bytes of a character add nothing.
        """
        # `Response.text` of generated ids has no special tokens; a text may quote one.
        return self._pieces(self.encode_response(response), skip=response.ids is not None)

    def response(self, ids: tuple[int, ...]) -> Response:
        """What the model wrote, its reasoning apart."""
        is_begun = self._begun is not None
        if reasoning.find(self.tokenizer.decode(ids), is_begun) is None:
            return Response(self.tokenizer.decode(ids, skip_special_tokens=True), ids)
        return reasoning.apart(ids, self._pieces(ids, skip=False), is_begun)

    @cached_property
    def _begun(self) -> tuple[str, str] | None:
        """The marks of the reasoning that the chat template begins in the model's place."""
        if not self._templated:
            return None
        try:
            rendered = render(Prompt.from_text("?"), self.tokenizer)
        except FocusLimeError:  # a template that wants more than a question
            return None
        return reasoning.begun(rendered.text)

    def _without_first_mark(self, text: str) -> str:
        """A response's text without the mark that the chat template has written already."""
        if self._begun and text.lstrip().startswith(self._begun[0]):
            return text.lstrip()[len(self._begun[0]) :].removeprefix("\n")
        return text

    def _ids(self, text: str) -> tuple[int, ...]:
        return tuple(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def _pieces(self, ids: tuple[int, ...], *, skip: bool) -> tuple[str, ...]:
        full = self.tokenizer.decode(ids, skip_special_tokens=skip)
        ends = [0]
        for n in range(1, len(ids)):
            text = self.tokenizer.decode(ids[:n], skip_special_tokens=skip)
            ends.append(max(ends[-1], _common_length(text, full)))
        return tuple(full[a:b] for a, b in pairwise([*ends, len(full)]))

    def dropped(self, variant: Variant) -> NDArray[np.bool_]:
        """`bool[n_tokens]`: the tokens of the full prompt that hold mostly dropped text; on a tie
        the last character decides.
        """
        encoded = self.encode(variant.prompt)
        drop = np.zeros(len(encoded.ids), dtype=bool)
        for index, text in enumerate(variant.prompt.sources):
            spans = [(span.start, span.end) for span in variant.dropped if span.source == index]
            if not spans:
                continue
            is_dropped = np.zeros(len(text) + 1, dtype=np.int64)  # [c]: character c - 1
            for low, high in spans:
                is_dropped[low + 1 : high + 1] = 1
            before = np.cumsum(is_dropped)  # [c]: dropped characters among the first c
            tokens = np.flatnonzero(encoded.source == index)
            start, end = encoded.start[tokens], encoded.end[tokens]
            twice, size = 2 * (before[end] - before[start]), end - start
            drop[tokens] = (twice > size) | ((twice == size) & (is_dropped[end] == 1))
        return drop

    def variant_ids(self, variant: Variant) -> NDArray[np.int64]:
        """The prompt's ids without the dropped tokens, with the placeholder's ids, if there is one,
        in place of each run of them.
        """
        encoded, drop = self.encode(variant.prompt), self.dropped(variant)
        if drop.all() and not variant.filler:
            # Something must stand before the response: the token that begins or ends a text.
            bos, eos = self.tokenizer.bos_token_id, self.tokenizer.eos_token_id
            candidates = [token for token in (bos, eos, self.pad_id) if token is not None]
            return np.array(candidates[:1], dtype=np.int64)
        if not variant.filler:
            return encoded.ids[~drop]
        filler = self.tokenizer(variant.filler, add_special_tokens=False)["input_ids"]
        first = drop & ~np.concatenate([[False], drop[:-1]])
        pieces = [filler if first[i] else [encoded.ids[i]] for i in np.flatnonzero(~drop | first)]
        return np.array([token for piece in pieces for token in piece], dtype=np.int64)


def _common_length(a: str, b: str) -> int:
    """Length of the longest common prefix."""
    differ = (i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y)
    return next(differ, min(len(a), len(b)))
