"""pytest tests/benchmarks/corpus/test_report.py

What carries weight over many explanations, against sums by hand; SP-LIME's pick against brute
force.
"""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from focus_lime.benchmarks.corpus import carriers, picks
from focus_lime.benchmarks.corpus.__main__ import main
from focus_lime.benchmarks.corpus.report import load_folder
from focus_lime.errors import FocusLimeError
from focus_lime.explanation.result import Explanation
from tests.explanation.explanations import explanation

ONE = explanation(
    [("# Term\n", 0.0), ("It runs 30 days. ", 3.0), ("It may be renewed. ", -1.0)],
    [("2. Law. Nevada rules.", None)],
)
TWO = explanation(
    [("Preface.\n", 1.0), ("ARTICLE IV. Term\n", 0.0), ("It runs 60 days. ", 1.0)],
    [("FEES AND COSTS\n", 0.0), ("None.", 2.0)],
)
SILENT = explanation([("Nothing weighs.", 0.0)])


def test_weight_by_section() -> None:
    shares = {c.name: c for c in carriers.carriers([ONE, SILENT, TWO], carriers.by_section)}
    assert set(shares) == {"term", carriers.NO_HEADING, "fees and costs"}
    assert shares["term"].share == pytest.approx((1 + 1 / 4) / 2)
    assert shares[carriers.NO_HEADING].share == pytest.approx((1 / 4) / 2)
    assert shares["fees and costs"].share == pytest.approx((2 / 4) / 2)
    assert sum(c.share for c in shares.values()) == pytest.approx(1)
    term = shares["term"]
    assert (term.explanations, term.units) == (2, 5)
    assert term.weight == pytest.approx((0 + 3 - 1 + 0 + 1) / 5)
    # All attributed characters of ONE are under "term"; of TWO, those of two of its five units.
    length = sum(unit.end - unit.start for unit in TWO.attributed)
    here = len("ARTICLE IV. Term\nIt runs 60 days. ")
    assert term.lift == pytest.approx((1 + 1 / 4) / (1 + here / length))


def test_weight_by_role_and_clause() -> None:
    roles = {c.name: c.share for c in carriers.carriers([ONE, TWO], carriers.by_role)}
    assert roles == pytest.approx({"user": (1 + 2 / 4) / 2, "assistant": (2 / 4) / 2})
    clauses = carriers.carriers([ONE, TWO], carriers.by_clause)
    assert clauses[0].name == "it runs 0 days."
    assert (clauses[0].explanations, clauses[0].share) == (2, pytest.approx((3 / 4 + 1 / 4) / 2))
    assert [c.share for c in clauses] == sorted((c.share for c in clauses), reverse=True)


def test_nothing_carries_weight() -> None:
    assert carriers.carriers([SILENT], carriers.by_role) == []
    assert picks.pick([SILENT], 3) == picks.pick([], 3) == []


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("## Payment terms ", "payment terms"),
        ("## 3.1 Payment", "payment"),
        ("ARTICLE IV - Term", "term"),
        ("Section 2.", "article 2"),
        ("12.3 Governing Law. This", "governing law"),
        ("4. Term", "term"),
        ("4. Governing law. This", "governing law"),
        ("5.1 Limits of Liability for the Parties", "limits of liability for the parties"),
        ("3.4 The board of directors must bear the cost.", None),
        ("LIMITATION OF LIABILITY", "limitation of liability"),
        ("30 days after the notice.", None),
        ("We met in Reno.", None),
        ("A", None),
    ],
)
def test_headings(line: str, title: str | None) -> None:
    document = explanation([(f"x\n{line}\n", 0.0), ("Body.", 1.0)])
    assert carriers.by_section(document)(document.attributed[1]) == (title or carriers.NO_HEADING)


def random_corpus(seed: int, n: int) -> list[Explanation]:
    rng = np.random.default_rng(seed)
    vocabulary = [f"word{i}" for i in range(9)]
    return [
        explanation(
            [
                (" ".join(rng.choice(vocabulary, size=2)) + ". ", float(rng.normal()))
                for _ in range(int(rng.integers(1, 4)))
            ]
        )
        for _ in range(n)
    ]


@pytest.mark.parametrize("seed", range(12))
def test_the_pick_is_near_the_best(seed: int) -> None:
    explanations = random_corpus(seed, 7)
    weights = picks.words_by_explanation(explanations)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0)
    total = picks.coverage(weights, range(7))
    previous = 0.0
    for k, picked in enumerate(picks.pick(explanations, 3), start=1):
        chosen = [p.index for p in picks.pick(explanations, k)]
        assert chosen[-1] == picked.index
        assert picked.covered * total == pytest.approx(picks.coverage(weights, chosen))
        assert picked.covered > previous
        previous = picked.covered
        best = max(picks.coverage(weights, some) for some in combinations(range(7), k))
        assert picked.covered * total >= (1 - 1 / np.e) * best - 1e-12
        if k == 1:
            assert picked.covered * total == pytest.approx(best)


def test_the_pick_ends_when_all_is_covered() -> None:
    same = [explanation([("Same words. ", 1.0)])] * 3
    assert picks.pick(same, 3) == [picks.Pick(0, 1.0)]


def test_the_report_of_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, document in (("one", ONE), ("two", TWO), ("silent", SILENT)):
        document.save(tmp_path / f"{name}.json")
    out = tmp_path / "views.md"
    assert main([str(tmp_path), "--pick", "1", "--out", str(out)]) == 0
    text = out.read_text()
    assert capsys.readouterr().out.strip() == text.strip()
    assert text.startswith("# 3 explanations together\n\nCommand: `python -m focus_lime.bench")
    for part in ("| term | 62.5% |", "| it runs 0 days. | 50.0% |", "| user | 75.0% |", "SP-LIME"):
        assert part in text
    assert text.count("\n| two |") == 2  # picked, and among the distances


def test_folders_without_explanations(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 2
    assert "has no explanations: give a folder of *.json" in capsys.readouterr().err
    (tmp_path / "a.json").write_text('{"schema": "x"}')
    with pytest.raises(FocusLimeError, match=r"a\.json: not an explanation: schema is 'x'"):
        load_folder(tmp_path)
