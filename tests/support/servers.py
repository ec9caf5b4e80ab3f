"""Small HTTP servers of the tests, and the traffic that they all see: numbered, recorded, failed on demand."""

import re
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Literal

Failure = Literal["500", "reset"]


@dataclass
class Request:
    """One request of a run to the registry or to the API."""

    number: int
    server: str
    method: str
    path: str
    job: str = ""
    status: int | None = None

    @property
    def writes(self) -> bool:
        """Whether it would change something."""
        return self.method not in ("GET", "HEAD")

    @property
    def tag(self) -> str | None:
        """The tag of an image that it sets, if it sets one."""
        match = re.search(r"/manifests/([^:/]+)$", self.path)
        return match[1] if match and self.method == "PUT" else None


@dataclass
class Traffic:
    """All requests since it was begun, and which of them fail.

    `fails` picks requests that fail whenever they come; `fail_once` names one by its number, which
    the request then never gets again: what asks once more is answered.
    """

    requests: list[Request] = field(default_factory=list)
    fails: Callable[[Request], bool] = field(default=lambda request: False)
    once: int | None = None
    how: Failure = "500"
    lock: Lock = field(default_factory=Lock)

    def begin(self, fail: int | None = None, how: Failure = "500") -> None:
        """Count from 1 again, and fail the request of a number."""
        with self.lock:
            self.requests, self.once, self.how = [], fail, how

    def note(self, server: str, method: str, path: str, job: str) -> tuple[Request, bool]:
        """Number a request, and say whether it fails."""
        with self.lock:
            request = Request(len(self.requests) + 1, server, method, path, job)
            self.requests.append(request)
        return request, request.number == self.once or self.fails(request)


class Quiet(BaseHTTPRequestHandler):
    """A handler that leaves the tests' output alone."""

    protocol_version = "HTTP/1.1"
    # So that a client which tries TLS first is told in HTTP that this is not TLS.
    default_request_version = "HTTP/1.1"
    connection: socket.socket

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Send a whole answer."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def body(self) -> bytes:
        """Read what the request carries; a Go client sends it in chunks."""
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def fail(self, how: Failure) -> None:
        """Answer as a server in trouble does, or break the connection as one that dies."""
        if how == "500":
            self.answer(500, b'{"errors": [{"code": "UNKNOWN", "message": "failed by the test"}]}')
            return
        # Closed with time 0 to linger, the other side reads "connection reset by peer".
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True


class Server(ThreadingHTTPServer):
    """A server on a free port of this machine, in a thread of its own."""

    daemon_threads = True

    def __init__(self, handler: type[Quiet]) -> None:
        """Listen at once."""
        super().__init__(("127.0.0.1", 0), handler)
        Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        """Where it answers: localhost:PORT."""
        return f"localhost:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that went away."""

    def close(self) -> None:
        """Stop answering."""
        self.shutdown()
        self.server_close()
