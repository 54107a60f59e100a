"""Customers are told what is proven, once a person approved; the sheet and the director's page are real PDFs."""

from __future__ import annotations

import zlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from insights.actions.edit import set_state
from insights.actions.told import recipients
from insights.cases import fold_cases
from insights.contracts import FIX
from insights.errors import DeliveryError, LedgerError
from insights.lake import Lake
from insights.ledger import Ledger
from insights.privacy.files import delete_all, unreadable
from insights.privacy.objection import object_to_scoring
from insights.steps import actions as steps
from insights.steps.director import month_of, write_director_page
from insights.steps.resolved import registry, seen
from insights.steps.sheet import SAID as COUNTED
from insights.steps.sheet import write_sheet
from insights.steps.told import approve, export_told, telling

AT = datetime(2026, 10, 31, 9, tzinfo=UTC)
SAID = datetime(2026, 5, 4, 9, tzinfo=UTC)
WORDS = "mon remboursement n'arrive toujours pas depuis des semaines"
ADVISER = "je ne vois pas le statut du remboursement, je ne peux que dire de patienter"
# who, wish to be contacted, objection in the CRM, anonymous, in the newest picture
PEOPLE = {
    "C1": ("yes", False, False, True),
    "C2": ("no", False, False, True),
    "C3": ("yes", True, False, True),
    "C4": ("yes", False, True, True),
    "C5": ("yes", False, False, False),
    "C6": ("yes", False, False, True),
}


def rows() -> dict[str, pd.DataFrame]:
    feedback, mention, assigned, customers = [], [], [], []
    for number, (who, (recontact, objected, anonymous, here)) in enumerate(PEOPLE.items()):
        voice = "employee" if who == "C6" else "customer"
        text = ADVISER if voice == "employee" else f"{WORDS} {number}"
        base = {"occurred_at": SAID, "available_at": SAID, "language": "fr"}
        feedback.append(
            {**base, "feedback_id": f"f{number}", "source": "t", "source_id": str(number), "channel": "phone",
             "kind": "employee" if voice == "employee" else "survey", "survey": "post_call", "available_basis": "source",
             "ingested_at": SAID, "customer_id": None if voice == "employee" else who, "recontact": recontact,
             "anonymous": anonymous, "verbatim": text}
        )  # fmt: skip
        mention.append(
            {**base, "mention_id": f"m{number}", "feedback_id": f"f{number}", "unit_no": 1, "text": text, "polarity": -0.7,
             "text_sha": f"s{number}", "voice": voice, "type": "complaint"}
        )  # fmt: skip
        assigned.append({"mention_id": f"m{number}", "irritant_id": "IR-0001", "confidence": 0.9, "model_version": "v"})
        if here:
            customers.append(
                {"customer_id": who, "as_of": date(2026, 10, 31), "available_at": AT, "segment": "household",
                 "preferred_language": "en" if who == "C1" else "fr", "objection": objected}
            )  # fmt: skip
    fresh = {**feedback[0], "feedback_id": "f9", "source_id": "9", "customer_id": "C9", "verbatim": "merci"}
    feedback.append({**fresh, "occurred_at": AT - timedelta(days=1), "available_at": AT - timedelta(days=1)})
    return {
        "feedback": pd.DataFrame(feedback), "mention": pd.DataFrame(mention),
        "mention_irritant": pd.DataFrame(assigned), "customer_snapshot": pd.DataFrame(customers),
    }  # fmt: skip


@pytest.fixture
def stores(lake: Lake, ledger: Ledger) -> tuple[Lake, Ledger]:
    with lake.write() as writer:
        for table, frame in rows().items():
            writer.insert_new(table, frame)
    payload = {"label_fr": "Remboursement qui tarde", "label_en": "Refund delayed", "status": "active"}
    ledger.append("irritant.born", "IR-0001", payload, actor="policy", at=AT, key="born:1")
    told = {"title": "Payer sous 5 jours", "irritant_id": "IR-0001", "start_on": date(2026, 6, 1), "kind": "training"}
    steps.declare(lake, ledger, told, actor="PO", at=AT, redact=lambda text: text)
    steps.record(ledger, lambda known: set_state(known, "ACT-0001", "running", date(2026, 6, 1)), actor="PO", at=AT)
    prove(lake, "proven")
    return lake, ledger


