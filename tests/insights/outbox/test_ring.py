"""An incident is told to who is on call: at any hour, once each, with quotes that an erasure can still take out."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiosmtpd.controller import Controller
from pydantic import SecretStr
from receivers import NOW, Receiver, receiver
from standardwebhooks import Webhook

from insights.errors import SettingsError
from insights.ledger import Ledger
from insights.outbox import Deliverer
from insights.outbox.endpoints import Directory, load_directory
from insights.outbox.fold import Outbox
from insights.outbox.ring import on_call_endpoints, probe, ring, written
from insights.settings import Settings

SECRET = "whsec_bWFkZS11cC1zZWNyZXQtb2YtdGhlLXRlc3RzIQ=="
FACTS: dict[str, Any] = {
    "incident_id": "i1", "series": "IR-0001", "started_at": NOW.isoformat(), "raised_at": NOW.isoformat(),
    "n_authors": 9, "expected": 0.2, "channels": {"social": 9}, "timezone": "Europe/Paris",
}  # fmt: skip
TEXTS = {"frame": "note:incident:i1:opened#0", "quotes": ["note:incident:i1:opened#1", "note:incident:i1:opened#2"]}


class Kept:
    """Mails a relay has taken."""

    def __init__(self) -> None:
        self.mails: list[Any] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture
def relay() -> Iterator[tuple[Kept, int]]:
    kept = Kept()
    with socket.socket() as probe_:
        probe_.bind(("127.0.0.1", 0))
        port = int(probe_.getsockname()[1])
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield kept, port
    finally:
        controller.stop()


@pytest.fixture
def channel() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


def told(settings: Settings, tmp_path: Path, url: str, port: int = 25, to: tuple[str, ...] = ()) -> Settings:
    """Settings whose endpoints.yaml names a mail, a chat, and a webhook on call."""
    reference = tmp_path / "reference"
    reference.mkdir(exist_ok=True)
    file = {
        "endpoints": {
            "duty_mail": {"kind": "mail", "address": "duty@lumarelle.example"},
            "duty_chat": {"kind": "slack", "allow_private": ["127.0.0.1"]},
            "crm": {"kind": "hubspot", "url": "https://api.example"},
        },
        "told": {"on_call": {"to": list(to or ("duty_mail", "duty_chat", "webhook")), "language": "fr"}},
    }
    (reference / "endpoints.yaml").write_text(yaml.safe_dump(file), encoding="utf-8")
    return settings.model_copy(
        update={
            "reference_dir": reference,
            "smtp_host": "127.0.0.1",
            "smtp_port": port,
            "smtp_starttls": False,
            "webhook_url": url,
            "webhook_secret": SecretStr(SECRET),
            "webhook_allow_private": True,
            "outbox_secrets": {"duty_chat": SecretStr(url), "crm": SecretStr("t")},
        }
    )


def keep_texts(ledger: Ledger) -> None:
    frame = {"label_fr": "Espace client en panne", "label_en": None, "terms": [{"term": "erreur 500", "n": 4}]}
    ledger.put_text(TEXTS["frame"], "incident:i1", json.dumps(frame))
    ledger.put_text(TEXTS["quotes"][0], "C1", "Rien ne marche ce soir.")
    ledger.put_text(TEXTS["quotes"][1], "feedback:f2", "Page blanche.")
    ledger.append(
        "incident.opened",
        "i1",
        {**FACTS, "statistic": 1, "threshold": 1},
        actor="watch",
        at=NOW,
        key="incident:i1:opened",
    )


def send(ledger: Ledger, directory: Directory) -> list[int]:
    return [
        Deliverer(ledger, one).deliver_due(NOW, dry_run=False, out_dir=Path("unused")).n_delivered
        for one in on_call_endpoints(directory)
    ]


def test_mail_chat_and_webhook_get_it_once_each(
    ledger: Ledger, settings: Settings, tmp_path: Path, relay: tuple[Kept, int], channel: Receiver
) -> None:
    kept, port = relay
    directory = load_directory(told(settings, tmp_path, channel.url, port))
    keep_texts(ledger)
    for _ in range(2):
        ring(ledger, directory, FACTS, TEXTS, NOW)
        send(ledger, directory)
    [mail] = kept.mails
    assert mail["Subject"] == "Alarme : Espace client en panne (9 personnes)"
    body = mail.get_content()
    assert "« Rien ne marche ce soir. »" in body and "« Page blanche. »" in body and "« erreur 500 » (4)" in body
    assert "/alarms?incident=i1" in body
    assert len(channel.got) == 2
    [chat] = [json.loads(body) for headers, body in channel.got if "webhook-id" not in headers]
    assert "Espace client en panne" in chat["text"] and "Page blanche" in chat["text"]
    [(headers, body_)] = [(headers, body) for headers, body in channel.got if "webhook-id" in headers]
    thin = Webhook(SECRET).verify(body_, headers)
    assert thin["type"] == "incident.opened"
    assert thin["data"] == {key: FACTS[key] for key in FACTS if key not in ("channels", "timezone")}


def test_no_word_of_a_customer_and_no_address_stands_in_an_event(
    ledger: Ledger, settings: Settings, tmp_path: Path, channel: Receiver
) -> None:
    keep_texts(ledger)
    ring(ledger, load_directory(told(settings, tmp_path, channel.url)), FACTS, TEXTS, NOW)
    stored = json.dumps([dict(event.payload) for event in ledger.events()])
    for word in ("marche", "blanche", "erreur", "Espace", "lumarelle.example", "C1"):
        assert word not in stored


def test_an_erased_quote_is_left_out_of_what_is_still_to_be_sent(
    ledger: Ledger, settings: Settings, tmp_path: Path, relay: tuple[Kept, int], channel: Receiver
) -> None:
    kept, port = relay
    directory = load_directory(told(settings, tmp_path, channel.url, port, ("duty_mail",)))
    keep_texts(ledger)
    ring(ledger, directory, FACTS, TEXTS, NOW)
    ledger.keys.forget("C1")
    send(ledger, directory)
    body = kept.mails[0].get_content()
    assert "Rien ne marche" not in body and "Page blanche" in body


def test_a_closed_incident_is_not_told_any_more(
    ledger: Ledger, settings: Settings, tmp_path: Path, channel: Receiver
) -> None:
    directory = load_directory(told(settings, tmp_path, channel.url, to=("webhook",)))
    keep_texts(ledger)
    ring(ledger, directory, FACTS, TEXTS, NOW)
    close = {"reason": "false_alarm"}
    ledger.append("incident.closed", "i1", close, actor="Nadia", at=NOW, key="incident:i1:closed:1")
    assert send(ledger, directory) == [0]
    [event] = ledger.events(("incident.closed",))
    ledger.append(
        "incident.undone", "i1", {"event_id": event.event_id}, actor="Nadia", at=NOW, key="incident:i1:undone:1"
    )
    assert send(ledger, directory) == [1]


def test_a_receiver_that_is_down_is_tried_again_under_the_same_id(
    ledger: Ledger, settings: Settings, tmp_path: Path, channel: Receiver
) -> None:
    directory = load_directory(told(settings, tmp_path, channel.url, to=("webhook",)))
    keep_texts(ledger)
    ring(ledger, directory, FACTS, TEXTS, NOW)
    channel.script = [(503, {})]
    assert send(ledger, directory) == [0]
    [endpoint] = on_call_endpoints(directory)
    outbox = Outbox(endpoint.endpoint_id, endpoint.route)
    outbox.add(ledger.events())
    [one] = outbox.live()
    Deliverer(ledger, endpoint).deliver_due(one.next_at or NOW, dry_run=False, out_dir=tmp_path)
    assert channel.ids[0] == channel.ids[1]
    assert channel.got[0][1] == channel.got[1][1]


def test_a_dry_run_writes_files_and_records_nothing(
    ledger: Ledger, settings: Settings, tmp_path: Path, channel: Receiver
) -> None:
    directory = load_directory(told(settings, tmp_path, channel.url), dry_run=True)
    paths = written(directory, FACTS, {"frame": {}, "quotes": ["Page blanche."]}, NOW, tmp_path / "out")
    assert sorted(path.suffix for path in paths) == [".eml", ".json", ".json"]
    assert any("Page blanche." in path.read_text() for path in paths)
    assert channel.got == [] and ledger.events() == []


def test_only_mail_chat_and_webhook_endpoints_are_on_call(
    settings: Settings, tmp_path: Path, channel: Receiver, ledger: Ledger
) -> None:
    with pytest.raises(SettingsError, match="'crm', which is no mail, slack, teams or webhook"):
        load_directory(told(settings, tmp_path, channel.url, to=("crm",)))
    directory = load_directory(told(settings, tmp_path, channel.url, to=("duty_mail",)))
    assert [one.name for one in on_call_endpoints(directory)] == ["duty_mail"]
    assert ring(ledger, Directory({}), FACTS, {}, NOW).nobody == {"on_call"}


def test_a_test_alarm_says_that_it_is_one(settings: Settings, tmp_path: Path, channel: Receiver) -> None:
    directory = load_directory(told(settings, tmp_path, channel.url, to=("duty_chat", "webhook")))
    assert [probe(one, "fr", NOW).status for one in on_call_endpoints(directory)] == [200, 200]
    texts = [json.loads(body) for _, body in channel.got]
    assert "Test : les alarmes arrivent ici." in texts[0]["text"]
    assert texts[1]["type"] == "incident.test"
