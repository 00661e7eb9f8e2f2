"""pytest tests/method/test_proxy.py"""

import pytest

from focus_lime.errors import FocusLimeError
from focus_lime.method.proxy import Proxy, load_proxy


def test_proxies_are_found_by_name() -> None:
    assert load_proxy("bm25").name == "bm25"
    assert isinstance(load_proxy("bm25"), Proxy)
    for spec, complaint in [
        ("nothing-here", "proxy 'nothing-here': model 'nothing-here' is neither a folder"),
        ("bm52", "for a proxy, did you mean bm25"),
        ("small-lm", "give small-lm:MODEL"),
        ("bm25:x", "bm25 takes no 'x'"),
    ]:
        with pytest.raises(FocusLimeError, match=complaint):
            load_proxy(spec)
