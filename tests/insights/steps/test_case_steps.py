"""Cases on real stores: what opens, ends and is reminded; what is forgotten; two processes that take one case."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from insights.cases import Case, fold_cases
from insights.cases.notices import ACKNOWLEDGE, OPENED_URGENT
from insights.lake import Lake
from insights.ledger import Ledger
from insights.privacy.erase import erase
from insights.privacy.objection import object_to_scoring
from insights.steps.callbacks import callbacks
from insights.steps.endings import end_cases
from insights.steps.hot_cases import CaseDesk
from insights.steps.measure import measure
from insights.steps.moments import moment_status
from insights.steps.rehearsal import Rehearser
from insights.steps.reminders import notices, remind

ROOT = Path(__file__).parents[3]
AT = datetime(2026, 10, 30, 9, tzinfo=UTC)  # a Friday
LATER = datetime(2026, 11, 2, 9, tzinfo=UTC)


def at(lake: Lake, day: int, month: int = 10) -> None:
    """Set the business day; its instant is 18:00 UTC."""
    lake.settings.as_of = date(2026, month, day)


def put(lake: Lake, **tables: list[dict[str, Any]]) -> None:
    with lake.write() as writer:
        for table, rows in tables.items():
            writer.insert_new(table, pd.DataFrame(rows))


def feedback(key: str, customer: str | None, kind: str = "mail", when: datetime = AT, **more: Any) -> dict[str, Any]:
    return {
        **{"feedback_id": key, "source": "s", "source_id": key, "kind": kind, "verbatim": "des mots"},
        **{"occurred_at": when, "available_at": when, "customer_id": customer, "recontact": "not_asked"},
        **{"anonymous": False, "segment": "household", **more},
    }


def mention(key: str, when: datetime = AT, **more: Any) -> dict[str, Any]:
    return {
        **{"mention_id": f"{key}-1", "feedback_id": key, "unit_no": 1, "text": "des mots", "voice": "customer"},
        **{"type": "complaint", "polarity": -0.8, "leave_intent": False, "occurred_at": when, "available_at": when},
        **more,
    }


def picture(customer: str, **more: Any) -> dict[str, Any]:
    return {
        **{"customer_id": customer, "as_of": AT.date(), "available_at": AT, "segment": "household"},
        **{"margin_eur_year": 62.0, "objection": False, "leaving": False, **more},
    }


def cases(ledger: Ledger) -> dict[str, Case]:
    return {case.customer_id: case for case in fold_cases(ledger.events(("case.",))).values()}


@pytest.fixture
def said(lake: Lake, ledger: Ledger) -> None:
    """One customer in danger, one who leaves, a formal complaint and an angry post of unknown senders, a term that ends."""
    put(
        lake,
        feedback=[
            *(feedback("f1", "C1"), feedback("f2", "C2"), feedback("f3", None, "ticket", journey_stage="Réclamation")),
            *(feedback("f4", None, "post"), feedback("f5", "C9", "survey")),
        ],
        mention=[
            *(mention("f1", urgency="safety"), mention("f2", leave_intent=True)),
            *(mention("f3"), mention("f4"), mention("f5", polarity=0.5)),
        ],
        customer_snapshot=[picture("C1"), picture("C2"), picture("C3", contract_end_on=date(2026, 11, 20))],
    )
    at(lake, 30)
    callbacks(lake, ledger, run_id="r1", dry_run=True)


@pytest.mark.usefixtures("said")
def test_each_family_opens_its_case_and_the_team_on_call_is_told(ledger: Ledger) -> None:
    found = {name: (case.family, case.owner_team) for name, case in cases(ledger).items()}
    assert found == {
        "C1": ("danger", "solidarity"),
        "C2": ("answer", "callbacks"),
        "C3": ("moment", "callbacks"),
        "feedback:f3": ("complaint", "complaints"),
        "feedback:f4": ("public", "social"),
    }
    told = notices(ledger)
    assert [(one.subject_code, one.team, one.person) for one in told] == [(OPENED_URGENT, "solidarity", None)]


@pytest.mark.usefixtures("said")
def test_a_second_run_opens_and_tells_nothing_new(lake: Lake, ledger: Ledger) -> None:
    before = ledger.version()
    assert callbacks(lake, ledger, run_id="r2", dry_run=True).n_out == 0
    assert [event.kind for event in ledger.events(("case.",), after=before)] == []


@pytest.mark.usefixtures("said")
def test_reminders_are_recorded_once_and_kept_for_their_sender(lake: Lake, ledger: Ledger) -> None:
    at(lake, 7, month=11)
    first = remind(ledger, lake.settings)
    assert first["reminded"] > 0
    assert remind(ledger, lake.settings) == {}
    codes = {one.subject_code for one in notices(ledger)}
    assert {ACKNOWLEDGE, "escalation"} <= codes
    last = max(event.event_id for event in ledger.events())
    assert notices(ledger, after=last) == []


@pytest.mark.usefixtures("said")
def test_a_case_goes_with_the_feedback_that_was_deleted_at_its_source(lake: Lake, ledger: Ledger) -> None:
    put(
        lake,
        tombstone=[{"feedback_id": key, "reason": "deleted_at_source", "taken_out_at": AT} for key in ("f2", "f4")],
    )
    assert end_cases(lake, ledger) == {"ended_or_marked": 2}
    assert end_cases(lake, ledger) == {}
    states = {name: case.state for name, case in cases(ledger).items()}
    assert (states["C2"], states["feedback:f4"], states["C1"]) == ("cancelled", "cancelled", "open")
    at(lake, 2, month=11)
    assert callbacks(lake, ledger, run_id="r3", dry_run=True).note["opened"] == 0


@pytest.mark.usefixtures("said")
def test_a_later_no_ends_what_is_our_own_initiative_and_marks_an_answer(lake: Lake, ledger: Ledger) -> None:
    later = AT + timedelta(days=1)
    put(lake, feedback=[feedback(f"n{one}", one, "survey", later, recontact="no") for one in ("C2", "C3")])
    at(lake, 31)
    assert end_cases(lake, ledger) == {"ended_or_marked": 2}
    found = cases(ledger)
    assert (found["C2"].state, found["C2"].marks) == ("open", ("do_not_contact",))
    assert (found["C3"].state, found["C3"].cancelled_why) == ("cancelled", "do_not_contact")


@pytest.mark.usefixtures("said")
def test_a_no_told_to_an_adviser_and_an_objection_count_too(lake: Lake, ledger: Ledger) -> None:
    later = AT + timedelta(days=1)
    ledger.append("contact.do_not", "C2", {}, actor="ada", at=later, key="contact.do_not:C2")
    object_to_scoring(lake, ledger, "C3", actor="ada", at=later)
    at(lake, 31)
    assert end_cases(lake, ledger) == {"ended_or_marked": 2}
    found = cases(ledger)
    assert (found["C2"].marks, found["C3"].cancelled_why) == (("do_not_contact",), "objection")
    assert [one.n_customers for one in moment_status(lake, ledger) if one.moment.column == "contract_end_on"] == [0]


@pytest.mark.usefixtures("said")
def test_the_hot_path_knows_the_cases_of_unknown_senders(lake: Lake, ledger: Ledger) -> None:
    names = ("feedback", "answer", "mention", "mention_irritant")
    rows = {name: lake.read(f"SELECT * FROM {name}") for name in names}
    rows["feedback"] = rows["feedback"].assign(revised_at=pd.Timestamp(LATER))  # a later version of what the lake has
    desk = CaseDesk(lake, ledger)
    assert desk.decide(rows)[0].events() == []
    new = rows["feedback"].assign(feedback_id=rows["feedback"]["feedback_id"] + "x", customer_id=None)
    said = rows["mention"].assign(feedback_id=rows["mention"]["feedback_id"] + "x")
    opened, _ = desk.decide({**rows, "feedback": new, "mention": said})
    assert {case.customer_id for case in opened.cases} == {"feedback:f1x", "feedback:f3x", "feedback:f4x"}


@pytest.mark.usefixtures("said")
def test_promises_become_metrics_by_team_and_hold_no_customer(lake: Lake, ledger: Ledger) -> None:
    found = cases(ledger)
    for name, hours in (("C1", 0.5), ("C2", 100.0)):
        for n, step in enumerate(("assigned", "reached")):
            when = found[name].opened_at + timedelta(hours=hours)
            ledger.append(f"case.{step}", found[name].case_id, {}, actor="ada", at=when, key=f"{name}{n}")
    at(lake, 8, month=11)
    measure(lake, ledger, run_id="m1")
    rows = lake.read("SELECT * FROM metric_daily WHERE survey = 'cases' ORDER BY ALL")
    kept = rows[rows["metric"] == "promise_kept"].set_index("agent_team")
    assert {team: (row["n_positive"], row["denominator"]) for team, row in kept.iterrows()} == {
        **{"solidarity": (1, 1), "callbacks": (0, 1), "complaints": (0, 1), "social": (0, 1)},
    }
    waited = rows[rows["metric"] == "time_to_contact"].set_index("agent_team")["numerator"]
    assert waited.to_dict() == pytest.approx({"solidarity": 9.5, "callbacks": 109.0})
    assert not lake.read("FROM case_promise").astype(str).apply(lambda one: one.str.contains("C1|C2|f3")).any().any()
    assert measure(lake, ledger, run_id="m2").note["said"] == "nothing new since the last run"


@pytest.mark.usefixtures("said")
def test_an_erased_person_takes_open_cases_of_unknown_senders_along(lake: Lake, ledger: Ledger) -> None:
    """The mail of f3 is found to be C2's: their cases, notes and ids go."""
    with lake.write() as writer:
        writer.execute("UPDATE feedback SET customer_id = 'C2' WHERE feedback_id = 'f3'")
    ledger.put_text("note:x", "feedback:f3", "a écrit deux fois")
    erase(lake, ledger, "C2")
    assert set(cases(ledger)) == {"C1", "C3", "feedback:f4"}
    assert ledger.text("note:x") is None
    events = str([(event.subject, event.payload, event.idempotency_key) for event in ledger.events()])
    assert "feedback:f3" not in events
    assert "C2" not in events


