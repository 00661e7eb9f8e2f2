"""The black boxes of the jobs' benchmarks, as a user would hand them to the command line:

    FOCUS_LIME_DATA=DIR focus-lime audit legal ... --model focus_lime.benchmarks.job_models:clauses

DIR holds `cuad/`, `bipia/` and `sven/` as the jobs' benchmarks say; FOCUS_LIME_MODELS is the folder
that holds `profanity_svm/`. What has to be trained is trained at the first call.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from scipy.special import expit, logit
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from focus_lime.errors import FocusLimeError
from focus_lime.jobs.checklist import load_checklist
from focus_lime.models.base import Floats
from focus_lime.prompt.split import sentences

from . import bipia, cuad, sven
from .clause_classifier import ClauseClassifier
from .metrics import bootstrap_mean
from .tables import interval

CHECKLIST = Path(__file__).parents[1] / "configs" / "legal_cuad.yaml"
CODE_CHECKLIST = CHECKLIST.with_name("code_security.yaml")
_TOKEN = re.compile(r"(?u)\b\w\w+\b")  # scikit-learn's CountVectorizer, as the SVMs were trained
_QUESTION = "\n\nQuestion: "


def folder(variable: str = "FOCUS_LIME_DATA") -> Path:
    """The folder that a variable of the environment names."""
    found = os.environ.get(variable)
    if not found:
        raise FocusLimeError(f"set {variable} to the folder of the benchmarks' data or models")
    return Path(found)


def asked(texts: Sequence[str]) -> tuple[list[str], str]:
    """The documents, and the question that stands after each of them."""
    parts = [text.rpartition(_QUESTION) for text in texts]
    return [document for document, _, _ in parts], parts[0][2]


def clauses(texts: list[str]) -> Floats:
    """Log-odds that a contract holds the clause which the question asks for, `float64[n]`."""
    documents, question = asked(texts)
    return _clause_classifier().for_label(_labels()[question])(documents)


@cache
def _labels() -> dict[str, str]:
    return {item.question: item.name for item in load_checklist(CHECKLIST)}


@cache
def _clause_classifier() -> ClauseClassifier:
    """Trained on clauses of companies that filed none of the contracts."""
    data = folder() / "cuad"
    excerpts = cuad.without_filers(cuad.load_excerpts(data), cuad.load(data))
    return ClauseClassifier.train(excerpts, sorted({excerpt.category for excerpt in excerpts}))


def toxicity(texts: list[str]) -> Floats:
    """Log-odds of the mean probability of five linear SVMs with Platt scaling, `float64[n]`."""
    arrays, vocabulary = _svm()
    rows = []
    for text in texts:
        ids = [vocabulary[w] for w in _TOKEN.findall(text.lower()) if w in vocabulary]
        decisions = arrays["coef"][:, ids].sum(axis=1) + arrays["intercept"]
        rows.append(expit(-(arrays["platt_a"] * decisions + arrays["platt_b"])).mean())
    found: Floats = logit(np.array(rows))
    return found


@cache
def _svm() -> tuple[dict[str, Floats], dict[str, int]]:
    where = folder("FOCUS_LIME_MODELS") / "profanity_svm"
    with np.load(where / "linear_svm_platt.npz") as arrays:
        found = dict(arrays)
    return found, json.loads((where / "vocabulary.json").read_text(encoding="utf-8"))


def attacks(texts: list[str]) -> Floats:
    """Log-odds that the most suspect sentence of a text gives an assistant orders, `float64[n]`."""
    counter, fit = _attack_detector()
    pieces = [[text[a:b] for a, b in sentences(text)] or [""] for text in texts]
    flat = counter.transform([piece for group in pieces for piece in group])
    odds = fit.decision_function(flat)
    edges = np.cumsum([0, *map(len, pieces[:-1])])
    found: Floats = np.maximum.reduceat(odds, edges)
    return found


@cache
def _attack_detector() -> tuple[TfidfVectorizer, LogisticRegression]:
    """Attacks of BIPIA's train split against sentences of its e-mails: every one but those that
    `held_out` keeps for the test.
    """
    emails, orders = bipia.load(folder() / "bipia")
    clean = [email[a:b] for email in bipia.training(emails) for a, b in sentences(email)]
    known = bipia.training(orders)
    counter = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    features = counter.fit_transform([*clean, *known])
    fit = LogisticRegression(
        C=10.0, class_weight="balanced", solver="liblinear", random_state=0
    ).fit(features, [0] * len(clean) + [1] * len(known))
    return counter, fit


def vulnerability(texts: list[str]) -> Floats:
    """Log-odds that code has the weakness which the question asks for, `float64[n]`."""
    documents, question = asked(texts)
    counter, fit = _code_classifier(_weaknesses()[question])
    found: Floats = fit.decision_function(counter.transform(documents))
    return found


@cache
def _weaknesses() -> dict[str, int]:
    items = load_checklist(CODE_CHECKLIST)
    return {item.question: item.cwe for item in items if item.cwe is not None}


@cache
def _code_classifier(cwe: int) -> tuple[TfidfVectorizer, LogisticRegression]:
    """Functions before against after their fix; those of held-out commits were not seen."""
    fixes = [f for f in sven.load(folder() / "sven") if f.cwe == cwe and not f.held_out]
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


def command(*arguments: str) -> None:
    """Run `focus-lime` with these arguments in this process.

    Raises:
        SystemExit: it failed; what it said is on standard error.
    """
    from focus_lime.cli import main

    try:
        main([*arguments])
    except SystemExit as stopped:
        if stopped.code:
            raise


def bootstrap(values: Sequence[float], seed: int = 0) -> str:
    """Mean and its 95 % percentile bootstrap interval, as text."""
    return interval(bootstrap_mean(values, n_samples=2000, seed=seed))