def prove(lake: Lake, verdict: str) -> None:
    row = {
        "action_id": "ACT-0001", "measure": "mentions", "measure_no": 1, "speaks": True, "irritant_id": "IR-0001",
        "method": "series", "unit": "ratio", "better": "lower", "effect": 0.6, "effect_low": 0.5, "effect_high": 0.75,
        "placebos_beaten_share": 0.99, "n_placebos": 180, "n_units": 0, "verdict": verdict, "computed_on": date(2026, 10, 31),
    }  # fmt: skip
    with lake.write() as writer:
        writer.replace("fix", pd.DataFrame([row], columns=list(FIX.column_names)))


def test_only_who_named_it_and_may_be_contacted_is_listed(stores: tuple[Lake, Ledger]) -> None:
    lake, ledger = stores
    found = telling(lake, ledger, "ACT-0001")
    assert found.customers[["customer_id", "language"]].to_numpy().tolist() == [["C1", "en"]]
    assert "Remboursement qui tarde" in found.texts["fr"] and "1er juin 2026" in found.texts["fr"]
    object_to_scoring(lake, ledger, "C1", actor="DPO", at=AT)
    assert telling(lake, ledger, "ACT-0001").customers.empty


def test_nobody_is_told_without_approval_or_without_proof(stores: tuple[Lake, Ledger]) -> None:
    lake, ledger = stores
    with pytest.raises(DeliveryError, match="approved"):
        export_told(lake, ledger, "ACT-0001", actor="Nadia")
    with pytest.raises(LedgerError, match="digest"):
        approve(lake, ledger, "ACT-0001", "another text", actor="Nadia")
    done = approve(lake, ledger, "ACT-0001", telling(lake, ledger, "ACT-0001").digest, actor="Nadia")
    assert done.approved and done.by == "Nadia"
    path = export_told(lake, ledger, "ACT-0001", actor="Nadia")
    assert path.parent.parent == lake.settings.out_dir, "an erasure searches this folder"
    sheet = pd.read_csv(path)
    assert sheet["customer_id"].tolist() == ["C1"] and sheet["message"].iloc[0].startswith("You told us about")
    noted = ledger.events(("action.exported",))[0].payload
    assert len(noted["marks"]) == 1 and "C1" not in str(noted)
    with pytest.raises(DeliveryError, match="nobody is told twice"):
        export_told(lake, ledger, "ACT-0001", actor="Nadia")
    with lake.write() as writer:
        writer.execute("UPDATE feedback SET recontact = 'yes' WHERE customer_id = 'C2'")
    new = pd.read_csv(export_told(lake, ledger, "ACT-0001", actor="Nadia"))
    assert new["customer_id"].tolist() == ["C2"], "the list grew by one, and only that one is told"
    assert telling(lake, ledger, "ACT-0001").n_told == 2
    assert export_told(lake, ledger, "ACT-0001", actor="Nadia", again=True) == path
    steps.undo(ledger, ledger.events(("action.approved",))[0].event_id, actor="Nadia", at=AT)
    with pytest.raises(DeliveryError, match="approved"):
        export_told(lake, ledger, "ACT-0001", actor="Nadia")
    prove(lake, "not_shown")
    with pytest.raises(LedgerError, match="has not been shown to work"):
        telling(lake, ledger, "ACT-0001")


def test_another_name_of_the_irritant_needs_another_approval(stores: tuple[Lake, Ledger]) -> None:
    lake, ledger = stores
    approve(lake, ledger, "ACT-0001", telling(lake, ledger, "ACT-0001").digest, actor="Nadia")
    ledger.append("irritant.renamed", "IR-0001", {"label_fr": "Avoir en attente"}, actor="PO", at=AT, key="renamed")
    assert not telling(lake, ledger, "ACT-0001").approved


@pytest.mark.parametrize("state", ["planned", "dropped"])
def test_what_is_not_at_work_is_not_told(stores: tuple[Lake, Ledger], state: str) -> None:
    lake, ledger = stores
    steps.record(ledger, lambda known: set_state(known, "ACT-0001", state, date(2026, 10, 1)), actor="PO", at=AT)
    with pytest.raises(LedgerError, match="under way or done"):
        telling(lake, ledger, "ACT-0001")


