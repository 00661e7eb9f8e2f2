"""A reader in a process of its own, with limits of time and memory, which a hostile file may use up
or crash: it then fails alone.
"""

from __future__ import annotations

import os
import subprocess
import sys


def run(
    module: str, *arguments: str, data: bytes, seconds: float
) -> subprocess.CompletedProcess[bytes]:
    """Run `python -m MODULE` over data, with the modules that this process finds.

    Raises:
        subprocess.TimeoutExpired: it took longer.
        OSError: no process starts.
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    # Each thread of a numerical library reserves memory, and none is needed.
    environment |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(
        command, input=data, capture_output=True, timeout=seconds, env=environment, check=False
    )


def limit(memory: int, seconds: int | None = None) -> None:
    """Limit this process to bytes of address space, and to seconds in which it computes.

    Windows has no such limits: that of `run` holds there too.
    """
    try:
        import resource
    except ImportError:
        return
    most = resource.getrlimit(resource.RLIMIT_AS)[1]
    least = memory if most == resource.RLIM_INFINITY else min(memory, most)
    resource.setrlimit(resource.RLIMIT_AS, (least, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if seconds is not None:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
