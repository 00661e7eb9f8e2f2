"""pytest tests/models/test_function.py"""

from pathlib import Path

import numpy as np
import pytest

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Span
from focus_lime.models.base import Ledger, Model, Response, Variant, score_all
from focus_lime.models.function import FunctionModel
from focus_lime.models.loading import load_model
from tests.conftest import linear_function

PROMPT = Prompt.from_document("red green blue", question="which colour?")


def classes(texts: list[str]) -> np.ndarray:
    red = np.array([0.9 if "red" in text else 0.0 for text in texts])
    return np.column_stack([red, 1 - red])


def test_variants_reach_the_function_as_text() -> None:
    seen: list[str] = []

    def record(texts: list[str]) -> list[float]:
        seen.extend(texts)
        return [0.0] * len(texts)

    variants = [Variant(PROMPT), Variant(PROMPT, (Span(0, 3, 9),), "placeholder", " _")]
    score_all(FunctionModel(record), variants, (), Ledger())
    assert seen == [
        "red green blue\n\nQuestion: which colour?",
        "red _ blue\n\nQuestion: which colour?",
    ]


def test_probabilities_become_logs_and_zero_stays_finite() -> None:
    model = FunctionModel(classes, labels=["red", "other"])
    rows = score_all(model, [Variant(PROMPT), Variant(PROMPT, (Span(0, 0, 4),))], (), Ledger())
    np.testing.assert_allclose(rows[0], np.log([0.9, 0.1]))
    assert np.isfinite(rows[1]).all()
    assert rows[1][0] < -700
    assert model.generate(PROMPT, 1, Ledger()).text == "red"


def test_log_odds_of_independent_classes_stay_as_they_are() -> None:
    model = FunctionModel(classes, labels=["red", "other"], independent_classes=True)
    row = score_all(model, [Variant(PROMPT)], (), Ledger())[0]
    np.testing.assert_allclose(row, [0.9, 0.1])


def test_logits_stay_and_classes_without_names_are_numbers() -> None:
    model = FunctionModel(lambda texts: np.tile([1.0, 5.0, -2.0], (len(texts), 1)))
    assert model.generate(PROMPT, 1, Ledger()).text == "1"
    assert model.labels == ("0", "1", "2")


def test_words_stand_in_for_tokens_in_the_ledger() -> None:
    ledger = Ledger()
    score_all(linear_function({"red": 1.0}), [Variant(PROMPT), Variant(PROMPT)], (), ledger)
    assert (ledger.calls, ledger.tokens_asked, ledger.tokens_computed) == (2, 12, 12)


@pytest.mark.parametrize(
    ("function", "complaint"),
    [
        (lambda texts: [1.0] * (len(texts) + 1), "shape"),
        (lambda texts: np.zeros((len(texts), 0)), "shape"),
        (lambda texts: [float("nan")] * len(texts), "NaN or inf"),
    ],
)
def test_bad_scores_are_named(function: object, complaint: str) -> None:
    with pytest.raises(FocusLimeError, match=complaint):
        score_all(FunctionModel(function), [Variant(PROMPT)], (), Ledger())  # type: ignore[arg-type]


def test_labels_must_fit_the_classes() -> None:
    with pytest.raises(FocusLimeError, match="2 classes but has 3 labels"):
        score_all(FunctionModel(classes, labels=["a", "b", "c"]), [Variant(PROMPT)], (), Ledger())


def test_a_function_has_neither_tokens_nor_responses() -> None:
    model = linear_function({})
    assert isinstance(model, Model)
    with pytest.raises(FocusLimeError, match="has no tokens"):
        model.tokens(PROMPT)
    with pytest.raises(FocusLimeError, match="gives scores"):
        model.encode_response(Response("x"))


def test_fingerprint_follows_the_functions_content() -> None:
    from sklearn.linear_model import Ridge

    one, two = Ridge(alpha=1.0).fit, Ridge(alpha=2.0).fit
    assert FunctionModel(one).fingerprint == FunctionModel(Ridge(alpha=1.0).fit).fingerprint
    assert FunctionModel(one).fingerprint != FunctionModel(two).fingerprint


def test_module_and_attribute_are_looked_up_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my_classifier.py").write_text(
        "class C:\n    labels = ['a', 'b']\n    @staticmethod\n"
        "    def score(texts):\n        return [[1.0, 0.0]] * len(texts)\n"
        "limit = 3\n"
    )
    monkeypatch.chdir(tmp_path)
    assert load_model("my_classifier:C.score").generate(PROMPT, 1, Ledger()).text == "0"
    for spec, complaint in [
        ("my_classifier:nothing", "has no 'nothing'"),
        ("my_classifier:limit", "is not a function"),
        ("my_classifier.inner:x", "cannot import"),
    ]:
        with pytest.raises(FocusLimeError, match=complaint):
            load_model(spec)
