"""What the door says of itself in OpenAPI: bodies, answers and statuses. Tests hold the real answers against it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class _Exact(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Accepted(_Exact):
    accepted: bool
    duplicate: bool


class Ready(_Exact):
    ready: bool


class Error(_Exact):
    error: str  # a sentence for people; never a word of what was posted


class Health(BaseModel):
    status: str
    reason: str


_SAID = {
    400: "not what this source posts", 401: "not signed as it must be", 404: "nothing of this name",
    408: "the body came too slowly", 409: "impossible now", 413: "the body is too large", 429: "too many: come again",
    503: "no secret is set, or it could not be kept: post it again",
}  # fmt: skip


def _errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: {"model": Error, "description": _SAID[status]} for status in statuses}


def _takes(schema: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


HANDSHAKE: dict[str, Any] = {"responses": {200: {"model": Ready}, **_errors(404)}}
HOOK: dict[str, Any] = {
    "responses": {202: {"model": Accepted}, **_errors(400, 401, 404, 408, 413, 429, 503)},
    "openapi_extra": _takes({}),
    "status_code": 202,
}
HEALTH: dict[str, Any] = {"responses": {200: {"model": Health}, 503: {"model": Health}}}


def case_events(body: dict[str, Any]) -> dict[str, Any]:
    """Of `/cases/{id}/events`, whose body has this schema."""
    return {
        "responses": {200: {"model": Accepted}, **_errors(400, 401, 404, 408, 409, 413, 429, 503)},
        "openapi_extra": _takes(body),
    }
