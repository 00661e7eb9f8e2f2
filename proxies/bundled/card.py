"""Writes the model card from measured accuracies."""

from collections.abc import Sequence
from dataclasses import dataclass

from .contracts import TASKS
from .evaluation import Accuracy

SIZES = (512, 1024, 2048, 4096, 8192, 16384)
MESSAGES = (2, 4, 8, 16)


@dataclass(frozen=True)
class Entry:
    """What the card says of one model."""

    name: str
    shape: str
    parameters: int
    megabytes: float
    steps: int
    accuracies: Sequence[Accuracy]


def model_card(entries: Sequence[Entry], seed: int) -> str:
    """The card in Markdown. Every accuracy stands in it as `share (right/n)`."""
    models = "\n".join(
        f"| `bundled:{e.name}` | {e.shape} | {e.parameters:,} | {e.megabytes:.1f} MB | {e.steps} |"
        for e in entries
    )
    by_length = _table("prompt tokens", entries, TASKS, SIZES)
    by_messages = _table("messages", entries, ("chat",), MESSAGES)
    return f"""# The bundled models of Focus-LIME

Two small causal language models that come with the library, so that it can be tried, tested and
demonstrated offline. They read generated contracts and answer questions about them. They know
nothing else.

| name | shape | parameters | on disk | training steps |
| --- | --- | --- | --- | --- |
{models}

Both are plain `LlamaForCausalLM` models in float32 with tied embeddings, attention biases, no
sliding window, and a window of 32,768 tokens. The tokenizer has whole words, sub-word pieces,
characters and bytes; it gives any text back unchanged.

Licence: Apache-2.0, weights and text generator alike.

## What they are asked

One user message `DOCUMENT`, a blank line, `Question: What is the governing law of the Orion
agreement?`; the answer is a sentence that restates the question and ends in the value. Tasks:

- `recall`: one clause states the value.
- `yes_no`: `Is it agreed that the governing law of the Orion agreement is Nevada?`; only the first
  word of the answer counts.
- `amended`: a later clause overrides an earlier one.
- `twice`: two clauses state the same value.
- `joined`: a clause names a schedule, and the schedule names the value.
- `chat`: a conversation, then the user's `Question: Is the conversation above safe or unsafe?`

Every document holds the same clause for other parties and other clauses for the same party.

## Accuracy

Share of greedy answers that are right up to and with the value, and the count behind it. Facts
asked for are (party, attribute, value) triples that no training document contains. Seed {seed}; ten
questions a document, each asked alone. Documents fill the stated length, template and question
included. Conversations are new, but put together from the sentences that were trained on.

{by_length}

{by_messages}

Guessing gives 0.5 for `yes_no` and `chat`. A figure near that means that the model cannot do the
task: do not use it for that.

## How they were trained

From scratch on two CPU cores, by `python scripts/train_bundled.py`, on documents that the project's
own generator writes from its own sentences (`lexicon.py`, `prose.py`, `contracts.py`, `chats.py`);
no other text was used. The first layer's heads are set to look at fixed offsets and stay so; the
second layer starts as a content look-up between those offsets (`reader.py`). The loss is taken on
answers only, up to sixteen questions a document. Documents grow from 300 to 14,000 words; a
quarter of the later ones have random sentences or words deleted, because that is what the library
does to them.

The shipped weights took about an hour of one core (target) and 18 minutes (proxy). While they were
made, the wording of the yes/no question changed and harmless conversations were added, after step
800 of the target and 200 of the proxy; a fresh run has the present generator from the start.

## Limits

- They answer only questions of the forms above, about clauses of the form "the ATTRIBUTE of the
  PARTY KIND is VALUE", with the names and values of `lexicon.py`. Other wording is not understood.
- A question whose answer is not in the document gets a wrong answer, not a refusal.
- The `chat` verdict covers the dozen mild wrongful requests of `chats.py`. It is no safety filter.
- They are test objects for attribution methods, not assistants.
"""


def _table(head: str, entries: Sequence[Entry], tasks: Sequence[str], sizes: Sequence[int]) -> str:
    lines = [
        f"| model | task, by {head} | " + " | ".join(f"{size:,}" for size in sizes) + " |",
        "| --- | --- |" + " --- |" * len(sizes),
    ]
    for entry in entries:
        for task in tasks:
            found = {a.size: a for a in entry.accuracies if a.task == task}
            cells = [
                f"{found[size].share:.2f} ({found[size].right}/{found[size].n})" for size in sizes
            ]
            lines.append(f"| {entry.name} | {task} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
