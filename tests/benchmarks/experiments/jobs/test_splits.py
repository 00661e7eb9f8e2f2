"""The splits of the jobs on real data: pytest tests/benchmarks/experiments/jobs/test_splits.py"""

from __future__ import annotations

from pathlib import Path

from focus_lime.benchmarks.datasets import cuad, sven
from focus_lime.benchmarks.experiments.jobs import attack, code, flag, legal
from focus_lime.benchmarks.tasks.base import SPLITS


def test_contracts(shared: Path) -> None:
    contracts = cuad.load(shared / "data" / "cuad")
    tune, test = (legal.of_split(contracts, split, None) for split in SPLITS)
    assert len(tune) + len(test) == 221
    titles = [{asked.contract.title for asked in cases.values()} for cases in (tune, test)]
    assert [len(each) for each in titles] == [5, 5]
    assert not titles[0] & titles[1]
    first = next(iter(tune.values())).contract.title
    assert {a.contract.title for a in legal.of_split(contracts, "tune", 1).values()} == {first}


def test_functions(shared: Path) -> None:
    fixes = list(sven.load(shared / "data" / "sven" / "train"))
    tune, test = (code.of_split(fixes, split, None) for split in SPLITS)
    assert (len(tune), len(test)) == (131, 110)
    commits = [{fix.commit for fix in cases.values()} for cases in (tune, test)]
    assert not commits[0] & commits[1]


def test_posts(shared: Path) -> None:
    folder = shared / "data" / "toxic_spans"
    tune, test = (flag.of_split(folder, split, 10_000) for split in SPLITS)
    assert min(len(tune), len(test)) > 400
    assert not {post.text for post in tune.values()} & {post.text for post in test.values()}


def test_emails_and_orders(shared: Path) -> None:
    folder = shared / "data" / "bipia"
    emails, orders = [], []
    for split in SPLITS:
        cases = attack.of_split(folder, split, 5, None).values()
        emails.append({case.email for case in cases if case.order is None})
        attacked = [case for case in cases if case.order is not None]
        orders.append({c.email[c.order.start : c.order.end] for c in attacked if c.order})
        assert len(attacked) >= 5 * len(emails[-1]) > 30
    assert not emails[0] & emails[1]
    assert not orders[0] & orders[1]
