"""Bounds on whatever comes in, before any route sees it, and the security headers of every answer.

Gradio's own server also takes uploads, serves files and forwards requests. Only what the page asks for is
let through, and only from the page itself or a program: a request from another page is refused, and a content
security policy keeps the page to this server whatever is in it.
"""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from fastapi.responses import JSONResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sentilora.serve.server_limits import MAX_BODY_BYTES, MAX_BYTES_HELD, MAX_SECONDS_TO_ARRIVE

ROUTES = {
    "/": ("GET", "HEAD"),
    "/predict": ("POST",),
    "/openapi.json": ("GET", "HEAD"),
    "/report.pdf": ("GET", "HEAD"),
    "/favicon.ico": ("GET", "HEAD"),
    "/theme.css": ("GET", "HEAD"),
    "/gradio_api/queue/join": ("POST",),
    "/gradio_api/queue/data": ("GET",),
}
"""Every path that is served, and its methods."""
ASSETS = ("/assets/", "/static/")
"""Beginnings of the paths of the page's own scripts, styles and fonts."""

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; script-src 'self' 'unsafe-inline'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "worker-src 'self' blob:; object-src 'none'; frame-ancestors 'self'; base-uri 'self'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class RefusedError(Exception):
    """A request that gets no other answer than this one."""

    def __init__(self, status: int, detail: str) -> None:
        self.status = status
        self.detail = detail
        super().__init__(detail)


class RequestBounds:
    """Middleware that refuses foreign pages, unknown routes and bodies that are too large or too slow."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._bytes_held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        held = _HeldBody()
        try:
            _check_route(scope)
            _check_origin(Headers(scope=scope))
            if scope["method"] == "POST":
                await self._read_body(held, receive)
        except RefusedError as refused:
            await refusal(refused.status, refused.detail, closes=True)(scope, receive, send_with_headers)
        else:

            async def replay() -> Message:
                return held.messages.pop(0) if held.messages else await receive()

            await self._app(scope, replay, send_with_headers)
        finally:
            self._bytes_held -= held.size

    async def _read_body(self, held: _HeldBody, receive: Receive) -> None:
        """Take a whole body in, within its time, its size, and what all bodies together may hold.

        Raises:
            RefusedError: it is beyond one of them.
        """
        try:
            async with asyncio.timeout(MAX_SECONDS_TO_ARRIVE):
                while not held.is_whole:
                    message = await receive()
                    held.messages.append(message)
                    num_bytes = len(message.get("body", b""))
                    held.size += num_bytes
                    self._bytes_held += num_bytes
                    if held.size > MAX_BODY_BYTES:
                        raise RefusedError(413, f"at most {MAX_BODY_BYTES:,} bytes")
                    if self._bytes_held > MAX_BYTES_HELD:
                        raise RefusedError(503, "too much is being sent at once; try again in a second")
        except TimeoutError:
            raise RefusedError(408, f"the request took more than {MAX_SECONDS_TO_ARRIVE} seconds") from None


class _HeldBody:
    """A body in memory, as the messages it came in."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.size = 0

    @property
    def is_whole(self) -> bool:
        """Whether its end has come, or its sender has gone."""
        return bool(self.messages) and not self.messages[-1].get("more_body", False)


def refusal(status: int, detail: str, *, closes: bool = False) -> JSONResponse:
    """An answer that says in one sentence why there is no other.

    Args:
        status: of HTTP; with 503 a program is told to come back in a second.
        detail: the sentence.
        closes: whether the connection ends with it, because the rest of the request is not read.
    """
    headers = {"Connection": "close"} if closes else {}
    if status == 503:
        headers["Retry-After"] = "1"
    return JSONResponse({"detail": detail}, status, headers)


def _check_route(scope: Scope) -> None:
    path, method = scope["path"], scope["method"]
    methods = ("GET", "HEAD") if path.startswith(ASSETS) else ROUTES.get(path, ())
    if not methods:
        raise RefusedError(404, "not here")
    if method not in methods:
        raise RefusedError(405, f"only {' and '.join(methods)}")


def _check_origin(headers: Headers) -> None:
    """Programs state no origin; the page states this server's; a link from elsewhere may open the page."""
    origin = headers.get("origin")
    is_foreign = origin is not None and urlsplit(origin).netloc != headers.get("host", "")
    is_fetched = headers.get("sec-fetch-mode", "navigate") != "navigate"
    from_elsewhere = headers.get("sec-fetch-site", "none") not in ("none", "same-origin")
    if is_foreign or (is_fetched and from_elsewhere):
        raise RefusedError(403, "another page may not ask here")
