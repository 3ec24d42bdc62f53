"""The server for tests: its application alone, or running on a port of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI

    from sentilora.serve.served_study import ServedStudy


def served_app(study: ServedStudy, address: str) -> FastAPI:
    """Imported and built within a loop: without one, Gradio makes event loops and leaves them open."""

    async def within_a_loop() -> FastAPI:
        from sentilora.serve.app import build_app

        return build_app(study, address=address)

    return asyncio.run(within_a_loop())


@contextmanager
def running_server(study: ServedStudy) -> Iterator[str]:
    """The address of a server in a thread, configured as ``sentilora serve`` does it."""
    import uvicorn

    from sentilora.serve.listening import listen

    with listen("127.0.0.1", 0) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        app = served_app(study, address)

        from sentilora.serve.server import server_config

        server = uvicorn.Server(server_config(app))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        yield address
        server.should_exit = True
        thread.join(10)
