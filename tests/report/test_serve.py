"""Run with: pytest tests/report/test_serve.py"""

from __future__ import annotations

import http.client
import threading

from focus_lime.report import server


def test_the_page_is_served_to_this_machine_alone() -> None:
    with server("<p>é</p>", 0) as serving:
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        try:
            assert serving.server_address[0] == "127.0.0.1"
            assert get(serving.server_port, "/") == (200, "<p>é</p>".encode())
            assert get(serving.server_port, "/other")[0] == 404
            assert get(serving.server_port, "/", "evil.example")[0] == 403
        finally:
            serving.shutdown()
            thread.join()


def get(port: int, path: str, host: str = "localhost") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", path, headers={"Host": f"{host}:{port}"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body
