"""A seeded generator of contracts with planted facts, and of questions about them.

The text is a pure function of the generator that is passed in. Every planted sentence comes with
its exact character span, and every question has two distractors at least: the same clause for
another party, and another clause for the same party.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .facts import Fact, Split, draw_facts
from .prose import HEADINGS, RECITALS, Prose

TASKS: tuple[str, ...] = ("recall", "yes_no", "amended", "twice", "joined")
"""What a question can ask for, see `Question.task`."""

Range = tuple[int, int]


@dataclass(frozen=True)
class Question:
    """A question with its only right answer.

    `task`: `recall` (one clause states it), `yes_no`, `amended` (a later clause overrides it),
    `twice` (two clauses state it) or `joined` (a clause names a schedule, the schedule names the
    value). `answer` is the whole answer sentence, `value` the part of it that only the document
    can tell. `evidence` holds the half-open character spans of all sentences that hold the answer.
    """

    task: str
    question: str
    answer: str
    value: str
    evidence: tuple[Range, ...]


@dataclass(frozen=True)
class Contract:
    """A generated document; `sentences` are the spans of every sentence in it, headings not
    included.
    """

    text: str
    questions: tuple[Question, ...]
    sentences: tuple[Range, ...]


def generate_contract(
    rng: np.random.Generator,
    *,
    words: int,
    task: str | Sequence[str] = "recall",
    n_questions: int = 1,
    n_facts: int | None = None,
    depth: float | None = None,
    split: Split = "test",
) -> Contract:
    """Write a contract of about `words` words with `n_questions` questions about it.

    `task`: one of `TASKS`, or several to draw from for each question. `n_facts`: planted clauses
    that the questions do not ask for come on top of theirs until there are so many (default: one
    per 110 words). `depth`: where in the body the first question's clause stands, 0 = start, 1 =
    end; drawn if None. `split`: in `test` every asked triple (party, attribute, value) is a
    held-out one; in `train` no held-out triple occurs anywhere. Raises ValueError for an unknown
    task or for more questions than clauses exist.
    """
    tasks = (task,) if isinstance(task, str) else tuple(task)
    unknown = [name for name in tasks if name not in TASKS]
    if unknown or not tasks:
        raise ValueError(f"unknown task {unknown}; choose from {', '.join(TASKS)}")
    if not 1 <= n_questions <= 200:
        raise ValueError(f"n_questions must be 1..200, not {n_questions}")
    if words < 30 * n_questions:
        raise ValueError(f"{words} words are too few for {n_questions} questions: 30 words each")
    wanted = max(n_facts if n_facts is not None else words // 110, n_questions + 2)
    asked, others = draw_facts(rng, tasks, n_questions, wanted, split)
    return _Draft(rng, asked, others, words, depth).write()


_PREFIXES = (
    "",
    "",
    "",
    "The parties agree that ",
    "For the purposes of this section, ",
    "Unless this section provides otherwise, ",
    "It is agreed that ",
    "As between the parties, ",
    "By mutual consent of the signatories, ",
    "Notwithstanding any earlier draft, ",
    "In keeping with the recitals above, ",
)
_SUFFIXES = (
    ".",
    ".",
    ".",
    " for the whole of the term.",
    ", and no other reading applies.",
    " as of the effective date.",
    ", subject to the general provisions.",
    " unless the law requires otherwise.",
    ", as confirmed by both signatories.",
)
_AMENDING = (
    "By way of amendment, ",
    "From the amendment date, ",
    "The earlier clause is deleted, and ",
    "As amended, ",
)


class _Draft:
    """Places the planted sentences among boilerplate and notes where each one ends up."""

    def __init__(
        self,
        rng: np.random.Generator,
        asked: list[Fact],
        others: list[Fact],
        words: int,
        depth: float | None,
    ) -> None:
        self._rng, self._prose = rng, Prose(rng)
        self._asked, self._others, self._words, self._depth = asked, others, words, depth
        self._text: list[str] = []
        self._length = 0
        self._sentences: list[Range] = []
        self._evidence: dict[int, list[Range]] = {i: [] for i in range(len(asked))}

    def write(self) -> Contract:
        body, amendments, entries = self._planted()
        planted_words = sum(len(s.split()) for s, _ in body + amendments + entries)
        filler: list[tuple[str, int | None]] = []
        left = int((self._words - planted_words) * 0.93) - 40  # headings and numbers take the rest
        while left > 0:
            sentence = self._prose.sentence()
            filler.append((sentence, None))
            left -= len(sentence.split())
        tail = len(filler) // 8 if amendments or entries else 0
        self._add("MASTER AGREEMENT\n\n")
        self._paragraph([(s, None) for s in self._recitals()])
        self._sections(self._scatter(filler[tail:], body), 1)
        if amendments:
            self._add("AMENDMENTS\n\n")
            self._sections(self._scatter(filler[: tail // 2], amendments), 1)
        if entries:
            self._add("SCHEDULES\n\n")
            self._sections(self._scatter(filler[tail // 2 : tail], entries), 1)
        text = "".join(self._text).rstrip("\n") + "\n"
        questions = tuple(
            _ask(fact, tuple(self._evidence[i]), self._rng) for i, fact in enumerate(self._asked)
        )
        return Contract(text, questions, tuple(self._sentences))

    def _planted(self) -> tuple[list[tuple[str, int | None]], ...]:
        """Sentences of body, amendments and schedules, each with the question it is evidence
        for.
        """
        body: list[tuple[str, int | None]] = []
        amendments: list[tuple[str, int | None]] = []
        entries: list[tuple[str, int | None]] = []
        for i, fact in enumerate(self._asked):
            if fact.task == "amended":
                body.append((self._state(fact.subject, fact.old_value), None))
                opening = self._prose.pick(_AMENDING)
                amendments.append((f"{opening}{fact.subject} becomes {fact.value}.", i))
            elif fact.task == "joined":
                name = f"Schedule-{fact.schedule}"
                body.append((self._state(fact.subject, name), i))
                entries.append(
                    (f"The entry in {name} reads {fact.value}{self._prose.pick(_SUFFIXES)}", i)
                )
            else:
                copies = 2 if fact.task == "twice" else 1
                body.extend((self._state(fact.subject, fact.value), i) for _ in range(copies))
        body.extend((self._state(fact.subject, fact.value), None) for fact in self._others)
        return body, amendments, entries

    def _state(self, subject: str, value: str) -> str:
        sentence = f"{self._prose.pick(_PREFIXES)}{subject} is {value}{self._prose.pick(_SUFFIXES)}"
        return sentence[0].upper() + sentence[1:]

    def _scatter(
        self, filler: list[tuple[str, int | None]], planted: list[tuple[str, int | None]]
    ) -> list[tuple[str, int | None]]:
        """`planted` in random order at random places of `filler`; question 0 at its depth, if
        given.
        """
        places = self._rng.random(len(planted))
        for k, (_, owner) in enumerate(planted):
            if owner == 0 and self._depth is not None:
                places[k] = self._depth
        merged = [((j + 0.5) / max(1, len(filler)), sentence) for j, sentence in enumerate(filler)]
        merged += [
            (float(place), sentence) for place, sentence in zip(places, planted, strict=True)
        ]
        return [sentence for _, sentence in sorted(merged, key=lambda item: item[0])]

    def _sections(self, sentences: list[tuple[str, int | None]], number: int) -> None:
        position = 0
        while position < len(sentences):
            self._add(f"{number}. {self._prose.pick(HEADINGS)}\n\n")
            for clause in range(1, int(self._rng.integers(3, 6))):
                if position >= len(sentences):
                    break
                size = int(self._rng.integers(2, 7))
                self._add(f"{number}.{clause} ")
                self._paragraph(sentences[position : position + size])
                position += size
            number += 1

    def _paragraph(self, sentences: list[tuple[str, int | None]]) -> None:
        for k, (sentence, owner) in enumerate(sentences):
            if k:
                self._add("\n" if self._rng.random() < 0.15 else " ")
            span = (self._length, self._length + len(sentence))
            self._sentences.append(span)
            if owner is not None:
                self._evidence[owner].append(span)
            self._add(sentence)
        self._add("\n\n")

    def _recitals(self) -> list[str]:
        return [RECITALS[i] for i in sorted(self._rng.permutation(len(RECITALS))[:2])]

    def _add(self, text: str) -> None:
        self._text.append(text)
        self._length += len(text)


def _ask(fact: Fact, evidence: tuple[Range, ...], rng: np.random.Generator) -> Question:
    subject = fact.subject
    sentence = f"{subject} is {fact.value}."
    question = f"What is {subject}?"
    value = fact.value
    if fact.task == "yes_no":
        value = "Yes" if rng.random() < 0.5 else "No"
        question = (
            f"Is it agreed that {subject} is {fact.value if value == 'Yes' else fact.old_value}?"
        )
        return Question(fact.task, question, f"{value}, {sentence}", value, evidence)
    if fact.task == "joined":
        name = f"Schedule-{fact.schedule}"
        sentence = f"{subject} is {name}; {name} reads {fact.value}."
    answer = sentence[0].upper() + sentence[1:]
    return Question(fact.task, question, answer, value, evidence)
