"""The bundled models: a tokenizer that loses nothing, and readers that read.

pytest tests/proxies/test_bundled.py
"""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerBase

from focus_lime.proxies import bundled
from focus_lime.proxies.bundled import lexicon, reader
from focus_lime.proxies.bundled.chats import generate_chat
from focus_lime.proxies.bundled.contracts import TASKS, generate_contract
from focus_lime.proxies.bundled.evaluation import contract_accuracy
from focus_lime.proxies.bundled.examples import RowMaker, collate, thin
from focus_lime.proxies.bundled.vocabulary import build_tokenizer

HOME = Path(bundled.__file__).parent
NAMES = ("target", "proxy")


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerBase:
    return AutoTokenizer.from_pretrained(HOME / "target", local_files_only=True)


@settings(max_examples=150, deadline=None)
@given(text=st.text())
def test_any_text_comes_back(tokenizer: PreTrainedTokenizerBase, text: str) -> None:
    encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    assert tokenizer.decode(encoded["input_ids"]) == text
    place = 0
    for start, end in encoded["offset_mapping"]:
        # Tokens tile the text; only the bytes of one character outside the vocabulary share a span.
        assert (start == place and end > start) or (start, end) == (place - 1, place)
        place = end
    assert place == len(text)


def test_special_marks_and_blanks_come_back(tokenizer: PreTrainedTokenizerBase) -> None:
    text = " a\r\n\r\n  b\t\u2581 <0x41> 漢字🙂 e\u0301 \u00a0x \n"
    assert tokenizer.decode(tokenizer(text)["input_ids"]) == text


def test_words_of_contracts_are_single_tokens(tokenizer: PreTrainedTokenizerBase) -> None:
    rng = np.random.default_rng(12345)
    contract = generate_contract(rng, words=3000, task=TASKS, n_questions=40, n_facts=80)
    texts = [
        contract.text,
        *(q.question for q in contract.questions),
        *(q.answer for q in contract.questions),
    ]
    texts += [m["content"] for m in generate_chat(rng, messages=20).messages]
    for text in texts:
        words = re.findall(r"[A-Za-z]+(?:[-'][A-Za-z]+)*|[0-9]|[^\sA-Za-z0-9]|\n", text)
        assert len(tokenizer(text)["input_ids"]) == len(words)
    for name in (*lexicon.PARTIES, *(h for a in lexicon.ATTRIBUTES for h in a.heads)):
        assert len(tokenizer(f" {name}")["input_ids"]) == 1


def test_the_shipped_tokenizer_is_the_built_one(tokenizer: PreTrainedTokenizerBase) -> None:
    assert tokenizer.get_vocab() == build_tokenizer().get_vocab()


def test_template_and_training_rows_agree(tokenizer: PreTrainedTokenizerBase) -> None:
    contract = generate_contract(np.random.default_rng(0), words=200, n_questions=1)
    question = contract.questions[0]
    row = RowMaker(tokenizer).contract(contract.text, [question])
    messages = [{"role": "user", "content": f"{contract.text}\n\nQuestion: {question.question}"}]
    prompt = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=False)
    reply = tokenizer(question.answer)["input_ids"]
    assert row.ids == [*prompt, *reply, tokenizer.eos_token_id]
    assert prompt.count(tokenizer.bos_token_id) == 1
    (_, positions), *_ = row.values
    assert tokenizer.decode([row.ids[i] for i in positions]).strip() == question.value


def test_thinning_keeps_the_evidence() -> None:
    rng = np.random.default_rng(0)
    contract = generate_contract(rng, words=800, task=TASKS, n_questions=6)
    for _ in range(5):
        text = thin(rng, contract)
        assert len(text) < len(contract.text)
        for question in contract.questions:
            assert all(contract.text[a:b] in text for a, b in question.evidence)


@pytest.mark.parametrize("name", NAMES)
def test_fast_pass_equals_the_models_own(name: str, tokenizer: PreTrainedTokenizerBase) -> None:
    model = reader.new_reader(name, len(tokenizer), 5, 1, 0, seed=0)
    rng = np.random.default_rng(0)
    contracts = [generate_contract(rng, words=words, n_questions=2) for words in (100, 150)]
    rows = [RowMaker(tokenizer).contract(c.text, list(c.questions)) for c in contracts]
    ids, places, _, _ = collate(rows, pad=0)
    with torch.no_grad():
        fast = reader.answer_logits(model, reader.SIZES[name].offsets, ids, places)
        whole = model(ids).logits
    own = whole.gather(1, places[:, :, None].expand(-1, -1, whole.shape[-1]))
    assert torch.allclose(fast, own, atol=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_the_first_layer_looks_at_fixed_offsets(name: str) -> None:
    model = AutoModelForCausalLM.from_pretrained(
        HOME / name, local_files_only=True, attn_implementation="eager"
    )
    ids = torch.randint(6, 2000, (1, 300), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        attention = model.model(ids, output_attentions=True).attentions[0][0]
    for head, offset in enumerate(reader.SIZES[name].offsets):
        assert (attention[head].diagonal(-offset)[offset:] > 0.999).all()


def test_the_shipped_target_reads(tokenizer: PreTrainedTokenizerBase) -> None:
    model = AutoModelForCausalLM.from_pretrained(HOME / "target", local_files_only=True)
    assert model.config.max_position_embeddings == 32768
    assert contract_accuracy(model, tokenizer, "recall", size=1024, n=12, seed=1).right >= 11


def test_the_shipped_target_stops_after_its_answer(tokenizer: PreTrainedTokenizerBase) -> None:
    model = AutoModelForCausalLM.from_pretrained(HOME / "target", local_files_only=True)
    contract = generate_contract(np.random.default_rng(4), words=300)
    question = contract.questions[0]
    messages = [{"role": "user", "content": f"{contract.text}\n\nQuestion: {question.question}"}]
    prompt = tokenizer.apply_chat_template(
        messages, add_generation_prompt=True, return_tensors="pt"
    )
    out = model.generate(**prompt, max_new_tokens=40, do_sample=False)[0]
    assert tokenizer.decode(out[prompt["input_ids"].shape[1] :]) == f"{question.answer}<|end|>"


def test_both_models_are_small() -> None:
    files = [path for name in NAMES for path in (HOME / name).iterdir()]
    assert sum(path.stat().st_size for path in files) <= 10 * 2**20


def test_the_card_holds_its_numbers() -> None:
    card = (HOME / "MODEL_CARD.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (target|proxy) \| (\w+) \|(.+)\|$", card, flags=re.MULTILINE)
    assert {(model, task) for model, task, _ in rows} >= {(m, t) for m in NAMES for t in TASKS}
    cells = [cell for _, _, line in rows for cell in line.split("|")]
    numbers = [re.fullmatch(r" ([01]\.\d\d) \((\d+)/(\d+)\) ", cell) for cell in cells]
    for found in filter(None, numbers):
        assert abs(float(found[1]) - int(found[2]) / int(found[3])) < 0.006
    assert sum(found is not None for found in numbers) >= 50
