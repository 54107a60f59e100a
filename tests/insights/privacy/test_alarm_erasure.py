"""Erasing somebody whom an alarm counted and quoted: nothing of theirs is left, the incident stays, nothing rings again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from watch_company import NOW, outage, put, quiet_weeks

from insights.lake import Lake
from insights.ledger import Ledger
from insights.ledger.schema import EVENT_TEXT
from insights.privacy.erase import erase
from insights.steps.watch import Watch
from insights.steps.watch_record import incidents
from insights.steps.watch_state import kept_path

CALL_OF_DUTY = """
endpoints:
  duty: {kind: mail, address: duty@lumarelle.example}
told:
  on_call: {to: [duty], language: fr}
"""


def test_an_erased_person_leaves_the_alarm_its_quotes_and_its_state(lake: Lake, ledger: Ledger, tmp_path: Path) -> None:
    reference = tmp_path / "reference"
    reference.mkdir()
    for path in lake.settings.reference_dir.iterdir():
        if path.name != "endpoints.yaml":
            (reference / path.name).symlink_to(path)
    (reference / "endpoints.yaml").write_text(CALL_OF_DUTY, encoding="utf-8")
    lake.settings = lake.settings.model_copy(update={"reference_dir": reference})
    quiet_weeks(lake, ledger)
    put(lake, outage())
    watch = Watch(lake, ledger)
    watch.round(NOW, dry_run=True)  # files, then the real thing: a relay that does not answer leaves the message queued
    Watch(lake, ledger).round(NOW, dry_run=False)
    watch.round(NOW + timedelta(minutes=40), dry_run=True)  # the kept state has moved on and holds ids
    [one] = [one for one in incidents(ledger).values() if one.is_open]
    with ledger.engine.connect() as connection:
        rows = connection.execute(select(EVENT_TEXT.c.text_key, EVENT_TEXT.c.customer_id)).all()
    quoted = [(row.text_key, row.customer_id) for row in rows if row.customer_id.startswith("Co")]
    assert len(quoted) == 3
    counted = set(lake.read("SELECT feedback_id FROM alert_feedback")["feedback_id"])
    text_key, her = next(pair for pair in quoted if pair[1].removeprefix("C") in counted)
    words = ledger.text(text_key)
    feedback = her.removeprefix("C")
    assert words and list((lake.settings.out_dir / "messages").rglob("*.eml"))

    receipt = erase(lake, ledger, her)
    assert receipt.complete, receipt.after.places
    assert receipt.lake["alert_feedback"] >= 1 and receipt.ledger["event_text"] == 1
    left = lake.read("SELECT count(*) AS n FROM alert_feedback WHERE feedback_id = $id", id=feedback)
    assert left["n"].iloc[0] == 0
    assert ledger.text(text_key) is None
    assert not kept_path(lake.settings).exists() or feedback not in kept_path(lake.settings).read_text()
    assert incidents(ledger)[one.incident_id].is_open
    before = ledger.version()
    Watch(lake, ledger).round(NOW + timedelta(minutes=41), dry_run=True)
    assert [event.kind for event in ledger.events(("incident.",), after=before)] == []
    assert her not in str([dict(event.payload) for event in ledger.events()])
