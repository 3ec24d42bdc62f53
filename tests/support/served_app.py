"""The server's application for tests."""

from __future__ import annotations

import asyncio
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
