"""Train the two bundled models from scratch, evaluate them, and write their model card.

    python scripts/train_bundled.py                  # everything; about two hours on two cores
    python scripts/train_bundled.py --only proxy     # one of the two
    python scripts/train_bundled.py --evaluate # only evaluate what is there and write the card

A stopped run goes on where its last checkpoint was. The best finished weights are put in place in
one move.
"""

import argparse
import shutil
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    LlamaForCausalLM,
    PreTrainedTokenizerBase,
)

from focus_lime.proxies.bundled import card, reader
from focus_lime.proxies.bundled.chats import generate_chat
from focus_lime.proxies.bundled.contracts import TASKS, generate_contract
from focus_lime.proxies.bundled.evaluation import (
    TOKENS_PER_WORD,
    chat_accuracy,
    contract_accuracy,
)
from focus_lime.proxies.bundled.examples import Row, RowMaker, collate, thin
from focus_lime.proxies.bundled.vocabulary import build_tokenizer

HOME = Path(__file__).resolve().parent.parent / "proxies" / "bundled"


@dataclass(frozen=True)
class Stage:
    """`lengths`: words of a document and how often; `tasks`: drawn for each question; `chats`:
    share of steps.
    """

    steps: int
    lengths: dict[int, float]
    tasks: dict[str, float]
    chats: float
    thinned: float
    lr: tuple[float, float]  # at its first and last step
    tokens: int = 12_000  # a step


RECALL = {"recall": 1.0}
ALL = {"recall": 0.45, "yes_no": 0.2, "amended": 0.12, "twice": 0.05, "joined": 0.18}
LONG = {450: 0.12, 900: 0.2, 1800: 0.2, 3500: 0.2, 5500: 0.15, 7200: 0.11, 14000: 0.02}
STAGES: dict[str, tuple[Stage, ...]] = {
    "target": (
        Stage(100, {300: 1.0}, RECALL, 0.0, 0.0, (2e-3, 2e-3)),
        Stage(300, {400: 0.5, 900: 0.5}, ALL, 0.1, 0.1, (2e-3, 2e-3)),
        Stage(400, {450: 0.3, 900: 0.3, 1800: 0.25, 3500: 0.15}, ALL, 0.1, 0.2, (2e-3, 2e-3)),
        Stage(400, LONG, ALL, 0.2, 0.25, (1.5e-3, 5e-5), 9_000),
    ),
    "proxy": (
        Stage(100, {300: 1.0}, RECALL, 0.0, 0.0, (2e-3, 2e-3)),
        Stage(200, {400: 0.5, 900: 0.5}, ALL, 0.1, 0.1, (2e-3, 2e-3)),
        Stage(600, LONG, ALL, 0.15, 0.25, (1.5e-3, 5e-5), 9_000),
    ),
}


