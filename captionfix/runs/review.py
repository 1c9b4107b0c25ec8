"""A review on this machine alone: the page is served on loopback, and what is decided in it is applied, once.

Only who knows the token in the address gets the page or an answer; requests that another site's page makes bear
another origin, and those that reach the server by another name bear another host: both are refused (OWASP's cheat sheet
on cross-site request forgery; RFC 6454, section 7).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from captionfix.errors import CaptionfixError, SettingsError
from captionfix.project import choices_of

_MOST = 10_000_000
"""Bytes of decisions: half a million keys."""
_PATIENCE = 10
"""Seconds that a browser may take to send what it announced."""

Apply = Callable[[tuple[str, ...], tuple[str, ...]], str]
"""Does what was decided, keys accepted and keys rejected; tells what it came to."""


class ReviewServer:
    """Serves one page and takes one set of decisions.

    Args:
        page: the page.
        apply: does what was decided.
        port: where; 0 takes any that is free.
    """

    def __init__(self, page: bytes, apply: Apply, port: int = 0) -> None:
        self._token = secrets.token_urlsafe(24)
        self._page, self._apply = page, apply
        self._server = HTTPServer(("127.0.0.1", port), self._handler())
        self.told = ""
        self._is_done = False

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"{self._origin}/{self._token}/"

    @property
    def _origin(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def serve(self) -> None:
        """Serve until decisions were applied."""
        with self._server:
            while not self._is_done:
                self._server.handle_request()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        review = self

        class Handler(BaseHTTPRequestHandler):
            """One request."""

            timeout = _PATIENCE

            def do_GET(self) -> None:
                if review._is_known(self):
                    review._send(self, HTTPStatus.OK, review._page, "text/html; charset=utf-8")

            def do_POST(self) -> None:
                body = review._body(self)
                if body is not None and review._is_known(self) and review._is_own(self):
                    review._take(self, body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 the library's name
                """Nothing is told of requests."""

        return Handler

    def _is_known(self, request: BaseHTTPRequestHandler) -> bool:
        """Whether a request knows the token and asks for this server by its address."""
        if request.headers.get("Host") != self._origin.removeprefix("http://"):
            return self._refuse(request, HTTPStatus.MISDIRECTED_REQUEST, "open the address that captionfix told")
        if not secrets.compare_digest(request.path.encode(), f"/{self._token}/".encode()):
            return self._refuse(request, HTTPStatus.NOT_FOUND, "open the address that captionfix told")
        return True

    def _is_own(self, request: BaseHTTPRequestHandler) -> bool:
        is_json = request.headers.get("Content-Type", "").partition(";")[0].strip() == "application/json"
        if request.headers.get("Origin") != self._origin or not is_json:
            return self._refuse(request, HTTPStatus.FORBIDDEN, "only the page itself may send decisions")
        return True

    def _body(self, request: BaseHTTPRequestHandler) -> bytes | None:
        """What was sent, read whatever becomes of it: a connection that is closed before loses the answer."""
        length = request.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit() or int(length) > _MOST:
            self._refuse(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "these are no decisions")
            return None
        try:
            return request.rfile.read(int(length))
        except OSError:
            return None

    def _take(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        try:
            choices = choices_of(json.loads(body), "what was sent")
        except (SettingsError, ValueError, RecursionError) as error:
            self._refuse(request, HTTPStatus.BAD_REQUEST, str(error))
            return
        try:
            self.told = self._apply(*choices)
        except (CaptionfixError, OSError) as error:
            self._refuse(request, HTTPStatus.INTERNAL_SERVER_ERROR, f"nothing more was applied: {error}")
            return
        self._is_done = True
        self._send(request, HTTPStatus.OK, self.told.encode("utf-8", "replace"))

    def _refuse(self, request: BaseHTTPRequestHandler, status: HTTPStatus, why: str) -> bool:
        self._send(request, status, f"{why}\n".encode("utf-8", "replace"))
        return False

    def _send(
        self, request: BaseHTTPRequestHandler, status: HTTPStatus, body: bytes, kind: str = "text/plain; charset=utf-8"
    ) -> None:
        request.send_response(status)
        for name, value in (
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Frame-Options", "DENY"),
            ("Referrer-Policy", "no-referrer"),
            ("Connection", "close"),
        ):
            request.send_header(name, value)
        request.end_headers()
        request.close_connection = True
        request.wfile.write(body)
