"""The socket to serve on, opened before anything heavy is loaded: a taken port is told at once."""

from __future__ import annotations

import socket

from sentilora.errors import StudyError
from sentilora.serve.server_limits import MAX_CONNECTIONS


def listen(host: str, port: int) -> socket.socket:
    """Open a socket on this address; port 0 takes any that is free.

    Raises:
        StudyError: the address is taken, or not this machine's.
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