class Trainer:
    """One model's run. Everything that it draws depends on (seed, step) alone, so that it can
    be resumed.
    """

    def __init__(self, name: str, work: Path, seed: int) -> None:
        self.name, self.work, self.seed = name, work, seed
        self.tokenizer: PreTrainedTokenizerBase = build_tokenizer()
        self.rows = RowMaker(self.tokenizer)
        t = self.tokenizer
        self.model = reader.new_reader(
            name, len(t), t.eos_token_id, t.bos_token_id, t.pad_token_id, seed
        )
        parameters = reader.trained_parameters(self.model)
        self.optimizer = torch.optim.AdamW(
            parameters, lr=1e-3, betas=(0.9, 0.98), weight_decay=0.01
        )
        self.step, self.seconds = 0, 0.0
        self._right: dict[str, list[bool]] = defaultdict(list)
        self._losses: list[float] = []
        self.state = work / f"{name}.pt"
        if self.state.exists():
            saved = torch.load(self.state, weights_only=True)
            self.model.load_state_dict(saved["model"])
            self.optimizer.load_state_dict(saved["optimizer"])
            self.step, self.seconds = saved["step"], saved["seconds"]

    def run(self) -> None:
        """Train to the end, and put the weights in place after every stage."""
        start = 0
        for stage in STAGES[self.name]:
            steps = range(max(self.step, start), start + stage.steps)
            for step in steps:
                began = time.perf_counter()
                self._learn(stage, (step - start) / stage.steps, step)
                self.step = step + 1
                self.seconds += time.perf_counter() - began
                if self.step % 25 == 0:
                    self._report()
                if self.step % 100 == 0 or step == steps[-1]:
                    self.save()
            start += stage.steps
            if steps:
                put_in_place(self.model, self.tokenizer, HOME / self.name)

    def _learn(self, stage: Stage, progress: float, step: int) -> None:
        rng = np.random.default_rng((self.seed, step))
        rows = self._draw(stage, rng)
        ids, places, labels, weights = collate(rows, self.tokenizer.pad_token_id)
        lr = stage.lr[0] + (stage.lr[1] - stage.lr[0]) * progress
        for group in self.optimizer.param_groups:
            group["lr"] = lr * min(1.0, (step + 1) / 40)
        with torch.autocast("cpu", torch.bfloat16):
            logits = reader.answer_logits(self.model, reader.SIZES[self.name].offsets, ids, places)
        losses = F.cross_entropy(logits.float().flatten(0, 1), labels.flatten(), reduction="none")
        loss = (losses * weights.flatten()).sum() / weights.sum()
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self._tally(rows, logits, places, labels, loss.item())

    def _draw(self, stage: Stage, rng: np.random.Generator) -> list[Row]:
        if rng.random() < stage.chats:
            return [
                self.rows.chat(generate_chat(rng, messages=1 + int(12 * rng.random() ** 2)))
                for _ in range(64)
            ]
        words = int(
            list(stage.lengths)[rng.choice(len(stage.lengths), p=list(stage.lengths.values()))]
        )
        tasks = list(stage.tasks)
        rows = []
        for _ in range(max(1, round(stage.tokens / (words * TOKENS_PER_WORD + 450)))):
            near = int(words * rng.uniform(0.8, 1.2))
            n_questions = max(2, min(16, near // 30))
            drawn = [tasks[i] for i in rng.choice(len(tasks), size=8, p=list(stage.tasks.values()))]
            contract = generate_contract(
                rng,
                words=near,
                task=drawn,
                n_questions=n_questions,
                n_facts=n_questions + int(rng.uniform(0.15, 1.0) * near / 24),
                split="train",
            )
            text = thin(rng, contract) if rng.random() < stage.thinned else contract.text
            rows.append(self.rows.contract(text, list(contract.questions)))
        return rows

    def _tally(
        self,
        rows: list[Row],
        logits: torch.Tensor,
        places: torch.Tensor,
        labels: torch.Tensor,
        loss: float,
    ) -> None:
        self._losses.append(loss)
        hits = logits.argmax(-1) == labels
        for b, row in enumerate(rows):
            at = {int(place) + 1: bool(hit) for place, hit in zip(places[b], hits[b], strict=True)}
            size = 2 ** round(np.log2(len(row.ids)))
            for task, value in row.values:
                self._right[f"{task}@{size}" if task == "recall" else task].append(
                    all(at[i] for i in value)
                )

    def _report(self) -> None:
        shares = "  ".join(f"{key} {np.mean(hit):.3f}" for key, hit in sorted(self._right.items()))
        loss = np.mean(self._losses)
        print(f"{self.name} {self.step} {self.seconds:.0f}s loss {loss:.3f}  {shares}", flush=True)
        self._right.clear()
        self._losses.clear()

    def save(self) -> None:
        """Save the run's state, in one move."""
        self.work.mkdir(parents=True, exist_ok=True)
        saved = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "seconds": self.seconds,
        }
        torch.save(saved, self.state.with_suffix(".tmp"))
        self.state.with_suffix(".tmp").replace(self.state)


def put_in_place(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerBase, home: Path) -> None:
    """Write model and tokenizer beside `home`, then swap the folders."""
    fresh = home.with_name(home.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    model.save_pretrained(fresh)
    tokenizer.save_pretrained(fresh)
    for path in fresh.iterdir():
        path.chmod(0o644)
    old = home.with_name(home.name + ".old")
    if home.exists():
        home.rename(old)
    fresh.rename(home)
    shutil.rmtree(old, ignore_errors=True)


def evaluate(seed: int) -> None:
    """Measure both models as they lie in place, and write the card."""
    entries = [_entry(name, seed) for name in STAGES]
    (HOME / "MODEL_CARD.md").write_text(card.model_card(entries, seed), encoding="utf-8")


def _entry(name: str, seed: int) -> card.Entry:
    model = AutoModelForCausalLM.from_pretrained(HOME / name, local_files_only=True)
    tokenizer = AutoTokenizer.from_pretrained(HOME / name, local_files_only=True)
    measured = []
    for task in TASKS:
        for size in card.SIZES:
            n = 20 if size > 8192 else 100 if task == "recall" else 50
            measured.append(contract_accuracy(model, tokenizer, task, size, n, seed))
            print(name, measured[-1], flush=True)
    for messages in card.MESSAGES:
        measured.append(chat_accuracy(model, tokenizer, messages, 100, seed))
        print(name, measured[-1], flush=True)
    config = model.config
    shape = (
        f"{config.num_hidden_layers} layers, hidden {config.hidden_size}, "
        f"{config.num_attention_heads} heads of {config.head_dim}"
    )
    size = sum(path.stat().st_size for path in (HOME / name).iterdir()) / 1e6
    steps = sum(stage.steps for stage in STAGES[name])
    return card.Entry(name, shape, model.num_parameters(), size, steps, measured)


def main() -> None:
    """Train what is asked for, then evaluate, unless told to do only the latter."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", choices=sorted(STAGES), help="train one model, no evaluation")
    parser.add_argument("--evaluate", action="store_true", help="no training")
    parser.add_argument("--work", type=Path, default=Path("runs/bundled"), help="for checkpoints")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    if not arguments.evaluate:
        for name in [arguments.only] if arguments.only else list(STAGES):
            trainer = Trainer(name, arguments.work, arguments.seed)
            trainer.run()
    if not arguments.only:
        evaluate(arguments.seed)


if __name__ == "__main__":
    main()
