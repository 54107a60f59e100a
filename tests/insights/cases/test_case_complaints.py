"""Formal complaints: told by a field or outright by words, never by anger; the law's times; the ombudsman's step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from insights.cases import Rules, Signal, cases_frame, events_for, feedback_signals, fold_cases, open_cases
from insights.cases.complaints import Complaints, Delay, load_complaints
from insights.cases.model import EventDraft
from insights.errors import SettingsError

SHIPPED = Path("data/reference/complaints.yaml")
PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 10, 29, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def complaints() -> Complaints:
    return load_complaints(SHIPPED)


@pytest.mark.parametrize(
    "text",
    [
        "Madame, Monsieur, je dépose par la présente une réclamation concernant ma facture.",
        "Je vous adresse une réclamation formelle.",
        "Nous formulons officiellement une réclamation au sujet du compteur.",
        "Objet : réclamation\nMa facture est fausse.",
        "Ceci est une réclamation.",
        "Le présent courrier... ce courrier vaut réclamation",
        "Je vous mets en demeure de me rembourser sous huit jours.",
        "La présente vaut mise en demeure.",
        "I am writing to make a formal complaint about my bill.",
        "Please treat this letter as a complaint.",
        "I wish to lodge a complaint.",
        "This email is a letter before action.",
        "JE FAIS UNE RECLAMATION",
    ],
)
def test_an_outright_complaint_is_one(complaints: Complaints, text: str) -> None:
    assert complaints.said("mail", text)


@pytest.mark.parametrize(
    "text",
    [
        "C'est scandaleux, trois semaines sans réponse, vous êtes nuls !",
        "Toujours aucune réponse à ma réclamation du 3 mars.",
        "Comment faire une réclamation ?",
        "Je préfère vous écrire avant de déposer une réclamation.",
        "Ce n'est pas une réclamation formelle, juste une remarque.",
        "J'ai reçu une lettre de mise en demeure de votre part.",
        "Vous me menacez de me mettre en demeure.",
        "How do I make a complaint?",
        "This is not a formal complaint, just feedback.",
        "No complaints so far, thank you.",
        "My complaint was handled well.",
        "Le service réclamations m'a bien aidé.",
        "Ma réclamation écrite du 17 février demeure sans réponse.",
    ],
)
def test_anger_a_reminder_or_a_question_is_none(complaints: Complaints, text: str) -> None:
    assert not complaints.said("mail", text)


def test_only_written_words_and_declared_fields_of_messages_count(complaints: Complaints) -> None:
    assert not complaints.said("call", "je dépose une réclamation")
    assert not complaints.said("post", "je dépose une réclamation")
    assert complaints.declared({"kind": "ticket", "journey_stage": "Réclamation"})
    assert complaints.declared({"kind": "letter", "formal_complaint": True})
    assert not complaints.declared({"kind": "survey", "journey_stage": "Réclamation"})  # asked after it was closed
    assert not complaints.declared({"kind": "mail", "journey_stage": "Réclamation"})  # sent while one is open
    assert not complaints.declared({"kind": "ticket", "journey_stage": "Facturation", "formal_complaint": False})
    assert not complaints.declared({"kind": "ticket", "journey_stage": None})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("où est ma facture de clôture et mon remboursement", "final_bill"),
        ("j'attends le remboursement du trop-perçu", "refund"),
        ("the final bill never came", "final_bill"),
        ("you owe me 80 euros", "refund"),
        ("le conseiller a raccroché", "general"),
    ],
)
def test_the_reason_comes_from_the_words(complaints: Complaints, text: str, reason: str) -> None:
    assert complaints.reason_of(text, None) == reason


def test_delays_run_on_the_calendar_over_clock_changes_and_short_months(complaints: Complaints) -> None:
    received = datetime(2026, 1, 31, 9, tzinfo=PARIS)
    legal = complaints.legal("general", received)
    assert datetime.fromisoformat(legal["answer_by"]) == datetime(2026, 3, 31, 9, tzinfo=PARIS)
    assert datetime.fromisoformat(legal["acknowledge_by"]) == datetime(2026, 2, 10, 9, tzinfo=PARIS)
    assert Delay(months=1, source="s").after(received) == datetime(2026, 2, 28, 9, tzinfo=PARIS)
    refund = datetime.fromisoformat(complaints.legal("refund", datetime(2026, 10, 20, 9, tzinfo=PARIS))["answer_by"])
    assert refund == datetime(2026, 11, 4, 9, tzinfo=PARIS)
    assert datetime.fromisoformat(complaints.legal("final_bill", received)["answer_by"]) == received + timedelta(
        weeks=4
    )


def test_every_delay_names_its_source(complaints: Complaints) -> None:
    delays = [one.answer_within for one in complaints.reasons]
    assert all(len(one.source) > 10 for one in delays)
    assert complaints.ombudsman is not None
    assert "F20820" in complaints.ombudsman.opens_after.source
    assert set(complaints.ombudsman.name) == {"fr", "en"}


def message(key: str, text: str, **more: object) -> dict[str, object]:
    row = {"feedback_id": key, "customer_id": "C01", "occurred_at": NOW - timedelta(hours=4), "kind": "mail"}
    return {**row, "verbatim": text, "recontact": "yes", "anonymous": False, "journey_stage": None, **more}


def signals_of(rules: Rules, *rows: dict[str, object]) -> list[Signal]:
    feedback = pd.DataFrame(rows)
    feedback["occurred_at"] = pd.to_datetime(feedback["occurred_at"], utc=True)
    answers = pd.DataFrame({"feedback_id": [], "metric": [], "value": []}, dtype="object")
    columns = ["mention_id", "feedback_id", "unit_no", "text", "voice", "polarity", "leave_intent", "urgency"]
    mentions = pd.DataFrame(
        [
            [f"{row['feedback_id']}-1", row["feedback_id"], 1, row["verbatim"], "customer", -0.5, False, None]
            for row in rows
        ],
        columns=columns,
    )
    assigned = pd.DataFrame({"mention_id": [], "irritant_id": []}, dtype="object")
    return feedback_signals(feedback, answers, mentions, assigned, rules=rules, now=NOW)


def test_a_formal_complaint_opens_its_own_case_with_the_laws_times(
    make_rules: Callable[..., Rules], customers: pd.DataFrame, calendars, record
) -> None:
    rules = make_rules()
    found = signals_of(
        rules,
        message("f1", "Je dépose une réclamation : remboursement du trop-perçu.", recontact="no"),
        message("f2", "Facture fausse.", kind="ticket", journey_stage="Réclamation", customer_id=None),
        message("f3", "Je suis furieux, réclamation sans réponse."),
    )
    assert [(one.kind, one.feedback_id, one.matter) for one in found] == [
        ("complaint", "f1", "refund"),
        ("complaint", "f2", "general"),
    ]
    opened = open_cases(found, {}, customers, rules=rules, calendars=calendars, now=NOW)
    cases = {case.customer_id: case for case in opened.cases}
    assert set(cases) == {"C01", "feedback:f2"}
    refund = cases["C01"]
    assert (refund.reason, refund.owner_team, refund.family, refund.matter) == (
        *("formal_complaint", "complaints", "complaint", "refund"),
    )
    assert refund.resolve_by == NOW - timedelta(hours=4) + timedelta(days=15)  # before 15 working days
    folded = fold_cases(record(opened.events()))[refund.case_id]
    assert folded.legal_at("answer_by") == refund.resolve_by
    frame = cases_frame({refund.case_id: folded}, NOW).iloc[0]
    assert frame["answer_by"] == pd.Timestamp(refund.resolve_by)


def test_an_answer_of_the_same_letter_goes_with_it_and_another_one_does_not(
    make_rules: Callable[..., Rules], customers: pd.DataFrame, calendars, record
) -> None:
    rules = make_rules()
    complaint = signals_of(rules, message("f1", "Je dépose une réclamation."))
    leaving = Signal("C01", "leave_intent", "f1", NOW - timedelta(hours=4))
    other = Signal("C01", "detractor", "f2", NOW - timedelta(hours=3), score=2.0)
    opened = open_cases([*complaint, leaving, other], {}, customers, rules=rules, calendars=calendars, now=NOW)
    assert sorted((case.family, len(case.signals)) for case in opened.cases) == [("answer", 1), ("complaint", 2)]


def test_a_second_letter_joins_and_only_ever_brings_the_day_forward(
    make_rules: Callable[..., Rules], customers: pd.DataFrame, calendars, record
) -> None:
    rules = make_rules()
    first = open_cases(
        signals_of(rules, message("f1", "Je dépose une réclamation.")), {}, customers, rules=rules, calendars=calendars,
        now=NOW,
    )  # fmt: skip
    case = next(iter(fold_cases(record(first.events())).values()))
    later = NOW + timedelta(days=1)
    again = signals_of(rules, message("f2", "Je dépose une réclamation : remboursement.", occurred_at=NOW))
    second = open_cases(again, {case.case_id: case}, customers, rules=rules, calendars=calendars, now=later)
    assert (second.cases, [set(one.raised) for one in second.joined]) == ([], [{"legal", "resolve_by"}])
    raised = fold_cases(record(first.events(), second.events()))[case.case_id]
    assert raised.legal["reason"] == "refund"
    assert raised.due_at == case.due_at
    third = signals_of(rules, message("f3", "Je dépose une réclamation.", occurred_at=NOW))
    calm = open_cases(third, {raised.case_id: raised}, customers, rules=rules, calendars=calendars, now=later)
    assert [one.raised for one in calm.joined] == [{}]


def test_acknowledging_and_the_ombudsmans_step(
    make_rules: Callable[..., Rules], customers: pd.DataFrame, calendars, record
) -> None:
    rules = make_rules()
    found = signals_of(rules, message("f1", "Je dépose une réclamation."))
    opened = open_cases(found, {}, customers, rules=rules, calendars=calendars, now=NOW)
    case = next(iter(fold_cases(record(opened.events())).values()))
    at = NOW + timedelta(days=1)
    told: list[EventDraft] = events_for(case, "acknowledge", actor="ada", at=at)
    known = fold_cases(record(opened.events(), told))
    case = known[case.case_id]
    assert (case.acknowledged_at, case.state) == (at, "open")
    two_months = datetime(2026, 12, 29, 6, tzinfo=UTC)
    frames = [cases_frame(known, at).iloc[0] for at in (two_months - timedelta(hours=1), two_months)]
    assert [frame["ombudsman_open"] for frame in frames] == [False, True]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (("  - reason: general\n", "  - reason: other\n"), "last reason must be 'general'"),
        (("months: 2", "months: 0"), "needs days, weeks or months"),
        (('- "objet', '- "(objet'), "cannot be read"),
        (("detect:", "detects:"), "detects"),
    ],
)
def test_a_mistake_is_named_with_its_file(tmp_path: Path, change: tuple[str, str], found: str) -> None:
    source = SHIPPED.read_text(encoding="utf-8")
    assert change[0] in source
    path = tmp_path / "complaints.yaml"
    path.write_text(source.replace(*change), encoding="utf-8")
    with pytest.raises(SettingsError, match=found) as refusal:
        load_complaints(path)
    assert str(path) in str(refusal.value)


def test_without_the_file_nothing_is_a_formal_complaint(tmp_path: Path) -> None:
    none = load_complaints(tmp_path / "missing.yaml")
    assert not none.said("mail", "je dépose une réclamation")
    assert not none.declared({"kind": "mail", "journey_stage": "Réclamation"})
