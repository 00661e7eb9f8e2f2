"""pytest tests/models/test_classifier.py

A small random BERT stands for any text-classification checkpoint.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy.special import logsumexp
from transformers import (
    AutoModelForSequenceClassification,
    BertConfig,
    BertForSequenceClassification,
    BertTokenizerFast,
    RobertaConfig,
    RobertaForSequenceClassification,
)

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt
from focus_lime.method.masks import bernoulli
from focus_lime.method.objective import Score
from focus_lime.method.objectives.labels import ClassLogOdds
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import Ledger, Model, Variant, score_all
from focus_lime.models.classifier import HFClassifier
from focus_lime.models.loading import load_model

WORDS = "the fox ran over a hill and saw red lock pick open door night train of my".split()
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", *WORDS]
TEXT = "the fox ran over a hill. pick open the red lock at night. my train saw the door."


def tokenizer() -> Any:
    return BertTokenizerFast(
        vocab={word: i for i, word in enumerate(VOCABULARY)}, model_max_length=32
    )


def make(folder: Path, **changed: Any) -> Path:
    """A checkpoint on disk, as a hub id would give it."""
    config = BertConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=48,
        max_position_embeddings=32,
        num_labels=3,
        id2label={0: "safe", 1: "rude", 2: "toxic"},
        label2id={"safe": 0, "rude": 1, "toxic": 2},
    )
    config.update(changed)
    with torch.random.fork_rng():
        torch.manual_seed(3)
        model = BertForSequenceClassification(config).eval()
        for parameter in model.parameters():
            parameter.data.mul_(4.0)
    model.save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("bert"))


def logits(folder: Path, text: str) -> np.ndarray:
    """One text by itself, through transformers alone."""
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    with torch.inference_mode():
        coded = tokenizer()(text, return_tensors="pt")
        return model(**coded).logits[0].double().numpy()


def value_function(model: Any, text: str, label: str, level: str = "sentence") -> ValueFunction:
    prompt = Prompt.from_document(text)
    objective = ClassLogOdds(label, model.labels.index(label), model.independent_classes)
    return ValueFunction(model, prompt, prompt.tree.units(level), objective)


def test_a_class_is_its_logit_less_the_others(checkpoint: Path) -> None:
    model = load_model(f"classifier:{checkpoint}")
    assert model.labels == ("safe", "rude", "toxic")
    f = value_function(model, TEXT, "toxic")
    row = logits(checkpoint, TEXT)
    assert f.full() == pytest.approx(row[2] - logsumexp(row[:2]), abs=1e-4)


def test_same_texts_same_scores_whatever_the_batch(checkpoint: Path) -> None:
    prompt = Prompt.from_document(TEXT)
    units = prompt.tree.units("word")
    masks = bernoulli(len(units), 40, 0)
    values = []
    loaded: Any = load_model(f"classifier:{checkpoint}")
    for size in (1, 7, 64):
        model = HFClassifier(loaded.model, loaded.tokenizer, batch_size=size)
        values.append(value_function(model, TEXT, "rude", "word")(masks))
    np.testing.assert_allclose(values[0], values[1], atol=1e-4)
    np.testing.assert_allclose(values[0], values[2], atol=1e-4)
    assert np.ptp(values[0]) > 0.1


def test_a_text_that_is_too_long_is_never_cut_in_silence(checkpoint: Path) -> None:
    f = value_function(load_model(f"classifier:{checkpoint}"), " ".join([TEXT] * 3), "toxic")
    with pytest.raises(FocusLimeError, match=r"reads 32 tokens and the text has \d+.*windows"):
        f.full()


def test_windows_give_the_strongest_window(checkpoint: Path) -> None:
    long = " ".join([TEXT] * 3)
    model = load_model(f"classifier-windows:{checkpoint}")
    row = score_all(model, [Variant(Prompt.from_document(long))], (), Ledger())[0]
    ids = tokenizer()(long, add_special_tokens=False)["input_ids"]
    reader = AutoModelForSequenceClassification.from_pretrained(checkpoint).eval()
    odds = []
    for start in range(0, len(ids) - 15, 15):  # of 30 tokens, half of them shared
        window = torch.tensor([[2, *ids[start : start + 30], 3]])
        with torch.inference_mode():
            scores = reader(input_ids=window).logits[0].double().numpy()
        odds.append([scores[c] - logsumexp(np.delete(scores, c)) for c in range(3)])
    np.testing.assert_allclose(row, np.max(odds, axis=0), atol=1e-4)
    assert isinstance(model, Model)
    assert model.independent_classes
    assert value_function(model, long, "toxic").full() == pytest.approx(row[2])
    assert model.fingerprint != load_model(f"classifier:{checkpoint}").fingerprint


def test_labels_that_stand_by_themselves(tmp_path: Path) -> None:
    folder = make(tmp_path, problem_type="multi_label_classification")
    model = load_model(f"classifier:{folder}")
    assert model.independent_classes
    f = value_function(model, TEXT, "toxic")
    assert f.full() == pytest.approx(logits(folder, TEXT)[2], abs=1e-4)


def test_one_logit_is_a_score(tmp_path: Path) -> None:
    folder = make(tmp_path, num_labels=1)
    model = load_model(f"classifier:{folder}")
    assert model.labels == ()
    prompt = Prompt.from_document(TEXT)
    f = ValueFunction(model, prompt, prompt.tree.scored, Score())
    assert f.full() == pytest.approx(logits(folder, TEXT)[0], abs=1e-4)


def test_the_window_of_a_roberta_leaves_out_what_its_positions_skip() -> None:
    config = RobertaConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=4,
        intermediate_size=48,
        max_position_embeddings=20,
        pad_token_id=1,
    )
    with torch.random.fork_rng():
        model = RobertaForSequenceClassification(config).eval()
    assert HFClassifier(model, tokenizer()).window == 18


def test_what_cannot_be_loaded(tmp_path: Path, checkpoint: Path) -> None:
    with pytest.raises(FocusLimeError, match="no such folder"):
        load_model(f"classifier:{tmp_path / 'absent'}")
    model = AutoModelForSequenceClassification.from_pretrained(checkpoint)
    model.bert.save_pretrained(tmp_path)
    tokenizer().save_pretrained(tmp_path)
    # What transformers fills in for the head is drawn at random.
    with (
        torch.random.fork_rng(),
        pytest.raises(
            FocusLimeError, match="random ones would take their place: give a text-class"
        ),
    ):
        load_model(f"classifier:{tmp_path}")
    with pytest.raises(FocusLimeError, match="training mode"):
        HFClassifier(model.train(), tokenizer())
