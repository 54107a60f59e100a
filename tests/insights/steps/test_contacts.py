"""Contacts from the stores: facts of customers, lists for the survey tool, what is remembered, what erasure takes."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from insights.cases import fold_cases
from insights.cases.model import EventDraft
from insights.contactability import Facts, may_contact, wish_draft
from insights.contactability.wishes import CONSENTED, DO_NOT, LISTED, MADE, REFUSED
from insights.errors import LedgerError, SettingsError
from insights.lake import Lake, open_lake
from insights.ledger import Ledger, open_ledger
from insights.privacy.erase import erase
from insights.privacy.export import export_person
from insights.privacy.objection import object_to_scoring
from insights.settings import load_settings
from insights.steps.contact_facts import contact_facts, contact_rules
from insights.steps.contact_verdict import case_verdict, verdict_for
from insights.steps.contacts_asked import record_list, survey_list, write_list
from insights.steps.measure import measure

NOW = datetime(2026, 10, 31, 8, tzinfo=UTC)
DAY = date(2026, 10, 31)
ROOT = Path(__file__).parents[3]


def days(n: float) -> datetime:
    return NOW - timedelta(days=n)


def picture(customer: str, **more: Any) -> dict[str, Any]:
    row = {"customer_id": customer, "as_of": DAY, "available_at": NOW, "segment": "household", "leaving": False}
    return row | {"objection": False, "region": "Bretagne"} | more


def sent(customer: str, survey: str, at: datetime, **more: Any) -> dict[str, Any]:
    row = {"invitation_id": f"{customer}-{survey}-{at}", "customer_id": customer, "survey": survey, "channel": "email"}
    return row | {"sent_at": at, "available_at": at} | more


def fill(lake: Lake, ledger: Ledger) -> None:
    """A dozen customers, each with one thing that matters."""
    feedback = {"source": "s", "kind": "survey", "available_at": NOW, "anonymous": False}
    said = [
        {"customer_id": "C-answered", "survey": "welcome", "occurred_at": days(10), "recontact": "no"},
        {"customer_id": "C-complains", "kind": "ticket", "occurred_at": days(20)},
    ]
    rows: dict[str, list[dict[str, Any]]] = {
        "customer_snapshot": [
            picture("C-free"), picture("C-shop", segment="small_business"), picture("C-leaving", leaving=True),
            picture("C-asked"), picture("C-answered"), picture("C-out"), picture("C-complains"), picture("C-case"),
            picture("C-objects", objection=True), picture("C-learned", region="La Réunion"),
            picture("C-old", as_of=date(2026, 9, 30)),
            picture("C-crm", consent_phone_at=days(30), consent_phone_source="form:1", preferred_channel="email"),
        ],
        "invitation": [
            sent("C-asked", "relational", days(100), channel="sms"),
            sent("C-free", "relational", days(200)),
            sent("C-out", "relational", NOW, sent_at=None, suppressed_reason="opt_out", available_at=days(3)),
            sent("C-shop", "relational", NOW, sent_at=None, suppressed_reason="opt_out", available_at=days(300)),
            sent("C-shop", "relational", days(290)),
        ],
        "feedback": [feedback | {"feedback_id": f"F{n}", "source_id": f"F{n}"} | one for n, one in enumerate(said)],
        "churn_event": [{"customer_id": "C-learned", "learned_on": DAY, "effective_on": date(2026, 11, 20)}],
    }  # fmt: skip
    with lake.write() as writer:
        for table, found in rows.items():
            writer.insert_new(table, pd.DataFrame(found))
    _open(ledger, "C-case", "case-1")


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory, extension_dir: Path) -> Iterator[tuple[Lake, Ledger]]:
    """The dozen, to read."""
    folder = tmp_path_factory.mktemp("contacts")
    settings = load_settings(
        data_dir=folder / "data",
        keys_dir=folder / "keys",
        drop_dir=folder / "drop",
        extension_dir=extension_dir,
        reference_dir=ROOT / "data" / "reference",
        as_of=DAY,
    )
    with open_lake(settings) as lake, open_ledger(settings) as ledger:
        fill(lake, ledger)
        yield lake, ledger


@pytest.fixture
def filled(lake: Lake, ledger: Ledger) -> Lake:
    """The dozen, to write to."""
    fill(lake, ledger)
    return lake


def _open(ledger: Ledger, customer: str, case_id: str, plan: dict[str, Any] | None = None, **more: Any) -> None:
    payload = {"customer_id": customer, "reason": "detractor", "owner_team": "callbacks", "promise": "standard"}
    payload |= {"due_at": NOW.isoformat(), "signals": ["detractor:F9"], "waiting_since": days(3).isoformat()}
    payload |= {"plan": plan} if plan else {}
    draft = EventDraft("case.opened", case_id, payload | more, "rules", days(2), f"case:{case_id}")
    ledger.append(**draft.row())


def step(ledger: Ledger, case_id: str, kind: str, at: datetime, **payload: Any) -> None:
    ledger.append(f"case.{kind}", case_id, payload, actor="ines", at=at, key=f"{case_id}:{kind}:{at}")


def facts(lake: Lake, ledger: Ledger) -> dict[str, Facts]:
    return contact_facts(lake, ledger, contact_rules(lake.settings))


def test_facts_come_from_the_picture_the_surveys_and_the_cases(known: tuple[Lake, Ledger]) -> None:
    filled, ledger = known
    found = facts(filled, ledger)
    assert found["C-free"] == Facts("C-free", region="Bretagne")  # asked long ago: beyond the longest rest
    assert found["C-shop"].business and not found["C-free"].business
    assert found["C-leaving"].leaving and found["C-learned"].leaving and not found["C-free"].leaving
    assert not found["C-old"].current and found["C-learned"].current
    assert [(ask.kind, ask.channel) for ask in found["C-asked"].asks] == [("relational", "sms")]
    assert [ask.kind for ask in found["C-answered"].asks] == ["transactional"]  # an answer without an invitation
    assert found["C-answered"].recontact_no_at == days(10)
    assert found["C-out"].survey_no_at == days(3) and found["C-shop"].survey_no_at is None  # asked again since
    assert found["C-complains"].complaint_at == days(20)
    assert found["C-case"].case_since == days(2)
    assert found["C-objects"].objection
    assert (found["C-crm"].consent_at, found["C-crm"].consent_source) == (days(30), "form:1")
    assert found["C-crm"].preferred_channel == "email"


def test_the_ledger_adds_wishes_objections_and_sales_calls(filled: Lake, ledger: Ledger) -> None:
    wishes = [
        wish_draft(DO_NOT, "C-free", actor="ines", at=NOW),
        wish_draft(CONSENTED, "C-crm", actor="ines", at=NOW, source="rec:77", channel="phone"),
        wish_draft(REFUSED, "C-shop", actor="ines", at=NOW, on_at=days(5)),
        wish_draft(MADE, "C-asked", actor="campaign", at=days(4), channel="phone", purpose="prospecting"),
        wish_draft(MADE, "C-asked", actor="campaign", at=days(3), channel="phone", purpose="service"),
        wish_draft(LISTED, "C-asked", actor="campaign", at=days(2), survey="post_call", channel="sms"),
    ]
    assert ledger.append_many([one.row() for one in wishes]) == 6
    object_to_scoring(filled, ledger, "C-answered", actor="ines", at=NOW)
    _open(ledger, "C-out", "case-2", {"on": "2026-10-30"}, reason="risk", signals=["risk:C-out:2026-10-30"])
    for kind, at, more in (("assigned", days(2), {}), ("attempted", days(1.5), {}), ("reached", days(1), {}),
                           ("resolved", days(1), {"outcome": "declined"}), ("closed", days(1), {})):  # fmt: skip
        step(ledger, "case-2", kind, at, **more)
    found = facts(filled, ledger)
    assert found["C-free"].do_not_at == NOW
    assert (found["C-crm"].consent_at, found["C-crm"].consent_source) == (NOW, "rec:77")
    assert found["C-shop"].refused_at == days(5)
    assert found["C-asked"].calls == (days(4),)
    assert [ask.kind for ask in found["C-asked"].asks] == ["relational", "transactional"]
    assert found["C-answered"].objection
    assert found["C-out"].calls == (days(1.5), days(1)) and found["C-out"].refused_at == days(1)
    assert found["C-out"].case_since is None
    rules = contact_rules(filled.settings)
    verdict = may_contact(found["C-out"], "service", "phone", NOW, rules=rules, offer="add_on")
    assert verdict.rule_id == "refusal_silence"
    _of_our_own_making_is_sales_until_words_join(filled, ledger)


def _of_our_own_making_is_sales_until_words_join(filled: Lake, ledger: Ledger) -> None:
    _open(ledger, "C-complains", "case-3", {"on": "2026-10-30"}, reason="risk", signals=["risk:C-complains:2026-10-30"])
    rules, found = contact_rules(filled.settings), facts(filled, ledger)["C-complains"]
    noon = datetime(2026, 10, 30, 12, 30, tzinfo=UTC)  # 13:30 in Paris: between the legal hours
    case = fold_cases(ledger.events(("case.",)))["case-3"]
    verdict = case_verdict(case, found, rules, noon, hours=None)
    assert (verdict.request.purpose, verdict.rule_id, verdict.blocks) == ("prospecting", "hours", True)
    step(ledger, "case-3", "signal_added", days(1), signal="detractor:F1")
    joined = fold_cases(ledger.events(("case.",)))["case-3"]
    assert case_verdict(joined, found, rules, noon, hours=None).allowed
    offered = case_verdict(joined, found, rules, noon, hours=None, offer="new_contract")
    assert offered.blocks and {one.rule_id for one in offered.findings} == {"consent", "hours"}


def test_a_list_asks_who_may_be_asked_and_says_why_not(known: tuple[Lake, Ledger]) -> None:
    filled, ledger = known
    found = survey_list(filled, ledger, "relational")
    assert list(found.asked["customer_id"]) == ["C-crm", "C-free", "C-objects", "C-shop"]
    why = dict(zip(found.not_asked["customer_id"], found.not_asked["reason"], strict=True))
    assert why == {
        "C-answered": "survey_rest",
        "C-asked": "survey_rest",
        "C-case": "open_case",
        "C-complains": "open_complaint",
        "C-out": "survey_refused",
    }
    assert found.counts == {"survey_rest": 2, "open_case": 1, "open_complaint": 1, "survey_refused": 1}
    former = survey_list(filled, ledger, "relational", among=["C-old", "C-unknown", "C-free"])
    assert list(former.asked["customer_id"]) == ["C-free"]
    with pytest.raises(SettingsError, match="relationnal"):
        survey_list(filled, ledger, "relationnal")


def test_a_smaller_list_is_drawn_by_the_seed(known: tuple[Lake, Ledger]) -> None:
    filled, ledger = known
    once, again = (survey_list(filled, ledger, "relational", size=2) for _ in range(2))
    assert list(once.asked["customer_id"]) == list(again.asked["customer_id"])
    assert (len(once.asked), once.counts["not_sampled"]) == (2, 2)


def test_recording_twice_changes_nothing_and_the_weighting_sees_why(
    filled: Lake, ledger: Ledger, tmp_path: Path
) -> None:
    with filled.write() as writer:
        old = [picture(one, as_of=date(2026, 9, 30)) for one in ("C-free", "C-asked", "C-case", "C-out")]
        writer.insert_new("customer_snapshot", pd.DataFrame(old))
        writer.insert_new("invitation", pd.DataFrame([sent("C-shop", "relational", days(20))]))
    found = survey_list(filled, ledger, "relational")
    assert record_list(filled, ledger, found, actor="ines") == (3, 6)
    again = survey_list(filled, ledger, "relational")
    assert list(again.asked["customer_id"]) == []  # they were asked a moment ago
    assert record_list(filled, ledger, again, actor="ines") == (0, 0)
    measure(filled, ledger, run_id="r1")
    rows = filled.read("SELECT * FROM not_asked WHERE survey = 'relational' AND month = '2026-10-01'")
    told = {(row["reason"], row["weighed"]): row["n_customers"] for row in rows.to_dict("records")}
    assert told[("open_case", True)] == 1 and told[("survey_refused", True)] == 1
    assert told[("survey_rest", True)] == 1  # C-asked; the others are in no picture before the month
    never = filled.scalar(
        "SELECT sum(n_never_asked) FROM response_cell WHERE survey = 'relational' AND month = '2026-10-01'"
    )
    assert never == sum(n for (_, weighed), n in told.items() if weighed)
    files = write_list(found, tmp_path / "list.csv")
    with files[0].open(encoding="utf-8") as stream:
        assert [row["customer_id"] for row in csv.DictReader(stream)] == list(found.asked["customer_id"])
    assert "survey_rest" in files[1].read_text(encoding="utf-8")
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)


def test_the_verdict_of_a_customer_reads_their_open_case(known: tuple[Lake, Ledger]) -> None:
    filled, ledger = known
    open_at = datetime(2026, 10, 30, 9, tzinfo=UTC)
    verdict, _ = verdict_for(filled, ledger, "C-case", at=open_at, team="callbacks")
    assert verdict.allowed
    shut, _ = verdict_for(filled, ledger, "C-case", at=datetime(2026, 10, 30, 22, tzinfo=UTC), team="callbacks")
    assert (shut.allowed, shut.blocks, shut.rule_id) == (False, False, "team_hours")
    sold, _ = verdict_for(filled, ledger, "C-case", at=open_at, offer="new_contract")
    assert (sold.blocks, sold.rule_id) == (True, "consent")
    nobody, _ = verdict_for(filled, ledger, "C-nobody", at=open_at, offer="add_on")
    assert nobody.rule_id == "consent"
    for wrong in ({"purpose": "sales"}, {"offer": "gift"}, {"team": "night"}, {"channel": "fax"}):
        with pytest.raises(SettingsError, match="There is no"):
            verdict_for(filled, ledger, "C-case", **wrong)  # type: ignore[arg-type]


def test_a_wish_without_what_it_needs_is_refused(ledger: Ledger) -> None:
    for bad in (
        {"kind": CONSENTED, "source": ""},
        {"kind": CONSENTED, "source": "she said yes on the phone"},
        {"kind": "contact.liked"},
        {"kind": MADE, "channel": "fax"},
        {"kind": MADE, "purpose": "sales"},
        {"kind": DO_NOT, "on_at": NOW + timedelta(days=1)},
    ):
        with pytest.raises(LedgerError):
            wish_draft(customer_id="C1", actor="ines", at=NOW, **bad)
    draft = wish_draft(DO_NOT, "C1", actor="ines", at=NOW)
    assert ledger.append(**draft.row()) and not ledger.append(**draft.row())


def test_erasure_and_export_reach_what_is_kept_of_contacts(filled: Lake, ledger: Ledger) -> None:
    her, him = "C-case", "C-asked"
    for one in (her, him):
        drafts = [
            wish_draft(CONSENTED, one, actor="ines", at=NOW, source="form:1", channel="phone"),
            wish_draft(LISTED, one, actor="ines", at=NOW, survey="post_call", channel="sms"),
        ]
        ledger.append_many([draft.row() for draft in drafts])
    listed = survey_list(filled, ledger, "relational", among=[her, him])
    assert record_list(filled, ledger, listed, actor="ines") == (0, 2)
    write_list(listed, filled.settings.out_dir / "survey-relational.csv")
    held = export_person(filled, ledger, her)["held"]
    assert any("contact.consented" in str(row) for row in held["events"])
    assert any("open_case" in str(row) for row in held["invitation"])
    assert erase(filled, ledger, her).proven
    events = ledger.events(("contact.",))
    assert [event for event in events if her in f"{event.subject} {event.payload} {event.idempotency_key}"] == []
    assert len([event for event in events if event.subject == him]) == 2
    of = "SELECT count(*) FROM invitation WHERE customer_id = $id OR contains(invitation_id, $id)"
    assert (filled.scalar(of, id=her), filled.scalar(of, id=him)) == (0, 2)
    left = [path.name for path in filled.settings.out_dir.glob("survey-relational*.csv")]
    assert left == ["survey-relational.csv"]  # nobody stands on it; the file that named her is gone
