"""pytest tests/models/test_reasoning.py"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from focus_lime import FocusLime, LabelLogOdds, Prompt, Response, ResponseLogOdds
from focus_lime.errors import FocusLimeError
from focus_lime.models.base import Ledger, Variant, score_all
from focus_lime.models.hf import HFCausalLM
from focus_lime.models.reasoning import _MARKS, apart, begun, find
from tests.conftest import CHAT_TEMPLATE, TEXT, make_model

PROMPT = Prompt.from_document(TEXT, question="Which law?")
OPENS = CHAT_TEMPLATE.replace("<|assistant|>", "<|assistant|><think>\n")
THOUGHT = "The clause says Nevada, so it is that."
WRITTEN = f"<think>\n{THOUGHT}\n</think>\n\nNevada law."


@pytest.fixture(scope="module")
def opens() -> HFCausalLM:
    """A model whose chat template begins the reasoning in its place."""
    return make_model("llama", chat_template=OPENS)


def writing(model: HFCausalLM, text: str, patch: pytest.MonkeyPatch) -> tuple[int, ...]:
    """Have the model write this text, whatever it is asked; scores stay its own."""
    ids = model.tokenizer(text, add_special_tokens=False)["input_ids"]

    def generate(inputs: torch.Tensor, **_: object) -> torch.Tensor:
        return torch.cat([inputs, torch.tensor([ids])], dim=1)

    patch.setattr(model.model, "generate", generate)
    return tuple(ids)


@pytest.mark.parametrize(("mark", "end"), _MARKS)
def test_the_marks_of_every_kind_of_model(mark: str, end: str) -> None:
    text = f"{mark}\nHm, {mark[:4]}?\n{end}\n\n Nevada."
    assert find(text) == (f"Hm, {mark[:4]}?", text.index("Nevada"))
    assert find(text.removeprefix(mark), is_begun=True) == find(text.removeprefix(mark))
    assert find(f"{mark}Hm") == ("Hm", len(mark) + 2)
    assert begun(f"<|user|>Which?<|assistant|>{mark}\n") == (mark, end)


def test_what_has_no_mark_at_its_beginning_is_an_answer() -> None:
    for text in ("Nevada.", "", "It writes <think>, then </think>.", "Say <think>."):
        assert find(text) is None
    assert find("Hm, well", is_begun=True) == ("Hm, well", 8)
    assert begun("Which?") is None


@given(st.text(), st.text().map(str.lstrip), st.data())
def test_reasoning_and_answer_in_any_tokens(
    reasoning: str, answer: str, data: st.DataObject
) -> None:
    """However the text is cut, the reasoning's tokens end where the answer's first one begins."""
    mark, end = data.draw(st.sampled_from(_MARKS))
    if mark in reasoning or end in reasoning or end in answer:
        return
    text = f"{mark}{reasoning}{end}\n\n{answer}"
    cuts = sorted(data.draw(st.sets(st.integers(1, len(text) - 1), max_size=8)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    response = apart(range(len(pieces)), pieces)
    assert (response.text, response.reasoning) == (answer, reasoning.strip())
    assert len("".join(pieces[: response.n_reasoning])) <= len(text) - len(answer)
    assert answer in "".join(pieces[response.n_reasoning :])


def test_a_second_mark_in_the_reasoning_is_of_the_reasoning() -> None:
    text = "<think>a <think>b</think> c</think>Nevada"
    assert find(text) == ("a <think>b", text.index("c</think>"))
    text = "Sure. <think>hm</think> Nevada"
    assert find(text, is_begun=True) == ("Sure. <think>hm", text.index("Nevada"))


def test_an_answer_that_begins_with_a_character_of_several_tokens_is_whole(
    llama: HFCausalLM,
) -> None:
    answer = "\U0001f642 Nevada"
    objective = ResponseLogOdds(f"<think>hm</think>{answer}").resolve(llama, PROMPT, 4, Ledger())
    (response,) = objective.continuations
    assert objective.columns is not None
    ids = llama.encode_response(response)
    assert llama.tokenizer.decode(ids[slice(*objective.columns)]) == answer
    assert len(llama.response_pieces(Response("\U0001f642"))) > 1


def test_a_mark_that_the_template_has_written_is_not_written_twice(opens: HFCausalLM) -> None:
    marked, unmarked = (
        opens.encode_response(Response(text))
        for text in (WRITTEN, WRITTEN.removeprefix("<think>\n"))
    )
    assert marked == unmarked


def test_what_the_model_wrote_is_an_answer_and_its_reasoning(
    llama: HFCausalLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = writing(llama, WRITTEN, monkeypatch)
    response = llama.generate(PROMPT, 64, Ledger())
    assert (response.text, response.reasoning) == ("Nevada law.", THOUGHT)
    assert response.ids == ids
    assert llama.tokenizer.decode(ids[response.n_reasoning :]) == "Nevada law."


def test_either_is_explained_and_both_values_are_the_models(
    llama: HFCausalLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Log p of the answer given the reasoning is that of both less that of the reasoning."""
    ids = writing(llama, WRITTEN, monkeypatch)
    row = score_all(llama, [Variant(PROMPT)], (Response(WRITTEN, ids),), Ledger())[0]
    answer, thought = (
        ResponseLogOdds(of_reasoning=side).resolve(llama, PROMPT, 64, Ledger())
        for side in (False, True)
    )
    n = answer.continuations[0].n_reasoning
    assert (answer.columns, thought.columns) == ((n, len(ids)), (0, n))
    spans = [slice(0, len(ids))]
    assert answer.value(row, spans) == ResponseLogOdds("x").value(row[n:], [slice(None)])
    assert thought.value(row, spans) == ResponseLogOdds("x").value(row[:n], [slice(None)])
    part = ResponseLogOdds(part="Nevada").resolve(llama, PROMPT, 64, Ledger())
    assert part.columns is not None
    assert part.columns[0] == n, "the reasoning's own Nevada is not the answer's"
    assert thought.without_token_ids().continuations == (Response(THOUGHT),)
    assert answer.without_token_ids().continuations == (Response("Nevada law."),)


