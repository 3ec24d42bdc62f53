"""A package index on loopback that can misbehave."""

from __future__ import annotations

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Index:
    """A simple-repository index on loopback: ``files`` by name, and the answers to give instead, in turn."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.answers: dict[str, list[str]] = {}
        self.requests: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.may_finish = threading.Event()
        self.may_finish.set()
        index = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                index.answer(self)

            def log_message(self, *arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/simple/"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        name = request.path.rstrip("/").rpartition("/")[2]
        self.requests.append(name)
        self.headers.append(dict(request.headers))
        planned = self.answers.get(name, [])
        answer = planned.pop(0) if planned else "good"
        if answer.isdigit():
            request.send_error(int(answer))
            return
        if name in self.files:
            body, content_type = self.files[name], "application/octet-stream"
        else:
            project = name.replace("-", "_")
            names = [file for file in self.files if file.startswith(f"{project}-")]
            if not names and answer == "good":
                request.send_error(404)
                return
            page = {
                "meta": {"api-version": "1.0"},
                "name": name,
                "files": [{"filename": file, "url": f"/files/{file}", "hashes": {}} for file in names],
            }
            body, content_type = json.dumps(page).encode(), "application/vnd.pypi.simple.v1+json"
        if answer == "portal":
            body, content_type = b"sign in first", "text/plain"
        request.send_response(200)
        request.send_header("Content-Type", content_type)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        half = len(body) // 2
        with contextlib.suppress(ConnectionError):
            request.wfile.write(body[:half])
            if answer == "truncated":
                return
            if name in self.files:
                request.wfile.flush()
                self.may_finish.wait(20)
            request.wfile.write(body[half:])

    def close(self) -> None:
        self.may_finish.set()
        self.server.shutdown()
        self.server.server_close()
