"""The web application: the dashboard, its service for as long as the server lives, and headers that protect it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from signoff import garbage
from signoff.api import build_api
from signoff.live import Live
from signoff.news import Reporter
from signoff.paths import app_dir
from signoff.room import Room
from signoff.service import service, stop_service
from signoff.status import PATHS, Status
from signoff.ui import live, loading, streamlit_settings, turns

_HEADERS = {
    "Content-Security-Policy": "frame-ancestors 'self'",  # a foreign page must not put Approve under its own button
    "X-Frame-Options": "SAMEORIGIN",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


class SecurityHeaders:
    """Adds headers that Streamlit 1.67 does not send."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and mark the beginning of the response; a WebSocket's messages have no headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
            await send(message)

        await self._app(scope, receive, marked)


@asynccontextmanager
async def _serving(_app: Any) -> AsyncIterator[dict[str, Any]]:
    await asyncio.to_thread(service)  # DBOS's synchronous calls refuse a running event loop
    live.pushes()
    streamlit_settings.remember()
    loading.load()
    garbage.spare_what_is_loaded()
    try:
        yield {}
    finally:
        await asyncio.to_thread(stop_service)


def may_listen(asking: HTTPConnection) -> bool:
    """Tell whether a WebSocket comes from a page of this server, or of one of ``server.corsAllowedOrigins``."""
    host, origin = asking.headers.get("host"), asking.headers.get("origin", "")
    return is_host_allowed(host) and (
        urlsplit(origin).netloc == host or origin in st.get_option("server.corsAllowedOrigins")
    )


_status = Status(service)


def _mark() -> str:
    return service().glance.read()


def _told(request: Request) -> Response:
    reply = _status.answer(request.url.path)
    return Response(reply.body, status_code=reply.status, media_type=reply.kind)


_live = Live(_mark, allowed=may_listen, reporting=lambda: Reporter(service).report, room=Room(turns.under_way))
app = st.App(
    app_dir() / "dashboard.py",
    lifespan=_serving,
    routes=[
        WebSocketRoute(live.ADDRESS, _live.endpoint),
        *(Route(path, _told) for path in PATHS),
        Mount("/api", build_api(service)),
    ],
    middleware=[Middleware(SecurityHeaders)],
)
