"""A small Hugging Face hub on loopback: the endpoints that its clients call, and faults to switch on.

Repositories are folders. Each has one commit; ``main`` and the commit itself are its revisions.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

Fault = Literal["busy", "cut", "short", "flip"]
"""What goes wrong with a file's body. ``busy``: 503, once. ``cut``: the connection closes in mid-body, once.
``short``: half the bytes, declared as the whole. ``flip``: the right length, one bit wrong."""

GLUE_CARD = """---
configs:
- config_name: sst2
  data_files:
  - {split: train, path: sst2/train-*}
  - {split: validation, path: sst2/validation-*}
  - {split: test, path: sst2/test-*}
dataset_info:
- config_name: sst2
  features:
  - {name: sentence, dtype: string}
  - name: label
    dtype: {class_label: {names: {'0': negative, '1': positive}}}
---
"""
"""The card of a data set laid out as GLUE's SST-2 is."""


@dataclass
class HubServer:
    """What the hub holds and how it misbehaves; change the fields between requests."""

    repos: dict[str, Path]
    """``"models/owner/name"`` or ``"datasets/owner/name"`` to its folder."""
    gated: set[str] = field(default_factory=set)
    """Repositories that refuse everyone."""
    failures_left: int = 0
    """How many of the next requests are answered 503."""
    faults: dict[str, Fault] = field(default_factory=dict)
    """File name to what goes wrong with it."""
    requests: list[str] = field(default_factory=list)
    """``"GET /path"`` of each request, in order."""
    endpoint: str = ""

    def commit(self, repo: str) -> str:
        """Forty digits made from the repository's content."""
        digest = hashlib.sha1()
        for path in self.files(repo):
            digest.update(path.name.encode() + path.read_bytes())
        return digest.hexdigest()

    def files(self, repo: str) -> list[Path]:
        return sorted(path for path in self.repos[repo].rglob("*") if path.is_file())


@contextmanager
def serve_hub(repos: dict[str, Path]) -> Iterator[HubServer]:
    """A running hub; ``endpoint`` is its address."""
    hub = HubServer(repos)

    class Handler(_Handler):
        server_hub = hub

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hub.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 20
    server_hub: HubServer

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""

    def _answer(self) -> None:
        hub, path = self.server_hub, unquote(urlsplit(self.path).path).strip("/")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        hub.requests.append(f"{self.command} /{path}")
        if hub.failures_left > 0:
            hub.failures_left -= 1
            return self._send_error(503, "")
        parts = path.split("/")
        is_api = parts[0] == "api"
        if is_api:
            kind, owner, name, *rest = parts[1:]
        else:
            kind, owner, name, *rest = parts if parts[0] == "datasets" else ["models", *parts]
        repo = f"{kind}/{owner}/{name}"
        if repo in hub.gated:
            return self._send_error(403, "GatedRepo")
        if repo not in hub.repos:
            return self._send_error(404, "RepoNotFound")
        commit = hub.commit(repo)
        action, revision, *file = rest or ["revision", "main"]
        if revision not in ("main", commit):
            return self._send_error(404, "RevisionNotFound")
        if is_api:
            return self._send_json(self._describe(action, repo, "/".join(file), body))
        return self._send_file(repo, commit, "/".join(file))

    def _describe(self, action: str, repo: str, below: str, body: bytes) -> Any:
        """The JSON of ``revision`` (the repository), ``tree`` (its files) or ``paths-info`` (some files)."""
        hub = self.server_hub
        entries = [self._entry(repo, path) for path in hub.files(repo)]
        if action == "revision":
            siblings = [{"rfilename": entry["path"]} for entry in entries]
            return {"id": repo.partition("/")[2], "sha": hub.commit(repo), "siblings": siblings}
        folders = sorted({entry["path"].rpartition("/")[0] for entry in entries} - {""})
        entries += [{"type": "directory", "path": folder, "oid": "0" * 40, "size": 0} for folder in folders]
        if action == "paths-info":
            wanted = json.loads(body)["paths"] if body.startswith(b"{") else parse_qs(body.decode())["paths"]
            return [entry for entry in entries if entry["path"] in wanted]
        query = parse_qs(urlsplit(self.path).query)
        inside = [entry for entry in entries if entry["path"].startswith(f"{below}/" if below else "")]
        if query.get("recursive", ["false"])[0].lower() == "true":
            return inside
        depth = below.count("/") + 1 if below else 0
        return [entry for entry in inside if entry["path"].count("/") == depth]

    def _entry(self, repo: str, path: Path) -> dict[str, Any]:
        content = path.read_bytes()
        entry: dict[str, Any] = {
            "type": "file",
            "path": path.relative_to(self.server_hub.repos[repo]).as_posix(),
            "size": len(content),
            "oid": hashlib.sha1(content).hexdigest(),
        }
        if _is_large(path):
            entry["lfs"] = {"oid": _etag(path), "size": len(content), "pointerSize": 130}
        return entry

    def _send_file(self, repo: str, commit: str, name: str) -> None:
        hub, path = self.server_hub, self.server_hub.repos[repo] / name
        if not path.is_file():
            return self._send_error(404, "EntryNotFound")
        whole = path.read_bytes()
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-").split("-")[0])
        body = whole[start:]
        fault = hub.faults.get(path.name) if self.command == "GET" else None
        if fault == "busy":
            del hub.faults[path.name]
            return self._send_error(503, "")
        if fault == "short":
            body = body[: len(body) // 2]
        elif fault == "flip":
            body = body[:-1] + bytes([body[-1] ^ 1])
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(whole) - 1}/{len(whole)}")
        self.send_header("ETag", f'"{_etag(path)}"')
        self.send_header("X-Repo-Commit", commit)
        self.end_headers()
        if fault == "cut":
            del hub.faults[path.name]
            body, self.close_connection = body[: len(body) // 2], True
        if self.command != "HEAD":
            self.wfile.write(body)
        return None

    def _send_json(self, content: Any) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _send_error(self, status: int, code: str) -> None:
        self.send_response(status)
        if code:
            self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()


def _is_large(path: Path) -> bool:
    return path.suffix in (".safetensors", ".parquet", ".bin")


def _etag(path: Path) -> str:
    """SHA-256 for a file in large-file storage, SHA-1 for one in git, as on the hub."""
    algorithm = "sha256" if _is_large(path) else "sha1"
    return hashlib.new(algorithm, path.read_bytes()).hexdigest()
