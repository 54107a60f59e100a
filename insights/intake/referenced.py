"""Each request has a reference: on every line it logs, and in its answer (`X-Request-Id`), so that one leads to the other."""

from __future__ import annotations

from uuid import uuid4

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from insights.logs import about

HEADER = "X-Request-Id"


class Referenced:
    """ASGI middleware. The reference is our own: a caller's would let it write into our log."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        reference = uuid4().hex[:12]

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = reference
            await send(message)

        with about(reference=reference):
            await self.app(scope, receive, named)
