"""A long text is parsed first in a process that may be ended: on some texts, broken ones or made
for it, a grammar takes hours or all memory, or crashes, and nothing in this process could stop it.
"""

from __future__ import annotations

import subprocess
import sys

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.languages import Language

_SHORT = 4 << 10  # bytes; a shorter text is over in seconds, whatever it is, but for
# the one that crashes at 300 nested lists, and the one that takes minutes over nested comments.
_SHORTER = {"yaml": 256, "swift": 256}
_SECONDS = 5  # of computing; a megabyte of code takes about one
_PATIENCE = 15  # seconds, on a machine that has much else to do
_MEMORY = 1 << 30
_MISSING = 3  # the exit status of a process that does not find the packages

_PARSE = f"""
import sys
module, function, *sys.path = sys.argv[1:]
try:
    import importlib, warnings
    import tree_sitter
    grammar = importlib.import_module(module)
except ImportError:
    sys.exit({_MISSING})
try:
    import resource
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, ({_SECONDS}, {_SECONDS}))
    resource.setrlimit(resource.RLIMIT_AS, ({_MEMORY}, {_MEMORY}))
except (ImportError, ValueError, OSError):
    pass  # the patience is enough of a limit
warnings.simplefilter("ignore")
language = tree_sitter.Language(getattr(grammar, function)())
tree_sitter.Parser(language).parse(sys.stdin.buffer.read())
"""


def check(language: Language, data: bytes) -> None:
    """Raises FocusLimeError: the grammar does not come to an end with the text."""
    if len(data) <= _SHORTER.get(language.name, _SHORT) or not sys.executable:
        return
    # Its folder is not searched for modules (-P): code that is read must not run.
    path = [folder for folder in sys.path if folder]
    command = [sys.executable, "-P", "-c", _PARSE, language.module, language.function, *path]
    try:
        status = subprocess.run(
            command, input=data, capture_output=True, timeout=_PATIENCE, check=False
        ).returncode
    except subprocess.TimeoutExpired:
        status = None
    if status not in (0, _MISSING):
        raise FocusLimeError(
            f"the grammar of {language.name} does not come to an end with the code: it is broken, "
            "or no such language; leave it out, or split it"
        )
