"""The server's routes and bounds, without a browser."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from sentilora.serve.batcher import BusyError
from sentilora.serve.served_study import ServedStudy, load_served_study
from sentilora.serve.server_limits import MAX_BODY_BYTES, MAX_CHARACTERS, MAX_TEXTS
from support.served_app import served_app
from support.tiny_study import tiny_study

ADDRESS = "http://127.0.0.1:7860"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("served") / "tiny"
    shutil.copytree(tiny_study(tmp_path_factory), copy)
    return copy


@pytest.fixture(scope="module")
def study(folder: Path) -> ServedStudy:
    return load_served_study(folder, device="cpu")


@pytest.fixture(scope="module")
def client(study: ServedStudy) -> Iterator[TestClient]:
    with TestClient(served_app(study, ADDRESS), base_url=ADDRESS) as client:
        yield client


TEXTS = [
    "a warm film",
    "this plot was dull , but the cast is lovely !",
    '<script>"bad"</script>',
    "\U0001f600",
]


@pytest.mark.parametrize("arm", ["frozen", "lora", None])
def test_programs_get_what_the_classifier_says(
    client: TestClient, study: ServedStudy, arm: str | None
) -> None:
    response = client.post("/predict", json={"texts": TEXTS, "arm": arm})
    assert response.status_code == 200
    side = study.arms[0] if arm == "frozen" else study.default
    body = response.json()
    assert body["arm"] == side.arm
    assert body["run_id"].startswith(f"{side.arm}-s0")
    for answer, prediction in zip(body["answers"], side.classifier.predict(TEXTS), strict=True):
        assert answer["label"] == prediction.label
        assert answer["probability"] == pytest.approx(prediction.probability, abs=1e-5)
        assert answer["margin"] == pytest.approx(prediction.margin, abs=1e-5)
        assert list(answer["probabilities"]) == ["negative", "positive"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"{}", "texts: Field required"),
        (b'{"texts": []}', "at least 1"),
        (b'{"texts": ["  "]}', "a text is empty"),
        (b'{"texts": [7]}', "valid string"),
        (b'{"texts": ["\\ud800"]}', "valid"),
        (b'{"texts": ["good"], "arm": "<b>full</b>"}', "there are frozen, lora"),
        (b'{"texts": ["good"], "more": 1}', "more"),
        (b"<html>", "JSON"),
        (json.dumps({"texts": ["x" * (MAX_CHARACTERS + 1)]}).encode(), f"at most {MAX_CHARACTERS}"),
        (json.dumps({"texts": ["x"] * (MAX_TEXTS + 1)}).encode(), f"at most {MAX_TEXTS}"),
    ],
    ids=["nothing", "no texts", "blank", "number", "surrogate", "arm", "extra", "no json", "long", "many"],
)
def test_a_wrong_request_is_told_why(client: TestClient, body: bytes, says: str) -> None:
    response = client.post("/predict", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 422
    assert says in response.json()["detail"]
    assert len(response.text) < 300


def test_a_body_that_is_too_large_is_refused(client: TestClient) -> None:
    response = client.post("/predict", content=b"x" * (MAX_BODY_BYTES + 1))
    assert response.status_code == 413
    assert "bytes" in response.json()["detail"]


def test_overload_is_answered_with_a_sentence(
    client: TestClient, study: ServedStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(texts: list[str]) -> None:
        raise BusyError

    monkeypatch.setattr(study.default.batcher, "submit", full)
    response = client.post("/predict", json={"texts": ["good"]})
    assert response.status_code == 503
    assert "try again" in response.json()["detail"]
    assert response.headers["Retry-After"] == "1"


def test_the_page_may_ask_nobody_else(client: TestClient) -> None:
    response = client.get("/")
    assert response.status_code == 200
    assert response.headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_another_host_name_is_refused_on_loopback(client: TestClient) -> None:
    assert client.get("/", headers={"Host": "rebound.example"}).status_code == 400
    assert client.get("/", headers={"Host": "localhost:7860"}).status_code == 200


def test_the_report_is_served_once_it_is_there(client: TestClient, study: ServedStudy) -> None:
    missing = client.get("/report.pdf")
    assert missing.status_code == 404
    assert "sentilora report" in missing.json()["detail"]
    study.report.parent.mkdir()
    study.report.write_bytes(b"%PDF-1.7 invented")
    assert client.get("/report.pdf").content == b"%PDF-1.7 invented"


def test_programs_can_read_the_schema(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert list(paths) == ["/predict"]
