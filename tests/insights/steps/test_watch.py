"""A post rings before the lake holds it, once, whatever dies in between; who is on call is told, duplicates wait."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from watch_company import NOW, OUTAGE, outage, put, quiet_weeks, stage

from insights.alarms.incidents import FALSE_ALARM, Incident
from insights.cases import fold_cases
from insights.errors import LedgerError
from insights.lake import Lake, open_lake
from insights.ledger import Ledger, open_ledger
from insights.ledger.staged import waiting
from insights.outbox.fold import Outbox
from insights.settings import Settings, load_settings
from insights.steps.incidents import answer_of, decide, note_of
from insights.steps.purge import purge
from insights.steps.watch import Watch, keep_watching, watch
from insights.steps.watch_heart import ALARM, BLIND, CALM, outlook, watch_pulse_path
from insights.steps.watch_record import incidents, record
from insights.steps.watch_state import kept_path, load_kept

ON_CALL = {
    "endpoints": {"duty": {"kind": "mail", "address": "duty@lumarelle.example"}},
    "told": {"on_call": {"to": ["duty"], "language": "fr"}},
}


@pytest.fixture(scope="session")
def quiet_company(tmp_path_factory: pytest.TempPathFactory, extension_dir: Path) -> Settings:
    """Ten quiet weeks and the baseline fitted on them, made once; somebody is on call."""
    folder = tmp_path_factory.mktemp("quiet")
    reference = folder / "reference"
    reference.mkdir()
    for path in (Path(__file__).parents[3] / "data" / "reference").iterdir():
        if path.name != "endpoints.yaml":
            (reference / path.name).symlink_to(path)
    (reference / "endpoints.yaml").write_text(yaml.safe_dump(ON_CALL), encoding="utf-8")
    own = {"data_dir": folder / "data", "keys_dir": folder / "keys", "reference_dir": reference}
    found = load_settings(**own, extension_dir=extension_dir, as_of=NOW.date(), workers=1)
    with open_lake(found) as lake, open_ledger(found) as ledger:
        quiet_weeks(lake, ledger)
        assert Watch(lake, ledger).round(NOW, dry_run=True) == {}
    return found


@pytest.fixture
def settings(quiet_company: Settings, tmp_path: Path) -> Settings:
    """The quiet company, this test's own."""
    for name in ("data", "keys"):
        shutil.copytree(quiet_company.data_dir.parent / name, tmp_path / name)
    return quiet_company.model_copy(update={"data_dir": tmp_path / "data", "keys_dir": tmp_path / "keys"})


@pytest.fixture
def quiet(lake: Lake) -> Lake:
    return lake


def n_rows(lake: Lake, table: str) -> int:
    return int(lake.scalar(f"SELECT count(*) FROM {table}"))


def rung(lake: Lake, ledger: Ledger) -> Incident:
    """The incident of an outage that waits in the ledger."""
    stage(ledger, outage())
    Watch(lake, ledger).round(NOW, dry_run=True)
    [one] = [one for one in incidents(ledger).values() if one.is_open]
    return one


def test_a_quiet_day_rings_nothing_and_is_kept(quiet: Lake, ledger: Ledger) -> None:
    assert Watch(quiet, ledger).round(NOW, dry_run=True) == {}
    assert load_kept(quiet.settings, ledger.keys) is not None
    altered = kept_path(quiet.settings)
    altered.write_text(altered.read_text().replace("until", "untill", 1))
    assert load_kept(quiet.settings, ledger.keys) is None  # not as this installation wrote it


def test_staged_posts_ring_before_the_lake_holds_them(quiet: Lake, ledger: Ledger) -> None:
    one = rung(quiet, ledger)
    assert waiting(ledger, 10)  # still not in the lake
    assert one.lead == OUTAGE
    assert NOW - timedelta(minutes=10) <= one.started_at < one.raised_at <= NOW + timedelta(minutes=1)
    row = quiet.read("SELECT * FROM alert WHERE alert_id = $id", id=one.alarm_ids[0]).iloc[0]
    assert (row["incident_id"], row["replayed"]) == (one.incident_id, False)
    evidence = json.loads(row["evidence"])
    assert evidence["channels"] == {"social": row["n_authors"]}
    assert evidence["regions"] == {"Bretagne": row["n_authors"]}
    counted = quiet.read(
        "SELECT feedback_id FROM alert_feedback WHERE alert_id = $id ORDER BY place", id=row["alert_id"]
    )
    assert len(counted) == row["n_feedback"] and counted["feedback_id"].iloc[0] == "o0000"


def test_it_rings_once_whatever_is_started_again(quiet: Lake, ledger: Ledger) -> None:
    one = rung(quiet, ledger)
    before = n_rows(quiet, "alert_feedback")
    put(quiet, outage())  # committed meanwhile, and still staged
    for minute in (0, 5, 31):
        Watch(quiet, ledger).round(NOW + timedelta(minutes=minute), dry_run=True)
    kept_path(quiet.settings).unlink()  # an erasure took the state away
    Watch(quiet, ledger).round(NOW + timedelta(minutes=46), dry_run=True)
    assert [key for key, found in incidents(ledger).items() if found.is_open] == [one.incident_id]
    assert n_rows(quiet, "alert_feedback") == before


