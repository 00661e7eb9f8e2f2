"""pytest tests/method/test_ownership.py"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, normalizers, pre_tokenizers, trainers
from tokenizers import models as cores
from transformers import PreTrainedTokenizerFast

from focus_lime.explain import FocusLime
from focus_lime.inputs.code import Code
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Unit, Units
from focus_lime.method.ownership import joined, n_joined, n_without_token, tree_for
from focus_lime.models.base import Estimate, Floats, Ledger, Model, Response, Variant
from focus_lime.models.encode import Encoder
from focus_lime.models.function import FunctionModel
from focus_lime.models.loading import load_model
from tests.conftest import CHAT_TEMPLATE, make_tokenizer

CHINESE = (
    "通知期限为三个月。租金为每月四百元，承租人应当在每月第一日支付。任何一方可以提前三个月书面通知对方终止本合同。"
    "本合同适用中华人民共和国法律。押金为两个月租金，合同终止后退还。"
)
JAPANESE = "賃料は月額四百円とする。解約の通知は三か月前に書面で行う。本契約は日本法に準拠する。"
THAI = "ค่าเช่าเดือนละสี่ร้อยบาท ต้องแจ้งล่วงหน้าสามเดือน สัญญานี้อยู่ภายใต้กฎหมายไทย"
ENGLISH = "The notice period is thirty days. Either party may end the New York lease (a)(ii) now!"
SPECIAL = ["<unk>", "<s>", "<|end|>", "<|user|>", "<|assistant|>"]
CORPUS = [CHINESE, JAPANESE, THAI, ENGLISH] * 3


class Tokens:
    """As much of a language model as shows its tokens."""

    is_generative = True

    def __init__(self, tokenizer: Any) -> None:
        self.encoder = Encoder(tokenizer)
        self.tokens = self.encoder.tokens
        self.token_spans = self.encoder.token_spans


def byte_level(pieces_over_characters: bool) -> Tokenizer:
    """Without a pre-tokenizer that parts words, tokens hold spaces, and halves of characters."""
    core = Tokenizer(cores.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(
        add_prefix_space=False, use_regex=not pieces_over_characters
    )
    core.decoder = decoders.ByteLevel()
    return core


def trained(kind: str, size: int) -> PreTrainedTokenizerFast:
    options: dict[str, Any] = {
        "vocab_size": size,
        "special_tokens": SPECIAL,
        "show_progress": False,
    }
    if kind == "unigram":
        options["vocab_size"] = max(size, 250)  # all characters of the corpus, at least
    if kind == "bpe":
        core, trainer = Tokenizer(cores.BPE(unk_token="<unk>")), trainers.BpeTrainer(**options)
    elif kind == "unigram":
        core = Tokenizer(cores.Unigram())
        core.pre_tokenizer = pre_tokenizers.Metaspace()
        trainer = trainers.UnigramTrainer(unk_token="<unk>", max_piece_length=6, **options)
    elif kind == "wordpiece":
        core = Tokenizer(cores.WordPiece(unk_token="<unk>"))
        core.normalizer = normalizers.BertNormalizer()
        core.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        trainer = trainers.WordPieceTrainer(**options)
    else:
        core = byte_level(kind == "bytes over characters")
        alphabet = pre_tokenizers.ByteLevel.alphabet() if size > 270 else []
        trainer = trainers.BpeTrainer(initial_alphabet=alphabet, **options)
    core.train_from_iterator(CORPUS, trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=core, bos_token="<s>", eos_token="<|end|>", unk_token="<unk>"
    )
    fast.chat_template = CHAT_TEMPLATE
    return fast


KINDS = ["bpe", "unigram", "wordpiece", "bytes", "bytes over characters"]


@cache
def model_of(kind: str, size: int) -> Model:
    return cast(Model, Tokens(trained(kind, size)))


def ids_without(model: Model, prompt: Prompt, unit: Unit) -> list[int]:
    encoder = cast(Any, model).encoder
    return cast(list[int], encoder.variant_ids(Variant(prompt, (unit.span,))).tolist())


def check_levels(model: Model, prompt: Prompt) -> None:
    """Each unit of each level deletes a token of its own, or could be joined to none that does."""
    tree = tree_for(model, prompt)
    encoder = cast(Any, model).encoder
    full = encoder.variant_ids(Variant(prompt)).tolist()
    of_tokens = joined(model.tokens(prompt), None, cast(Any, model).token_spans(prompt))
    for units in [*map(tree.units, tree.levels), of_tokens]:
        assert "".join(units.texts(prompt.sources)) == "".join(prompt.sources)
        lone = [unit for unit in units if ids_without(model, prompt, unit) == full]
        assert len(lone) == n_without_token(model, prompt, units)
        for unit in lone:
            # Only a source of which the model reads nothing is left without a token.
            assert (unit.start, unit.end) == (0, len(prompt.sources[unit.source]))
            assert unit.source not in encoder.encode(prompt).source
    coarse = tree.coarse
    assert coarse is None or (tree.scored.parents(coarse) >= 0).all()


ANY_TEXT = st.one_of(
    st.text(
        st.sampled_from("通知期限为三个月。，租金四百元 \nab.—é👩‍👧กำแ่𝔊\u00ad法"),
        min_size=1,
        max_size=40,
    ),
    st.tuples(st.sampled_from(CORPUS), st.integers(0, 30), st.integers(1, 60)).map(
        lambda part: part[0][part[1] : part[1] + part[2]]
    ),
).filter(str.strip)


@pytest.mark.parametrize("kind", KINDS)
@given(text=ANY_TEXT, size=st.sampled_from([60, 300, 420, 600]))
@settings(max_examples=150, deadline=None)
def test_every_unit_deletes_a_token_of_its_own(kind: str, text: str, size: int) -> None:
    check_levels(model_of(kind, size), Prompt.from_document(text, question="多少？"))


@pytest.mark.parametrize("kind", KINDS)
def test_of_several_messages_and_of_code_too(kind: str) -> None:
    model = model_of(kind, 420)
    turns = [{"role": "user", "content": CHINESE}, {"role": "user", "content": f"\n{ENGLISH}\n\n"}]
    check_levels(model, Prompt.from_messages(turns))
    code = "def f(x):\n    return g((x))\n\n\nprint(f(1))\n"
    check_levels(model, Prompt.from_document(code, splitter=Code(".py")))


def test_a_unit_holds_whole_tokens_and_no_more_is_joined_than_must_be() -> None:
    words = Units(Prompt.from_document("通知期限为三个月").tree.units("word"))

    def tokens(*lengths: int) -> Units:
        ends = np.cumsum(lengths).tolist()
        return Units(Unit(0, a, b, "token") for a, b in zip([0, *ends], ends, strict=False))

    def texts(*lengths: int) -> list[str]:
        return joined(words, None, tokens(*lengths)).texts(["通知期限为三个月"])

    assert texts(*[1] * 8) == list("通知期限为三个月")
    assert texts(2, 2, 1, 3) == ["通知", "期限", "为", "三个月"]
    assert texts(3, 1, 1, 2, 1) == ["通知期", "限", "为", "三个", "月"]
    assert texts(8) == ["通知期限为三个月"]
    spaced = Prompt.from_document("the notice period").tree.units("word")
    # The space stands with the token after it, and the words stay apart.
    assert joined(spaced, None, tokens(3, 7, 7)) == spaced


def test_what_stands_apart_or_in_another_unit_is_not_joined() -> None:
    sentences = Prompt.from_document("甲乙。丙丁。").tree.units("sentence")
    words = Units(Unit(0, i, i + 1, "word") for i in range(6))
    tokens = Units([Unit(0, 0, 2, "token"), Unit(0, 2, 4, "token"), Unit(0, 4, 6, "token")])
    within = joined(words, sentences, tokens)
    # 丙 owns the token over the sentences' edge, of which it holds the end; 。 has no token.
    assert within.texts(["甲乙。丙丁。"]) == ["甲乙。", "丙", "丁。"]
    gap = Units([Unit(0, 0, 1, "word"), Unit(0, 2, 3, "word")])
    assert joined(gap, None, Units([Unit(0, 0, 3, "token")])) == gap


def test_models_without_tokens_read_words_as_they_are() -> None:
    prompt = Prompt.from_document(CHINESE)
    assert tree_for(FunctionModel(lambda texts: [0.0] * len(texts)), prompt) is prompt.tree
    assert n_joined(prompt, prompt.tree.units("word")) == 0


@pytest.mark.parametrize("text", [ENGLISH, CHINESE, JAPANESE, THAI, "👩‍👩‍👧 葛\U000e0100 é"])
@pytest.mark.parametrize("name", ["stories260K", "bundled", "ours"])
def test_tokenizers_of_models(name: str, text: str, request: pytest.FixtureRequest) -> None:
    if name == "ours":
        tokenizer: Any = make_tokenizer()
    elif name == "bundled":
        tokenizer = load_model("bundled:target").tokenizer  # type: ignore[attr-defined]
    else:
        path = request.getfixturevalue("shared") / "models" / name
        tokenizer = PreTrainedTokenizerFast.from_pretrained(path)
    check_levels(cast(Model, Tokens(tokenizer)), Prompt.from_document(text * 2, question="?"))


class Watching(Tokens):
    """A language model that answers only where it reads one token: without it, 3 nats less."""

    name, fingerprint = "watching", "1"
    labels: tuple[str, ...] = ()
    independent_classes = False

    def __init__(self, tokenizer: Any, token: str) -> None:
        super().__init__(tokenizer)
        self.watched = tokenizer.convert_tokens_to_ids(token)
        self.encode_response = self.encoder.encode_response
        self.response_pieces = self.encoder.response_pieces

    def generate(self, prompt: Prompt, max_new_tokens: int, ledger: Ledger) -> Response:
        return Response("月")

    def score(
        self, variants: Sequence[Variant], continuations: Any, ledger: Ledger
    ) -> Iterator[tuple[int, Floats]]:
        for index, variant in enumerate(variants):
            reads = self.watched in self.encoder.variant_ids(variant)
            yield index, np.array([-1.0 if reads else -4.0])

    def estimate(self, variants: Sequence[Variant], continuations: Any) -> Estimate:
        return Estimate(len(variants), prompt_tokens=1)

    def count_tokens(self, prompt: Prompt) -> int:
        return len(self.encoder.encode(prompt).ids)

    def clear_kv(self) -> None: ...


def test_the_unit_that_holds_the_token_has_the_whole_effect() -> None:
    vocabulary = {
        token: i for i, token in enumerate([*SPECIAL, *"通知期限为三个月", "期限", "三个"])
    }
    core = Tokenizer(cores.BPE(vocabulary, [("期", "限"), ("三", "个")], unk_token="<unk>"))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=core, eos_token="<|end|>")
    model = cast(Model, Watching(tokenizer, "三个"))
    prompt = Prompt.from_document("通知期限为三个月")
    odds = [p - np.log1p(-np.exp(p)) for p in (-1.0, -4.0)]
    found = FocusLime(model).explain(prompt, granularity="word", budget=64)
    effects = {found.text(unit): unit for unit in found.attributed}
    assert list(effects) == ["通", "知", "期限", "为", "三个", "月"]
    leading = effects.pop("三个")
    assert leading.weight == pytest.approx(odds[0] - odds[1])
    assert leading.effect == pytest.approx(odds[0] - odds[1])
    assert leading.significant
    assert all(unit.weight == pytest.approx(0, abs=1e-9) for unit in effects.values())
    assert any(w.startswith("4 words share tokens of the model") for w in found.warnings)
    f = FocusLime(model).value_function(prompt, objective="月", level="word")
    assert len(f.units) == 6
