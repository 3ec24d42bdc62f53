"""Listening and serving: the address is taken before anything heavy is loaded, so a taken port says so."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn

from sentilora.errors import StudyError
from sentilora.use.demo.contents import Contents
from sentilora.use.demo.limits import MAX_CONNECTIONS
from sentilora.use.demo.server import build_app


def listen(host: str, port: int) -> socket.socket:
    """A socket on this address; port 0 takes any that is free.

    Raises:
        StudyError: the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=MAX_CONNECTIONS)
    except OSError as error:
        raise StudyError(
            f"cannot listen there: {error.strerror}",
            where=f"{host}:{port}",
            remedy="another --port, or 0 for any that is free",
        ) from error


def serve(contents: Contents, listening: socket.socket, host: str, *, ready: Callable[[str], None]) -> None:
    """Serve a study until interrupted.

    Args:
        contents: of the study.
        listening: from ``listen``.
        host: the address that it listens on.
        ready: called with the page's address once the page answers.
    """
    server = _Server(
        uvicorn.Config(
            build_app(contents, host=host),
            log_level="warning",
            limit_concurrency=MAX_CONNECTIONS,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=2,
        )
    )
    shown_host = f"[{host}]" if ":" in host else host
    server.when_started = lambda: ready(f"http://{shown_host}:{listening.getsockname()[1]}")
    server.run(sockets=[listening])


class _Server(uvicorn.Server):
    """Tells when it has started."""

    when_started: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.when_started()
