"""Run with: pytest tests/explanation/test_result.py"""

from __future__ import annotations

from dataclasses import replace

import pytest

from focus_lime import Explanation, FocusLime, Prompt
from focus_lime.explanation.result import COLUMNS, ranked
from focus_lime.method.proxy import load_proxy
from focus_lime.models.hf import HFCausalLM
from tests.conftest import TEXT, linear_function
from tests.explanation.explanations import CONTRACT, explanation, named, words


@pytest.fixture(scope="module")
def opened() -> Explanation:
    """Checked, with sets, the leading sentences opened to words."""
    model = linear_function({"Nevada": 9.0, "law": 2.0, "thirty": 4.0})
    prompt = Prompt.from_document(TEXT)
    return FocusLime(model, load_proxy("random")).explain(prompt, granularity="word", budget=40)


def test_tiles_give_back_the_text_and_fine_units_tile_what_was_opened(opened: Explanation) -> None:
    assert "".join(opened.text(tile) for tile in opened.tiles) == TEXT
    assert "".join(opened.text(unit) for unit in opened.units) == TEXT
    starts = {fine.start for fine in opened.fine_units}
    inside = [unit for unit in opened.coarse if unit.start in starts]
    assert 0 < len(inside) < len(opened.units)
    assert "".join(map(opened.text, opened.fine_units)) == "".join(map(opened.text, inside))
    assert opened.attributed == opened.fine_units
    assert (opened.level, opened.granularity) == ("sentence", "word")


def test_units_without_a_level_of_their_own_are_those_of_the_fit() -> None:
    whole = explanation(CONTRACT)
    assert (whole.level, whole.granularity, whole.fits) == ("sentence", "sentence", (whole.fit,))
    assert whole.attributed == whole.coarse == tuple(whole.units[i] for i in (1, 2, 3))
    assert whole.texts == ("".join(text for text, _ in CONTRACT),)


def test_what_leads_is_ranked_by_weight_then_estimate_then_place() -> None:
    parts = [("a ", 0.0), ("b ", -2.0), ("c ", 0.0), ("d ", 1.0), ("e ", 0.0), ("f ", 2.0)]
    whole = explanation([(text, weight) for text, weight in parts])
    estimates = {"a ": 0.1, "c ": -0.5, "e ": 0.1}
    units = tuple(replace(u, estimate=estimates.get(whole.text(u), 0.0)) for u in whole.units)
    whole = replace(whole, units=units)
    order = ["b ", "f ", "d ", "c ", "a ", "e "]
    assert [whole.text(unit) for unit in whole.top(9)] == order
    assert [whole.text(unit) for unit in ranked(units[::-1])] == order
    assert whole.top(2) == whole.top(9)[:2]


def test_significant_units_are_the_leading_ones_of_the_finest_level() -> None:
    whole = words(explanation(CONTRACT), 1, [1.0, -3.0, 2.0])
    fine = tuple(replace(u, significant=u.weight != 1.0) for u in whole.fine_units)
    whole = replace(whole, fine_units=fine)
    assert [unit.weight for unit in whole.significant()] == [-3.0, 2.0]


def test_top_and_table_agree(llama: HFCausalLM) -> None:
    prompt = Prompt.from_messages(
        [{"role": "user", "content": TEXT}, {"role": "assistant", "content": "Ünï 👩‍👧\r\n法律。"}],
        question="Which law?",
    )
    whole = FocusLime(llama).explain(prompt, budget=24, max_new_tokens=3)
    weights = [abs(unit.weight or 0) for unit in whole.top(99)]
    assert weights == sorted(weights, reverse=True)
    rows = whole.table(2)
    assert [row["rank"] for row in rows] == [1, 2]
    for row, unit in zip(rows, whole.top(2), strict=True):
        source = whole.sources[row["source"]].text
        assert row["text"] == source[row["start"] : row["end"]].strip()
        assert (row["weight"], row["effect"]) == (unit.weight, unit.effect)
        assert row["name"] == unit.name == f"{unit.source + 1} {whole.sources[unit.source].role}"
    assert rows[0]["effect"] is not None


def test_the_table_names_units() -> None:
    whole = named(explanation(CONTRACT), [None, "§ 1", None, None, None])
    first, second = whole.table(2)
    assert list(first) == COLUMNS
    assert (first["name"], second["name"]) == ("§ 1", None)
    assert (first["level"], first["start"], first["text"][:3]) == ("sentence", 13, "The")
