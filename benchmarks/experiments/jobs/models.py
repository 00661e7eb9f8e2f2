"""The black boxes of the jobs' benchmarks, as a user would hand them to the command line:

    FOCUS_LIME_DATA=DIR focus-lime audit legal ... \\
        --model focus_lime.benchmarks.experiments.jobs.models:clauses

DIR holds `cuad/`, `bipia/` and `sven/` as the jobs' benchmarks say; FOCUS_LIME_MODELS is the folder
that holds `profanity_svm/`. What has to be trained is trained at the first call, on none of what is
explained: a model for the split `test` never saw its fold of the data, one for `tune` (`..._tune`)
saw neither its own fold nor that of `test`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from scipy.special import expit, logit
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.sentences import sentences
from focus_lime.models.base import Floats
from focus_lime.workflows.checklist import load_checklist

from ...classifiers.clauses import ClauseClassifier
from ...classifiers.ngrams import WORD
from ...datasets import bipia, cuad, sven
from ...tasks.base import Split

CHECKLIST = Path(__file__).parents[3] / "configs" / "legal_cuad.yaml"
CODE_CHECKLIST = CHECKLIST.with_name("code_security.yaml")
FOLD: dict[Split, int] = {"test": 0, "tune": 1}
_UNSEEN: dict[Split, tuple[int, ...]] = {"test": (0,), "tune": (0, 1)}
_QUESTION = "\n\nQuestion: "


def model_name(function: str, split: Split) -> str:
    """`module:attribute` of the model of a split, as `--model` takes it."""
    return f"{__name__}:{function}{'_tune' if split == 'tune' else ''}"


def function(name: str) -> Callable[[list[str]], Floats]:
    """The model that `--model` finds under this name."""
    found: Callable[[list[str]], Floats] = globals()[name.rpartition(":")[2]]
    return found


def folder(variable: str = "FOCUS_LIME_DATA") -> Path:
    """The folder that a variable of the environment names."""
    path = os.environ.get(variable)
    if not path:
        raise FocusLimeError(f"set {variable} to the folder of the benchmarks' data or models")
    return Path(path)


def asked(texts: Sequence[str]) -> tuple[list[str], str]:
    """The documents, and the question that stands after each of them."""
    parts = [text.rpartition(_QUESTION) for text in texts]
    return [document for document, _, _ in parts], parts[0][2]


def clauses(texts: list[str]) -> Floats:
    """Log-odds that a contract holds the clause which the question asks for, `float64[n]`."""
    documents, question = asked(texts)
    return _clause_classifier(folder() / "cuad").for_label(_labels()[question])(documents)


@cache
def _labels() -> dict[str, str]:
    return {item.question: item.name for item in load_checklist(CHECKLIST)}


@cache
def _clause_classifier(path: Path) -> ClauseClassifier:
    """Trained on clauses of companies that filed none of the contracts."""
    _, excerpts = cuad.with_excerpts(path)
    return ClauseClassifier.train(excerpts, sorted({excerpt.category for excerpt in excerpts}))


def toxicity(texts: list[str]) -> Floats:
    """Log-odds of the mean probability of five linear SVMs with Platt scaling, `float64[n]`."""
    arrays, vocabulary = _svm(folder("FOCUS_LIME_MODELS") / "profanity_svm")
    rows = []
    for text in texts:
        ids = [vocabulary[w] for w in WORD.findall(text.lower()) if w in vocabulary]
        decisions = arrays["coef"][:, ids].sum(axis=1) + arrays["intercept"]
        rows.append(expit(-(arrays["platt_a"] * decisions + arrays["platt_b"])).mean())
    log_odds: Floats = logit(np.array(rows))
    return log_odds


@cache
def _svm(path: Path) -> tuple[dict[str, Floats], dict[str, int]]:
    with np.load(path / "linear_svm_platt.npz") as arrays:
        coefficients = dict(arrays)
    return coefficients, json.loads((path / "vocabulary.json").read_text(encoding="utf-8"))


def attacks(texts: list[str]) -> Floats:
    """Log-odds that the most suspect sentence of a text gives an assistant orders, `float64[n]`."""
    return _attacks(texts, "test")


def attacks_tune(texts: list[str]) -> Floats:
    """The same for the split `tune`."""
    return _attacks(texts, "tune")


def _attacks(texts: list[str], split: Split) -> Floats:
    counter, fit = _attack_detector(folder() / "bipia", split)
    pieces = [[text[a:b] for a, b in sentences(text)] or [""] for text in texts]
    flat = counter.transform([piece for group in pieces for piece in group])
    odds = fit.decision_function(flat)
    edges = np.cumsum([0, *map(len, pieces[:-1])])
    highest: Floats = np.maximum.reduceat(odds, edges)
    return highest


@cache
def _attack_detector(path: Path, split: Split) -> tuple[TfidfVectorizer, LogisticRegression]:
    """Attacks of BIPIA against sentences of its e-mails."""
    every = [context.text for context in bipia.contexts(path, "email")]
    emails = bipia.outside(every, _UNSEEN[split])
    clean = [email[a:b] for email in emails for a, b in sentences(email)]
    known = [a.text for a in bipia.outside(bipia.attacks(path, "email"), _UNSEEN[split])]
    counter = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    features = counter.fit_transform([*clean, *known])
    fit = LogisticRegression(
        C=10.0, class_weight="balanced", solver="liblinear", random_state=0
    ).fit(features, [0] * len(clean) + [1] * len(known))
    return counter, fit


def vulnerability(texts: list[str]) -> Floats:
    """Log-odds that code has the weakness which the question asks for, `float64[n]`."""
    return _vulnerability(texts, "test")


def vulnerability_tune(texts: list[str]) -> Floats:
    """The same for the split `tune`."""
    return _vulnerability(texts, "tune")


def _vulnerability(texts: list[str], split: Split) -> Floats:
    documents, question = asked(texts)
    counter, fit = _code_classifier(folder() / "sven" / "train", _weaknesses()[question], split)
    log_odds: Floats = fit.decision_function(counter.transform(documents))
    return log_odds


@cache
def _weaknesses() -> dict[str, int]:
    items = load_checklist(CODE_CHECKLIST)
    return {item.question: item.cwe for item in items if item.cwe is not None}


@cache
def _code_classifier(
    path: Path, cwe: int, split: Split
) -> tuple[TfidfVectorizer, LogisticRegression]:
    """Functions before against after their fix."""
    fixes = [
        fix
        for fix in sven.load(path)
        if fix.deleted and fix.cwe == cwe and fix.fold not in _UNSEEN[split]
    ]
    counter = TfidfVectorizer(
        token_pattern=r"\w+|[^\w\s]",
        ngram_range=(1, 3),
        lowercase=False,
        sublinear_tf=True,
        min_df=2,
    )
    features = counter.fit_transform([f.before for f in fixes] + [f.after for f in fixes])
    fit = LogisticRegression(C=100.0, solver="liblinear", random_state=0).fit(
        features, [1] * len(fixes) + [0] * len(fixes)
    )
    return counter, fit
