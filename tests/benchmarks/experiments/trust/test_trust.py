"""The trust benchmark measures what it says.

Run: pytest tests/benchmarks/experiments/trust
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from focus_lime.benchmarks.experiments.trust import examined, weighed
from focus_lime.benchmarks.experiments.trust.__main__ import main
from focus_lime.benchmarks.experiments.trust.cases import (
    STEPS,
    Planted,
    answered_elsewhere,
    by_weight,
    content_words,
    plant,
    ranking,
    value_words,
)
from focus_lime.benchmarks.experiments.trust.examined import CONTEXT, MISSES, SETS
from focus_lime.benchmarks.experiments.trust.figure import Figure
from focus_lime.explain import FocusLime
from focus_lime.method.objectives.response import ResponseLogOdds
from focus_lime.method.proxy import load_proxy
from focus_lime.models.hf import HFCausalLM


@pytest.fixture(scope="module")
def case(target: HFCausalLM) -> Planted:
    seeds = (plant(target, "recall", 600, seed) for seed in range(50_000, 50_009))
    return next(case for case in seeds if case is not None)


def test_the_evidence_holds_the_value_and_the_answer_is_right(case: Planted) -> None:
    (index,) = case.evidence
    text = case.sentences.texts(case.prompt.sources)[index]
    assert case.asked.value in text
    assert case.asked.value in case.response.text


def test_the_words_of_the_clause(case: Planted) -> None:
    words = case.prompt.tree.units("word")
    texts = [text.strip(" .,;\n") for text in words.texts(case.prompt.sources)]
    value = [texts[i] for i in sorted(value_words(case, words))]
    assert " ".join(value) == case.asked.value
    content = {texts[i] for i in content_words(case, words)}
    assert set(value) <= content
    subject = case.asked.question.removeprefix("What is the ").removesuffix("?")
    assert content - set(value) == set(subject.split()) - {"of", "the"}


def test_aopc_by_hand(case: Planted) -> None:
    order = [3, *(i for i in range(len(case.sentences)) if i != 3)]
    f = case.value()
    drops = []
    for k in range(1, STEPS + 1):
        mask = np.ones((1, len(f.units)), dtype=bool)
        mask[0, order[:k]] = False
        drops.append(f.full() - f(mask)[0])
    assert case.aopc(order) == pytest.approx(np.mean(drops), abs=1e-4)
    best = [*case.evidence, *(i for i in order if i not in case.evidence)]
    assert case.aopc(best) > case.aopc(order) + 1


def test_the_half_without_the_answer_is_what_may_be_perturbed(case: Planted) -> None:
    other = answered_elsewhere(case)
    (start, _), *_ = case.asked.evidence
    whole = case.prompt.sources[0]
    (half,) = other.prompt.sources
    assert half in whole
    assert case.asked.value not in half or whole[start:].count(case.asked.value) > 1
    assert other.prompt.messages[0].content == case.prompt.messages[0].content
    assert 0.3 < len(half) / len(whole) < 0.7


def test_a_ranking_has_every_sentence_once(case: Planted) -> None:
    explanation = FocusLime(case.model, load_proxy("bm25")).explain(
        case.prompt, objective=ResponseLogOdds(case.response), estimator="mixed"
    )
    order = ranking(explanation, case.sentences)
    assert sorted(order) == list(range(len(case.sentences)))
    assert order[0] in case.evidence
    assert by_weight(np.array([0.5, 2.0, -1.0])) == [1, 0, 2]


def _table(figure: Figure, model: HFCausalLM, records: Path, tokens: int = 700) -> str:
    *_, table = replace(figure, tokens=tokens).tables(model, 1, records)
    return table


def test_the_tables_of_misses_sets_and_context(
    target: HFCausalLM, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examined, "PROXIES", ("random", "bm25"))
    table = _table(MISSES, target, tmp_path / "1")
    assert "| bm25 | 0% (0/1) | 0% (0/1) | 4 |" in table
    assert table.count("0% (0/1)") >= 3  # nothing is missed after the rescue
    assert "| the whole document | 1 | 0% |" in _table(CONTEXT, target, tmp_path / "6")
    sets = _table(SETS, target, tmp_path / "2")
    assert "| twice (A or B) | 1 | 100% | 100% |" in sets
    assert "| joined (A and B) | 1 | 100% | 100% |" in sets


def test_the_tables_of_cost_words_and_stability(
    target: HFCausalLM, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weighed, "SEEDS", 2)
    monkeypatch.setattr(weighed, "PLAIN", 0)
    monkeypatch.setattr(weighed, "ASIDE", 0)
    ours = {k: v for k, v in weighed.METHODS.items() if k in ("mixed", "exact, 64 masks")}
    monkeypatch.setattr(weighed, "METHODS", ours)
    cost = _table(weighed.COST, target, tmp_path / "3", 150)
    assert re.search(r"\| mixed \| 1 \| [\d.]+ \| [\d.]+ \| 1.00 \|", cost)
    words = _table(weighed.WORDS, target, tmp_path / "4", 150)
    assert re.search(r"\| deleted \| each word deleted alone \| 1 \| .* \| 1.00 \|  \|", words)
    assert words.count("| Focus-LIME |") == len(weighed.WAYS)
    assert "| 1 | 2 | " in _table(weighed.STABILITY, target, tmp_path / "5", 150)


def test_variants_are_compared_on_their_own_documents() -> None:
    exact = np.array([[1.0, 2.0, 40.0], [1.0, 8.0, 40.0]])
    rows = {"exact, 64 masks": exact, "mixed, no verified spans": exact[:1]}
    table = weighed.COST.table(rows)
    assert re.search(r"\| exact, 64 masks \| 2 \| .* \| 1.000 \|", table)
    assert re.search(r"\| mixed, no verified spans \| 1 \| .* \| 1.000 \|", table)


def test_a_killed_figure_goes_on_and_refuses_the_records_of_another(
    target: HFCausalLM, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def measure(case: Planted) -> dict[str, tuple[float, ...]]:
        measured.append(case.seed)
        return {"length": (float(len(case.prompt.sources[0])),)}

    measured: list[int] = []
    figure = Figure("Lengths", ("recall",), 300, measure, lambda rows: str(rows["length"].tolist()))
    records = tmp_path / "records.jsonl"
    tables = figure.tables(target, 3, records)
    first, second = next(tables), next(tables)
    tables.close()  # killed
    with records.open("a") as file:
        file.write('{"figure": "Len')  # in the middle of a line
    again = list(figure.tables(target, 3, records))
    assert again[:2] == [first, second]
    assert len(again) == 3
    assert len(measured) == len(set(measured)) == 3  # no document twice

    assert main(["--figure", "1", "--records", str(records)]) == 2
    assert "line 1, is not of this figure and model" in capsys.readouterr().err
    assert main(["--figure", "1", "--model", "nowhere:x"]) == 2


def test_the_command_writes_a_figure(tmp_path: Path) -> None:
    out, records = tmp_path / "table.md", tmp_path / "records.jsonl"
    arguments = ["--figure", "6", "--documents", "1", "--records", str(records), "--out", str(out)]
    assert main(arguments) == 0
    text = out.read_text()
    assert text.startswith("# 6. Answers that do not need the attributable text")
    assert "experiments.trust --figure 6" in text
    assert len(records.read_text().splitlines()) == 1


def test_context_cite_pays_for_every_prompt_in_full(case: Planted) -> None:
    pytest.importorskip("context_cite", reason="pip install 'focus-lime[peers]'")
    order, fpe = weighed.METHODS["ContextCite, 64 masks"](case)
    assert sorted(order) == list(range(len(case.sentences)))
    assert order[0] in case.evidence
    assert 0.4 * 64 < fpe < 0.6 * 64 + 1  # half of the sentences a mask, and the prompt itself


def test_a_model_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    model = "focus_lime.benchmarks.experiments.jobs.models:attacks"
    assert main(["--figure", "1", "--model", model]) == 2
    assert "a local causal language model is needed" in capsys.readouterr().err
