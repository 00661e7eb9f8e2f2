"""pytest tests/benchmarks/tasks/test_formats.py

What each set's loader makes of the set's own format, by hand; and what it says of other formats.
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from focus_lime.benchmarks.datasets import bipia as mails
from focus_lime.benchmarks.datasets import toxic_spans as posts
from focus_lime.benchmarks.tasks import (
    babi,
    bipia,
    cuad,
    evidence_inference,
    hotpotqa,
    needle,
    qasper,
    qmsum,
    sven,
    toxic_spans,
)
from focus_lime.benchmarks.tasks.base import Item, Task
from focus_lime.errors import FocusLimeError
from focus_lime.inputs.sentences import sentences
from focus_lime.method.objectives.labels import LabelLogOdds
from focus_lime.method.objectives.own_answer import OwnAnswer
from focus_lime.method.objectives.response import ResponseLogOdds
from tests.benchmarks.datasets import tiny, tiny_cuad, tiny_hub


def both(task: Task, seed: int = 0) -> list[Item]:
    return [*task.items("tune", seed), *task.items("test", seed)]


def every(task: Any) -> list[Item]:
    """Of any split, in the order of the data."""
    return [item for _, items in task.read(0) for item in items]


def one(task: Task, id: str) -> Item:
    (item,) = [item for item in both(task) if item.id == id]
    return item


def evidence(item: Item) -> list[str]:
    return [span.text(item.prompt.sources) for span in item.gold]


# -- needle -----------------------------------------------------------------------------------


def test_needles_at_every_length_and_depth(tmp_path: Path) -> None:
    task = needle.load(**tiny.needle(tmp_path))
    items = both(task)
    passages = {item.id.partition("/")[0] for item in items}
    assert len(items) == len(passages) * 2 * 2 * 3
    for item in items:
        text, (span,) = item.prompt.sources[0], item.gold
        assert evidence(item) == [tiny.NEEDLES[int(item.facts["needle"])]["needle"]]
        # Without the needle the text is the prose, character for character, but for one blank.
        rest = text[: span.start] + text[span.end :].removeprefix(" ")
        assert rest.strip() in tiny.PROSE
        words, depth = int(item.facts["words"]), float(item.facts["depth"])
        assert words <= len(rest.split()) < words + 8
        before = len(text[: span.start].split())
        assert depth * len(rest.split()) <= before < depth * len(rest.split()) + 8
        # It stands between sentences.
        assert (span.start, span.end) in [
            (start, start + len(text[start:end].rstrip())) for start, end in sentences(text)
        ]


def test_needles_may_stand_in_the_yaml(tmp_path: Path) -> None:
    options = tiny.needle(tmp_path)
    from_file = both(needle.load(**options))
    task = needle.load(**{**options, "needles": tiny.NEEDLES})
    assert [i.gold for i in both(task)] == [i.gold for i in from_file]
    other = needle.load(**{**options, "needles": tiny.NEEDLES[:1]})
    assert other.fingerprint != task.fingerprint
    own = both(needle.load(**{**options, "answer": "own"}))
    assert {item.objective for item in own} == {OwnAnswer()}
    assert {item.objective for item in from_file} == {
        ResponseLogOdds("Abel"),
        ResponseLogOdds("Brest"),
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"words": [0]}, "must be 1 or more"),
        ({"words": [10_000]}, "no passage of 10000 words"),
        ({"depths": [1.5]}, "from 0 to 1"),
        ({"needles": []}, "no needles"),
        ({"needles": [{"needle": "x"}]}, "needle 1 is not in the format of needles: no 'question'"),
        ({"needles": [{"needle": " ", "question": "q", "answer": "a"}]}, "must be texts"),
        (
            {"needles": [{"needle": "The crew slept well.", "question": "q", "answer": "a"}]},
            "stands in the prose already",
        ),
        ({"answer": "mine"}, "reference or own"),
    ],
)
def test_bad_needles(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(FocusLimeError, match=message):
        every(needle.load(**{**tiny.needle(tmp_path), **change}))


# -- questions about documents ----------------------------------------------------------------


def test_qasper(tmp_path: Path) -> None:
    task = qasper.load(**tiny.qasper(tmp_path))
    assert len(both(task)) == 40  # of three questions a paper, one has only a table as evidence
    item = one(task, "paper2/q2a")
    assert evidence(item) == [tiny.PARAGRAPHS[0]]
    assert item.objective == ResponseLogOdds("40 hours, talks")
    assert item.prompt.question == "How many hours?"
    assert item.facts["evidence_missing"] == 1
    assert item.prompt.sources[0] == (
        "Talk corpora 2\n\nA corpus of talks.\n\nData\n\n" + "\n\n".join(tiny.PARAGRAPHS) + "\n\n"
    )
    assert one(task, "paper2/q2b").objective == ResponseLogOdds("Yes")


def test_evidence_inference(tmp_path: Path) -> None:
    task = evidence_inference.load(**tiny.evidence_inference(tmp_path))
    assert len(both(task)) == 48  # two of three prompts have valid evidence
    item = one(task, "PMC3/30")
    assert item.objective == LabelLogOdds("decreased", "increased", "unchanged")
    assert evidence(item) == ["Pain fell with aspirin (p = 0.01)."]
    assert (item.facts["annotators"], item.facts["agree"]) == (3, 2)
    assert item.prompt.sources == (tiny.article(3).decode(),)
    unchanged = LabelLogOdds("unchanged", "increased", "decreased")
    assert one(task, "PMC3/31").objective == unchanged


def test_evidence_that_is_not_where_it_says(tmp_path: Path) -> None:
    options = tiny.evidence_inference(tmp_path)
    texts = tmp_path / "txt_files"
    for file in texts.iterdir():
        file.write_bytes(b"\n" + file.read_bytes())
    with pytest.raises(FocusLimeError, match=r"annotations.csv, row \d+: PMC\d+ does not hold 'P"):
        every(evidence_inference.load(**options))
    (texts / "PMC24.txt").unlink()
    with pytest.raises(FocusLimeError, match=r"no PMC24.txt, which .*prompts_merged.csv asks for"):
        dict(evidence_inference.load(**options).read(0))
    (tmp_path / "annotations_merged.csv").write_text("")
    with pytest.raises(FocusLimeError, match="has 2 files of annotations"):
        evidence_inference.load(**options)


def test_hotpotqa(tmp_path: Path) -> None:
    item = one(hotpotqa.load(**tiny.hotpotqa(tmp_path)), "h3")
    assert evidence(item) == ["Ville lies on the Ule.", "It stands in Ville."]
    assert item.facts == {"type": "bridge", "level": "hard", "evidence_missing": 1}
    assert item.prompt.sources[0].startswith("Ville\nVille lies on the Ule. It is old.\n\nHill\n")
    own = one(hotpotqa.load(str(tmp_path), answer="own"), "h3")
    assert (item.objective, own.objective) == (ResponseLogOdds("the Ule"), OwnAnswer())


def test_qmsum(tmp_path: Path) -> None:
    item = one(qmsum.load(**tiny.qmsum(tmp_path)), "Bed003/0")
    assert evidence(item) == ["Ann: Meeting 3.", "Ann: We ship in May .\nBob: Good ."]
    assert item.objective == ResponseLogOdds("In May.")
    lines = tmp_path / "all.jsonl"
    lines.write_text("\n".join(json.dumps(tiny.meeting(k)) for k in range(20)))
    same = one(qmsum.load(str(lines)), "all-3/0")
    assert (same.prompt, same.gold) == (item.prompt, item.gold)
    bad = tiny.meeting(0)
    bad["specific_query_list"][0]["relevant_text_span"] = [["2", "4"]]
    lines.write_text(json.dumps(bad))
    with pytest.raises(FocusLimeError, match=r"line 1, specific query 0: .* turns 2 to 4 of 4"):
        every(qmsum.load(str(lines)))


def test_babi(tmp_path: Path) -> None:
    task = babi.load(**tiny.babi(tmp_path))
    assert len(both(task)) == 48
    first, second = (one(task, f"qa1_single-supporting-fact_test-7/{number}") for number in (3, 5))
    assert first.prompt.sources == ("Mary7 moved to the bathroom.\nJohn went to the hallway.\n",)
    assert evidence(first) == ["Mary7 moved to the bathroom."]
    assert first.objective == ResponseLogOdds("bathroom")
    assert evidence(second) == ["Daniel went back to the hallway."]
    assert "Where" not in second.prompt.sources[0]
    for number, message in (("9", "line 9 of the story is no statement"), ("x", "invalid literal")):
        (tmp_path / "qa2.txt").write_text(f"1 Ann ran.\n2 Who? \tAnn\t{number}\n" * 40)
        with pytest.raises(FocusLimeError, match=rf"qa2.txt, line 2.*{message}"):
            every(babi.load(str(tmp_path / "qa2.txt")))
    with pytest.raises(FocusLimeError, match="1 to 20, not 21"):
        babi.load(task=21)


def test_cuad(tmp_path: Path) -> None:
    options = tiny.cuad(tmp_path)
    task = cuad.load(**options)
    item = next(i for i in both(task) if i.facts["label"] == "Governing Law")
    assert evidence(item) == ["This Agreement is governed by the laws of the State of Nevada."]
    assert item.objective == OwnAnswer()
    assert str(item.prompt.question).startswith("Highlight the parts")
    (asked,) = {
        (i.objective, i.prompt.question, len(i.prompt.messages[0].segments))
        for i in both(cuad.load(**options, labels=["Governing Law"], classify=True))
    }
    assert asked == (LabelLogOdds("Governing Law"), "Governing Law. What about governing law?", 1)
    with pytest.raises(FocusLimeError, match="the category 'Goverming Law': did you mean"):
        both(cuad.load(**options, labels=["Goverming Law"]))


def test_the_hub_gives_the_same_clauses(tmp_path: Path, monkeypatch: Any) -> None:

    tiny_hub.fake_hub(monkeypatch, tiny_cuad.hub_rows(), {})
    from_hub = cuad.load()
    local = {(i.prompt, i.gold) for i in every(cuad.load(str(tiny_cuad.write(tmp_path))))}
    assert {(i.prompt, i.gold) for i in every(from_hub)} == local
    assert len(local) == 2
    tiny_hub.fake_hub(monkeypatch, tiny_cuad.hub_rows()[:1], {})
    assert cuad.load().fingerprint != from_hub.fingerprint


# -- code and posts ---------------------------------------------------------------------------


def test_sven(tmp_path: Path) -> None:
    options = tiny.sven(tmp_path)
    task = sven.load(**options)
    assert len(both(task)) == 40  # not the two pairs that were left out
    item = one(task, "cwe-089-4")
    assert evidence(item) == ["q = 'select ' + name", "return db.run(q)"]
    assert item.objective == LabelLogOdds("vulnerable", "safe")
    assert item.facts == {"cwe": "cwe-089", "language": "Python", "lines": 4}
    tune = {i.id for i in task.items("tune", 0)}
    for k in range(0, 40, 2):  # one commit fixed both
        assert (f"cwe-089-{k}" in tune) == (f"cwe-089-{k + 1}" in tune)
    bad = tiny.sven_rows(1)[0]
    bad["line_changes"]["deleted"][0]["char_end"] = 999
    (tmp_path / "cwe-089.jsonl").write_text(json.dumps(bad))
    with pytest.raises(FocusLimeError, match=r"cwe-089.jsonl, line 1: .*, 999\) is no span"):
        every(sven.load(**options))


def test_toxic_spans(tmp_path: Path) -> None:
    options = tiny.toxic_spans(tmp_path)
    task = toxic_spans.load(**options)
    assert len(both(task)) == 25
    item = one(task, "tsd_trial-4")
    assert evidence(item) == ["moron", "bigot"]
    assert item.objective == LabelLogOdds(*toxic_spans.LABELS)
    assert item.prompt.question == toxic_spans.QUESTION
    alone = one(toxic_spans.load(**options, classify=True), "tsd_trial-4")
    assert (alone.objective, alone.prompt.question) == (OwnAnswer(), None)
    tune = {i.id for i in task.items("tune", 0)}
    assert ("tsd_trial-0" in tune) == ("tsd_trial-25" in tune)  # the same post
    for spans, message in (("[0, 900]", r"\[900, 901\) is no span"), ("[a]", "not in the format")):
        tiny.write_csv(tmp_path / "tsd_trial.csv", [{"spans": spans, "text": "x" * 9}])
        with pytest.raises(FocusLimeError, match=rf"tsd_trial.csv, row 1.*{message}"):
            every(toxic_spans.load(**options))


def test_runs_of_offsets() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        offsets = set(map(int, rng.integers(0, 30, size=12)))
        spans = posts.runs(offsets)
        assert {c for start, end in spans for c in range(start, end)} == offsets
        assert all(a[1] < b[0] for a, b in pairwise(spans))
    assert posts.runs([9, 4, 3, 5]) == [(3, 6), (9, 10)]
    assert posts.runs([]) == []


# -- attacks ----------------------------------------------------------------------------------


def test_bipia(tmp_path: Path) -> None:
    options = tiny.bipia(tmp_path)
    task = bipia.load(**options)
    clean = {context.id: context for context in mails.contexts(tmp_path, "email")}
    items = both(task)
    assert len(items) == 60
    known = {attack.text for attack in mails.attacks(tmp_path, "email")}
    for item in items:
        key, _, position = item.id.rpartition("-")
        text, (span,) = item.prompt.sources[0], item.gold
        start, end = span.start, span.end
        assert text[start:end] in known
        assert item.prompt.question == "What was paid?"
        if position == "begin":
            assert (start, text[end:]) == (0, "\n" + clean[key].text)
        elif position == "end":
            assert (text[:start], end) == (clean[key].text + "\n", len(text))
        else:
            assert text[: start - 1] + text[end + 1 :] == clean[key].text
            assert start - 1 in [stop for _, stop in sentences(clean[key].text)[:-1]]
    # The seed chooses the attacks, and neither they nor the mails of the splits meet.
    assert [i.gold for i in both(task, 1)] != [i.gold for i in items]
    used = [{evidence(i)[0] for s in range(9) for i in task.items(split, s)} for split in _SPLITS]
    assert not used[0] & used[1]


_SPLITS: tuple[Any, ...] = ("tune", "test")


def test_bipia_of_code_reads_lines(tmp_path: Path) -> None:
    tiny.bipia(tmp_path)
    (context,) = mails.contexts(tmp_path, "code")
    assert (context.text, context.question) == ("Use f(x).\n\nNot g.", "No g\ng(1)")
    assert [attack.category for attack in mails.attacks(tmp_path, "code")] == ["Theft"]


def test_bad_bipia(tmp_path: Path) -> None:
    options = tiny.bipia(tmp_path)
    for change, message in (
        ({"domain": "mail"}, "no domain 'mail': did you mean email"),
        ({"positions": ["start"]}, "no position 'start'"),
    ):
        with pytest.raises(FocusLimeError, match=message):
            bipia.load(**options, **change)
    (tmp_path / "text_attack_train.json").write_text('{"Jokes": "Tell one."}')
    with pytest.raises(FocusLimeError, match="'Jokes' is not a list of instructions"):
        every(bipia.load(**options))


# -- other formats ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("load", "name", "content", "message"),
    [
        (qasper.load, "qasper.json", "[]", "no object of papers"),
        (qasper.load, "qasper.json", '{"p": {"title": "x"}}', "paper p is not .* no 'abstract'"),
        (qasper.load, "qasper.json", '{"p": 3}', "paper p is not in the format of Qasper"),
        (hotpotqa.load, "hotpot.json", "{}", "no list of questions"),
        (hotpotqa.load, "hotpot.json", '[{"question": "x"}]', "question 0 is not .* no 'context'"),
        (hotpotqa.load, "hotpot.json", "[7]", "question 0 is not in the format of HotpotQA"),
        (qmsum.load, "a.json", "[]", "no object"),
        (qmsum.load, "a.json", "{}", "a.json is not .* no 'meeting_transcripts'"),
        (babi.load, "qa1.txt", "Mary moved.", "qa1.txt, line 1 is not in the format of bAbI"),
        (babi.load, "qa1.txt", "1 Who? \tAnn", "line 1 is not in the format of bAbI"),
        (sven.load, "a.jsonl", "{}", "line 1 is not in the format of SVEN: no 'commit_link'"),
        (toxic_spans.load, "tsd_a.csv", "text\nx\n", "has no column 'spans'"),
        (toxic_spans.load, "tsd_a.csv", 'spans,text\n"[true]",x\n', "must be a list of character"),
    ],
)
def test_another_format_says_where(
    load: Any, name: str, content: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(FocusLimeError, match=message):
        every(load(str(tmp_path)))
