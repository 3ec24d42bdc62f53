"""The demo's application for tests."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI

    from sentilora.serve.contents import Contents


def demo_app(contents: Contents, address: str) -> FastAPI:
    """Imported and built within a loop: without one, Gradio makes event loops and leaves them open."""

    async def within_a_loop() -> FastAPI:
        from sentilora.serve.server import build_app

        return build_app(contents, address=address)

    return asyncio.run(within_a_loop())
