"""The endpoint that may propose labels, asked over real HTTP on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from insights.errors import DeliveryError, SettingsError
from insights.outbox.label_endpoint import MOST_BYTES, LabelEndpoint, label_endpoint
from insights.settings import load_settings

MESSAGES = [{"role": "user", "content": "remboursement jamais reçu"}]


@dataclass
class Model:
    """A chat completions server: what it answers, and what it was asked."""

    url: str = ""
    status: int = 200
    answer: Any = field(default_factory=lambda: {"choices": [{"message": {"content": "Remboursement jamais reçu"}}]})
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str], dict[str, Any]]] = field(default_factory=list)
    wait: threading.Event | None = None


@pytest.fixture
def model() -> Iterator[Model]:
    plan = Model()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            plan.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            if plan.wait is not None:
                plan.wait.wait(30)
            content = plan.answer if isinstance(plan.answer, bytes) else json.dumps(plan.answer).encode()
            self.send_response(plan.status)
            for name, value in {**plan.headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(content)
            except OSError:
                self.close_connection = True  # the client had enough

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    plan.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield plan
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_an_answer_comes_from_the_configured_address_with_model_and_key(model: Model) -> None:
    endpoint = label_endpoint(load_settings(label_endpoint=model.url, label_model="petit-modele", label_key="k-1"))
    assert endpoint is not None
    assert endpoint(MESSAGES) == "Remboursement jamais reçu"
    path, headers, body = model.asked[0]
    assert (path, headers["authorization"]) == ("/v1/chat/completions", "Bearer k-1")
    assert (body["model"], body["messages"], body["temperature"]) == ("petit-modele", MESSAGES, 0)


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (500, {}),
        (200, b"no json"),
        (200, {"choices": []}),
        (200, ["odd"]),
        (200, b"[" + b"1," * MOST_BYTES + b"1]"),
        (302, {}),
    ],
)
def test_a_failing_or_odd_answer_is_a_delivery_error(model: Model, status: int, answer: Any) -> None:
    model.status, model.answer = status, answer
    model.headers = {"Location": f"{model.url}/elsewhere"} if status == 302 else {}
    with pytest.raises(DeliveryError, match="VOC_LABEL_ENDPOINT"):
        LabelEndpoint(model.url, "m")(MESSAGES)
    assert len(model.asked) == 1  # a redirect is not followed


def test_silence_ends_after_the_time_set(model: Model) -> None:
    model.wait = threading.Event()
    try:
        with pytest.raises(DeliveryError, match="Timeout"):
            LabelEndpoint(model.url, "m", seconds=0.2)(MESSAGES)
    finally:
        model.wait.set()


def test_it_is_off_unless_configured_and_needs_a_model() -> None:
    assert label_endpoint(load_settings()) is None
    with pytest.raises(SettingsError, match="VOC_LABEL_MODEL"):
        label_endpoint(load_settings(label_endpoint="http://127.0.0.1:9/v1"))


@pytest.mark.parametrize("url", ["http://192.0.2.1/v1", "ftp://127.0.0.1/v1", "https://u:p@127.0.0.1/v1"])
def test_an_open_or_odd_address_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="VOC_LABEL_ENDPOINT"):
        label_endpoint(load_settings(label_endpoint=url, label_model="m"))
