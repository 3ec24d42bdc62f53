"""Hostile clients against the running server: each gets a refusal in time, and the others their answers."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from sentilora.serve import bounded_connection, request_bounds
from sentilora.serve.request_bounds import SECURITY_HEADERS
from sentilora.serve.served_study import load_served_study
from sentilora.serve.server_limits import MAX_BODY_BYTES
from support.served_app import running_server
from support.tiny_study import tiny_study

SECONDS = 0.5
QUESTION = json.dumps({"texts": ["a warm film"]}).encode()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """Host and port of a server with short limits."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (bounded_connection, request_bounds):
            patch.setattr(module, "MAX_SECONDS_TO_ARRIVE", SECONDS)
        patch.setattr(bounded_connection, "MAX_CONNECTIONS", 40)
        patch.setattr(request_bounds, "MAX_BYTES_HELD", 3 * MAX_BODY_BYTES)
        with running_server(load_served_study(tiny_study(tmp_path_factory), device="cpu")) as address:
            parts = urlsplit(address)
            assert parts.hostname is not None
            assert parts.port is not None
            yield parts.hostname, parts.port


@pytest.fixture(autouse=True)
def _others_are_still_answered(server: tuple[str, int]) -> Iterator[None]:
    yield
    connection = HTTPConnection(*server, timeout=5)
    connection.request("POST", "/predict", QUESTION, {"Content-Type": "application/json"})
    response = connection.getresponse()
    assert response.status == 200
    assert len(json.loads(response.read())["answers"]) == 1
    connection.close()


def send(server: tuple[str, int], *parts: bytes) -> socket.socket:
    """A connection on which these bytes were sent."""
    connection = socket.create_connection(server, timeout=5)
    for part in parts:
        connection.sendall(part)
    return connection


def read_to_the_end(connection: socket.socket) -> bytes:
    """What the server says until it closes the connection."""
    received = b""
    try:
        while part := connection.recv(65536):
            received += part
    except ConnectionResetError:
        pass
    connection.close()
    return received


def request(
    server: tuple[str, int],
    *headers: str,
    method: str = "POST",
    path: str = "/predict",
    body: bytes = QUESTION,
) -> bytes:
    """The whole answer to one request on a connection that ends with it."""
    host, port = server
    lines = [f"{method} {path} HTTP/1.1", "Connection: close", *headers]
    if not any(line.lower().startswith("host:") for line in headers):
        lines.append(f"Host: {host}:{port}")
    if method == "POST":
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return read_to_the_end(
        send(server, "\r\n".join([*lines, "", ""]).encode("latin-1"), body if method == "POST" else b"")
    )


def status(answer: bytes) -> int:
    """The status of an answer, which has the security headers whatever it is."""
    head = answer.partition(b"\r\n\r\n")[0].decode("latin-1").lower()
    for name, value in SECURITY_HEADERS.items():
        assert f"{name}: {value}".lower() in head
    assert "uvicorn" not in head
    return int(head.split()[1])


@pytest.mark.parametrize(
    "head",
    [b"", b"GET", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half: ", b"POST /predict HTTP/1.1\r\nHost: x\r\n"],
    ids=["nothing", "a word", "half a header", "no end"],
)
def test_headers_that_do_not_end_are_not_waited_for(head: bytes, server: tuple[str, int]) -> None:
    began = time.monotonic()
    assert read_to_the_end(send(server, head)) == b""
    assert time.monotonic() - began < SECONDS + 2


def test_dripping_headers_gain_no_time(server: tuple[str, int]) -> None:
    connection = send(server, b"GET / HTTP/1.1\r\n")
    began = time.monotonic()

    def drip() -> None:
        while time.monotonic() - began < SECONDS + 3:
            connection.sendall(b"X-Drip: 1\r\n")
            time.sleep(0.05)

    with connection, pytest.raises(OSError, match=r"Broken pipe|reset|aborted"):
        drip()


HEAD = b"POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    "body",
    [
        b'Content-Length: 100\r\n\r\n{"texts',
        b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
        b"Content-Length: 99999999999999\r\n\r\n{",
    ],
    ids=["too long a length", "no last chunk", "an absurd length"],
)
def test_bodies_that_do_not_come_are_not_waited_for(body: bytes, server: tuple[str, int]) -> None:
    began = time.monotonic()
    answer = read_to_the_end(send(server, HEAD + body))
    assert status(answer) == 408
    assert b"seconds" in answer
    assert time.monotonic() - began < SECONDS + 2


