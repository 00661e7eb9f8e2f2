"""pytest tests/models/test_encode.py"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import BertTokenizerFast
from transformers.convert_slow_tokenizer import bytes_to_unicode

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Span
from focus_lime.method.masks import bernoulli
from focus_lime.models.base import Response, Variant
from focus_lime.models.encode import Encoder
from focus_lime.models.hf import HFCausalLM
from tests.conftest import CHAT_TEMPLATE, TEXT, make_model, make_tokenizer

PROMPT = Prompt.from_document(TEXT * 2, question="Which law?")


def test_the_all_kept_mask_is_the_prompt(family_model: HFCausalLM) -> None:
    content = PROMPT.messages[0].content
    expected = family_model.tokenizer.apply_chat_template(
        [{"role": "user", "content": content}], add_generation_prompt=True
    )["input_ids"]
    assert family_model.encoder.variant_ids(Variant(PROMPT)).tolist() == list(expected)
    assert list(expected).count(family_model.tokenizer.bos_token_id) == 1


@pytest.mark.parametrize("level", ["sentence", "word"])
def test_dropped_tokens_are_those_that_hold_mostly_dropped_text(
    llama: HFCausalLM, level: str
) -> None:
    encoded, units = llama.encoder.encode(PROMPT), PROMPT.tree.units(level)
    for mask in bernoulli(len(units), 10, seed=0):
        spans = tuple(unit.span for unit, kept in zip(units, mask, strict=True) if not kept)
        gone = {c for span in spans for c in range(span.start, span.end)}
        kept_ids = []
        for token, source, start, end in zip(
            encoded.ids, encoded.source, encoded.start, encoded.end, strict=True
        ):
            shown = [c in gone for c in range(start, end)]
            votes = [*shown, shown[-1]] if shown else []  # the last character decides a tie
            if source < 0 or sum(votes) <= len(votes) / 2:
                kept_ids.append(token)
        assert llama.encoder.variant_ids(Variant(PROMPT, spans)).tolist() == kept_ids


def test_each_dropped_run_becomes_one_placeholder(llama: HFCausalLM) -> None:
    words = PROMPT.tree.units("word")
    filler = llama.tokenizer(" ...", add_special_tokens=False)["input_ids"]
    run = Span(0, words[1].start, words[3].end)
    single = words[6].span
    got = llama.encoder.variant_ids(Variant(PROMPT, (run, single), "placeholder", " ...")).tolist()
    full = llama.encoder.encode(PROMPT)
    starts = full.start.tolist()

    def token_of(character: int) -> int:
        """The first token of the word at `character`: it begins with the space before it."""
        return starts.index(character - 1)

    expected = full.ids.tolist()
    expected[token_of(single.start) : token_of(words[7].start)] = filler
    expected[token_of(run.start) : token_of(words[4].start)] = filler
    assert got == expected


def test_token_units_tile_the_sources_and_match_the_ids() -> None:
    model = make_model("llama")
    text = "Ünïcode 👩‍👩‍👧 法律 tabs\t\r\n" + TEXT
    prompt = Prompt.from_messages(
        [{"role": "user", "content": text}, {"role": "user", "content": "x"}]
    )
    units = model.tokens(prompt)
    assert "".join(units.texts(prompt.sources)) == text + "x"
    encoded = model.encoder.encode(prompt)
    starts = {(s, a) for s, a in zip(encoded.source, encoded.start, strict=True) if s >= 0}
    assert {(u.source, u.start) for u in units} == starts


def test_a_base_model_has_one_bos_and_a_spaced_response(base_gpt2: HFCausalLM) -> None:
    assert base_gpt2.encode_response(Response("Nevada")) == base_gpt2.encode_response(
        Response(" Nevada")
    )
    text = "Once upon a time."
    assert (
        base_gpt2.tokenizer.decode(base_gpt2.encoder.encode(Prompt.from_document(text)).ids) == text
    )


# -- the text of each token -----------------------------------------------------------------------

ENCODER = Encoder(make_tokenizer(CHAT_TEMPLATE))
BYTE_OF = {character: byte for byte, character in bytes_to_unicode().items()}


def by_bytes(ids: tuple[int, ...]) -> tuple[str, ...]:
    """Each character beside the token that has its last byte."""
    tokens = ENCODER.tokenizer.convert_ids_to_tokens(list(ids))
    ends = np.cumsum([len(token) for token in tokens])
    text = bytes(BYTE_OF[character] for token in tokens for character in token).decode()
    pieces = [""] * len(ids)
    at = 0
    for character in text:
        at += len(character.encode())
        pieces[int(np.searchsorted(ends, at))] += character
    return tuple(pieces)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(st.sampled_from("a Ne\nü法👩🏽\u200d🇨🇭é´"), min_size=1, max_size=30))
def test_a_character_belongs_to_the_token_that_completes_it(text: str) -> None:
    response = Response(text)
    pieces = ENCODER.response_pieces(response)
    assert "".join(pieces) == text
    assert pieces == by_bytes(ENCODER.encode_response(response))


def test_a_family_of_emoji_is_several_characters_of_four_bytes() -> None:
    pieces = ENCODER.response_pieces(Response("👩\u200d👧"))
    assert pieces == ("", "", "", "👩", "", "", "\u200d", "", "", "", "👧")


def test_bytes_that_are_no_character_stand_with_the_token_that_shows_them() -> None:
    half, word = ENCODER.encode_response(Response("👩"))[:2], ENCODER.encode_response(Response("a"))
    response = Response("\ufffda", (*half, *word))
    assert "".join(ENCODER.response_pieces(response)) == "\ufffda"
    assert ENCODER.response_pieces(response)[-1] == "a"


def test_special_tokens_of_a_generated_response_have_no_text() -> None:
    words = ENCODER.encode_response(Response("law"))
    special = ENCODER.tokenizer.convert_tokens_to_ids("<|end|>")
    pieces = ENCODER.response_pieces(Response("lawlaw", (*words, special, *words)))
    assert pieces[len(words)] == ""
    assert "".join(pieces) == "lawlaw"
    assert "".join(ENCODER.response_pieces(Response("a <|end|> b"))) == "a <|end|> b"


def test_a_base_model_has_the_space_that_it_reads_before_the_response() -> None:
    assert "".join(Encoder(make_tokenizer()).response_pieces(Response("Nevada"))) == " Nevada"


def test_spaces_that_a_later_token_takes_away_belong_to_no_token() -> None:
    words = ["[UNK]", "the", "fox", "ran", ".", "##s"]
    encoder = Encoder(BertTokenizerFast(vocab={word: i for i, word in enumerate(words)}))
    pieces = encoder.response_pieces(Response("foxs ran.", (2, 5, 3, 4)))
    assert pieces == ("fox", "s", " ran", ".")


# -- errors ---------------------------------------------------------------------------------------


def test_empty_responses_and_slow_tokenizers_are_errors() -> None:
    with pytest.raises(FocusLimeError, match="has no tokens"):
        ENCODER.encode_response(Response(""))

    class Slow:
        is_fast = False

    with pytest.raises(FocusLimeError, match="fast tokenizer"):
        Encoder(Slow())
