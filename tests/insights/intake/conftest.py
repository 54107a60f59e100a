"""A door on loopback, in a thread of this process."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from intake_tools import NAME, OLD_SECRET, SECRET, SOURCES, Client
from pydantic import SecretStr

from insights.intake.app import create_app
from insights.settings import Settings


@pytest.fixture
def intake_settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """Two secrets and small bodies; a parameter changes other settings."""
    secrets = {NAME: SecretStr(f"{SECRET}, {OLD_SECRET}")}
    return settings.model_copy(update={"hook_secrets": secrets, "intake_max_kb": 4, **getattr(request, "param", {})})


@pytest.fixture
def client(intake_settings: Settings) -> Iterator[Client]:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(intake_settings, SOURCES), log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    found = Client(f"http://127.0.0.1:{listening.getsockname()[1]}")
    yield found
    found.http.close()
    server.should_exit = True
    thread.join()
    listening.close()
