"""pytest tests/method/test_masking.py"""

from __future__ import annotations

from focus_lime.explain import FocusLime
from focus_lime.inputs.prompt import Prompt
from focus_lime.method.objective import Score
from focus_lime.method.proxy import load_proxy
from focus_lime.models.function import FunctionModel

# What each sentence adds, and how many words it has.
SENTENCES = {
    "alpha": (5.0, 20),
    "beta": (4.0, 20),
    "gamma": (3.0, 20),
    "delta": (2.0, 5),
    "epsilon": (0.1, 3),
    "zeta": (0.0, 3),
}


def sentence(mark: str) -> str:
    words = ["Clause", mark, *["word"] * (SENTENCES[mark][1] - 2)]
    return " ".join(words) + "."


def added(texts: list[str]) -> list[float]:
    return [sum(w for mark, (w, _) in SENTENCES.items() if mark in text) for text in texts]


def test_leading_sentences_are_opened_as_far_as_their_words_have_room() -> None:
    """The third has too many words, the fourth has not; the fifth is small beside the first."""
    prompt = Prompt.from_document(" ".join(map(sentence, SENTENCES)), question="Which clause?")
    explainer = FocusLime(FunctionModel(added, name="sum"), load_proxy("bm25"))
    found = explainer.explain(prompt, objective=Score(), granularity="word")
    opened = "".join(map(found.text, found.fine_units))
    assert [mark for mark in SENTENCES if mark in opened] == ["alpha", "beta", "delta"]
    assert [found.text(unit).strip() for unit in found.top(3)] == ["alpha", "beta", "delta"]


def test_one_sentence_is_opened_however_long_it_is() -> None:
    text = " ".join(["Clause", "alpha", *["word"] * 80]) + ". Nothing follows from this one."
    explainer = FocusLime(FunctionModel(added, name="sum"), load_proxy("bm25"))
    prompt = Prompt.from_document(text, question="Which clause?")
    found = explainer.explain(prompt, objective=Score(), granularity="word")
    assert len(found.fine_units) == 82
    assert found.text(found.top(1)[0]).strip() == "alpha"


def test_evidence_that_stands_everywhere_is_weighed_by_itself() -> None:
    """Every third sentence says it; what the proxy chose holds some of them, and is enough."""
    text = " ".join(
        f"Clause {i} {'names the cap' if i % 3 == 0 else 'is silent'} here." for i in range(90)
    )
    model = FunctionModel(lambda texts: [4.0 * ("cap" in t) - 2 for t in texts], name="any")
    prompt = Prompt.from_document(text, question="What names it?")
    found = FocusLime(model, load_proxy("bm25")).explain(prompt, objective=Score())
    assert found.check is not None
    assert found.check.survives
    lead = found.top(3)
    assert all("cap" in found.text(unit) for unit in lead)
    assert all((unit.weight or 0) > 0 for unit in lead)
    assert all(unit.effect == 0.0 for unit in lead)  # deleted alone nothing goes
    assert all(unit.weight == unit.alone == 4.0 for unit in lead)
    assert any("more places than were examined" in warning for warning in found.warnings)
    assert not any("does not move" in warning for warning in found.warnings)
