"""Runs the web application of a study until it is interrupted."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from fastapi import FastAPI

from sentilora.serve.app import build_app
from sentilora.serve.bounded_connection import BoundedConnection
from sentilora.serve.served_study import ServedStudy


def serve(study: ServedStudy, listening: socket.socket, host: str, *, ready: Callable[[str], None]) -> None:
    """Serve a study until interrupted.

    Args:
        study: what is served.
        listening: from ``listen``.
        host: the address that it listens on.
        ready: called with the page's address once the page answers.
    """
    shown_host = f"[{host}]" if ":" in host else host
    address = f"http://{shown_host}:{listening.getsockname()[1]}"
    server = _Server(server_config(build_app(study, address=address)))
    server.when_started = lambda: ready(address)
    with suppress(KeyboardInterrupt):  # uvicorn raises it again once it has shut down
        server.run(sockets=[listening])


def server_config(app: FastAPI) -> uvicorn.Config:
    """How the application is served: HTTP alone, within bounds, without telling what serves it."""
    return uvicorn.Config(
        app,
        http=BoundedConnection,
        ws="none",
        log_level="error",  # uvicorn warns of every request that is no HTTP
        access_log=False,
        server_header=False,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=2,
    )


class _Server(uvicorn.Server):
    """Tells when it has started."""

    when_started: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.when_started()