def test_a_locked_lake_delays_no_ring(quiet: Lake, ledger: Ledger) -> None:
    stage(ledger, outage())
    one = Watch(Lake(quiet.settings, read_only=False, lock_seconds=0.1), ledger)
    with quiet.write():
        note = one.round(NOW, dry_run=True)
        assert note["alerts_wait"] == note["opened"] + note.get("joined", 0)
    assert n_rows(quiet, "alert") == 0
    one.round(NOW, dry_run=True)
    assert n_rows(quiet, "alert") == note["alerts_wait"]
    one.lake.close()


@pytest.mark.parametrize(
    "posts",
    [
        outage(suspect_wave="wave-1"),
        outage(verbatim="Arnaque totale, ils m'ont forcé à signer un contrat que je n'ai jamais demandé chez vous"),
        outage(customer_id="C1"),  # one person nine times
        outage(start=NOW - timedelta(days=40)),  # a file of last month
    ],
)
def test_waves_copies_one_loud_person_and_old_files_ring_nothing(
    quiet: Lake, ledger: Ledger, posts: dict[str, Any]
) -> None:
    if posts["feedback"]["occurred_at"].iloc[0] < NOW - timedelta(days=1):
        posts["feedback"]["available_at"] = NOW
    stage(ledger, posts)
    Watch(quiet, ledger).round(NOW, dry_run=True)
    assert incidents(ledger) == {}


def test_history_is_played_once_marked_and_told_to_nobody(quiet: Lake, ledger: Ledger) -> None:
    put(quiet, outage(14, NOW - timedelta(days=3)))
    first = watch(quiet, ledger, run_id="r1")
    assert first.note["replayed"] == 1
    found = list(incidents(ledger).values())
    assert all(one.replayed and not one.is_open for one in found)
    [one] = [one for one in found if NOW - timedelta(days=4) < one.raised_at < NOW - timedelta(days=2)]
    assert one.lead == OUTAGE
    assert ledger.events(("message.", "case.")) == [] and not (quiet.settings.out_dir / "messages").exists()
    assert quiet.read("SELECT bool_and(replayed) AS all_of_them FROM alert")["all_of_them"].iloc[0]
    before = (ledger.version(), n_rows(quiet, "alert"))
    assert "replayed" not in watch(quiet, ledger, run_id="r2").note
    assert (ledger.version(), n_rows(quiet, "alert")) == before


def test_a_dry_run_writes_what_it_would_say(quiet: Lake, ledger: Ledger) -> None:
    one = rung(quiet, ledger)
    [path] = (quiet.settings.out_dir / "messages" / "duty").iterdir()
    from email import message_from_bytes, policy

    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert mail["Subject"].startswith("Alarme : Espace client en panne (")
    text = mail.get_content()
    assert "attendues d'ordinaire" in text and "Réseaux sociaux" in text and "Régions : Bretagne" in text
    assert text.count("« ") >= 3 and f"/alarms?incident={one.incident_id}" in text
    assert ledger.events(("message.",)) == []


def opened(ledger: Ledger, case_id: str, feedback: str, customer: str, **more: Any) -> None:
    payload = {
        **{"customer_id": customer, "reason": "detractor", "owner_team": "callbacks", "promise": "standard"},
        **{"due_at": (NOW + timedelta(days=3)).isoformat(), "signals": [f"detractor:{feedback}"]},
        **{"irritant_id": OUTAGE, "segment": "household", "language": "fr"},
    }
    ledger.append("case.opened", case_id, payload | more, actor="rules", at=NOW, key=f"case:{customer}:opened:1")


def test_cases_it_explains_are_marked_duplicates_wait_and_are_given_back(quiet: Lake, ledger: Ledger) -> None:
    opened(ledger, "k1", "o0003", "C1")
    opened(ledger, "k2", "o0004", "C2", reason="urgency", promise="urgent", family="danger")
    opened(ledger, "k3", "b0001", "C3")
    one = rung(quiet, ledger)
    cases = fold_cases(ledger.events(("case.",)))
    assert {key: (case.marks, case.held_by) for key, case in cases.items()} == {
        "k1": ((f"incident:{one.incident_id}",), one.incident_id),
        "k2": ((f"incident:{one.incident_id}",), None),
        "k3": ((), None),
    }
    version = ledger.version()
    Watch(quiet, ledger).round(NOW, dry_run=True)
    assert ledger.version() == version
    decide(ledger, one.incident_id, "answer", actor="Nadia", at=NOW, text="Tout est rétabli depuis 19 h 30, pardon.")
    decide(ledger, one.incident_id, "close", actor="Nadia", at=NOW, reason="real", text="base saturée")
    Watch(quiet, ledger).round(NOW + timedelta(minutes=1), dry_run=True)
    assert fold_cases(ledger.events(("case.",)))["k1"].held_by is None
    closed = incidents(ledger)[one.incident_id]
    assert (answer_of(ledger, closed), note_of(ledger, closed)) == (
        "Tout est rétabli depuis 19 h 30, pardon.",
        "base saturée",
    )
    assert "rétabli" not in json.dumps([dict(event.payload) for event in ledger.events(("incident.",))])


