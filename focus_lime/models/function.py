"""Any Python function from texts to scores, so the classifiers of every other library."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import pickle
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from focus_lime.errors import FocusLimeError, first_line
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Units
from focus_lime.models.base import (
    CACHED_ABLATIONS,
    Continuations,
    Estimate,
    Floats,
    Ledger,
    Response,
    Variant,
    score_all,
)


class FunctionModel:
    """Wraps `function(texts: list[str]) -> scores` of shape `[n]` or `[n, n_classes]`.

    One column is a score and is explained as it is. Several columns are classes: rows that are
    probabilities (in [0, 1], summing to 1) become log-probabilities, other rows are taken as
    logits. A function has no tokens, so the ledger counts words instead.

    Args:
        labels: names of the classes; by default the function's own attribute `labels`, or the
            numbers of the columns.
        independent_classes: see `Model`; then rows are log-odds and stay as they are.
        batch_size: most texts in a call of the function.
    """

    is_generative = False

    def __init__(
        self,
        function: Callable[[list[str]], ArrayLike],
        *,
        labels: Sequence[str] | None = None,
        name: str | None = None,
        independent_classes: bool = False,
        batch_size: int = 256,
    ) -> None:
        names = labels if labels is not None else getattr(function, "labels", None)
        self.labels: tuple[str, ...] = () if names is None else tuple(map(str, names))
        self.independent_classes = independent_classes
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
        scores = score_all(self, [Variant(prompt)], (), ledger)[0]
        if len(scores) == 1:
            return Response(f"{scores[0]:.6g}")
        return Response(self.labels[int(scores.argmax())])

    def score(
        self, variants: Sequence[Variant], continuations: Continuations, ledger: Ledger
    ) -> Iterator[tuple[int, Floats]]:
        texts = self._texts(variants)
        for first in range(0, len(texts), self._batch_size):
            started = time.perf_counter()
            batch = texts[first : first + self._batch_size]
            rows = self._call(batch)
            read = sum(len(text.split()) for text in batch)
            ledger.add(Ledger(len(batch), read, read, 0, time.perf_counter() - started))
            yield from enumerate(rows, start=first)

    def estimate(self, variants: Sequence[Variant], continuations: Continuations) -> Estimate:
        read = sum(len(text.split()) for text in self._texts(variants))
        return Estimate(len(variants), read, read, 0, self.count_tokens(variants[0].prompt))

    def clear_kv(self) -> None:
        """Nothing is kept."""

    def _texts(self, variants: Sequence[Variant]) -> list[str]:
        if any(variant.ablation in CACHED_ABLATIONS for variant in variants):
            raise FocusLimeError(
                f"{self.name} has no attention to ablate: use the ablation delete or placeholder"
            )
        return ["\n\n".join(v.prompt.texts_without(v.dropped, v.filler)) for v in variants]

    def _call(self, texts: list[str]) -> list[Floats]:
        try:
            scores = np.asarray(self._function(texts), dtype=np.float64)
        except Exception as error:  # whatever a user's function raises
            raise FocusLimeError(
                f"{self.name} failed on {len(texts)} texts, the shortest of {min(map(len, texts))} "
                f"characters: {first_line(error)}; it must give a number, or one a class, for each "
                "text, the empty one too"
            ) from error
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
            exclusive = not self.independent_classes
            if exclusive and (scores >= 0).all() and np.allclose(scores.sum(axis=1), 1, atol=1e-3):
                # A probability of exactly 0 is a rounded one: the smallest float stands for it.
                scores = np.log(np.maximum(scores, np.finfo(np.float64).tiny))
        return list(scores)

    def encode_response(self, response: Response) -> tuple[int, ...]:
        raise FocusLimeError(f"{self.name} gives scores: it has no responses to score")

    def response_pieces(self, response: Response) -> tuple[str, ...]:
        raise FocusLimeError(f"{self.name} gives scores: no part of a response can be explained")

    def count_tokens(self, prompt: Prompt) -> int:
        return max(1, sum(len(message.content.split()) for message in prompt.messages))

    def tokens(self, prompt: Prompt) -> Units:
        raise FocusLimeError(f"{self.name} has no tokens: use the granularity word or sentence")


def is_module(name: str) -> bool:
    """Whether there is a Python module of this name, looked up as `load` does. Of a dotted name the
    package that it begins with is looked for, since a look inside would run it.
    """
    with _working_directory_importable():
        return bool(name) and importlib.util.find_spec(name.partition(".")[0]) is not None


def load(spec: str) -> FunctionModel:
    """`module:attribute`, looked up from the working directory and the installed packages.

    Raises:
        FocusLimeError: it cannot be imported, or is no function.
    """
    module_name, _, attribute = spec.partition(":")
    with _working_directory_importable():
        try:
            function: object = importlib.import_module(module_name)
            for part in attribute.split("."):
                function = getattr(function, part)
        except ImportError as error:
            raise FocusLimeError(
                f"model {spec!r}: cannot import {module_name!r} ({error})"
            ) from None
        except AttributeError:
            raise FocusLimeError(f"model {spec!r}: {module_name} has no {attribute!r}") from None
    if not callable(function):
        raise FocusLimeError(f"model {spec!r} is not a function of texts")
    return FunctionModel(function, name=spec)


@contextmanager
def _working_directory_importable() -> Iterator[None]:
    here = str(Path.cwd())
    added = here not in sys.path
    if added:
        sys.path.insert(0, here)
    try:
        yield
    finally:
        if added:
            sys.path.remove(here)
