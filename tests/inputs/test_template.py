"""pytest tests/prompt/test_template.py"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.template import render
from tests.conftest import CHAT_TEMPLATE, make_tokenizer

TRIMMING = CHAT_TEMPLATE.replace("m.content", "m.content | trim")
REWRITING = CHAT_TEMPLATE.replace("m.content", "m.content | upper")
TOKENIZERS = {
    "plain": make_tokenizer(None),
    "chat": make_tokenizer(CHAT_TEMPLATE),
    "trimming": make_tokenizer(TRIMMING),
}


@pytest.mark.parametrize("kind", sorted(TOKENIZERS))
@given(
    document=st.text(min_size=1).filter(str.strip),
    other=st.sampled_from(["user", "end", "<|end|>", " x ", "Question: y"]),
)
@settings(max_examples=100, deadline=None)
def test_sources_are_found_where_they_stand(kind: str, document: str, other: str) -> None:
    prompt = Prompt.from_messages(
        [
            {"role": "user", "content": other},
            {"role": "assistant", "content": document},
            {"role": "user", "content": document},
        ]
    )
    rendered = render(prompt, TOKENIZERS[kind])
    for source, placed in zip(prompt.sources, rendered.sources, strict=True):
        shown = rendered.text[placed.offset + placed.low : placed.offset + placed.high]
        assert shown == source[placed.low : placed.high]
        assert shown == (source.strip() if kind == "trimming" else source)


def test_the_rendering_is_what_the_template_gives() -> None:
    tokenizer = TOKENIZERS["trimming"]
    prompt = Prompt.from_document("  The law.\n", question="Which?")
    conversation = [{"role": "user", "content": prompt.messages[0].content}]
    expected = tokenizer.apply_chat_template(
        conversation, tokenize=False, add_generation_prompt=True
    )
    assert render(prompt, tokenizer).text == expected


def test_a_base_model_reads_the_plain_form() -> None:
    tokenizer = TOKENIZERS["plain"]
    assert render(Prompt.from_document("Once"), tokenizer).text == "Once"
    asked = Prompt.from_document("The law.", question="Which?")
    assert render(asked, tokenizer).text == "The law.\n\nQuestion: Which?\nAnswer:"
    chat = Prompt.from_messages(
        [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yo"}]
    )
    assert render(chat, tokenizer).text == "User: Hi\n\nAssistant: Yo\n\nAssistant:"


def test_a_template_that_rewrites_or_refuses_is_an_error() -> None:
    prompt = Prompt.from_document("The law.")
    with pytest.raises(FocusLimeError, match=r"rewrites message 1 \(user\)"):
        render(prompt, make_tokenizer(REWRITING))
    with pytest.raises(FocusLimeError, match="refuses this prompt: no users"):
        render(prompt, make_tokenizer("{{ raise_exception('no users') }}"))
