"""uvicorn's connection with bounds that uvicorn lacks: how many there are, and how long one may say nothing.

uvicorn waits without end for the rest of half-sent headers, and takes every connection. So a client that
drips, or opens many, would keep all others out.
"""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from sentilora.serve.request_bounds import SECURITY_HEADERS
from sentilora.serve.server_limits import MAX_CONNECTIONS, MAX_SECONDS_TO_ARRIVE


class BoundedConnection(H11Protocol):
    """A connection that is closed where no request arrives in time, or there are too many of them."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, or close it at once."""
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS:
            transport.abort()
        else:
            self._start_waiting()

    def data_received(self, data: bytes) -> None:
        """Take bytes; a request that has begun to be answered ends the wait for it."""
        try:
            super().data_received(data)
        except h11.LocalProtocolError:  # nonsense after an answer that was given before the request had ended
            self.transport.abort()
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
        elif self._deadline is None:
            self._start_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_waiting()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, with the headers that every answer has."""
        headers = {"Content-Type": "text/plain; charset=utf-8", "Connection": "close", **SECURITY_HEADERS}
        answer = h11.Response(status_code=400, headers=list(headers.items()))
        for event in (answer, h11.Data(msg.encode()), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _start_waiting(self) -> None:
        self._deadline = self.loop.call_later(MAX_SECONDS_TO_ARRIVE, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
