"""The peers' scores are ours: same prompts, same response, their own code.

Run: pytest tests/benchmarks/methods/test_peers.py
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
import pytest
import torch

from focus_lime.inputs.prompt import Prompt
from focus_lime.method.masks import Masks
from focus_lime.method.objectives.response import ResponseLogOdds
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import Floats, Response
from focus_lime.models.hf import HFCausalLM
from tests.conftest import TEXT, make_model

pytest.importorskip("captum", reason="captum is not installed: pip install 'focus-lime[peers]'")
from focus_lime.benchmarks.methods import peers

# Not of the extra `test`: it brings spacy, pandas and pyarrow, half a gigabyte. Looked for without
# an import, which would try to download nltk's data.
needs_context_cite = pytest.mark.skipif(
    find_spec("context_cite") is None,
    reason="context-cite is not installed: pip install 'focus-lime[peers]'",
)


@dataclass(frozen=True)
class Task:
    model: HFCausalLM
    value: ValueFunction
    response: tuple[int, ...]

    def ids(self, masks: Masks) -> list[list[int]]:
        return peers.prompt_ids(self.model, self.value, masks)

    def log_probabilities(self, masks: Masks) -> Floats:
        """log p from the value function's log-odds."""
        return -np.logaddexp(0.0, -self.value(masks))


def make_task(family: str, response: Response) -> Task:
    model = make_model(family)
    prompt = Prompt.from_document(TEXT, "Which law governs?")
    units = prompt.tree.units("word")
    value = ValueFunction(model, prompt, units, ResponseLogOdds(response))
    return Task(model, value, model.encode_response(response))


@pytest.fixture(scope="module")
def task() -> Task:
    return make_task("llama", Response("Nevada, as of May"))


def bernoulli(task: Task, n: int = 8) -> Masks:
    return np.random.default_rng(0).random((n, len(task.value.units))) < 0.5


def single_drops(task: Task) -> Masks:
    return ~np.eye(len(task.value.units), dtype=bool)


def context_cite(task: Task, masks: Masks, batch_size: int) -> Floats:
    tokenizer = peers.left_padding(task.model)
    ids = task.ids(masks)
    return peers.context_cite_scores(task.model, tokenizer, ids, task.response, batch_size)


def captum(task: Task, masks: Masks) -> Floats:
    full = task.ids(np.ones((1, len(task.value.units)), dtype=bool))[0]
    return peers.captum_scores(task.model, full, task.ids(masks), task.response)


@needs_context_cite
@pytest.mark.filterwarnings("ignore")  # of autocast, on a machine without CUDA
@pytest.mark.parametrize("batch_size", [1, 3, 8])
def test_context_cite_gives_our_log_odds(task: Task, batch_size: int) -> None:
    masks = bernoulli(task)
    ours = task.value(masks)
    assert np.ptp(ours) > 0.1
    assert len({len(ids) for ids in task.ids(masks)}) > 1  # so that batches are padded
    np.testing.assert_allclose(context_cite(task, masks, batch_size), ours, atol=1e-3, rtol=0)


@needs_context_cite
@pytest.mark.filterwarnings("ignore")
def test_context_cite_alone_is_exact_with_absolute_positions_too() -> None:
    task = make_task("gpt2", Response("Nevada"))
    masks = bernoulli(task)
    np.testing.assert_allclose(context_cite(task, masks, 1), task.value(masks), atol=1e-3, rtol=0)


@pytest.mark.parametrize("family", ["llama", "gpt2"])
def test_captum_gives_our_differences_of_log_probability(family: str) -> None:
    task = make_task(family, Response("Nevada, as of May"))
    masks = single_drops(task)
    everything = np.ones((1, masks.shape[1]), dtype=bool)
    ours = task.log_probabilities(everything) - task.log_probabilities(masks)
    assert np.ptp(ours) > 0.1
    np.testing.assert_allclose(captum(task, masks), ours, atol=1e-3, rtol=0)


def test_captum_takes_any_masks_and_any_response_ids() -> None:
    # Half a character, whose text has more tokens: captum fails to name it with a real tokenizer.
    half = make_model("llama").tokenizer.convert_tokens_to_ids("ï")
    task = make_task("llama", Response("?", ids=(half,)))
    masks = bernoulli(task)
    everything = np.ones((1, masks.shape[1]), dtype=bool)
    ours = task.log_probabilities(everything) - task.log_probabilities(masks)
    np.testing.assert_allclose(captum(task, masks), ours, atol=1e-3, rtol=0)


def test_padding_on_the_left_leaves_the_models_tokenizer_alone() -> None:
    model = make_model("llama")
    before = model.tokenizer.padding_side, model.tokenizer.pad_token
    tokenizer = peers.left_padding(model)
    assert tokenizer.padding_side == "left"
    assert tokenizer.pad_token_id is not None
    assert (model.tokenizer.padding_side, model.tokenizer.pad_token) == before


def test_the_best_batch_size_is_the_fastest_that_fits() -> None:
    asked: list[int] = []

    def run(size: int) -> None:
        asked.append(size)
        if size == 8:
            raise torch.OutOfMemoryError
        time.sleep({1: 0.05, 2: 0.0, 4: 0.05}[size])

    assert peers.best_batch_size([1, 2, 4, 8], run) == 2
    assert asked == [1, 1, 2, 4, 8]
