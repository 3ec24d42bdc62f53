"""Bounds on whatever comes in, before any route sees it, and the security headers of every answer.

Gradio's own server also takes uploads, serves files and forwards requests; nothing here has a use for
them, so they are not there. A content security policy keeps the page to this server whatever is in it.
"""

from __future__ import annotations

from fastapi.responses import JSONResponse
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sentilora.serve.limits import MAX_BODY_BYTES

_NOT_HERE = ("/upload", "/file=", "/file/", "/proxy=", "/stream/", "/component_server")
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; frame-ancestors 'self'"
)


class RequestBounds:
    """Middleware that refuses too large bodies and unused routes, and adds the security headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if any(part in scope["path"] for part in _NOT_HERE):
            await refusal(404, "not here")(scope, receive, send)
            return
        body = await _read_body(receive) if scope["method"] not in ("GET", "HEAD") else []
        if body is None:
            await refusal(413, f"at most {MAX_BODY_BYTES:,} bytes")(scope, receive, send)
            return

        async def replay() -> Message:
            return body.pop(0) if body else await receive()

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = _POLICY
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
            await send(message)

        await self._app(scope, replay, send_with_headers)


def refusal(status: int, detail: str) -> JSONResponse:
    """An answer that says in one sentence why there is no other."""
    return JSONResponse({"detail": detail}, status)


async def _read_body(receive: Receive) -> list[Message] | None:
    """The messages of a body, or None if it is too large."""
    messages, size = [], 0
    while True:
        message = await receive()
        messages.append(message)
        size += len(message.get("body", b""))
        if size > MAX_BODY_BYTES:
            return None
        if not message.get("more_body", False):
            return messages
