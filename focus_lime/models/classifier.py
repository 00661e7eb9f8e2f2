"""Sequence classifiers of Hugging Face transformers: any `text-classification` checkpoint."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import logsumexp

from focus_lime.errors import FocusLimeError
from focus_lime.models import checkpoints
from focus_lime.models.base import Floats
from focus_lime.models.fingerprint import Fingerprint
from focus_lime.models.function import FunctionModel

# Models whose positions are numbered from the padding token's id on.
_OFFSET = ("roberta", "xlm-roberta", "camembert", "longformer", "mpnet", "xlm-roberta-xl")
_NO_LIMIT = 10**9  # a tokenizer that knows no limit has a `model_max_length` beyond this


class HFClassifier(FunctionModel):
    """Any `AutoModelForSequenceClassification` with a fast tokenizer; the classes' logits are its
    scores. The messages' texts are joined by blank lines.

    Classes are independent if the checkpoint has several labels at once (`problem_type`), or if it
    reads windows.

    Args:
        windows: read a text that is too long in windows that overlap by half, and give each class
            the highest log-odds that it has in any of them; else such a text is an error.
        batch_size: windows that run at once.
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
        self._fingerprint = Fingerprint(model, tokenizer)
        config = model.config
        count = int(config.num_labels)
        self._multi_label = config.problem_type == "multi_label_classification"
        super().__init__(
            self._scores,
            labels=[str(config.id2label[i]) for i in range(count)] if count > 1 else (),
            name=name or str(getattr(model, "name_or_path", "")) or type(model).__name__,
            independent_classes=count > 1 and (self._multi_label or windows),
            batch_size=batch_size,
        )

    @property
    def fingerprint(self) -> str:
        """See `Fingerprint`; reading windows makes another model."""
        return self._fingerprint.digest + ("-windows" if self.windows else "")

    @property
    def window(self) -> int | None:
        """The longest input in tokens, with the special ones; None if there is no limit."""
        limits = [int(self.tokenizer.model_max_length)]
        config = self.model.config
        if positions := getattr(config, "max_position_embeddings", None):
            shift = int(config.pad_token_id or 0) + 1 if config.model_type in _OFFSET else 0
            limits.append(int(positions) - shift)
        shortest = min(limits)
        return shortest if shortest < _NO_LIMIT else None

    def _scores(self, texts: list[str]) -> Floats:
        """`float64[n_texts, n_classes]`; one column for a model of one score."""
        rows, owner = self._encode(texts)
        order = np.argsort([-len(ids) for ids in rows], kind="stable")  # little padding
        by_row: list[Floats] = [np.empty(0)] * len(rows)
        for first in range(0, len(order), self._batch_size):
            batch = order[first : first + self._batch_size]
            for index, row in zip(batch, self._run([rows[i] for i in batch]), strict=True):
                by_row[int(index)] = row
        logits = np.stack(by_row)
        if not self.windows:
            return logits
        if self.independent_classes and not self._multi_label:
            rest = [logsumexp(np.delete(logits, c, 1), axis=1) for c in range(logits.shape[1])]
            logits = logits - np.stack(rest, axis=1)
        return np.stack([logits[owner == i].max(axis=0) for i in range(len(texts))])

    def _encode(self, texts: list[str]) -> tuple[list[list[int]], NDArray[np.int64]]:
        """Token ids of each row (a text, or a window of one), and the text that it is from."""
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
        logits: Floats = output.logits.double().cpu().numpy()
        return logits


def load(spec: str, *, windows: bool = False, **options: Any) -> HFClassifier:
    """`classifier:SPEC`, a folder or hub id. `options` go to `from_pretrained`.

    Raises:
        FocusLimeError: no such checkpoint, or none that classifies.
    """
    from transformers import AutoModelForSequenceClassification

    options.pop("memory", None)  # of the scoring kernel, which only language models have
    name = f"classifier:{spec}"
    advice = "give a text-classification checkpoint, whose head is trained"
    auto_model = AutoModelForSequenceClassification
    model, tokenizer = checkpoints.load(auto_model, spec, options, name=name, advice=advice)
    return HFClassifier(model.eval(), tokenizer, name=name, windows=windows)


def load_windows(spec: str, **options: Any) -> HFClassifier:
    """`classifier-windows:SPEC`: as `load`, and long texts are read in windows."""
    return load(spec, windows=True, **options)