def test_an_answer_needs_words(quiet: Lake, ledger: Ledger) -> None:
    one = rung(quiet, ledger)
    with pytest.raises(LedgerError, match="20 caractères au moins"):
        decide(ledger, one.incident_id, "answer", actor="Nadia", at=NOW, text="ok", language="fr")


def test_a_false_alarm_is_learnt_as_an_ordinary_week(quiet: Lake, ledger: Ledger) -> None:
    one = rung(quiet, ledger)
    put(quiet, outage())
    engine = Watch(quiet, ledger).engine
    later = NOW + timedelta(days=7)
    real = engine.fit(later, incidents(ledger).values()).series[OUTAGE]
    decide(ledger, one.incident_id, "close", actor="Nadia", at=NOW, reason=FALSE_ALARM)
    false = engine.fit(later, incidents(ledger).values()).series[OUTAGE]
    assert false != real and false.n_authors == real.n_authors  # the hours of the outage are seen, or not


def test_never_calm_when_blind(quiet: Lake, ledger: Ledger, settings: Settings) -> None:
    pinned = outlook(settings, ledger, quiet, {})
    assert (pinned.state, pinned.blind) == (BLIND, ("pinned",))
    live = settings.model_copy(update={"as_of": None})
    never = outlook(live, ledger, quiet, {})
    assert never.state == BLIND and {"watch", "ingest"} <= set(never.blind) and never.since is None
    total = keep_watching(quiet, ledger, dry_run=True, rounds=2, every_seconds=0.0)
    assert total == {}
    with quiet.write() as writer:
        import pandas as pd

        from insights.intake.pulse import read_pulse_file

        pulse = read_pulse_file(watch_pulse_path(settings))
        assert pulse is not None and pulse.state == "working"
        at = pd.Timestamp(pulse.at)
        writer.upsert("run", pd.DataFrame([{"run_id": "x", "step": "ingest", "started_at": at}]))
    seen = at.to_pydatetime()
    assert outlook(live, ledger, quiet, {}, seen + timedelta(seconds=5)).state == CALM
    later = outlook(live, ledger, quiet, {}, seen + timedelta(seconds=90))
    assert (later.state, later.blind, later.since) == (BLIND, ("watch",), seen)
    one = rung(quiet, ledger)
    during = outlook(live, ledger, quiet, {one.incident_id: one}, seen + timedelta(seconds=90))
    assert (during.state, during.blind) == (ALARM, ("watch",))


def test_retention_takes_the_feedback_of_an_alarm_and_its_texts(
    quiet: Lake, ledger: Ledger, settings: Settings
) -> None:
    one = rung(quiet, ledger)
    put(quiet, outage(retention_until=NOW.date()))
    with quiet.write() as writer:
        writer.execute("UPDATE feedback SET retention_until = DATE '2020-01-01' WHERE feedback_id = 'o0002'")
    purge(quiet, ledger)
    left = quiet.read("SELECT feedback_id FROM alert_feedback")["feedback_id"].tolist()
    assert "o0002" not in left and "o0001" in left
    assert one.incident_id in incidents(ledger)


def test_a_watch_that_dies_after_opening_is_told_by_the_next_one_once(quiet: Lake, ledger: Ledger) -> None:
    stage(ledger, outage())
    dying = Watch(quiet, ledger)
    record(ledger, dying.engine.alarms(NOW, []), {}, NOW, replayed_before=NOW - timedelta(hours=2))
    assert len(ledger.events(("incident.opened",))) == 1 and ledger.events(("message.",)) == []
    for _ in range(2):
        Watch(quiet, ledger).round(NOW, dry_run=False)
    [queued] = ledger.events(("message.queued",))
    assert queued.payload["endpoint"] == "duty" and queued.payload["not_before"] < "2100"
    keys = queued.payload["texts"]
    assert len(keys["quotes"]) == 3 and all(ledger.text(key) for key in keys["quotes"])
    assert json.loads(str(ledger.text(keys["frame"])))["label_fr"] == "Espace client en panne"
    assert "connecter" not in json.dumps(dict(queued.payload))


def test_a_held_case_that_has_not_left_waits_in_the_outbox(quiet: Lake, ledger: Ledger) -> None:
    opened(ledger, "k1", "o0003", "C1")
    one = rung(quiet, ledger)
    outbox = Outbox("crm")
    outbox.add(ledger.events())
    assert outbox.cases["k1"].held_by == one.incident_id
    assert outbox.live() and outbox.due(NOW) == [] and outbox.next_due(NOW) is None
    decide(ledger, one.incident_id, "close", actor="Nadia", at=NOW, reason="real")
    Watch(quiet, ledger).round(NOW + timedelta(minutes=1), dry_run=True)
    outbox.add(ledger.events(after=outbox.last_event_id))
    assert [message.kind for message in outbox.due(NOW + timedelta(minutes=2))] == ["case.opened"]
