"""The server around the page: an endpoint for programs, the report, and bounds on whatever comes in.

Gradio's own server also takes uploads, serves files and forwards requests; this demo has no use for any of
them, so they are not there. A content security policy keeps the page to this server whatever is in it.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import Annotated, Any
from urllib.parse import urlsplit

import gradio as gr
from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from starlette.datastructures import MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sentilora.serve.batcher import BusyError
from sentilora.serve.contents import Contents
from sentilora.serve.limits import MAX_BODY_BYTES, MAX_CHARACTERS, MAX_SECONDS, MAX_TEXTS
from sentilora.serve.page.layout import CSS, build_page, theme
from sentilora.use.predict import Prediction

LOOPBACK = ("127.0.0.1", "localhost", "::1")
_NOT_HERE = ("/upload", "/file=", "/file/", "/proxy=", "/stream/", "/component_server")
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; frame-ancestors 'self'"
)


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("a text is empty")
    return text


class Question(BaseModel):
    """What a program asks."""

    model_config = ConfigDict(extra="forbid")

    texts: list[Annotated[str, Field(max_length=MAX_CHARACTERS), AfterValidator(_not_blank)]] = Field(
        min_length=1, max_length=MAX_TEXTS
    )
    arm: str | None = None
    """One of the two arms shown; the challenger if it is left out."""


class Answer(BaseModel):
    """What is said of one text."""

    label: str
    probability: float
    margin: float
    probabilities: dict[str, float]


class Answers(BaseModel):
    """One answer for each text, in their order."""

    arm: str
    run_id: str
    answers: list[Answer]


def build_app(contents: Contents, *, address: str) -> FastAPI:
    """The demo as an ASGI application.

    Args:
        contents: of a study.
        address: where it will be reached, ``http://host:port``; on a loopback host, requests to any other
            host name are refused, so that no web page can reach it through a name of its own.
    """
    host = urlsplit(address).hostname or ""
    # Interactive documentation would be fetched from elsewhere; the schema is enough.
    app = FastAPI(title=f"sentilora demo: {contents.analysis.name}", docs_url=None, redoc_url=None)
    sides = {side.arm: side for side in (contents.baseline, contents.challenger)}

    @app.post("/predict")
    async def predict(question: Question) -> Answers:
        side = sides.get(question.arm or contents.challenger.arm)
        if side is None:
            raise HTTPException(422, f"no arm {question.arm!r} here; there are {', '.join(sides)}")
        try:
            predictions = await _in_time(side.batcher.submit(question.texts))
        except (BusyError, TimeoutError):
            raise HTTPException(
                503, "too much is waiting; try again in a second", headers={"Retry-After": "1"}
            ) from None
        answers = [_answer(prediction, contents.labels) for prediction in predictions]
        return Answers(arm=side.arm, run_id=side.classifier.adapter.description.run_id, answers=answers)

    @app.get("/report.pdf", include_in_schema=False)
    def report() -> FileResponse:
        if not contents.report.is_file():
            raise HTTPException(404, "this study has no report yet: sentilora report writes it")
        return FileResponse(contents.report, media_type="application/pdf")

    app.add_exception_handler(RequestValidationError, _say_what_is_wrong)
    app.add_middleware(Bounds)
    if host in LOOPBACK:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*LOOPBACK, "[::1]"])
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        build_page(contents, address),
        path="/",
        server_name=host,
        theme=theme(),
        css=CSS,
        footer_links=[],
        ssr_mode=False,
        show_error=False,
        max_file_size=1,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
    )
    return mounted


class Bounds:
    """Refuses bodies that are too large and what the demo has no use for, and sends the security headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if any(part in scope["path"] for part in _NOT_HERE):
            await _refusal(404, "not here")(scope, receive, send)
            return
        body = await _body(receive) if scope["method"] not in ("GET", "HEAD") else []
        if body is None:
            await _refusal(413, f"at most {MAX_BODY_BYTES:,} bytes")(scope, receive, send)
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


async def _body(receive: Receive) -> list[Message] | None:
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


def _refusal(status: int, detail: str) -> JSONResponse:
    return JSONResponse({"detail": detail}, status)


async def _in_time(future: Future[list[Prediction]]) -> list[Prediction]:
    async with asyncio.timeout(MAX_SECONDS):
        return await asyncio.wrap_future(future)


def _answer(prediction: Prediction, labels: tuple[str, ...]) -> Answer:
    return Answer(
        label=prediction.label,
        probability=prediction.probability,
        margin=prediction.margin,
        probabilities=dict(zip(labels, prediction.probabilities, strict=True)),
    )


async def _say_what_is_wrong(request: Request, error: Exception) -> JSONResponse:
    """One sentence, without the text that was sent: it may be long, and no JSON either."""
    assert isinstance(error, RequestValidationError)
    first: dict[str, Any] = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"][1:])
    return _refusal(422, f"{where}: {first['msg']}" if where else first["msg"])
