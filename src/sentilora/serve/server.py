"""Runs the web application of a study until it is interrupted."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress

import uvicorn

from sentilora.serve.app import build_app
from sentilora.serve.limits import MAX_CONNECTIONS
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
    server = _Server(
        uvicorn.Config(
            build_app(study, address=address),
            log_level="warning",
            limit_concurrency=MAX_CONNECTIONS,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=2,
        )
    )
    server.when_started = lambda: ready(address)
    with suppress(KeyboardInterrupt):  # uvicorn raises it again once it has shut down
        server.run(sockets=[listening])


class _Server(uvicorn.Server):
    """Tells when it has started."""

    when_started: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.when_started()
