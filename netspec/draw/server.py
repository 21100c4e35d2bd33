"""The server of `netspec view`: one page and its events, for this machine alone.

It binds to 127.0.0.1, answers two paths and no others, and refuses a request whose Host
or Origin is not its own: another site in the same browser can neither read it nor
reach it by a name that it had resolved to this machine.
"""

import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from netspec.draw.watch import EVENTS, Watched

ADDRESS = "127.0.0.1"


class Server(ThreadingHTTPServer):
    """Serves one watched spec; `port` 0 takes any that is free."""

    daemon_threads = True

    def __init__(self, watched: Watched, port: int = 0) -> None:
        self.watched = watched
        self.stopping = threading.Event()
        super().__init__((ADDRESS, port), _Handler)

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://{ADDRESS}:{self.server_port}/"

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names by which the page may be asked for."""
        return tuple(f"{name}:{self.server_port}" for name in (ADDRESS, "localhost"))

    def shutdown(self) -> None:
        """Stop serving and end the streams of events."""
        self.stopping.set()
        super().shutdown()


class _Handler(BaseHTTPRequestHandler):
    server: Server
    server_version = "netspec"
    sys_version = ""
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_GET(self) -> None:
        if not self.is_own():
            self.refuse(HTTPStatus.FORBIDDEN)
        elif self.path == "/":
            self.send_page(self.server.watched.page().encode())
        elif self.path == EVENTS:
            self.send_events()
        else:
            self.refuse(HTTPStatus.NOT_FOUND)

    def is_own(self) -> bool:
        """Whether the request comes from this page or from the address bar."""
        host, origin = self.headers.get("Host"), self.headers.get("Origin")
        site = self.headers.get("Sec-Fetch-Site", "none")
        origins = {f"http://{name}" for name in self.server.hosts}
        return (
            host in self.server.hosts
            and (origin is None or origin in origins)
            and site in ("none", "same-origin")
        )

    def refuse(self, status: HTTPStatus) -> None:
        self.close_connection = True
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def send_page(self, data: bytes) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.send_harmless()
        self.wfile.write(data)

    def send_events(self) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.send_harmless()
        self.close_connection = True
        try:
            for message in self.messages():
                self.wfile.write(
                    f"data: {message}\n\n".encode() if message else b":\n\n"
                )
                self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            return

    def messages(self) -> Any:
        return self.server.watched.changes(self.server.stopping.is_set)

    def send_harmless(self) -> None:
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("X-Frame-Options", "DENY")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the terminal is the user's."""
