"""pytest tests/method/test_search.py

The search, and the explanations that it leads to, on functions whose causes are known.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from focus_lime import Explanation, FocusLime, FunctionModel, Prompt
from focus_lime.method.objective import Score
from focus_lime.method.search import Search, TargetSearch
from focus_lime.method.value import ValueFunction

Score_ = Callable[[str], float]


def prompt(n: int) -> Prompt:
    return Prompt.from_document("".join(f"This clause has mark{i:03} in it. " for i in range(n)))


def marks(text: str) -> set[int]:
    return {int(word.removeprefix("mark")) for word in text.split() if word.startswith("mark")}


def over(function: Score_, n: int) -> ValueFunction:
    asked = prompt(n)
    model = FunctionModel(lambda texts: [function(text) for text in texts])
    return ValueFunction(model, asked, asked.tree.scored, Score())


def explained(function: Score_, n: int, budget: int = 64, **options: object) -> Explanation:
    model = FunctionModel(lambda texts: [function(text) for text in texts])
    return FocusLime(model, TargetSearch()).explain(prompt(n), budget=budget, **options)


@given(
    n=st.integers(1, 200),
    weights=st.dictionaries(st.integers(0, 199), st.floats(0.5, 3.0), max_size=3),
    calls=st.integers(6, 80),
)
@settings(max_examples=60, deadline=None)
def test_what_is_known_of_a_unit_is_exact_and_the_calls_are_kept(
    n: int, weights: dict[int, float], calls: int
) -> None:
    search = Search(over(lambda text: sum(weights.get(mark, 0.0) for mark in marks(text)), n))
    found = search.run(calls)
    assert search.asked.calls <= calls
    for known in (found.needed, found.alone):
        assert all(effect == pytest.approx(weights.get(i, 0.0)) for i, effect in known.items())
    there = {i: w for i, w in weights.items() if i < n}
    # Of an additive function the groups' effects are sums: nothing is lost.
    assert found.scores.sum() == pytest.approx(sum(there.values()))
    if 2 * n + 2 <= calls:
        assert len(found.needed) == len(found.alone) == n


@pytest.mark.parametrize("n", [6, 40, 300])
@pytest.mark.parametrize(
    ("function", "causes"),
    [
        (lambda there, n: 6.0 * (3 in there) - 3, {3}),
        (lambda there, n: 6.0 * bool({1, 4} & there) - 3, {1, 4}),
        (lambda there, n: 6.0 * ({1, 4} <= there) - 3, {1, 4}),
        # It likes the empty text better than this one: four marks speak against, one for it.
        (lambda there, n: 1.3 + 0.6 * (0 in there) - len({*range(n - 4, n)} & there), {0}),
    ],
    ids=["one", "either", "both", "inverse"],
)
def test_the_causes_lead(
    function: Callable[[set[int], int], float], causes: set[int], n: int
) -> None:
    found = explained(lambda text: function(marks(text), n), n)
    assert found.cost.target.calls <= 64
    lead = [unit for unit in found.top(8) if (unit.weight or 0) > 0]
    assert {i for unit in lead for i in marks(found.text(unit))} == causes
    assert all(unit.significant for unit in lead)
    assert found.check is not None
    assert found.check.outcome == "held"
    assert found.check.coverage == pytest.approx(1.0)


def test_evidence_that_stands_in_many_places_is_named_and_so_is_that_it_is_redundant() -> None:
    found = explained(lambda text: 6.0 * any(mark % 5 == 0 for mark in marks(text)) - 3, 100)
    assert found.check is not None
    assert found.check.outcome == "redundant"
    assert found.check.sufficiency == pytest.approx(1.0)
    lead = found.top(3)
    assert all(next(iter(marks(found.text(unit)))) % 5 == 0 for unit in lead)
    assert [(unit.weight, unit.effect, unit.alone) for unit in lead] == [(6.0, 0.0, 6.0)] * 3
    assert found.sets is not None
    assert found.sets.counterfactual_sets == ()
    assert found.warnings == ()


def test_a_constant_is_explained_by_nothing() -> None:
    found = explained(lambda text: 1.5, 60)
    assert found.check is not None
    assert found.check.outcome == "not_in_context"
    assert not found.significant()
    assert any("nothing examined has an effect" in warning for warning in found.warnings)
    assert all(unit.weight == 0 for unit in found.coarse)


@pytest.mark.parametrize("budget", [8, 16, 64, 150, 400])
@pytest.mark.parametrize("n", [1, 2, 10, 31, 90])
def test_the_budget_is_what_is_spent_all_told(n: int, budget: int) -> None:
    rng = np.random.default_rng(n)
    weights = rng.normal(size=n)
    explainer = FocusLime(
        FunctionModel(lambda texts: [float(weights[[*marks(t)]].sum()) for t in texts]),
        TargetSearch(),
    )
    found = explainer.explain(prompt(n), budget=budget)
    assert found.cost.target.calls <= max(budget, 13)
    assert found.cost.target.calls <= explainer.estimate(prompt(n), budget=budget).calls
    assert explainer.estimate(prompt(90), budget=budget).calls == max(budget, 13)
    again = explainer.explain(prompt(n), budget=budget)
    assert [unit.weight for unit in again.coarse] == [unit.weight for unit in found.coarse]


def test_a_few_units_of_which_all_is_asked_are_known_without_doubt() -> None:
    found = explained(lambda text: 2.35 * (0 in marks(text)) - 0.01 * (1 in marks(text)), 3)
    first = found.top(1)[0]
    assert (first.weight, first.effect, first.alone) == pytest.approx((2.35, 2.35, 2.35))
    assert (first.low, first.high) == pytest.approx((2.35, 2.35))
    assert first.significant
    assert found.fit.stopped == "all_masks"


def test_words_of_what_was_found() -> None:
    found = explained(lambda text: 4.0 * ("mark007" in text) - 2, 50, 256, granularity="word")
    assert found.cost.target.calls <= 256
    assert found.text(found.top(1)[0]).strip() == "mark007"


def test_without_a_coverage_check_or_sets_the_calls_go_to_masks() -> None:
    found = explained(
        lambda text: 2.0 * (3 in marks(text)), 40, coverage_check=False, sets=False, verify=0
    )
    assert found.check is found.sets is None
    assert found.cost.target.calls <= 64
    assert marks(found.text(found.top(1)[0])) == {3}


def test_what_speaks_for_the_value_alone_and_against_it_in_the_text_is_said() -> None:
    def either_but_not_both(there: set[int]) -> float:
        return 6.0 * (len(there & {3, 20}) == 1) - 3

    both = explained(lambda text: either_but_not_both(marks(text)), 40)
    lead = both.top(2)
    assert [marks(both.text(unit)) for unit in lead] == [{3}, {20}]
    assert [(unit.effect, unit.alone) for unit in lead] == [(-6.0, 6.0)] * 2
    assert not any(unit.significant for unit in lead)
    assert [(unit.low, unit.high) for unit in lead] == [(-6.0, 6.0)] * 2
    assert any("2 units speak for the value alone" in warning for warning in both.warnings)
    assert both.check is not None
    assert both.check.outcome == "not_in_context"  # -3 with the text and without any
    one = explained(lambda text: either_but_not_both(marks(text) - {20}), 40)
    assert [marks(one.text(unit)) for unit in one.significant()] == [{3}]


def drawn(rng: np.random.Generator, spread: float) -> Callable[[list[str]], list[float]]:
    """A judge that goes by one mark, and answers the same text differently each time."""
    return lambda texts: [
        4.0 * (7 in marks(text)) - 2.0 + spread * rng.standard_normal() for text in texts
    ]


def test_a_noisy_judge_is_told_from_a_clean_one_and_its_noise_is_not_evidence() -> None:
    held = 0
    for seed in range(12):
        noisy = FunctionModel(drawn(np.random.default_rng(seed), 0.3))
        found = FocusLime(noisy, TargetSearch()).explain(prompt(24), budget=64)
        assert found.noise == pytest.approx(0.3, rel=0.9)  # of nine values of one text
        assert found.cost.target.calls <= 64
        assert [marks(found.text(unit)) for unit in found.significant()] == [{7}]
        first = found.top(1)[0]
        held += (first.low or 0.0) < 4.0 < (first.high or 0.0)
        assert any("answers the same text differently" in warning for warning in found.warnings)
    assert held >= 10  # a range holds it in nine of ten
    clean = FocusLime(FunctionModel(drawn(np.random.default_rng(0), 0.0)), TargetSearch())
    found = clean.explain(prompt(24), budget=64)
    assert found.noise == 0.0
    assert found.warnings == ()


@pytest.mark.parametrize("seed", range(8))
def test_of_pure_noise_nothing_is_significant(seed: int) -> None:
    rng = np.random.default_rng(seed)
    coin = FunctionModel(lambda texts: [float(rng.choice([-2.0, 2.0])) for _ in texts])
    found = FocusLime(coin, TargetSearch()).explain(prompt(30), budget=64)
    if found.noise:  # eight values of one text are alike in one of 128
        assert found.significant() == []


def test_a_sparse_search_finds_what_all_single_drops_find_for_fewer_calls() -> None:
    rng = np.random.default_rng(5)
    for _ in range(20):
        causes = set(rng.choice(64, size=2, replace=False).tolist())
        f = over(lambda text, causes=causes: 3.0 * len(causes & marks(text)) - 2, 64)
        search = Search(f)
        effects = search.run(256, sparse=True)
        assert {unit for unit in effects.known if effects.worth(unit) > 0} == causes
        assert search.asked.calls <= 2 + 8 + 2 * 2 * 3
        assert effects.alone == {}


def test_a_sparse_search_asks_what_groups_bring_alone_where_deletions_show_nothing() -> None:
    f = over(lambda text: 6.0 * bool({3, 50} & marks(text)) - 3, 64)
    effects = Search(f).run(256, sparse=True)
    assert {unit for unit in effects.known if effects.worth(unit) > 0} == {3, 50}
    assert effects.alone[3] == effects.alone[50] == 6.0


def test_words_are_searched_sparsely_unless_nothing_is_to_stop_early() -> None:
    def calls(**options: object) -> int:
        found = explained(
            lambda text: 4.0 * ("mark007" in text) - 2, 12, 256, granularity="word", **options
        )
        assert found.text(found.top(1)[0]).strip() == "mark007"
        return found.cost.target.calls

    assert calls() < 40 < 2 * 72 < calls(confidence=1.0)


def test_all_that_is_known_of_a_short_text_is_attributed() -> None:
    found = explained(lambda text: float(len(marks(text))), 20)
    assert len(found.coarse) == 20
    assert all(unit.weight == unit.effect == unit.alone == 1.0 for unit in found.coarse)
    assert found.fit.estimator == "effects"
    assert found.fit.stopped == "all_masks"


@pytest.mark.parametrize("granularity", ["sentence", "word"])
@pytest.mark.parametrize("budget", [2, 3, 8, 13])
def test_a_noisy_judge_is_explained_with_next_to_no_calls(budget: int, granularity: str) -> None:
    noisy = FunctionModel(drawn(np.random.default_rng(0), 0.3))
    explainer = FocusLime(noisy, TargetSearch())
    found = explainer.explain(prompt(24), budget=budget, granularity=granularity)
    assert found.coarse
    for unit in found.coarse:  # a share of a group that was not divided is called nothing more
        assert unit.effect is not None or unit.alone is not None or not unit.significant


def test_words_that_say_the_same_side_by_side_are_found() -> None:
    text = Prompt.from_document("you are a bad bad bad man who was seen here on some other day")
    model = FunctionModel(lambda texts: [4.0 * ("bad" in t) - 2 for t in texts])
    found = FocusLime(model, TargetSearch()).explain(text, granularity="word")
    assert [found.text(unit).strip() for unit in found.significant()] == ["bad"] * 3
    assert all(unit.alone == 4.0 for unit in found.significant())
    assert found.sets is not None
    assert [len(one) for one in found.sets.counterfactual_sets] == [3]


def test_what_is_in_three_places_is_turned_by_all_of_them() -> None:
    found = explained(lambda text: 6.0 * bool({2, 9, 30} & marks(text)) - 2, 45)
    assert found.sets is not None
    (together,) = found.sets.counterfactual_sets
    assert [marks(found.text(span)) for span in together] == [{2}, {9}, {30}]
    assert {next(iter(marks(found.text(one[0])))) for one in found.sets.sufficient_sets} == {
        2, 9, 30,
    }  # fmt: skip


@pytest.mark.parametrize("cause", range(0, 256, 15))
def test_a_second_half_is_asked_only_where_the_first_does_not_tell(cause: int) -> None:
    search = Search(over(lambda text: 6.0 * (cause in marks(text)) - 3, 256))
    effects = search.run(36)  # eight groups of 32: both halves of two at a time would take 20 more
    assert effects.alone[cause] == effects.needed[cause] == effects.scores[cause] == 6.0
    assert np.sum(effects.scores > 0) == 1
    assert search.asked.calls <= 36


def test_what_is_all_examined_is_not_said_to_be_missed() -> None:
    found = explained(lambda text: 6.0 * (len({1, 3, 6, 8, 11} & marks(text)) >= 3) - 3, 12)
    assert found.check is not None
    assert found.check.outcome == "held"  # no one of the five does anything by itself
    assert found.check.coverage == found.check.sufficiency == 1.0


def test_half_of_the_effect_is_half() -> None:
    found = explained(lambda text: float(len({3, 20} & marks(text))), 30)
    assert found.sets is not None
    assert [len(one) for one in found.sets.counterfactual_sets] == [1, 1]
    assert [len(one) for one in found.sets.sufficient_sets] == [1, 1]


@pytest.mark.parametrize("coverage_check", [True, False])
def test_of_what_has_no_effect_nothing_decides(coverage_check: bool) -> None:
    found = explained(lambda text: -1.0, 30, coverage_check=coverage_check)
    assert found.sets is None


def test_where_the_empty_text_is_liked_and_nothing_is_checked_no_set_is_named() -> None:
    found = explained(
        lambda text: (2.0 if marks(text) else 10.0) + 3.0 * (7 in marks(text)),
        30,
        coverage_check=False,
    )
    assert found.sets is None
    assert marks(found.text(found.top(1)[0])) == {7}


def test_noise_decides_nothing() -> None:
    decided = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        found = FocusLime(
            FunctionModel(lambda texts, rng=rng: rng.standard_normal(len(texts)).tolist()),
            TargetSearch(),
        ).explain(prompt(40), budget=64)
        assert found.check is not None
        decided += found.check.outcome != "not_in_context" or found.sets is not None
    assert decided <= 1  # noise moves a value further than is doubted in one of a hundred


def test_a_sentence_that_the_model_never_reaches_is_not_significant() -> None:
    def reads_sixty_words(text: str) -> float:
        return 6.0 * ("mark020" in text.split()[:60]) - 3

    found = explained(reads_sixty_words, 40)
    assert found.significant() == []


def out_of_place(text: str) -> float:
    """Says yes to mark 3 wherever it stands, and to mark 30 only where nothing is around it."""
    there = marks(text)
    return 6.0 * (3 in there or there == {30}) - 3


@pytest.mark.parametrize("budget", [300, 400])
def test_with_calls_for_masks_what_counts_only_by_itself_comes_after_what_counts_in_the_text(
    budget: int,
) -> None:
    found = explained(out_of_place, 60, budget)
    assert found.cost.target.calls <= budget
    first, second = found.top(2)
    assert [marks(found.text(unit)) for unit in (first, second)] == [{3}, {30}]
    assert (first.effect, first.alone, second.effect, second.alone) == (6.0, 6.0, 0.0, 6.0)
    assert first.weight == pytest.approx(6.0)
    assert found.fit.estimator == "averages"
    assert second.weight == pytest.approx(0.6)  # it is known, so it never weighs nothing
    assert all(unit.significant for unit in (first, second))


@pytest.mark.parametrize("together", [any, all])
def test_what_no_mask_shows_keeps_its_exact_effect(together: Callable[..., bool]) -> None:
    causes = range(2, 50, 6)  # eight: half of them are gone, and half are there, in any mask
    found = explained(lambda text: 6.0 * together(c in marks(text) for c in causes) - 3, 50, 300)
    assert found.fit.estimator == "effects"
    assert {mark for unit in found.significant() for mark in marks(found.text(unit))} == {*causes}
    assert all(unit.weight == 6.0 for unit in found.significant())


def test_where_nothing_interacts_no_mask_is_asked() -> None:
    found = explained(lambda text: float(sum(marks(text))), 30, 300)
    assert found.fit.estimator == "effects"
    assert all(unit.weight == unit.effect == unit.alone for unit in found.coarse)
    assert found.cost.target.calls < 80


def test_what_speaks_against_is_weighed_with_the_rest() -> None:
    def value(text: str) -> float:
        there = marks(text)
        return 4.0 * (5 in there) + 2.0 * bool(there & {8, 20}) - 3.0 * (11 in there) - 1

    found = explained(value, 40, 300)
    weights = {next(iter(marks(found.text(unit)))): unit.weight for unit in found.significant()}
    assert set(weights) == {5, 8, 20, 11}
    assert weights[5] == pytest.approx(4.0, abs=0.1)
    assert weights[11] == pytest.approx(-3.0, abs=0.1)
    assert 0.5 < weights[8] < 1.5  # either is enough: each counts where the other is gone
