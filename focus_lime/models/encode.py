"""From prompts to token ids, and from ids back to the characters that they show."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from focus_lime.errors import FocusLimeError
from focus_lime.models.base import Response, Variant
from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.template import render
from focus_lime.prompt.units import Unit, Units


@dataclass(frozen=True, eq=False)
class Encoded:
    """A prompt's token ids, and the characters `[start, end)` of `source` that each token shows.

    Tokens of protected text have source -1.
    """

    ids: NDArray[np.int64]
    source: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]


class Encoder:
    """A fast tokenizer, seen as a map from prompts, variants and responses to token ids.

    Invariant: the ids of a variant are the ids of the full prompt less the dropped units' tokens;
    nothing is tokenised again.
    """

    def __init__(self, tokenizer: Any) -> None:
        if not getattr(tokenizer, "is_fast", False):
            raise FocusLimeError("the tokenizer gives no offsets: a fast tokenizer is needed")
        self.tokenizer = tokenizer
        self._templated = bool(getattr(tokenizer, "chat_template", None))
        self._last: tuple[Prompt, Encoded] | None = None

    @property
    def pad_id(self) -> int:
        """What fills a batch; it is masked, so any token will do."""
        for candidate in (self.tokenizer.pad_token_id, self.tokenizer.eos_token_id):
            if candidate is not None:
                return int(candidate)
        return 0

    def encode(self, prompt: Prompt) -> Encoded:
        """The prompt's ids, made once: by the chat template, or plain with the tokenizer's BOS."""
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
        """One unit a token; tokens that share a character are one unit, so that units tile."""
        encoded = self.encode(prompt)
        units: list[Unit] = []
        for index, text in enumerate(prompt.sources):
            starts = encoded.start[encoded.source == index]
            cuts = [0, *(int(s) for s in np.unique(starts) if 0 < s < len(text)), len(text)]
            units += [Unit(index, a, b, "token") for a, b in pairwise(cuts)]
        return Units(units)

    def continuation(self, response: Response) -> tuple[int, ...]:
        """The response's own ids; for a base model, which reads on, its text after a space."""
        if response.ids is not None:
            ids = response.ids
        else:
            text = response.text
            if not self._templated and text[:1].strip():
                text = " " + text
            ids = tuple(self.tokenizer(text, add_special_tokens=False)["input_ids"])
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

    def dropped(self, variant: Variant) -> NDArray[np.bool_]:
        """`bool[n_tokens]`: the tokens of the full prompt that hold mostly dropped text (ties:
        their last character decides).
        """
        encoded = self.encode(variant.prompt)
        drop = np.zeros(len(encoded.ids), dtype=bool)
        for index, text in enumerate(variant.prompt.sources):
            spans = [(a, b) for source, a, b in variant.dropped if source == index]
            if not spans:
                continue
            gone = np.zeros(len(text) + 1, dtype=np.int64)
            for low, high in spans:
                gone[low + 1 : high + 1] = 1
            before = np.cumsum(gone)  # before[c]: dropped characters among the first c
            mine = np.flatnonzero(encoded.source == index)
            start, end = encoded.start[mine], encoded.end[mine]
            twice = 2 * (before[end] - before[start])
            drop[mine] = (twice > end - start) | ((twice == end - start) & (gone[end] == 1))
        return drop

    def variant_ids(self, variant: Variant) -> NDArray[np.int64]:
        """The prompt's ids less the dropped tokens; each run of them gives way to the
        placeholder's ids, if there is one.
        """
        encoded, drop = self.encode(variant.prompt), self.dropped(variant)
        if drop.all() and not variant.filler:
            # Something must stand before the response: the token that begins or ends a text.
            bos, eos = self.tokenizer.bos_token_id, self.tokenizer.eos_token_id
            found = [token for token in (bos, eos, self.pad_id) if token is not None]
            return np.array(found[:1], dtype=np.int64)
        if not variant.filler:
            return encoded.ids[~drop]
        filler = self.tokenizer(variant.filler, add_special_tokens=False)["input_ids"]
        first = drop & ~np.concatenate([[False], drop[:-1]])
        pieces = [filler if first[i] else [encoded.ids[i]] for i in np.flatnonzero(~drop | first)]
        return np.array([token for piece in pieces for token in piece], dtype=np.int64)
