"""The door: a posted event is verified, sealed and on the disk before it is answered 202.

No answer, log line or exception carries a word of what was posted.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.requests import ClientDisconnect

from insights.errors import SettingsError, SignatureError
from insights.intake import described
from insights.intake.cases import CaseDesk, CaseEvent
from insights.intake.door import Door
from insights.intake.gauges import UNKNOWN, Gauges
from insights.intake.health import health
from insights.intake.limits import BODY_SECONDS, Rate, TooLarge, TooSlow, bounded_body
from insights.intake.referenced import Referenced
from insights.intake.refused import Refused
from insights.intake.sources import hook_sources
from insights.ledger import open_ledger
from insights.ledger.inbox import durable
from insights.settings import Settings
from insights.sources.base import Hook, RecordSource

LOG = logging.getLogger("voc.intake")
CASES = "cases"  # label of the figures
NOT_KEPT = "The event could not be kept and was not counted: post it again."


class Desk:
    """Checks one post after the other against the settings."""

    def __init__(self, settings: Settings, sources: Mapping[str, RecordSource]) -> None:
        self.settings, self.sources = settings, sources
        self.rate = Rate(settings.intake_per_minute)
        self.limit = settings.intake_max_kb * 1024

    def hook(self, name: str) -> Hook:
        """The source's hook. Refuses an unknown source."""
        source = self.sources.get(name)
        if source is None or source.hook is None:
            raise Refused(404, "unknown_source", "There is no webhook source of this name; docs/sources.md lists them.")
        return source.hook

    def secrets(self, name: str) -> list[str]:
        """The source's secrets, newest first. Refuses a source that has none."""
        given = self.settings.hook_secrets.get(name)
        found = [part.strip() for part in given.get_secret_value().split(",") if part.strip()] if given else []
        if not found:
            sentence = f'No secret is set for {name}: put {{"{name}": "..."}} into VOC_HOOK_SECRETS and start again.'
            raise Refused(503, "no_secret", sentence)
        return found

    async def body(self, request: Request) -> bytes:
        """The raw body, bounded."""
        try:
            return await bounded_body(request.stream(), request.headers.get("content-length"), self.limit)
        except TooLarge:
            sentence = f"The body is over {self.settings.intake_max_kb} kB (VOC_INTAKE_MAX_KB)."
            raise Refused(413, "too_large", sentence, {"Connection": "close"}) from None  # the rest is not listened to
        except ClientDisconnect:
            raise Refused(400, "cut_off", "The connection ended before the body was there: post it again.") from None
        except TooSlow:
            sentence = f"The body was not there within {BODY_SECONDS:.0f} s: post it again."
            raise Refused(408, "too_slow", sentence, {"Connection": "close"}) from None

    def paced(self, name: str) -> None:
        """Count one signed post. Refuses one that comes too fast."""
        if seconds := self.rate.wait_seconds(name):
            sentence = f"Over {self.settings.intake_per_minute} posts a minute: come again in {seconds} s."
            raise Refused(429, "too_many", sentence, {"Retry-After": str(seconds)})

    def checked(self, name: str, hook: Hook, headers: Mapping[str, str], body: bytes, now: datetime) -> str:
        """The event's key, once signature, rate and JSON are in order."""
        secrets = self.secrets(name)
        try:
            hook.verify(headers, body, secrets, now)
        except SettingsError as error:
            raise Refused(503, "bad_secret", f"The secret of {name} in VOC_HOOK_SECRETS cannot be used.") from error
        except (SignatureError, ValueError, LookupError, TypeError, AttributeError) as error:
            raise Refused(401, "bad_signature", "The signature is absent, wrong or too old.") from error
        self.paced(name)
        try:
            json.loads(body.decode("utf-8-sig"))
            key = hook.event_key(headers, body)
            key.encode()  # half a surrogate pair is no id
            return key
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
            raise Refused(400, "bad_json", "The body is not the JSON this source posts.") from error


