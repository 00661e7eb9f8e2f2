"""One page, served to this machine alone."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def server(source: str, port: int) -> ThreadingHTTPServer:
    """A server of `source` at http://127.0.0.1:port/, not yet running; port 0 is any free one.

    A name that another site resolves to this machine is refused, so that no page elsewhere can read
    the document.

    Raises:
        OSError: the port is taken, or not ours to take.
    """
    body = source.encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host = (self.headers.get("Host") or "").rsplit(":", 1)[0]
            if host not in ("127.0.0.1", "localhost"):
                self.send_error(403, "only 127.0.0.1 and localhost are served")
            elif self.path.partition("?")[0] != "/":
                self.send_error(404)
            else:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Cache-Control", "no-store")
                self.send_header("X-Content-Type-Options", "nosniff")
                self.send_header("X-Frame-Options", "DENY")
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """A line for every request would hide the address."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)
