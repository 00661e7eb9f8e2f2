"""pytest tests/method/test_rescue.py

Functions of which it is known what they need: the check must find it, whatever the proxy left out.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Units
from focus_lime.method.objective import Score
from focus_lime.method.objectives.response import ResponseLogOdds
from focus_lime.method.rescue import CoverageCheck, check_coverage, needs_context
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import Response
from focus_lime.models.function import FunctionModel
from focus_lime.proxies.bundled.contracts import generate_contract
from focus_lime.proxies.bundled.models import load

N = 40
MARKS = [f"mark{i:02d}" for i in range(N)]
PROMPT = Prompt.from_document("".join(f"This clause has {mark} in it. " for mark in MARKS))
SENTENCES = PROMPT.tree.scored


def over(score: Callable[[set[int]], float]) -> ValueFunction:
    """A value function that is given the numbers of the sentences that are there."""

    def function(texts: list[str]) -> list[float]:
        return [score({i for i, mark in enumerate(MARKS) if mark in text}) for text in texts]

    return ValueFunction(FunctionModel(function), PROMPT, SENTENCES, Score())


def run(score: Callable[[set[int]], float], *kept: int) -> tuple[set[int], CoverageCheck]:
    found, report = check_coverage(over(score), SENTENCES.select(kept))
    return {list(SENTENCES).index(unit) for unit in found}, report


def test_the_neighborhood_that_holds_the_effect_is_left_as_it_is() -> None:
    found, report = run(lambda there: 5.0 * (7 in there), 7, 20)
    assert found == {7, 20}
    assert report.outcome == "held"
    assert (report.full, report.nothing) == (5.0, 0.0)
    assert report.coverage_before == report.coverage == report.sufficiency == 1.0
    assert report.rescued == ()
    assert report.calls == 4


@pytest.mark.parametrize("missing", [0, 1, 19, 38, 39])
def test_a_sentence_that_was_missed_is_found_by_halves(missing: int) -> None:
    found, report = run(lambda there: 5.0 * (missing in there) - 2.0, 5, 30)
    assert found == {5, 30, missing}
    assert report.outcome == "held"
    assert report.rescued == (SENTENCES[missing].span,)
    assert (report.coverage_before, report.coverage) == (0.0, 1.0)
    assert (report.sufficiency_before, report.sufficiency) == (0.0, 1.0)
    searches = 1 if missing >= N // 4 else 2  # one among the first is looked for once more
    assert report.calls <= 4 + searches * (int(np.ceil(np.log2(N))) + 3)


def test_a_fact_that_stands_again_elsewhere() -> None:
    found, report = run(lambda there: 5.0 * bool(there & {3, 33}), 3, 12)
    assert found == {3, 12, 33}
    assert report.outcome == "redundant"
    assert report.rescued == (SENTENCES[33].span,)
    assert (report.coverage_before, report.sufficiency_before) == (0.0, 1.0)


def test_all_that_stands_again_is_found_and_none_was_kept() -> None:
    found, report = run(lambda there: 5.0 * bool(there & {3, 20, 33}), 12)
    assert found == {3, 12, 20, 33}
    assert report.outcome == "held"


@pytest.mark.parametrize("kept", [{8}, {31}, {8, 31}, {15}])
def test_both_halves_of_a_joined_fact(kept: set[int]) -> None:
    found, report = run(lambda there: 5.0 * ({8, 31} <= there), *kept, 22)
    assert found == {8, 31, 22} | kept
    assert report.outcome == "held"
    assert report.sufficiency == 1.0


def test_an_answer_that_does_not_need_the_text() -> None:
    found, report = run(lambda there: 4.0, 2)
    assert found == {2}
    assert report.outcome == "not_in_context"
    assert report.coverage is report.sufficiency is report.coverage_before is None
    assert report.calls == 2


@pytest.mark.parametrize("missing", [0, 2, 7, 19, 33, 39])
@pytest.mark.parametrize("anything", [1, 2, 3])  # sentences that it takes to be unlike no text
def test_what_any_text_brings_hides_no_sentence(missing: int, anything: int) -> None:
    def score(there: set[int]) -> float:
        return 5.0 * (missing in there) + 3.0 * min(1.0, len(there) / anything)

    found, report = run(score, 21)
    assert missing in found
    assert report.outcome == "held"


def test_a_sharp_find_is_kept_where_a_second_look_finds_nothing_sharp() -> None:
    """Sentence 3 brings it all; so do the later ones together, each a little."""
    found, report = run(
        lambda there: 5.0 * max(3 in there, min(1.0, len(there & {*range(20, 40)}) / 19)), 12
    )
    assert 3 in found
    assert SENTENCES[3].span in report.rescued


def test_evidence_in_too_many_places_is_redundant_where_the_neighborhood_is_enough() -> None:
    found, report = run(lambda there: 5.0 * bool(there), 4, 30)
    assert len(report.rescued) == 8
    assert {4, 30} < found
    assert report.outcome == "redundant"
    assert (report.coverage, report.sufficiency) == (0.0, 1.0)
    assert report.survives


@pytest.mark.parametrize("kept", [7, 12])
def test_a_text_that_speaks_against_the_value_is_no_measure_of_what_speaks_for_it(
    kept: int,
) -> None:
    """The prompt without text is liked better; of all sentences only 7 speaks for the value."""
    found, report = run(lambda there: 20.0 + 3.0 * (7 in there) - 0.5 * len(there), kept)
    assert found == {kept}
    assert report.rescued == ()
    if kept == 7:
        assert (report.outcome, report.coverage) == ("held", 1.0)
        assert report.baseline == pytest.approx(20.0 - 0.5 * 39)  # without what speaks for it
        assert report.nothing == 20.0
    else:
        assert (report.outcome, report.coverage) == ("not_in_context", None)


def test_what_is_spread_over_all_sentences_is_said_to_be() -> None:
    found, report = run(lambda there: float(len(there)), 0, 1)
    assert found == {0, 1}
    assert report.outcome == "budget_exhausted"
    assert report.coverage == pytest.approx(2 / N)


def test_everything_kept_needs_no_rescue() -> None:
    found, report = run(lambda there: 5.0 * (1 in there), *range(N))
    assert len(found) == N
    assert report.outcome == "held"


@given(
    wanted=st.lists(st.sets(st.integers(0, N - 1), min_size=1, max_size=2), min_size=1, max_size=3),
    kept=st.sets(st.integers(0, N - 1), min_size=1, max_size=4),
)
@settings(max_examples=60, deadline=None)
def test_afterwards_it_is_needed_and_enough(wanted: list[set[int]], kept: set[int]) -> None:
    def score(there: set[int]) -> float:
        return 5.0 * any(members <= there for members in wanted)

    found, report = run(score, *kept)
    assert score(set(range(N)) - found) == 0.0
    assert score(found) == 5.0
    assert report.outcome in ("held", "redundant")
    assert kept <= found
    assert len(found) <= len(kept) + sum(map(len, wanted))


@pytest.mark.parametrize(
    ("full", "nothing", "needed"),
    [
        (7.0, -10.0, True),
        (7.0, 6.0, False),  # it stands without the text
        (7.0, 3.0, False),
        (7.0, 2.0, True),  # most of its log-odds are gone
        (0.4, -0.3, False),  # less than 1 nat
        (-20.0, -28.0, True),
        (-20.0, -20.5, False),
        (3.0, 9.0, False),  # the text speaks against it, in vain
        (-5.0, 4.0, True),
    ],
)
def test_whether_an_answer_needs_the_text(full: float, nothing: float, needed: bool) -> None:
    assert needs_context(full, nothing, is_additive=True) is needed


def test_a_score_in_any_unit_needs_the_text_where_it_moves() -> None:
    assert needs_context(1e-5, 0.0, is_additive=False)
    assert not needs_context(1e5, 1e5, is_additive=False)


def test_a_model_that_shares_prefixes_is_searched_by_sections() -> None:
    """All beginnings of the document together cost about one reading of it."""
    model = load("target")
    contract = generate_contract(np.random.default_rng(4), words=1200)
    asked = contract.questions[0]
    prompt = Prompt.from_document(contract.text, question=asked.question)
    f = ValueFunction(model, prompt, prompt.tree.scored, ResponseLogOdds(Response(asked.answer)))
    (start, _), *_ = asked.evidence
    evidence = next(unit for unit in f.units if unit.start <= start < unit.end)
    missed = Units(unit for unit in f.units[:6] if unit != evidence)
    found, report = check_coverage(f, missed)
    assert evidence in found
    assert report.outcome == "held"
    assert report.coverage_before is not None
    assert report.coverage is not None
    assert report.coverage_before < 0.1 < 0.8 < report.coverage
    assert f.ledger.tokens_computed / model.count_tokens(prompt) < 7
    assert report.calls > 16