@pytest.mark.usefixtures("said")
def test_the_rehearsal_opens_the_same_and_writes_nothing(lake: Lake, ledger: Ledger) -> None:
    at(lake, 31)
    before, snapshot = ledger.version(), lake.snapshot_id()
    found = Rehearser(lake, ledger).month(date(2026, 10, 1))
    families = found.cases[found.cases["family"] != "moment"].groupby("family").size().to_dict()
    assert families == {"answer": 1, "complaint": 1, "danger": 1, "public": 1}
    assert set(found.cases.loc[found.cases["family"] != "moment", "day"]) == {date(2026, 10, 30)}
    assert (ledger.version(), lake.snapshot_id()) == (before, snapshot)


TAKE = """
import sys
from datetime import UTC, datetime
from insights.cases import events_for, fold_cases, taken_by
from insights.ledger import open_ledger
from insights.settings import Settings

data, keys, actor = sys.argv[1:]
with open_ledger(Settings(data_dir=data, keys_dir=keys, _env_file=None)) as ledger:
    case = fold_cases(ledger.events(("case.",)))["k1"]
    (draft,) = events_for(case, "take", actor=actor, at=datetime(2026, 10, 30, 10, tzinfo=UTC))
    print("ready", flush=True)
    sys.stdin.readline()
    won = ledger.append(**draft.row())
    case = fold_cases(ledger.events(("case.",)))["k1"]
    print("taken" if won else taken_by(case, "fr"), flush=True)
"""


def test_two_processes_take_one_case_and_the_second_is_told_who_has_it(lake: Lake, ledger: Ledger) -> None:
    payload = {"customer_id": "C1", "reason": "detractor", "owner_team": "callbacks", "promise": "standard"}
    payload |= {"due_at": LATER.isoformat()}
    ledger.append("case.opened", "k1", payload, actor="rules", at=AT, key="case:C1:opened:1")
    place = [str(lake.settings.data_dir), str(lake.settings.keys_dir)]
    command = [sys.executable, "-c", TAKE, *place]
    advisers = {
        actor: subprocess.Popen([*command, actor], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for actor in ("ada", "grace")
    }
    for one in advisers.values():  # both have seen the open case before either presses
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in advisers.values():
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    said = {actor: one.communicate()[0].strip() for actor, one in advisers.items()}
    winners = [actor for actor, words in said.items() if words == "taken"]
    assert len(winners) == 1
    (loser,) = set(advisers) - set(winners)
    assert said[loser] == f"Le dossier k1 a été pris par {winners[0]} à 11:00."
    assert fold_cases(ledger.events(("case.",)))["k1"].assignee == winners[0]
