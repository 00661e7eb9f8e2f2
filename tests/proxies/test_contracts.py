"""The generated contracts: exact spans, distractors, the split, determinism.

pytest tests/proxies/test_contracts.py
"""

import re
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from focus_lime.proxies.bundled.chats import generate_chat
from focus_lime.proxies.bundled.contracts import TASKS, Contract, generate_contract
from focus_lime.proxies.bundled.lexicon import ATTRIBUTES, PARTIES, is_held_out


def contract(seed: int, task: str = "recall", **options: Any) -> Contract:
    given = {"words": 900, "n_questions": 4} | options
    return generate_contract(np.random.default_rng(seed), task=task, **given)


def triples(text: str) -> set[tuple[str, str, str]]:
    """Every (party, attribute, value) that the text states in so many words."""
    found = set()
    for attribute in ATTRIBUTES:
        for piece in re.split(f"[Tt]he {attribute.name} of the ", text)[1:]:
            words = piece.replace("\n", " ").split(" ")
            if words[2] in ("is", "becomes") and words[0] in PARTIES:
                stated = " ".join(words[3:])
                values = [v for v in map(attribute.value, attribute.heads) if stated.startswith(v)]
                if values:
                    found.add((words[0], attribute.name, max(values, key=len)))
    assert found
    return found


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("seed", range(5))
def test_evidence_spans_are_the_sentences(task: str, seed: int) -> None:
    made = contract(seed, task)
    assert len(made.questions) == 4
    for question in made.questions:
        assert question.task == task
        assert len(question.evidence) == (2 if task in ("twice", "joined") else 1)
        assert set(question.evidence) <= set(made.sentences)
        said = [made.text[start:end] for start, end in question.evidence]
        for (start, end), sentence in zip(question.evidence, said, strict=True):
            assert sentence[0].isupper()
            assert sentence.endswith(".")
            assert made.text[start - 1] in " \n"
            assert made.text[end] in " \n"
        if task == "yes_no":
            stated = question.answer.split(", ")[1].removesuffix(".")
            assert question.value in ("Yes", "No")
            assert stated.lower() in said[0].lower()
        elif task == "joined":
            assert "Schedule-" in said[0]
            assert question.value in said[1]
        else:
            assert all(question.value in sentence for sentence in said)
            assert question.value in question.answer


def test_sentences_do_not_overlap_and_tell_everything_planted() -> None:
    made = contract(3, words=2000)
    spans = sorted(made.sentences)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))


@pytest.mark.parametrize("seed", range(10))
def test_every_question_has_both_distractors(seed: int) -> None:
    made = contract(seed, words=300, n_questions=2)
    stated = triples(made.text)
    for question in made.questions:
        subject = question.question.removeprefix("What is the ").removesuffix("?")
        attribute, _, owner = subject.partition(" of the ")
        party = owner.split()[0]
        assert any(a == attribute and p != party for p, a, _ in stated)
        assert any(p == party and a != attribute for p, a, _ in stated)


def test_same_seed_same_contract() -> None:
    assert contract(7, "joined") == contract(7, "joined")
    assert contract(7) != contract(8)


def test_asked_triples_are_never_in_training_documents() -> None:
    for seed in range(20):
        trained = triples(contract(seed, TASKS[seed % 5], split="train").text)
        assert not any(is_held_out(*triple) for triple in trained)
        for question in contract(seed).questions:
            subject = question.question.removeprefix("What is the ").removesuffix("?")
            attribute, _, owner = subject.partition(" of the ")
            assert is_held_out(owner.split()[0], attribute, question.value)


@pytest.mark.parametrize("depth", [0.0, 0.5, 1.0])
def test_depth_places_the_first_clause(depth: float) -> None:
    made = contract(0, words=3000, n_questions=1, depth=depth)
    assert abs(made.questions[0].evidence[0][0] / len(made.text) - depth) < 0.06


@pytest.mark.parametrize("words", [300, 5000])
def test_length_is_about_what_was_asked_for(words: int) -> None:
    lengths = [len(contract(seed, words=words, n_questions=1).text.split()) for seed in range(5)]
    assert 0.85 * words < np.mean(lengths) < 1.1 * words


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"task": "riddle"}, "unknown task"),
        ({"n_questions": 0}, "n_questions"),
        ({"words": 20}, "too few"),
    ],
)
def test_impossible_wishes_are_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        contract(0, **options)


@pytest.mark.parametrize("seed", range(20))
def test_chat_spans_hold_the_wrongful_request(seed: int) -> None:
    chat = generate_chat(np.random.default_rng(seed), messages=1 + seed % 7)
    assert chat.messages[0]["role"] == "user"
    assert len(chat.messages) == 1 + seed % 7
    if chat.verdict == "safe":
        assert chat.unsafe_message is None
        assert chat.span is None
    else:
        assert chat.unsafe_message is not None
        assert chat.span is not None
        planted = chat.messages[chat.unsafe_message]
        assert planted["role"] == "user"
        request = planted["content"][slice(*chat.span)]
        assert request[0].isupper()
        assert request[-1] in ".?"
        assert len(request) > 15


def test_every_cell_has_values_to_train_on() -> None:
    for party in PARTIES:
        for attribute in ATTRIBUTES:
            values = [attribute.value(head) for head in attribute.heads]
            assert sum(not is_held_out(party, attribute.name, value) for value in values) >= 2