def test_chunks_without_end_are_cut_off(server: tuple[str, int]) -> None:
    connection = send(server, HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    try:
        for _ in range(2 * MAX_BODY_BYTES // 0x10000):
            connection.sendall(chunk)
    except OSError:  # it has closed the connection already
        pass
    answer = read_to_the_end(connection)
    assert not answer or status(answer) == 413


def test_bodies_together_hold_little(server: tuple[str, int]) -> None:
    """Ten of 1.5 MB but for their last byte: some wait, the others are refused at once."""
    body = HEAD + b"Content-Length: 1500001\r\n\r\n" + b" " * 1_500_000
    began = time.monotonic()
    connections = []
    for _ in range(10):
        connections.append(socket.create_connection(server, timeout=5))
        with contextlib.suppress(OSError):  # refused before all was sent
            connections[-1].sendall(body)
    answers = [answer for answer in map(read_to_the_end, connections) if answer]
    assert {status(answer) for answer in answers} <= {503, 408}
    assert any(status(answer) == 503 and b"retry-after" in answer.lower() for answer in answers)
    assert time.monotonic() - began < SECONDS + 4


def test_too_many_connections_are_turned_away_and_places_become_free(server: tuple[str, int]) -> None:
    connections = [send(server) for _ in range(60)]
    began = time.monotonic()
    assert read_to_the_end(connections[-1]) == b""
    assert time.monotonic() - began < SECONDS, "the last found no place"
    for connection in connections[:-1]:
        assert read_to_the_end(connection) == b""


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /\x00 HTTP/1.1\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: " + b"x" * 200_000 + b"\r\n\r\n",
        b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST /predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=["tls", "nul", "version", "http2", "long", "two lengths", "negative length", "bad chunk"],
)
def test_what_is_no_http_is_refused(garbage: bytes, server: tuple[str, int]) -> None:
    assert status(read_to_the_end(send(server, garbage))) in (400, 404, 408)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"texts":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        b'{"texts": ["\xff\xfe"]}',
        "\ufeff{}".encode("utf-16"),
        b'{"texts": [NaN]}',
        b'{"texts": ["' + b"\\u0000" * 3000 + b'"]}',
        b'{"texts": ' + b"[" + b'"a",' * 300_000 + b'"a"]}',
        b'{"arm": ' + b"9" * 10_000 + b', "texts": ["a"]}',
        gzip.compress(b" " * 1_000_000),
    ],
    ids=["open", "deep", "latin", "utf-16", "nan", "nul", "many", "number", "gzip"],
)
def test_hostile_json_is_told_what_is_wrong(body: bytes, server: tuple[str, int]) -> None:
    began = time.monotonic()
    answer = request(server, body=body)
    assert status(answer) in (400, 422)
    assert len(answer) < 2000
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("path", ["/", "/predict", "/gradio_api/queue/join", "/openapi.json", "/report.pdf"])
@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "http://localhost"])
def test_a_foreign_page_may_not_ask(path: str, origin: str, server: tuple[str, int]) -> None:
    method = request_bounds.ROUTES[path][0]
    assert status(request(server, f"Origin: {origin}", method=method, path=path)) == 403


def test_a_foreign_page_may_not_embed_but_a_link_may_open(server: tuple[str, int]) -> None:
    for site in ("cross-site", "same-site"):
        embedded = f"Sec-Fetch-Site: {site}", "Sec-Fetch-Mode: no-cors"
        assert status(request(server, *embedded, method="GET", path="/openapi.json")) == 403
        link = f"Sec-Fetch-Site: {site}", "Sec-Fetch-Mode: navigate"
        assert status(request(server, *link, method="GET", path="/")) == 200


def test_a_preflight_is_refused(server: tuple[str, int]) -> None:
    asked = "Origin: http://evil.example", "Access-Control-Request-Method: POST"
    answer = request(server, *asked, method="OPTIONS")
    assert status(answer) in (403, 405)
    assert b"access-control-allow" not in answer.lower()


def test_the_page_s_own_origin_is_answered(server: tuple[str, int]) -> None:
    host, port = server
    assert status(request(server, f"Origin: http://{host}:{port}", "Sec-Fetch-Mode: cors")) == 200


def test_another_host_name_is_refused(server: tuple[str, int]) -> None:
    assert status(request(server, "Host: rebound.example", method="GET", path="/")) == 400


@pytest.mark.parametrize(
    "path",
    [
        "/config", "/login", "/logout", "/monitoring", "/manifest.json", "/robots.txt", "/pwa_icon",
        "/svelte/x.js", "/gradio_api/info", "/gradio_api/upload", "/gradio_api/file=/etc/passwd",
        "/gradio_api/proxy=http://127.0.0.1/", "/gradio_api/deep_link", "/gradio_api/heartbeat/x",
        "/gradio_api/startup-events", "/gradio_api/cancel", "/docs", "/..%2f..%2fetc/passwd", "//predict",
        "/assets/../../../../etc/passwd", "/static/..%2f..%2f..%2fetc%2fpasswd",
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_there_is_nothing_but_what_the_page_asks_for(path: str, method: str, server: tuple[str, int]) -> None:
    answer = request(server, method=method, path=path)
    assert status(answer) in (403, 404, 405)
    assert b"root:" not in answer


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "NONSENSE"])
def test_other_methods_are_refused(method: str, server: tuple[str, int]) -> None:
    assert status(request(server, method=method, path="/predict")) == 405


def test_a_websocket_is_no_way_in(server: tuple[str, int]) -> None:
    upgrade = "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    assert status(request(server, *upgrade, method="GET", path="/gradio_api/queue/data")) in (400, 404, 422)
