"""pytest tests/models/test_loading.py"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from focus_lime.errors import FocusLimeError
from focus_lime.models.loading import load_model
from tests.conftest import make_model

NAMES = {
    "bundeld:target": "neither a kind of model nor a Python module: did you mean bundled",
    "classifier-window:x": "did you mean classifier-windows",
    "no_such_module:x": "nor a Python module",
    "btm25": "neither a folder nor in the local cache: for a model on the hub write ORG/NAME",
    "models/tiny.gguf": "is a GGUF file: write gguf:models/tiny.gguf",
    "hf:gpt22": "neither a folder nor in the local cache",
    "classifier:bert": "neither a folder nor in the local cache",
    "bundled": "give bundled:NAME",
    "bundled:targt": "no bundled model 'targt': did you mean target",
    "./nothing": "there is no such folder",
    "a/b/c": "there is no such folder",
    "": "name is empty",
}


@pytest.mark.parametrize("spec", NAMES)
def test_a_name_that_no_model_has_is_refused_and_says_what_to_do(spec: str) -> None:
    with pytest.raises(FocusLimeError, match=NAMES[spec]):
        load_model(spec)


@pytest.fixture
def hub() -> Iterator[tuple[str, list[str]]]:
    """The address of a hub that has nothing, and what it is asked for."""
    asked: list[str] = []

    class Nothing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_GET

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Nothing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def test_only_a_name_with_an_organisation_goes_to_the_hub(
    hub: tuple[str, list[str]], tmp_path: Path
) -> None:
    address, asked = hub

    def load(*specs: str) -> str:
        script = (
            "import sys\nfrom focus_lime.errors import FocusLimeError\n"
            "from focus_lime.models.loading import load_model\n"
            "for spec in sys.argv[1:]:\n"
            "    try:\n        load_model(spec)\n"
            "    except FocusLimeError as error:\n        print(error)\n"
        )
        environment = {**os.environ, "HF_HUB_OFFLINE": "0", "HF_HOME": str(tmp_path)}
        environment |= {"HF_ENDPOINT": address, "no_proxy": "127.0.0.1"}
        return subprocess.run(
            [sys.executable, "-c", script, *specs],
            capture_output=True,
            text=True,
            check=True,
            env=environment,
        ).stdout

    assert len(load(*NAMES).splitlines()) == len(NAMES)
    assert asked == []
    assert "model 'someone/nothing' cannot be loaded" in load("someone/nothing")
    assert any("someone/nothing" in path for path in asked)


def test_an_old_id_of_one_word_is_loaded_from_the_local_cache(tmp_path: Path) -> None:
    snapshot = tmp_path / "models--tinygpt" / "snapshots" / "0123"
    model = make_model("gpt2")
    model.model.save_pretrained(snapshot)
    model.tokenizer.save_pretrained(snapshot)
    (tmp_path / "models--tinygpt" / "refs").mkdir()
    (tmp_path / "models--tinygpt" / "refs" / "main").write_text("0123")
    loaded = load_model("tinygpt", cache_dir=str(tmp_path))
    assert loaded.fingerprint == model.fingerprint
    assert loaded.name == "tinygpt"
    with pytest.raises(FocusLimeError, match=r"ORG/NAME; did you mean tinygpt\?"):
        load_model("tinygtp", cache_dir=str(tmp_path))


def test_a_folder_is_loaded_and_a_broken_one_gives_its_reason(tmp_path: Path) -> None:
    model = make_model("llama")
    model.model.save_pretrained(tmp_path / "model")
    model.tokenizer.save_pretrained(tmp_path / "model")
    for spec in (str(tmp_path / "model"), f"hf:{tmp_path / 'model'}"):
        assert load_model(spec).fingerprint == model.fingerprint
    config = json.loads((tmp_path / "model" / "config.json").read_text())
    for broken in ({}, [], {**config, "hidden_size": "big"}, {**config, "hidden_size": 64}):
        (tmp_path / "model" / "config.json").write_text(json.dumps(broken))
        with pytest.raises(FocusLimeError, match="cannot be loaded"):
            load_model(str(tmp_path / "model"))


def test_a_function_takes_no_options_of_a_backend() -> None:
    with pytest.raises(FocusLimeError, match=r"is a function .* leave out device_map"):
        load_model("json:loads", device_map="cpu")