def test_a_customer_who_was_reached_but_not_helped_yet_is_left_alone(stores: tuple[Lake, Ledger]) -> None:
    lake, ledger = stores
    payload = {
        "customer_id": "C1", "reason": "detractor", "owner_team": "callbacks", "promise": "standard", "signals": ["x"],
        "due_at": AT.isoformat(), "segment": "household", "language": "fr", "value_eur_year": 62.0,
    }  # fmt: skip
    ledger.append("case.opened", "case1", payload, actor="rules", at=AT, key="case1")
    told = {"channel": "phone", "outcome": "reached"}
    ledger.append("case.assigned", "case1", {"team": "callbacks", "adviser": "A"}, actor="A", at=AT, key="a")
    ledger.append("case.attempted", "case1", told, actor="A", at=AT, key="b")
    ledger.append("case.reached", "case1", told, actor="A", at=AT, key="c")
    assert fold_cases(ledger.events(("case.",)))["case1"].is_open
    assert telling(lake, ledger, "ACT-0001").customers.empty


def test_the_sheet_counts_complaints_of_any_length_and_language(stores: tuple[Lake, Ledger]) -> None:
    lake, ledger = stores
    with lake.write() as writer:
        writer.execute("UPDATE mention SET text = 'trop long', language = 'en' WHERE mention_id IN ('m0', 'm1')")
    known = registry(ledger)
    since = pd.Timestamp("2026-01-01", tz="UTC")
    assert seen(lake, ledger, known).read(COUNTED, irritant="IR-0001", since=since).iloc[0].tolist() == [5, 5]


def test_the_sheets_go_at_each_erasure(stores: tuple[Lake, Ledger]) -> None:
    lake, ledger = stores
    path = write_sheet(lake, ledger, "ACT-0001", "fr")
    assert delete_all(unreadable(lake.settings)) == 1 and not path.exists()


def test_an_open_case_keeps_a_customer_off_the_list() -> None:
    named = pd.DataFrame({"customer_id": ["A", "B"], "named_on": [date(2026, 1, 1)] * 2, "language": ["fr", "und"]})
    customers = pd.DataFrame(
        {
            "customer_id": ["A", "B"],
            "preferred_language": ["fr", None],
            "objection": [None, False],
            "recontact": ["yes", "yes"],
        }
    )
    assert recipients(named, customers, (), ("A",))["customer_id"].tolist() == ["B"]
    assert recipients(named, customers, (), ())["language"].tolist() == ["fr", "fr"]


def text_of(path: Path) -> str:
    """Title and language of a PDF, and how many pages it has: enough to know that it is one."""
    raw = path.read_bytes()
    assert raw.startswith(b"%PDF-") and raw.rstrip().endswith(b"%%EOF")
    return raw.decode("latin-1")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_situation_sheet_is_a_pdf_and_the_same_each_time(stores: tuple[Lake, Ledger], language: str) -> None:
    lake, ledger = stores
    path = write_sheet(lake, ledger, "ACT-0001", language)
    first = path.read_bytes()
    assert "/Type /Page" in text_of(path)
    assert write_sheet(lake, ledger, "ACT-0001", language).read_bytes() == first
    with pytest.raises(LedgerError, match="ACT-0009"):
        write_sheet(lake, ledger, "ACT-0009", language)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_directors_page_tells_verdicts_and_promises(stores: tuple[Lake, Ledger], language: str) -> None:
    lake, ledger = stores
    payload = {
        "customer_id": "C1", "reason": "detractor", "owner_team": "callbacks", "promise": "standard", "signals": ["x"],
        "due_at": (AT - timedelta(days=3)).isoformat(), "segment": "household", "language": "fr", "value_eur_year": 62.0,
    }  # fmt: skip
    ledger.append("case.opened", "case1", payload, actor="rules", at=AT - timedelta(days=5), key="case1")
    month = month_of(lake, ledger, language)
    assert (month.first_day, month.last_day) == (date(2026, 10, 1), date(2026, 10, 31))
    assert (month.promises.n_due, month.promises.n_kept) == (1, 0)
    assert month.actions[0].fix["verdict"] == "proven"
    path = write_director_page(lake, ledger, language)
    assert path.name == f"director-2026-10-{language}.pdf" and f"/Lang ({language})" in text_of(path)
    assert zlib.crc32(path.read_bytes()) == zlib.crc32(write_director_page(lake, ledger, language).read_bytes())
