"""The web application: an endpoint for programs, the study's report, and the page."""

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
from starlette.middleware.trustedhost import TrustedHostMiddleware

from sentilora.serve.batcher import BusyError
from sentilora.serve.page.layout import CSS, build_page, theme
from sentilora.serve.request_bounds import RequestBounds, refusal
from sentilora.serve.served_study import ServedStudy
from sentilora.serve.server_limits import MAX_CHARACTERS, MAX_SECONDS, MAX_TEXTS
from sentilora.use.predict import Prediction

LOOPBACK = ("127.0.0.1", "localhost", "::1")


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
    """To be labelled, each by itself."""
    arm: str | None = None
    """One of the arms served; the first beside the baseline if it is left out."""


class Answer(BaseModel):
    """What is said of one text."""

    label: str
    """The most probable class."""
    probability: float
    """Its probability."""
    margin: float
    """Its probability less that of the runner-up."""
    probabilities: dict[str, float]
    """Of every class, by its name."""


class Answers(BaseModel):
    """One answer for each text, in their order."""

    arm: str
    """The arm that answers."""
    run_id: str
    """The run of it that does."""
    answers: list[Answer]
    """As many as there were texts."""


def build_app(study: ServedStudy, *, address: str) -> FastAPI:
    """The web application of a study, for an ASGI server.

    Args:
        study: what is served.
        address: where it will be reached, ``http://host:port``; on a loopback host, requests to any other
            host name are refused, so that no web page can reach it through a name of its own.
    """
    host = urlsplit(address).hostname or ""
    # Interactive documentation would be fetched from elsewhere; the schema is enough.
    app = FastAPI(title=f"sentilora: {study.analysis.name}", docs_url=None, redoc_url=None)
    arms = {arm.arm: arm for arm in study.arms}

    @app.post("/predict")
    async def predict(question: Question) -> Answers:
        arm = arms.get(question.arm or study.default.arm)
        if arm is None:
            raise HTTPException(422, f"no arm {question.arm!r} here; there are {', '.join(arms)}")
        try:
            predictions = await _in_time(arm.batcher.submit(question.texts))
        except (BusyError, TimeoutError):
            raise HTTPException(
                503, "too much is waiting; try again in a second", headers={"Retry-After": "1"}
            ) from None
        answers = [_answer(prediction, study.labels) for prediction in predictions]
        return Answers(arm=arm.arm, run_id=arm.classifier.adapter.description.run_id, answers=answers)

    @app.get("/report.pdf", include_in_schema=False)
    def report() -> FileResponse:
        if not study.report.is_file():
            raise HTTPException(404, "this study has no report yet: sentilora report writes it")
        return FileResponse(study.report, media_type="application/pdf")

    app.add_exception_handler(RequestValidationError, _say_what_is_wrong)
    if host in LOOPBACK:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*LOOPBACK, "[::1]"])
    app.add_middleware(RequestBounds)  # the last added is the first that a request meets
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        build_page(study, address),
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
    return refusal(422, f"{where}: {first['msg']}" if where else first["msg"])
