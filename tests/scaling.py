"""Whether work grows with the input alone, told by CPU time, which other processes do not move."""

from __future__ import annotations

import time
from collections.abc import Callable

_TIMES = 10
_TRIES = 3


def is_linear(work: Callable[[int], object], size: int) -> bool:
    """Whether ten times the input takes far less than a hundred times the work.

    Args:
        work: on an input of so many pieces.
    """
    small = _seconds(lambda: work(size))
    return _seconds(lambda: work(_TIMES * size)) < _TIMES**1.6 * small + 0.05


def _seconds(work: Callable[[], object]) -> float:
    """CPU seconds of the fastest of some runs."""

    def once() -> float:
        begun = time.process_time()
        work()
        return time.process_time() - begun

    return min(once() for _ in range(_TRIES))
