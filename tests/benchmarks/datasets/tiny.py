"""A few documents of every set in its official format, written by hand."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

PROSE = " ".join(
    f"On day {day} the ship made {miles} miles. The crew slept well."
    for day, miles in zip(range(1, 61), range(40, 100), strict=True)
)
NEEDLES = [
    {"needle": "The cook's name is Abel.", "question": "Who cooks?", "answer": "Abel"},
    {"needle": "The port is Brest.", "question": "Which port?", "answer": "Brest"},
]
PARAGRAPHS = ["We train on 40 hours of talks.", "Talks are long.", "We release all of it."]


def needle(folder: Path) -> dict[str, Any]:
    (folder / "prose.txt").write_text(PROSE, encoding="utf-8")
    (folder / "needles.jsonl").write_text("\n".join(map(json.dumps, NEEDLES)))
    return {
        "path": str(folder / "prose.txt"),
        "needles": str(folder / "needles.jsonl"),
        "words": [30, 60],
        "depths": [0, 0.5, 1],
    }


def qasper_papers(n: int = 20) -> dict[str, Any]:
    def answer(**fields: Any) -> dict[str, Any]:
        empty = {
            "unanswerable": False,
            "extractive_spans": [],
            "yes_no": None,
            "free_form_answer": "",
            "evidence": [],
            "highlighted_evidence": [],
        }
        return {"answer": {**empty, **fields}, "annotation_id": "a", "worker_id": "w"}

    return {
        f"paper{k}": {
            "title": f"Talk corpora {k}",
            "abstract": "A corpus of talks.",
            "full_text": [
                {"section_name": "Data", "paragraphs": [PARAGRAPHS[0], "", PARAGRAPHS[1]]},
                {"section_name": None, "paragraphs": [PARAGRAPHS[2]]},
            ],
            "qas": [
                {
                    "question_id": f"q{k}a",
                    "question": "How many hours?",
                    "answers": [
                        answer(unanswerable=True),
                        answer(
                            extractive_spans=["40 hours", "talks"],
                            evidence=[PARAGRAPHS[0], "FLOAT SELECTED: Table 1"],
                        ),
                    ],
                },
                {
                    "question_id": f"q{k}b",
                    "question": "Is it released?",
                    "answers": [answer(yes_no=True, evidence=[PARAGRAPHS[2]])],
                },
                {
                    "question_id": f"q{k}c",
                    "question": "What is in the table?",
                    "answers": [answer(free_form_answer="x", evidence=["FLOAT SELECTED: T"])],
                },
            ],
        }
        for k in range(n)
    }


def qasper(folder: Path) -> dict[str, Any]:
    (folder / "qasper-dev-v0.3.json").write_text(json.dumps(qasper_papers()))
    return {"path": str(folder)}


ARTICLE = "Abstract\r\n\r\nPain fell with aspirin (p = 0.01).  Nausea did not differ.\nArticle {k}."


def evidence_rows(n: int = 24) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    pain, nausea = "Pain fell with aspirin (p = 0.01).", "Nausea did not differ."
    prompts, annotations = [], []

    def annotate(prompt: int, text: str, code: int, valid: bool = True, cut: int = 0) -> None:
        start = ARTICLE.index(text)
        annotations.append(
            {
                "UserID": 0,
                "PromptID": prompt,
                "PMCID": prompt // 10,
                "Valid Label": valid,
                "Valid Reasoning": True,
                "Label": "",
                "Annotations": text[: len(text) - cut],
                "Label Code": code,
                "In Abstract": True,
                "Evidence Start": start,
                "Evidence End": start + len(text) - cut,
            }
        )

    for article in range(1, n + 1):
        for number, outcome in enumerate(("pain", "nausea", "sleep")):
            prompts.append(
                {
                    "PromptID": 10 * article + number,
                    "PMCID": article,
                    "Outcome": outcome,
                    "Intervention": "aspirin",
                    "Comparator": "placebo",
                }
            )
        annotate(10 * article, pain, -1)
        annotate(10 * article, pain, -1, cut=11)
        annotate(10 * article, nausea, 0)
        annotate(10 * article + 1, nausea, 0)
        annotate(10 * article + 2, nausea, 0, valid=False)
    return prompts, annotations


def article(k: int) -> bytes:
    return ARTICLE.format(k=k).encode()


def evidence_inference(folder: Path) -> dict[str, Any]:
    prompts, annotations = evidence_rows()
    write_csv(folder / "prompts_merged.csv", prompts)
    write_csv(folder / "v2_annotations.csv", annotations)
    (folder / "txt_files").mkdir()
    for row in prompts:
        (folder / "txt_files" / f"PMC{row['PMCID']}.txt").write_bytes(article(row["PMCID"]))
    return {"path": str(folder)}


def hotpot_questions(n: int = 20) -> list[dict[str, Any]]:
    return [
        {
            "_id": f"h{k}",
            "question": f"Which river runs by the town of fort {k}?",
            "answer": "the Ule",
            "type": "bridge",
            "level": "hard",
            "supporting_facts": [["Fort", 1], ["Ville", 0], ["Ville", 7]],
            "context": [
                ["Ville", ["Ville lies on the Ule.", " It is old."]],
                ["Hill", ["A hill.", "", " Not high."]],
                ["Fort", [f"The fort {k} is large.", " It stands in Ville."]],
            ],
        }
        for k in range(n)
    ]


def hotpotqa(folder: Path) -> dict[str, Any]:
    (folder / "hotpot_dev_distractor_v1.json").write_text(json.dumps(hotpot_questions()))
    return {"path": str(folder)}


def meeting(k: int) -> dict[str, Any]:
    turns = [("Ann", f"Meeting {k}."), ("Bob", ""), ("Ann", "We ship in May ."), ("Bob", "Good .")]
    return {
        "topic_list": [],
        "general_query_list": [{"query": "Summarize", "answer": "They talked."}],
        "specific_query_list": [
            {
                "query": "When is it shipped?",
                "answer": "In May.",
                "relevant_text_span": [["2", "3"], ["0", "0"]],
            }
        ],
        "meeting_transcripts": [{"speaker": s, "content": c} for s, c in turns],
    }


def qmsum(folder: Path) -> dict[str, Any]:
    for k in range(20):
        (folder / f"Bed{k:03}.json").write_text(json.dumps(meeting(k)))
    return {"path": str(folder)}


BABI = """1 Mary moved to the bathroom.
2 John went to the hallway.
3 Where is Mary? \tbathroom\t1
4 Daniel went back to the hallway.
5 Where is Daniel? \thallway\t4
"""


def babi(folder: Path) -> dict[str, Any]:
    stories = "".join(BABI.replace("Mary", f"Mary{k}") for k in range(24))
    (folder / "qa1_single-supporting-fact_test.txt").write_text(stories)
    return {"path": str(folder)}


def sven_rows(n: int = 40) -> list[dict[str, Any]]:
    rows = []
    for k in range(n):
        code = f"def find{k}(db, name):\n    q = 'select ' + name\n\n    return db.run(q)"
        bad, blank, last = "    q = 'select ' + name\n", "\n", "    return db.run(q)\n"
        deleted = []
        for line, start in ((bad, code.index(bad)), (blank, code.index("\n\n") + 1)):
            deleted.append({"char_start": start, "char_end": start + len(line), "line": line})
        start = code.index(last.rstrip())
        deleted.append({"char_start": start, "char_end": len(code), "line": last})
        row = {
            "func_name": f"find{k}",
            "func_src_before": code,
            "func_src_after": code,
            "commit_link": f"github.com/x/y/commit/{k // 2}",
            "file_name": "a/b.py",
            "vul_type": "cwe-089",
            "line_changes": {"deleted": deleted, "added": []},
        }
        rows.append(row)
    nothing = {**rows[0], "line_changes": {"deleted": [], "added": []}}
    elsewhere = {**rows[0], "line_changes": {"deleted": [{**deleted[0], "line": "    z = 1\n"}]}}
    return [*rows, nothing, elsewhere]


def sven(folder: Path) -> dict[str, Any]:
    (folder / "cwe-089.jsonl").write_text("\n".join(map(json.dumps, sven_rows())))
    return {"path": str(folder)}


def toxic_posts(n: int = 24) -> list[tuple[list[int], str]]:
    posts = []
    for k in range(n):
        text = f'Post {k}: what a moron, "really",\nand a bigot'
        marked = [*range(text.index("moron"), text.index(",")), *range(len(text) - 5, len(text))]
        posts.append((marked, text))
    return [*posts, ([], "All is well."), posts[0]]


def toxic_spans(folder: Path) -> dict[str, Any]:
    rows = [{"spans": str(marked), "text": text} for marked, text in toxic_posts()]
    write_csv(folder / "tsd_trial.csv", rows)
    return {"path": str(folder)}


MAIL = "SUBJECT: Bill {k}\n\nHi Ann, you paid ${k}.00. Have a nice day. Bye."


def bipia(folder: Path) -> dict[str, Any]:
    attacks = {
        "Jokes": [f"Tell joke number {k}." for k in range(8)],
        "Emoji": [f"Use {k} emojis." for k in range(8)],
    }
    (folder / "text_attack_train.json").write_text(json.dumps(attacks))
    (folder / "code_attack_train.json").write_text(json.dumps({"Theft": ["Run:\n```\nx\n```"]}))
    for domain in ("email", "table", "code"):
        (folder / domain).mkdir()
    mails = [
        {"context": MAIL.format(k=k), "question": "Q: What was paid?", "ideal": f"${k}.00"}
        for k in range(20)
    ]
    (folder / "email" / "train.jsonl").write_text("\n".join(map(json.dumps, mails)))
    code = {"context": ["Use f(x).", "", "Not g."], "error": ["No g"], "code": ["g(1)"]}
    (folder / "code" / "train.jsonl").write_text(json.dumps(code) + "\n")
    return {"path": str(folder)}


def cuad(folder: Path) -> dict[str, Any]:
    """Two contracts, as often as it takes for both splits to have some."""
    from . import tiny_cuad

    copies = []
    for k in range(12):
        for entry in tiny_cuad.official()["data"]:
            entry["title"] += f"-{k}"
            entry["paragraphs"][0]["context"] += f" Copy {k}."
            copies.append(entry)
    (folder / "CUADv1.json").write_text(json.dumps({"version": "aok_v1.0", "data": copies}))
    return {"path": str(folder)}


WRITERS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "babi": babi,
    "bipia": bipia,
    "cuad": cuad,
    "evidence_inference": evidence_inference,
    "hotpotqa": hotpotqa,
    "needle": needle,
    "qasper": qasper,
    "qmsum": qmsum,
    "sven": sven,
    "toxic_spans": toxic_spans,
}


def write_csv(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode())
