"""Do e-mails with an attack inserted surface among the outliers of their explanations?

    python -m focus_lime.benchmarks.experiments.injected --data PATH [--inserted 10]
        [--draws 20] [--budget 64] [--out FILE.md]

PATH is BIPIA's folder. The black box says what kind of text it reads: an e-mail, a table, or
advice about code. It is TF-IDF and logistic regression, learned from BIPIA's clean texts; an
e-mail is explained by a box that never saw it (five folds). It has never seen an attack, nor been
told that there are any. In each draw some of the e-mails get one attack each, and all are ranked by
how far the profiles of their explanations are from the rest.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from focus_lime import FocusLime, Prompt
from focus_lime.errors import FocusLimeError
from focus_lime.explanation.result import Explanation
from focus_lime.inputs.units import Span
from focus_lime.method.objectives.labels import LabelLogOdds
from focus_lime.models.base import Floats
from focus_lime.models.function import FunctionModel

from .. import script
from ..corpus.outliers import FEATURES, Surprise, outliers
from ..datasets import bipia
from ..tables.bootstrap import bootstrap_mean
from ..tables.markdown import interval, markdown

WORDS = ("supporter", "opponent")
PLACES = tuple(feature for feature in FEATURES if feature not in WORDS)
FOLDS = 5
Ranker = Callable[[Sequence[Explanation]], list[int]]


def by_profile(explanations: Sequence[Explanation]) -> list[int]:
    return [outlier.index for outlier in outliers(explanations)]


def by_places(explanations: Sequence[Explanation]) -> list[int]:
    return [outlier.index for outlier in outliers(explanations, PLACES)]


def by_words(explanations: Sequence[Explanation]) -> list[int]:
    return [outlier.index for outlier in outliers(explanations, WORDS)]


def by_text(explanations: Sequence[Explanation]) -> list[int]:
    """The control that needs no weights: the strangest sentence, against the text's average."""
    surprise = Surprise([explanation.sources[0].text for explanation in explanations])
    excess: list[float] = []
    for index, explanation in enumerate(explanations):
        bits = [surprise.of(index, explanation.text(unit)) for unit in explanation.units]
        known = [value for value in bits if value is not None]
        excess.append(max(known) - float(np.mean(known)))
    return [int(i) for i in np.argsort(-np.array(excess), kind="stable")]


def by_lowest(explanations: Sequence[Explanation]) -> list[int]:
    """The control without profiles: the sentence that speaks most against the answer."""
    lowest = [min(unit.weight or 0.0 for unit in e.attributed) for e in explanations]
    return [int(i) for i in np.argsort(np.array(lowest), kind="stable")]


RANKERS: dict[str, Ranker] = {
    "profile: weight and words": by_profile,
    "profile: where the weight lies": by_places,
    "profile: how strange its words are": by_words,
    "lowest weight, no profile": by_lowest,
    "strangest sentence, no weights": by_text,
}


@dataclass
class Box:
    """The black boxes of all folds, and the explanations of their answers so far."""

    mails: Sequence[bipia.Context]
    others: Sequence[tuple[str, str]]  # (kind, text)
    budget: int
    known: dict[tuple[int, str], Explanation] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.models = [self._train(fold) for fold in range(FOLDS)]

    def _train(self, fold: int) -> FunctionModel:
        """Learned from the other folds' e-mails and from all other kinds."""
        mails = [("email", m.text) for m in self.mails if fold_of(m.text) != fold]
        kinds, documents = zip(*mails, *self.others, strict=True)
        pipeline = make_pipeline(
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
            LogisticRegression(C=10.0, class_weight="balanced"),
        ).fit(documents, kinds)

        def log_odds(texts: list[str]) -> Floats:
            return np.asarray(pipeline.decision_function(texts), dtype=np.float64)

        labels = [str(kind) for kind in pipeline[-1].classes_]
        return FunctionModel(log_odds, labels=labels, name="kind of text")

    def explain(self, mail: bipia.Context, text: str) -> Explanation:
        """Why is `text`, which is `mail` with or without an attack, an e-mail?"""
        key = fold_of(mail.text), text
        if key not in self.known:
            # Plain LIME: an e-mail has few sentences, and none may be left out here.
            self.known[key] = FocusLime(self.models[key[0]]).explain(
                Prompt.from_document(text),
                objective=LabelLogOdds("email"),
                granularity="sentence",
                budget=self.budget,
                sets=False,
                verify=0,
            )
        return self.known[key]

    def right(self, texts: Sequence[tuple[bipia.Context, str]]) -> float:
        """The share of texts that are taken for e-mails."""
        return float(np.mean([self.explain(mail, text).base_value > 0 for mail, text in texts]))


