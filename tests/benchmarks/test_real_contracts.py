"""The whole benchmark on two tiny contracts, and its tables by hand.

Run: pytest tests/benchmarks/test_real_contracts.py
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from focus_lime.benchmarks import real_contracts, tables
from focus_lime.benchmarks.tables import Outcome

from . import tiny_cuad


def test_the_command_writes_the_table_that_it_prints(tmp_path: Path, capsys: Any) -> None:
    folder, out = tiny_cuad.write(tmp_path), tmp_path / "table.md"
    arguments = ["--data", str(folder), "--calls", "20", "--out", str(out)]
    labels = ["--labels", "Governing Law,Cap On Liability"]
    assert real_contracts.main([*arguments, *labels]) == 0
    printed = capsys.readouterr()
    assert printed.out == out.read_text(encoding="utf-8") + "\n"
    assert "--calls 20" in printed.out
    assert "2 tasks" in printed.out
    assert "1/2 ACMEINC, Governing Law: lime, sentences" in printed.err
    for method in real_contracts.METHODS:
        assert f"\n| {method} |" in printed.out
    assert real_contracts.main([*arguments, *labels]) == 0
    assert capsys.readouterr().out == printed.out


def test_bad_data_is_one_line(tmp_path: Path, capsys: Any) -> None:
    assert real_contracts.main(["--data", str(tmp_path / "nowhere")]) == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_every_method_has_the_same_calls(tmp_path: Path) -> None:
    benchmark, contracts = real_contracts.prepare(
        str(tiny_cuad.write(tmp_path)), ["Governing Law"], 12, 0, None
    )
    outcomes = list(benchmark.run(contracts[0]))
    assert [o.method for o in outcomes] == list(real_contracts.METHODS)
    assert all(o.calls <= 12 for o in outcomes if o.method in real_contracts.BUDGETED)
    assert list(benchmark.run(contracts[1])) == []  # no evidence for this label


def outcome(contract: str, label: str, method: str, recall: float, aopc: float) -> Outcome:
    return Outcome(contract, label, method, {5: recall}, aopc, 10, 0, 2, 1, True)


OUTCOMES = [
    outcome("A", "x", "ours", 0.5, 1.0),
    outcome("A", "x", "lime", 1.0, 1.0),
    outcome("A", "y", "ours", 1.0, 3.0),
    outcome("A", "y", "lime", 0.0, 1.0),
    outcome("B", "x", "ours", 0.0, 2.0),
    outcome("B", "x", "lime", 0.0, 4.0),
]


def test_a_contract_counts_once_however_many_labels_it_has() -> None:
    ours = [o for o in OUTCOMES if o.method == "ours"]
    assert tables.by_contract(ours, lambda o: o.recall[5]) == {"A": 0.75, "B": 0.0}
    found = tables.mean_over_contracts(ours, lambda o: o.recall[5])
    assert (found.mean, found.low, found.high) == (0.375, 0.0, 0.75)


def test_tables_by_hand() -> None:
    assert tables.markdown(["a", "b"], [["x", "1"]]) == "| a | b |\n| --- | ---: |\n| x | 1 |\n"
    means = tables.means(OUTCOMES, ["ours"], [5])
    assert "| ours | 0.38 [0.00, 0.75] | 2.00 [2.00, 2.00] | 10 | 0 |" in means
    gaps = tables.differences(OUTCOMES, ["ours"], "lime", 5)
    assert "| ours | +0.12 [+0.00, +0.25] | 1 / 1 | -0.50 [-2.00, +1.00] | 1 / 1 |" in gaps
    split = tables.breakdown(
        OUTCOMES, ["ours", "lime"], lambda o: o.label, lambda o: o.aopc, "label"
    )
    assert (
        "| x | 2 | 1.50 | 2.50 |\n| y | 1 | 3.00 | 1.00 |\n| **mean** |  | 2.25 | 1.75 |" in split
    )


@pytest.mark.parametrize(("method", "against", "n"), [("ours", "lime", 1), ("lime", "ours", 1)])
def test_losses_are_listed_with_their_reason(method: str, against: str, n: int) -> None:
    found = tables.losses(OUTCOMES, method, against, 5)
    assert found.count("part of the evidence not in S") == n
    assert tables.losses(OUTCOMES, "ours", "ours", 5) == "None.\n"