def create_app(settings: Settings, sources: Mapping[str, RecordSource] | None = None) -> FastAPI:
    """The intake as an ASGI application; `sources` default to all that have a hook."""
    desk = Desk(settings, hook_sources(settings) if sources is None else sources)

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        with open_ledger(settings) as opened:
            app.state.ledger = durable(opened)
            app.state.gauges = Gauges(settings, opened)
            app.state.door = Door(opened)
            app.state.door.start()
            yield
            app.state.door.close()

    app = FastAPI(title="VoC intake", lifespan=life, docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Referenced)
    _routes(app, desk)
    if settings.public_url.strip():  # a door without links in digests does not load what they need
        from insights.intake.answers import add_routes

        add_routes(app, settings, desk.rate.wait_seconds)
    return app


def _routes(app: FastAPI, desk: Desk) -> None:
    async def handshake(name: str) -> Response:
        """Tools ask whether somebody is there before they post."""
        try:
            desk.hook(name)
        except Refused as refused:
            return _refusal(refused)
        return JSONResponse({"ready": True})

    for method in ("GET", "HEAD"):  # one by one: each has its own name in the description
        app.add_api_route(
            "/hooks/{name}", handshake, methods=[method], operation_id=f"handshake_{method}", **described.HANDSHAKE
        )

    @app.post("/hooks/{name}", **described.HOOK)
    async def hook(name: str, request: Request) -> Response:
        gauges: Gauges = app.state.gauges
        label = name if name in desk.sources else UNKNOWN
        try:
            is_new = await _take(app.state.door, desk, name, request)
        except Refused as refused:
            gauges.refused.labels(label, refused.code).inc()
            return _refusal(refused)
        except Exception as error:  # whatever it is, its text may hold the body: only its name is told
            LOG.error("A post to %s could not be kept: %s", label, type(error).__name__)
            gauges.refused.labels(label, "not_kept").inc()
            return JSONResponse({"error": NOT_KEPT}, 503, headers={"Retry-After": "5"})
        (gauges.received if is_new else gauges.duplicate).labels(label).inc()
        return JSONResponse({"accepted": True, "duplicate": not is_new}, 202)

    case_desk = CaseDesk(desk.settings)

    @app.post("/cases/{case_id}/events", **described.case_events(CaseEvent.model_json_schema()))
    async def case_event(case_id: str, request: Request) -> Response:
        """What another system did with a case."""
        gauges: Gauges = app.state.gauges
        try:
            case_desk.secrets()
            body = await desk.body(request)
            told, message = case_desk.checked(case_id, dict(request.headers), body, datetime.now(UTC))
            desk.paced(CASES)
            is_new = await run_in_threadpool(case_desk.keep, app.state.ledger, case_id, told, message)
        except Refused as refused:
            gauges.refused.labels(CASES, refused.code).inc()
            return _refusal(refused)
        except Exception as error:  # whatever it is, its text may hold the body: only its name is told
            LOG.error("An event of a case could not be kept: %s", type(error).__name__)
            gauges.refused.labels(CASES, "not_kept").inc()
            return JSONResponse({"error": NOT_KEPT}, 503, headers={"Retry-After": "5"})
        (gauges.received if is_new else gauges.duplicate).labels(CASES).inc()
        return JSONResponse({"accepted": True, "duplicate": not is_new})

    @app.get("/healthz", **described.HEALTH)
    def healthz() -> Response:
        found = health(desk.settings, app.state.ledger)
        content: dict[str, Any] = {"status": "unwell" if found.reason else "well", **found.figures}
        return JSONResponse({**content, "reason": found.reason}, 503 if found.reason else 200)

    @app.get("/metrics", response_class=PlainTextResponse)
    def metrics() -> Response:
        return Response(app.state.gauges.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


async def _take(door: Door, desk: Desk, name: str, request: Request) -> bool:
    """Whether the event is new. Raises Refused, or LedgerError when it is not on the disk."""
    now = datetime.now(UTC)
    hook = desk.hook(name)
    desk.secrets(name)
    body = await desk.body(request)
    key = desk.checked(name, hook, dict(request.headers), body, now)
    return await door.keep(name, key, now, body.decode("utf-8-sig"))


def _refusal(refused: Refused) -> Response:
    return JSONResponse({"error": refused.sentence}, refused.status, headers=dict(refused.headers or {}))
