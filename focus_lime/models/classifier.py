"""Sequence classifiers of Hugging Face transformers: any `text-classification` checkpoint."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import logsumexp

from focus_lime.errors import FocusLimeError, first_line
from focus_lime.models.base import Floats
from focus_lime.models.fingerprint import fingerprint
from focus_lime.models.function import FunctionModel

_OFFSET = ("roberta", "xlm-roberta", "camembert", "longformer", "mpnet", "xlm-roberta-xl")
_NO_LIMIT = 10**9  # what a tokenizer says that knows no limit


class HFClassifier(FunctionModel):
    """Any `AutoModelForSequenceClassification` with a fast tokenizer; the classes' logits are its
    scores. The messages' texts are joined by blank lines.

    Args:
        windows: read a text that is too long in windows that overlap by half, and give each class
            the highest log-odds that it has in any of them; else such a text is an error.
        batch_size: windows that run at once.

    Attributes:
        independent: each class stands by itself: the checkpoint has several labels at once
            (`problem_type`), or reads windows.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        name: str | None = None,
        *,
        windows: bool = False,
        batch_size: int = 16,
    ) -> None:
        if model.training:
            raise FocusLimeError(
                "the model is in training mode, where scores are random: call model.eval() first"
            )
        if not getattr(tokenizer, "is_fast", False):
            raise FocusLimeError("the tokenizer is slow: a fast tokenizer is needed")
        self.model, self.tokenizer, self.windows = model, tokenizer, windows
        config = model.config
        count = int(config.num_labels)
        several = config.problem_type == "multi_label_classification"
        self.independent = count > 1 and (several or windows)
        self._several = several
        super().__init__(
            self._scores,
            labels=[str(config.id2label[i]) for i in range(count)] if count > 1 else (),
            name=name or str(getattr(model, "name_or_path", "")) or type(model).__name__,
            batch_size=batch_size,
        )

    @cached_property
    def _digest(self) -> str:
        return fingerprint(self.model, self.tokenizer)

    @property
    def fingerprint(self) -> str:
        """See `focus_lime.models.fingerprint`; reading windows makes another model."""
        return self._digest + ("-windows" if self.windows else "")

    @property
    def window(self) -> int | None:
        """The longest input in tokens, with the special ones, where the checkpoint says so."""
        said = [int(self.tokenizer.model_max_length)]
        config = self.model.config
        if positions := getattr(config, "max_position_embeddings", None):
            # These count positions from the padding token's id on.
            shift = int(config.pad_token_id or 0) + 1 if config.model_type in _OFFSET else 0
            said.append(int(positions) - shift)
        shortest = min(said)
        return shortest if shortest < _NO_LIMIT else None

    def _scores(self, texts: list[str]) -> Floats:
        """`float64[n_texts, n_classes]`; one column for a model of one score."""
        rows, owner = self._encode(texts)
        order = np.argsort([-len(ids) for ids in rows], kind="stable")  # little padding
        logits: list[Floats] = [np.empty(0)] * len(rows)
        for first in range(0, len(order), self._batch_size):
            batch = order[first : first + self._batch_size]
            for index, row in zip(batch, self._run([rows[i] for i in batch]), strict=True):
                logits[int(index)] = row
        found = np.stack(logits)
        if not self.windows:
            return found
        if self.independent and not self._several:
            others = [logsumexp(np.delete(found, c, axis=1), axis=1) for c in range(found.shape[1])]
            found = found - np.stack(others, axis=1)
        return np.stack([found[owner == i].max(axis=0) for i in range(len(texts))])

    def _encode(self, texts: list[str]) -> tuple[list[list[int]], NDArray[np.int64]]:
        """Token ids, and the text that each row is from."""
        limit = self.window
        if not self.windows or limit is None:
            rows = self.tokenizer(texts, truncation=False, verbose=False)["input_ids"]
            longest = max(map(len, rows))
            if limit is not None and longest > limit:
                raise FocusLimeError(
                    f"{self.name} reads {limit} tokens and the text has {longest}: give less, or "
                    f"load it as classifier-windows:..., which reads long texts piece by piece"
                )
            return rows, np.arange(len(texts), dtype=np.int64)
        coded = self.tokenizer(
            texts,
            truncation=True,
            max_length=limit,
            stride=(limit - self.tokenizer.num_special_tokens_to_add()) // 2,
            return_overflowing_tokens=True,
        )
        return coded["input_ids"], np.array(coded["overflow_to_sample_mapping"], dtype=np.int64)

    @torch.inference_mode()
    def _run(self, rows: list[list[int]]) -> Floats:
        width = max(1, *map(len, rows))
        pad = self.tokenizer.pad_token_id
        if pad is None and len({len(row) for row in rows}) > 1:
            # Without a padding token such a model cannot find the last token of a short row.
            return np.concatenate([self._run([row]) for row in rows])
        ids = torch.full((len(rows), width), pad or 0, dtype=torch.long)
        mask = torch.zeros_like(ids)
        for i, row in enumerate(rows):
            ids[i, : len(row)], mask[i, : len(row)] = torch.tensor(row, dtype=torch.long), 1
        device = self.model.device
        output = self.model(input_ids=ids.to(device), attention_mask=mask.to(device))
        found: Floats = output.logits.double().cpu().numpy()
        return found


def load(spec: str, *, windows: bool = False, **options: Any) -> HFClassifier:
    """`classifier:SPEC`, a folder or hub id. `options` go to `from_pretrained`.

    Raises:
        FocusLimeError: no such checkpoint, or none that classifies.
    """
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    options.pop("memory", None)  # of the scoring kernel, which only language models have
    passed = ("revision", "token", "trust_remote_code", "local_files_only")
    shared = {k: v for k, v in options.items() if k in passed}
    try:
        tokenizer = AutoTokenizer.from_pretrained(spec, **shared)
        model, loaded = AutoModelForSequenceClassification.from_pretrained(
            spec, output_loading_info=True, **options
        )
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise FocusLimeError(
            f"classifier {spec!r} cannot be loaded ({first_line(error)}): give a folder or hub id"
        ) from None
    missing = sorted(loaded["missing_keys"])
    if missing:
        raise FocusLimeError(
            f"classifier {spec!r} has no trained head ({missing[0]} is missing): it would answer "
            "at random; give a text-classification checkpoint"
        )
    return HFClassifier(model.eval(), tokenizer, name=f"classifier:{spec}", windows=windows)


def load_windows(spec: str, **options: Any) -> HFClassifier:
    """`classifier-windows:SPEC`: as `load`, and long texts are read in windows."""
    return load(spec, windows=True, **options)