def test_an_explanation_shows_both(llama: HFCausalLM, monkeypatch: pytest.MonkeyPatch) -> None:
    writing(llama, WRITTEN, monkeypatch)
    explainer = FocusLime(llama)
    answer = explainer.explain(PROMPT, budget=8)
    thought = explainer.explain(PROMPT, objective=ResponseLogOdds(of_reasoning=True), budget=8)
    for found in (answer, thought):
        assert (found.response, found.reasoning) == ("Nevada law.", THOUGHT)
        assert THOUGHT in found.to_html()
        assert THOUGHT not in found.to_html(redact=True)
    assert answer.objective == "log-odds of the answer, given its reasoning"
    assert thought.objective == "log-odds of the reasoning"
    assert any("by way of the reasoning" in warning for warning in answer.warnings)
    assert answer.base_value != thought.base_value


def test_reasoning_that_does_not_end_says_so(
    llama: HFCausalLM, opens: HFCausalLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    for model, text in ((llama, f"<think>\n{THOUGHT}"), (opens, THOUGHT)):
        writing(model, text, monkeypatch)
        with pytest.raises(FocusLimeError, match=r"no answer after .*--max-new-tokens"):
            ResponseLogOdds().resolve(model, PROMPT, 64, Ledger())
        found = FocusLime(model).explain(
            PROMPT, objective=ResponseLogOdds(of_reasoning=True), budget=8, sets=False
        )
        assert found.reasoning == THOUGHT
        assert "none came" in found.response


def test_an_answer_has_no_reasoning_to_explain(llama: HFCausalLM) -> None:
    for response, complaint in (("Nevada", "response holds no"), (None, "gave no reasoning")):
        with pytest.raises(FocusLimeError, match=complaint):
            ResponseLogOdds(response, of_reasoning=True).resolve(llama, PROMPT, 4, Ledger())


def test_a_given_response_may_hold_its_reasoning(llama: HFCausalLM) -> None:
    given_text = ResponseLogOdds(WRITTEN).resolve(llama, PROMPT, 4, Ledger())
    (response,) = given_text.continuations
    assert (response.text, response.reasoning) == ("Nevada law.", THOUGHT)
    assert given_text.columns is not None


def test_where_the_template_begins_the_reasoning_a_given_answer_ends_it(opens: HFCausalLM) -> None:
    """An answer of the user's is scored as one, not as the first words of a thought."""
    objective = ResponseLogOdds("Nevada").resolve(opens, PROMPT, 4, Ledger())
    ids = opens.encode_response(*objective.continuations)
    assert opens.tokenizer.decode(ids) == "\n</think>\n\nNevada"
    assert objective.columns is not None
    assert opens.tokenizer.decode(ids[slice(*objective.columns)]) == "Nevada"
    assert objective.reasoning == ""
    assert objective.name == "log-odds of the response"


def test_what_ends_the_reasoning_cancels_between_labels(opens: HFCausalLM) -> None:
    objective = LabelLogOdds("Nevada", "Ohio").resolve(opens, PROMPT, 4, Ledger())
    rows = [
        score_all(opens, [Variant(PROMPT)], (Response(label),), Ledger())[0]
        for label in ("Nevada", "Ohio")
    ]
    end = len(opens.tokenizer("\n</think>\n\n", add_special_tokens=False)["input_ids"])
    spans = [slice(0, len(rows[0])), slice(len(rows[0]), len(rows[0]) + len(rows[1]))]
    expected = rows[0][end:].sum() - rows[1][end:].sum()
    assert objective.value(np.concatenate(rows), spans) == pytest.approx(expected)
