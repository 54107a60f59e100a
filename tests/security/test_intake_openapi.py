"""The intake served for real and posted to as its own OpenAPI description allows and forbids (schemathesis).

Each post is signed, so that what lies behind the signature is reached; every answer must be one that is described.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from doors import served
from intake_tools import NAME, SECRET, SOURCES, signature
from pydantic import SecretStr
from requests import PreparedRequest
from requests.auth import AuthBase

from insights.intake import prompt
from insights.intake.app import create_app
from insights.settings import Settings, load_settings

KEY = b"0123456789abcdef0123456789abcdef"
FEW = 12
OPERATIONS = [
    ("/hooks/{name}", "GET"), ("/hooks/{name}", "HEAD"), ("/hooks/{name}", "POST"), ("/cases/{case_id}/events", "POST"),
    ("/healthz", "GET"), ("/metrics", "GET"),
]  # fmt: skip


class Signed(AuthBase):
    """Signs as Standard Webhooks and as the small tool of the tests."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        body = request.body or b""
        sent = body.encode() if isinstance(body, str) else body
        stamp = str(int(time.time()))
        message = hashlib.sha256(sent).hexdigest()
        mac = hmac.new(KEY, f"{message}.{stamp}.".encode() + sent, hashlib.sha256).digest()
        request.headers["webhook-id"], request.headers["webhook-timestamp"] = message, stamp
        request.headers["webhook-signature"] = f"v1,{base64.b64encode(mac).decode()}"
        request.headers["x-signature"] = signature(sent)
        return request


@pytest.fixture(scope="module")
def settings_of_door(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("openapi")
    return load_settings(
        data_dir=folder / "data",
        keys_dir=folder / "keys",
        hook_secrets={NAME: SecretStr(SECRET)},
        case_event_secret=SecretStr("whsec_" + base64.b64encode(KEY).decode()),
        intake_per_minute=1_000_000,
    )


@pytest.fixture(scope="module")
def described(settings_of_door: Settings) -> Iterator[tuple[Any, str]]:
    schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed: pip install -e .[dev]")
    app = create_app(settings_of_door, SOURCES)
    with served(app, http=prompt.PromptProtocol, ws="none") as url:
        yield schemathesis.openapi.from_dict(app.openapi()), url


def post_many(described: tuple[Any, str], path: str, method: str, examples: int) -> None:
    """Cases in order and out of order: no status 500, every answer one of the description, of the described shape."""
    import schemathesis

    schema, url = described
    checks = schemathesis.checks
    held = [checks.status_code_conformance, checks.content_type_conformance, checks.response_schema_conformance]
    operation = schema[path][method]
    cases = operation.as_strategy(generation_mode=schemathesis.GenerationMode.POSITIVE)
    strange = operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE)
    if path == "/hooks/{name}" and method != "POST":
        strange = cases

    @hypothesis.settings(
        max_examples=examples, deadline=None, derandomize=True, suppress_health_check=list(hypothesis.HealthCheck)
    )
    @hypothesis.given(case=hypothesis.strategies.one_of(cases, strange), known=hypothesis.strategies.booleans())
    def each(case: Any, known: bool) -> None:
        if known and path == "/hooks/{name}":
            case.path_parameters = {"name": NAME}
        answer = case.call(base_url=url, auth=Signed())
        assert answer.status_code < 500 or (answer.status_code == 503 and path == "/healthz"), answer.content
        if answer.status_code not in (404, 405):  # an address that leads nowhere is the router's to answer
            case.validate_response(answer, checks=held)

    each()


@pytest.mark.faults
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_answer_is_one_that_is_described(described: tuple[Any, str], path: str, method: str) -> None:
    post_many(described, path, method, FEW)


@pytest.mark.faults
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_two_thousand_posts_find_no_answer_that_is_not_described(
    described: tuple[Any, str], path: str, method: str
) -> None:
    post_many(described, path, method, 2000)
