"""pytest tests/proxies/test_embedding.py

The model is a random BERT with a vocabulary of whole words, built and saved here.
"""

from __future__ import annotations

import builtins
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import WordLevel
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt
from focus_lime.method.objective import Score
from focus_lime.method.objectives.response import ResponseLogOdds
from focus_lime.method.proxy import load_proxy
from focus_lime.models.base import Ledger, Response
from focus_lime.proxies.embedding import Embedding
from tests.conftest import TEXT, linear_function, units_of

QUESTION, ANSWER = "Which law governs?", ResponseLogOdds(Response("The law of Nevada."))
QUERY = "Which law governs? The law of Nevada."
PROMPT = Prompt.from_document(TEXT, question=QUESTION)
WINDOW = 20  # tokens, two of which are special


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved SentenceTransformer that knows the words of TEXT."""
    path = tmp_path_factory.mktemp("embedding")
    core = Tokenizer(WordLevel(unk_token="[UNK]"))
    core.normalizer = normalizers.Lowercase()
    core.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    pieces = core.pre_tokenizer.pre_tokenize_str(f"{TEXT} {QUERY}".lower())
    words = sorted({piece for piece, _ in pieces})
    vocabulary = {word: i for i, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *words])}
    core.model = WordLevel(vocabulary, unk_token="[UNK]")
    core.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=core,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=WINDOW,
    ).save_pretrained(path / "bert")
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=48,
        max_position_embeddings=64,
    )
    with torch.random.fork_rng():
        torch.manual_seed(7)
        bert = BertModel(config).eval()
        for parameter in bert.parameters():
            parameter.data.mul_(3.0)
        bert.save_pretrained(path / "bert")
        inner = Transformer(str(path / "bert"))
        model = SentenceTransformer(modules=[inner, Pooling(32)], device="cpu")
    model.prompts = {"query": "law : ", "document": ""}
    model.save(str(path / "model"))
    return path / "model"


@pytest.fixture(scope="module")
def model(folder: Path) -> SentenceTransformer:
    return SentenceTransformer(str(folder), device="cpu")


def score(
    model: Any, level: str = "sentence", prompt: Prompt = PROMPT, **options: Any
) -> tuple[np.ndarray, Ledger]:
    units = units_of(prompt, level)
    found = Embedding(model, "tiny", **options).score(
        prompt, units, ANSWER, target=linear_function({}), rng=np.random.default_rng(0)
    )
    assert found.target_cost == Ledger()
    return found.scores, found.cost


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


def test_scores_are_cosines_of_the_models_own_embeddings(model: SentenceTransformer) -> None:
    texts = PROMPT.tree.scored.texts(PROMPT.sources)
    asked = model.encode(f"law : {QUERY}")
    expected = [cosine(model.encode(text), asked) for text in texts]
    scores, _ = score(model)
    np.testing.assert_allclose(scores, expected, atol=1e-5)
    assert np.ptp(expected) > 0.01


def test_what_is_longer_than_the_window_is_read_in_pieces(model: SentenceTransformer) -> None:
    """A sentence that fits stands in one piece, so the longer text scores as its best half."""
    last = "Payment falls due on the first day of each month."
    filler = " ".join(["agreement"] * 30)
    long = Prompt.from_document(f"{last} {filler}", question=QUESTION)
    scores, cost = score(model, "chunk", long)
    texts, pieces = list(long.sources), []
    while texts:  # the same halving, by the tokenizer's own count
        text = texts.pop(0)
        if len(model.tokenizer(f"law : {text}", truncation=False)["input_ids"]) <= WINDOW:
            pieces.append(text)
            continue
        cut = text.rindex(" ", 0, len(text) // 2) + 1
        texts[:0] = [text[:cut], text[cut:]]
    assert "".join(pieces) == long.sources[0]
    assert len(pieces) > 2
    asked = model.encode(f"law : {QUERY}")
    best = max(cosine(model.encode(piece), asked) for piece in pieces)
    assert scores == pytest.approx([best], abs=1e-5)
    assert cost.calls == len(pieces) + 1
    assert scores[0] > cosine(model.encode(long.sources[0]), asked) + 1e-4  # cut off by the model


def test_a_word_longer_than_the_window_ends(model: SentenceTransformer) -> None:
    scores, _ = score(model, "chunk", Prompt.from_document("!" * 300, question=QUESTION))
    assert np.isfinite(scores).all()


def test_batches_change_nothing_and_count_their_padding(model: SentenceTransformer) -> None:
    one, alone = score(model, batch_size=1)
    all_at_once, together = score(model, batch_size=100)
    np.testing.assert_allclose(one, all_at_once, atol=1e-5)
    np.testing.assert_array_equal(one, score(model, batch_size=1)[0])
    assert alone.calls == together.calls == len(one) + 1
    assert alone.tokens_asked == alone.tokens_computed == together.tokens_asked
    lengths = [
        len(model.tokenizer(f"law : {text}")["input_ids"])
        for text in PROMPT.tree.scored.texts(PROMPT.sources)
    ]
    query = len(model.tokenizer(f"law : {QUERY}")["input_ids"])
    assert together.tokens_asked == query + sum(lengths)
    assert together.tokens_computed == query + len(lengths) * max(lengths)


def test_progress_counts_texts(model: SentenceTransformer) -> None:
    seen: list[tuple[int, int]] = []
    units = PROMPT.tree.scored
    Embedding(model, "tiny", batch_size=3).score(
        PROMPT,
        units,
        ANSWER,
        target=linear_function({}),
        rng=np.random.default_rng(0),
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen == [(3, len(units)), (len(units), len(units))]


def test_it_is_loaded_by_name(folder: Path, model: SentenceTransformer) -> None:
    proxy = load_proxy(f"embedding:{folder}")
    assert proxy.name == f"embedding:{folder}"
    found = proxy.score(
        PROMPT,
        PROMPT.tree.scored,
        ANSWER,
        target=linear_function({}),
        rng=np.random.default_rng(5),
    )
    np.testing.assert_array_equal(found.scores, score(model)[0])
    for spec, complaint in [
        ("embedding", "give a model: embedding:FOLDER"),
        ("embedding:", "give a model: embedding:FOLDER"),
        (f"embedding:{folder}/nothing", "nothing' cannot be loaded"),
    ]:
        with pytest.raises(FocusLimeError, match=complaint):
            load_proxy(spec)


def test_weights_that_a_file_lacks_are_not_drawn_from_the_global_generator(
    folder: Path, tmp_path: Path
) -> None:
    """Many published models have no pooler, which transformers then makes up."""
    shutil.copytree(folder, tmp_path / "model")
    weights = tmp_path / "model" / "model.safetensors"
    kept = {name: w for name, w in load_file(weights).items() if "pooler" not in name}
    assert len(kept) < len(load_file(weights))
    save_file(kept, weights, metadata={"format": "pt"})
    before = torch.random.get_rng_state()
    load_proxy(f"embedding:{tmp_path / 'model'}")
    assert torch.equal(torch.random.get_rng_state(), before)


def test_nothing_to_look_for_is_an_error(model: SentenceTransformer) -> None:
    prompt = Prompt.from_document(TEXT)
    with pytest.raises(FocusLimeError, match="embedding has nothing to look for"):
        Embedding(model, "tiny").score(
            prompt,
            prompt.tree.scored,
            Score(),
            target=linear_function({}),
            rng=np.random.default_rng(0),
        )


def test_without_the_package_the_extra_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "sentence_transformers":
            raise ModuleNotFoundError(f"No module named {name!r}")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(FocusLimeError, match=r"pip install 'focus-lime\[embedding\]'"):
        load_proxy(f"embedding:{folder}")
