"""Any Python function from texts to scores: how classifiers of every other library come in."""

from __future__ import annotations

import hashlib
import importlib
import pickle
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from focus_lime.errors import FocusLimeError
from focus_lime.models.base import (
    Estimate,
    Floats,
    Ledger,
    Response,
    Target,
    Variant,
    score_all,
)
from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.units import Units


class FunctionModel:
    """Wraps `function(texts: list[str]) -> scores` of shape `[n]` or `[n, n_classes]`.

    One column is a score and is explained as it is. Several columns are classes: rows that are
    probabilities (in [0, 1], summing to 1) become log-probabilities, other rows count as logits.
    Class names come from `labels`, or from the function's own attribute `labels`; else they are
    the columns' numbers.

    A function has no tokens: the ledger counts words instead.
    """

    speaks = False

    def __init__(
        self,
        function: Callable[[list[str]], ArrayLike],
        *,
        labels: Sequence[str] | None = None,
        name: str | None = None,
        batch_size: int = 256,
    ) -> None:
        found = labels if labels is not None else getattr(function, "labels", None)
        self.labels: tuple[str, ...] = () if found is None else tuple(map(str, found))
        self.name = name or str(getattr(function, "__qualname__", type(function).__name__))
        self._function = function
        self._batch_size = batch_size

    @property
    def fingerprint(self) -> str:
        """Digest of the pickled function; of its name alone where it cannot be pickled."""
        try:
            content = pickle.dumps(self._function, protocol=4)
        except Exception:  # whatever a user's object raises
            content = b""
        return hashlib.sha256(self.name.encode() + content).hexdigest()[:16]

    def generate(self, prompt: Prompt, max_new_tokens: int, ledger: Ledger) -> Response:
        """The name of the highest class, or the score as text."""
        scores = score_all(self, [Variant(prompt)], Target(), ledger)[0]
        if len(scores) == 1:
            return Response(f"{scores[0]:.6g}")
        return Response(self.labels[int(scores.argmax())])

    def score(
        self, variants: Sequence[Variant], target: Target, ledger: Ledger
    ) -> Iterator[tuple[int, Floats]]:
        texts = self._texts(variants)
        for first in range(0, len(texts), self._batch_size):
            started = time.perf_counter()
            batch = texts[first : first + self._batch_size]
            rows = self._call(batch)
            read = sum(len(text.split()) for text in batch)
            ledger.add(Ledger(len(batch), read, read, 0, time.perf_counter() - started))
            yield from enumerate(rows, start=first)

    def estimate(self, variants: Sequence[Variant], target: Target) -> Estimate:
        read = sum(len(text.split()) for text in self._texts(variants))
        return Estimate(len(variants), read, read, 0, self.length(variants[0].prompt))

    def release(self) -> None:
        """Nothing is kept."""

    def _texts(self, variants: Sequence[Variant]) -> list[str]:
        if any(variant.ablation == "attention" for variant in variants):
            raise FocusLimeError(
                f"{self.name} has no attention to ablate: use the ablation delete or placeholder"
            )
        return ["\n\n".join(v.prompt.texts_without(v.dropped, v.filler)) for v in variants]

    def _call(self, texts: list[str]) -> list[Floats]:
        scores = np.asarray(self._function(texts), dtype=np.float64)
        if scores.ndim == 1:
            scores = scores[:, None]
        if scores.ndim != 2 or len(scores) != len(texts) or scores.shape[1] == 0:
            raise FocusLimeError(
                f"{self.name} gave an array of shape {scores.shape} for {len(texts)} texts: "
                "expected [n] or [n, n_classes]"
            )
        if not np.isfinite(scores).all():
            row = int(np.flatnonzero(~np.isfinite(scores).all(axis=1))[0])
            raise FocusLimeError(f"{self.name} gave NaN or inf for the text {texts[row]!r:.60}")
        if scores.shape[1] > 1:
            self.labels = self.labels or tuple(map(str, range(scores.shape[1])))
            if len(self.labels) != scores.shape[1]:
                raise FocusLimeError(
                    f"{self.name} gave {scores.shape[1]} classes but has {len(self.labels)} labels"
                )
            if (scores >= 0).all() and np.allclose(scores.sum(axis=1), 1.0, atol=1e-3):
                # A probability of exactly 0 is a rounded one: the smallest float stands for it.
                scores = np.log(np.maximum(scores, np.finfo(np.float64).tiny))
        return list(scores)

    def continuation(self, response: Response) -> tuple[int, ...]:
        raise FocusLimeError(f"{self.name} gives scores: it has no responses to score")

    def length(self, prompt: Prompt) -> int:
        return max(1, sum(len(message.content.split()) for message in prompt.messages))

    def tokens(self, prompt: Prompt) -> Units:
        raise FocusLimeError(f"{self.name} has no tokens: use the granularity word or sentence")


def load(spec: str) -> FunctionModel:
    """`module:attribute`, looked up from the working directory and the installed packages."""
    module_name, _, attribute = spec.partition(":")
    here = str(Path.cwd())
    added = here not in sys.path
    if added:
        sys.path.insert(0, here)
    try:
        found: object = importlib.import_module(module_name)
        for part in attribute.split("."):
            found = getattr(found, part)
    except ImportError as error:
        raise FocusLimeError(f"model {spec!r}: cannot import {module_name!r} ({error})") from None
    except AttributeError:
        raise FocusLimeError(f"model {spec!r}: {module_name} has no {attribute!r}") from None
    finally:
        if added:
            sys.path.remove(here)
    if not callable(found):
        raise FocusLimeError(f"model {spec!r} is not a function of texts")
    return FunctionModel(found, name=spec)
