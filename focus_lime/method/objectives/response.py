"""A response, whole or in part: the answer, or the reasoning before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt
from focus_lime.method.objective import Objective, log_odds
from focus_lime.models.base import (
    Continuations,
    Floats,
    Ledger,
    Model,
    Response,
    first_token,
)
from focus_lime.models.reasoning import apart

_GIVEN_REASONING = (
    "the answer is explained as it follows from its reasoning, which stays as it is: what of the "
    "text came into the answer by way of the reasoning, the reasoning's own explanation says "
    "(--reasoning)"
)
_CUT = (
    "the answer was cut off at its greatest length, and is explained as far as it came: raise "
    "max_new_tokens (--max-new-tokens)"
)
_NO_ANSWER = "(none came after the reasoning)"


@dataclass(frozen=True)
class ResponseLogOdds(Objective):
    """Log-odds of a response, log p(R | prompt) - log(1 - p(R | prompt)), or of a part of it given
    what stands before that in the response.

    Where the model reasons before it answers, that is the answer given the reasoning, or else the
    reasoning.

    Args:
        response: a text, or a `Response` with the model's own token ids; None asks the model.
        part: words of what is explained, such as one value in it; None explains all of it.
        of_reasoning: explain the reasoning, not the answer.
    """

    response: Response | str | None = None
    part: str | None = None
    of_reasoning: bool = False
    columns: tuple[int, int] | None = None  # tokens of the response that are explained

    @property
    def name(self) -> str:  # type: ignore[override]
        what = "the reasoning" if self.of_reasoning else "the response"
        if self.part is not None:
            what = repr(self.part)
        elif self.reasoning and not self.of_reasoning:
            what = "the answer, given its reasoning"
        return f"log-odds of {what}"

    @property
    def query(self) -> str:  # type: ignore[override]
        return self.part or (self.reasoning if self.of_reasoning else self._response.text)

    @property
    def reasoning(self) -> str:  # type: ignore[override]
        return self._response.reasoning

    @property
    def notes(self) -> tuple[str, ...]:  # type: ignore[override]
        notes = (_GIVEN_REASONING,) if self.reasoning and not self.of_reasoning else ()
        return (*notes, _CUT) if self._response.is_cut else notes

    @property
    def continuations(self) -> Continuations:  # type: ignore[override]
        return (self._response,)

    @property
    def _response(self) -> Response:
        if isinstance(self.response, str):
            return Response(self.response)
        return self.response or Response("")

    def value(self, row: Floats, spans: Sequence[slice]) -> float:
        tokens = row[spans[0]]
        if self.columns is not None:
            tokens = tokens[slice(*self.columns)]
        return log_odds(float(tokens.sum()))

    def answer(self, row: Floats, spans: Sequence[slice]) -> str:
        return self._response.text or (_NO_ANSWER if self.reasoning else "")

    def resolve(
        self, model: Model, prompt: Prompt, max_new_tokens: int, ledger: Ledger
    ) -> ResponseLogOdds:
        if not model.is_generative:
            raise FocusLimeError(f"{model.name} gives scores, not text: give labels instead")
        response = self._response
        if self.response is None:
            response = model.generate(prompt, max_new_tokens, ledger)
        elif response.ids is None:
            if not response.text.strip():
                raise FocusLimeError("the response is empty: give a response with text in it")
            try:
                response.text.encode()
            except UnicodeEncodeError as error:
                raise FocusLimeError(
                    f"the response holds half a character (at {error.start}), as of bytes that are "
                    "no UTF-8: give whole text"
                ) from None
            split = apart(model.encode_response(response), model.response_pieces(response))
            response = split if split.n_reasoning else response
        return replace(self, response=response, columns=self._columns(model, response))

    def _columns(self, model: Model, response: Response) -> tuple[int, int] | None:
        """Which tokens are explained; None is all of them.

        Raises:
            FocusLimeError: there is no such part; no reasoning, or no answer after it.
        """
        n_tokens = len(model.encode_response(response))  # what it cannot score shows here
        if self.of_reasoning and not response.reasoning:
            raise FocusLimeError(
                f"{model.name} gave no reasoning here: explain its answer"
                if self.response is None
                else "the response holds no reasoning: put it before the answer, between <think> "
                "and </think>, or explain the answer"
            )
        if not self.of_reasoning and response.n_reasoning == n_tokens:
            raise FocusLimeError(
                "the response ends before its reasoning does: put the answer after </think>, or "
                "explain the reasoning (--reasoning)"
                if self.response is not None
                else f"there is no answer after {n_tokens} tokens of reasoning: if they were cut "
                "off, raise max_new_tokens (--max-new-tokens), or explain the reasoning "
                "(--reasoning)"
            )
        cut = response.n_reasoning
        columns = (0, cut) if self.of_reasoning else (cut, n_tokens)
        if self.part is not None:
            return _tokens_of(self.part, model.response_pieces(response), columns)
        return columns if cut else None

    def without_token_ids(self) -> ResponseLogOdds:
        text = self.reasoning if self.of_reasoning else self._response.text
        return ResponseLogOdds(Response(text))

    @property
    def is_open(self) -> bool:  # type: ignore[override]
        return self.response is None

    def expected(self, model: Model, prompt: Prompt, max_new_tokens: int) -> Objective:
        if self.response is not None or not model.is_generative:
            return super().expected(model, prompt, max_new_tokens)
        return ResponseLogOdds(Response("", (0,) * max_new_tokens))


def _tokens_of(part: str, pieces: Sequence[str], columns: tuple[int, int]) -> tuple[int, int]:
    """The tokens that hold a character of the part, where it first stands among `columns`."""
    low, high = columns
    pieces = pieces[low:high]
    text = "".join(pieces)
    start = text.find(part) if part.strip() else -1
    if start < 0:
        raise FocusLimeError(
            f"the part {part!r} does not stand in the response {text.strip()!r}: give words of it"
        )
    ends = np.cumsum([len(piece) for piece in pieces])
    last = int(np.searchsorted(ends, start + len(part), side="left"))
    return low + first_token(pieces, start), low + last + 1
