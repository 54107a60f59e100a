"""A post leaves a reference behind, and neither its words nor a secret: not in a log, an answer or a file."""

from __future__ import annotations

import logging

import pytest
from intake_tools import NAME, Client, body

from insights.logs import configure
from insights.settings import Settings

PERSONAL = ("Clémentine Vauquelin", "clementine.vauquelin@exemple.fr", "06 39 98 12 47")


def test_the_intake_logs_a_reference_and_nothing_of_the_post(
    client: Client, intake_settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    root, before = logging.getLogger(), list(logging.getLogger().handlers)
    configure(intake_settings, "intake")
    try:
        posted = body("e1", {"id": "e1", "said": " ".join(PERSONAL)})
        assert client.post(posted).status_code == 202
        refused = client.http.post(f"/hooks/{NAME}", content=posted, headers={"x-signature": "wrong"})
        assert refused.status_code == 401 and len(refused.headers["x-request-id"]) == 12
        assert refused.headers["x-request-id"] != client.http.get("/healthz").headers["x-request-id"]
    finally:
        root.handlers = before
    said = capsys.readouterr()
    for one in (*PERSONAL, *client_secrets(intake_settings)):
        assert one not in said.out + said.err
        for path in intake_settings.data_dir.rglob("*"):
            assert not path.is_file() or one.encode() not in path.read_bytes(), path


def client_secrets(settings: Settings) -> list[str]:
    return [part.strip() for one in settings.hook_secrets.values() for part in one.get_secret_value().split(",")]