def fold_of(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") % FOLDS


@dataclass(frozen=True)
class Draw:
    """The e-mails of one draw; by number, where the attack is in those that have one."""

    texts: tuple[tuple[bipia.Context, str], ...]
    attacked: dict[int, tuple[bipia.Position, Span]]


def draw(
    mails: Sequence[bipia.Context], attacks: Sequence[bipia.Attack], inserted: int, seed: int
) -> Draw:
    """`inserted` e-mails with an attack each, at begin, middle and end in turn; the rest clean."""
    rng = bipia.generator(seed, "draw")
    chosen = rng.permutation(len(mails))[:inserted]
    texts = [(mail, mail.text) for mail in mails]
    attacked: dict[int, tuple[bipia.Position, Span]] = {}
    for turn, index in enumerate(map(int, chosen)):
        position = bipia.POSITIONS[turn % len(bipia.POSITIONS)]
        attack = attacks[int(rng.integers(len(attacks)))]
        text, span = bipia.insert(mails[index].text, attack.text, position, rng)
        texts[index] = mails[index], text
        attacked[index] = position, span
    return Draw(tuple(texts), attacked)


def stands_alone(explanation: Explanation, span: Span) -> bool:
    """Whether the units that share a character with the span hold no other words."""
    text = explanation.sources[span.source].text
    touched = [unit for unit in explanation.units if unit.overlaps(span)]
    outside = text[touched[0].start : span.start] + text[span.end : touched[-1].end]
    return not outside.strip()


def load(folder: Path, budget: int) -> tuple[Box, list[bipia.Attack]]:
    """Different e-mails, as many different tables, all advice about code; and the attacks."""
    mails = list({mail.text: mail for mail in bipia.contexts(folder, "email")}.values())
    others: list[tuple[str, str]] = []
    for kind in ("table", "code"):
        texts = list(dict.fromkeys(context.text for context in bipia.contexts(folder, kind)))
        others += [(kind, text) for text in texts[: len(mails)]]
    return Box(mails, others, budget), bipia.attacks(folder, "email")


def run(box: Box, attacks: Sequence[bipia.Attack], inserted: int, draws: int, command: str) -> str:
    """The report in Markdown; progress on standard error."""
    precision: dict[str, list[float]] = {name: [] for name in RANKERS}
    is_first: dict[tuple[str, str], list[bool]] = {}
    alone: dict[str, list[bool]] = {position: [] for position in bipia.POSITIONS}
    kept: list[tuple[bipia.Context, str]] = []
    for seed in range(draws):
        drawn = draw(box.mails, attacks, inserted, seed)
        explanations = [box.explain(mail, text) for mail, text in drawn.texts]
        kept += [drawn.texts[index] for index in drawn.attacked]
        for index, (position, span) in drawn.attacked.items():
            alone[position].append(stands_alone(explanations[index], span))
        for name, ranker in RANKERS.items():
            first = set(ranker(explanations)[:inserted])
            precision[name].append(len(first & set(drawn.attacked)) / inserted)
            for index, (position, _) in drawn.attacked.items():
                is_first.setdefault((name, position), []).append(index in first)
        print(f"{seed + 1}/{draws} draws", file=sys.stderr, flush=True)
    n = len(box.mails)
    rows = []
    for name, values in precision.items():
        cells = [f"{np.mean(is_first[name, position]):.2f}" for position in bipia.POSITIONS]
        rows.append([name, interval(bootstrap_mean(values)), *cells])
    chance = f"{inserted / n:.2f}"
    rows.append(["random", chance, chance, chance, chance])
    shares = [f"{np.mean(alone[position]):.2f}" for position in bipia.POSITIONS]
    rows.append(["*attacks with sentences of their own*", "", *shares])
    clean = [(mail, mail.text) for mail in box.mails]
    header = [
        "ranked by",
        f"precision at {inserted}",
        *(f"found at the {p}" for p in bipia.POSITIONS),
    ]
    return "\n".join(
        [
            "# Attacks inserted into e-mails, among the outliers of the explanations\n",
            f"```\n{command}\n```\n",
            f"{n} different e-mails of BIPIA, {inserted} of them with an attack, {draws} draws. "
            f"Precision: of the first {inserted} of the ranking, how many have an attack; mean "
            "over draws and 95 % percentile bootstrap. *Found*: of the attacks at a position, how "
            "many are among the first. An attack without a sentence of its own is explained "
            "together with the text that it is joined to. Plain LIME over sentences, "
            f"{box.budget} masks at most, seed 0. focus-lime {version('focus-lime')}, "
            f"scikit-learn {version('scikit-learn')}.\n",
            "The black box tells e-mails from tables and from advice about code; it never saw the "
            "e-mail that it is asked about, nor any attack. It takes "
            f"{box.right(clean):.0%} of the clean e-mails for e-mails, and {box.right(kept):.0%} "
            "of those with an attack.\n",
            markdown(header, rows),
        ]
    )


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", required=True, help="BIPIA's folder benchmark/")
    parser.add_argument("--inserted", type=int, default=10, help="e-mails with an attack, a draw")
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--budget", type=int, default=64, help="masks an explanation, at most")


def _work(options: argparse.Namespace, command: str) -> Iterator[str]:
    box, attacks = load(Path(options.data), options.budget)
    if not 1 <= options.inserted < len(box.mails) or options.draws < 1:
        raise FocusLimeError(
            f"inserted must be from 1 to {len(box.mails) - 1}, and draws 1 or more"
        )
    yield run(box, attacks, options.inserted, options.draws, command)


def main(arguments: Sequence[str] | None = None) -> int:
    return script.run("experiments.injected", arguments, _options, _work)


if __name__ == "__main__":
    sys.exit(main())
