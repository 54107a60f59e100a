"""From events and contacts in a real lake to the ledger of fixes, failures and all."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from insights.actions import book, edit
from insights.errors import LedgerError, SettingsError
from insights.lake import Lake
from insights.ledger import Ledger
from insights.steps import actions as steps
from insights.steps.prove import prove

AT = datetime(2026, 10, 31, 9, tzinfo=UTC)
FIRST = datetime(2024, 11, 4, 9, tzinfo=UTC)
N_WEEKS = 103
REASONS = ("remboursement", "prix", "facture", "contrat", "technique", "vente")
TEAMS = tuple(f"Équipe {n}" for n in range(1, 13))
TREATED = TEAMS[::2]
EFFECT_WEEK = 40


def contacts(seed: int = 3) -> pd.DataFrame:
    """Two years: refunds fall by half from week 40 on; teams with even places solve more from then on."""
    rng = np.random.default_rng(seed)
    rows = []
    for week in range(N_WEEKS):
        for reason in REASONS:
            fixed = reason == "remboursement" and week >= EFFECT_WEEK
            for _ in range(rng.poisson(10 * (0.45 if fixed else 1.0))):
                rows.append(
                    (FIRST + timedelta(weeks=week, hours=float(rng.uniform(0, 110))), reason, rng.choice(TEAMS))
                )
    again = []
    for at, reason, team in rows:
        trained = team in TREATED and at >= FIRST + timedelta(weeks=EFFECT_WEEK) and reason == "facture"
        again.append(rng.random() < (0.15 if trained else 0.45))
    frame = pd.DataFrame(rows, columns=["occurred_at", "reason", "team"])
    frame["customer_id"] = [f"C{n:06d}" for n in range(len(frame))]
    later = frame[again].assign(occurred_at=lambda one: one["occurred_at"] + timedelta(days=3), reason="information")
    both = pd.concat([frame, later], ignore_index=True)
    both = both[both["occurred_at"] < pd.Timestamp(AT)].reset_index(drop=True)
    return both.assign(
        contact_id=[f"K{n:06d}" for n in range(len(both))], channel="phone", site="Tours", site_country="FR",
        duration_seconds=400.0, abandoned=False, transferred=False, available_at=both["occurred_at"],
    )  # fmt: skip


@pytest.fixture
def stores(lake: Lake, ledger: Ledger) -> tuple[Lake, Ledger]:
    with lake.write() as writer:
        writer.insert_new("contact", contacts())
    for number, label in enumerate(("Remboursement qui tarde", "Facture illisible", "Prix trop élevé"), start=1):
        payload = {"label_fr": label, "label_en": label, "status": "active"}
        ledger.append("irritant.born", f"IR-{number:04d}", payload, actor="policy", at=AT, key=f"born:{number}")
    return lake, ledger


def declare(lake: Lake, ledger: Ledger, **told: Any) -> str:
    """An action that began on its day."""
    whole = {"title": "Une action", "irritant_id": "IR-0001", **told}
    one = steps.declare(lake, ledger, whole, actor="Nadia", at=AT, redact=lambda text: text, drawn=lambda _: True)
    reached(ledger, one, "running", told["start_on"])
    return one


def reached(ledger: Ledger, one: str, state: str, on: date) -> None:
    steps.record(ledger, lambda known: edit.set_state(known, one, state, on), actor="Nadia", at=AT)


START = (FIRST + timedelta(weeks=EFFECT_WEEK)).date()


def test_what_works_is_proven_what_does_not_is_not_and_teams_drawn_are_compared(stores: tuple[Lake, Ledger]) -> None:
    lake, ledger = stores
    refund = declare(lake, ledger, start_on=START, reasons=("remboursement",), measures=("contacts",), cost_eur=1000)
    price = declare(
        lake, ledger, irritant_id="IR-0003", start_on=START, reasons=("prix",), measures=("contacts", "mentions")
    )
    teams = {"kind": "random", "dimension": "team", "treated": TREATED, "others": TEAMS[1::2]}
    training = declare(
        lake, ledger, irritant_id="IR-0002", kind="training", start_on=START, reasons=("facture",),
        measures=("csat", "repeat", "duration"), comparison=teams,
    )  # fmt: skip
    early = declare(
        lake,
        ledger,
        title="La même plus tard",
        start_on=date(2026, 10, 20),
        reasons=("remboursement",),
        measures=("contacts",),
    )
    report = prove(lake, ledger, run_id="r1")
    assert report.n_out == 7
    fixes = lake.read("SELECT * FROM fix").set_index(["action_id", "measure"])
    found = fixes.loc[(refund, "contacts")]
    assert (found["verdict"], found["method"], bool(found["speaks"])) == ("proven", "series", True)
    assert found["effect_low"] < 0.45 < found["effect_high"] < 0.7
    assert found["n_placebos"] >= 50 and found["contact_saved_eur"] > 0
    assert fixes.loc[(price, "contacts"), "verdict"] == "not_shown"
    assert np.isnan(fixes.loc[(price, "contacts"), "contact_saved_eur"]), "not shown is never 0"
    assert (fixes.loc[(price, "mentions"), "verdict"], fixes.loc[(price, "mentions"), "reason"]) == ("not_shown", "few")
    repeat = fixes.loc[(training, "repeat")]
    assert (repeat["verdict"], repeat["method"], repeat["n_units"]) == ("proven", "randomised", 12)
    assert repeat["effect_low"] < -30 < repeat["effect_high"] < -10
    assert fixes.loc[(training, "duration"), "verdict"] == fixes.loc[(training, "csat"), "verdict"] == "not_shown"
    assert fixes.loc[(early, "contacts"), "verdict"] == "too_early"
    weeks = lake.read("SELECT * FROM fix_week WHERE action_id = $one ORDER BY week", one=refund)
    assert set(weeks["phase"]) == {"before", "left_out", "after"} and weeks["n_expected"].notna().all()
    placebos = lake.read("SELECT * FROM fix_placebo WHERE action_id = $one ORDER BY placebo_no", one=refund)
    assert len(placebos) == found["n_placebos"] + 1 and placebos["z"].iloc[0] < placebos["z"].iloc[1:].quantile(0.05)
    assert not lake.check_keys()


def test_a_second_run_on_the_same_data_does_nothing_and_dropping_what_began_erases_no_failure(
    stores: tuple[Lake, Ledger],
) -> None:
    lake, ledger = stores
    one = declare(lake, ledger, start_on=START, reasons=("remboursement",), measures=("contacts",))
    prove(lake, ledger, run_id="r1")
    before = lake.read("SELECT * FROM fix")
    assert prove(lake, ledger, run_id="r2").n_out == 0
    pd.testing.assert_frame_equal(before, lake.read("SELECT * FROM fix"))
    reached(ledger, one, "dropped", AT.date())
    prove(lake, ledger, run_id="r3")
    assert lake.read("SELECT action_id, verdict FROM fix").equals(before[["action_id", "verdict"]])


def test_what_never_began_is_not_read(stores: tuple[Lake, Ledger]) -> None:
    lake, ledger = stores
    told = {"title": "Une action", "irritant_id": "IR-0001", "start_on": START, "reasons": ("remboursement",)}
    for title, state in (("Restée prévue", None), ("Abandonnée avant", "dropped")):
        one = steps.declare(lake, ledger, {**told, "title": title}, actor="Nadia", at=AT, redact=lambda text: text)
        if state:
            reached(ledger, one, state, AT.date())
    prove(lake, ledger, run_id="r1")
    assert lake.read("SELECT * FROM fix").empty


def test_comparison_groups_are_read_before_placebo_dates(stores: tuple[Lake, Ledger]) -> None:
    lake, ledger = stores
    groups = {"kind": "groups", "dimension": "team", "treated": TREATED, "others": TEAMS[1::2]}
    one = declare(lake, ledger, start_on=START, reasons=("remboursement",), measures=("contacts",), comparison=groups)
    prove(lake, ledger, run_id="r1")
    found = lake.read("SELECT * FROM fix WHERE action_id = $one", one=one).iloc[0]
    assert (found["method"], found["verdict"]) == ("groups", "not_shown"), "refunds fell in both groups alike"


def test_one_draft_declares_once_and_undo_takes_it_back(stores: tuple[Lake, Ledger]) -> None:
    _, ledger = stores
    draft = edit.declare(steps.book(ledger), {"title": "Une action", "irritant_id": "IR-0001"})
    assert steps.record(ledger, lambda _: draft, actor="Nadia", at=AT) == "ACT-0001"
    assert steps.record(ledger, lambda _: draft, actor="Omar", at=AT) == "ACT-0001"
    other = edit.declare(book.Book(), {"title": "Une autre", "irritant_id": "IR-0001"})
    with pytest.raises(LedgerError, match="meanwhile"):
        steps.record(ledger, lambda _: other, actor="Omar", at=AT)
    (made,) = ledger.events(("action.",))
    steps.undo(ledger, made.event_id, actor="Nadia", at=AT)
    assert steps.book(ledger).actions == {} and steps.history(ledger)["undone"].tolist() == [False, True]


def test_a_title_is_redacted_before_it_is_kept(stores: tuple[Lake, Ledger]) -> None:
    lake, ledger = stores
    one = steps.declare(
        lake,
        ledger,
        {"title": "Rappeler Mme Sylvie Durand au 06 39 98 12 47", "irritant_id": "IR-0001"},
        actor="N",
        at=AT,
    )
    title = steps.book(ledger).actions[one].title
    assert "Durand" not in title and "06 39" not in title and title.startswith("Rappeler")


def test_an_unknown_irritant_is_refused(stores: tuple[Lake, Ledger]) -> None:
    lake, ledger = stores
    with pytest.raises(LedgerError, match="IR-0099"):
        declare(lake, ledger, irritant_id="IR-0099")


def test_teams_are_drawn_from_those_that_take_contacts(stores: tuple[Lake, Ledger]) -> None:
    lake, ledger = stores
    one = declare(lake, ledger, kind="training", start_on=date(2026, 11, 16))
    steps.draw_units(lake, ledger, one, "team", actor="Nadia", at=AT, seed=1)
    drawn = steps.book(ledger).actions[one].comparison
    assert sorted(drawn.treated + drawn.others) == sorted(TEAMS) and len(drawn.treated) == 6
    with pytest.raises(LedgerError, match="team or site"):
        steps.draw_units(lake, ledger, one, "moon", actor="Nadia", at=AT, seed=1)


def test_a_file_of_actions_finds_its_irritants_by_words_and_is_read_once(
    stores: tuple[Lake, Ledger], tmp_path: Path
) -> None:
    lake, ledger = stores
    path = tmp_path / "actions.yaml"
    path.write_text(
        "actions:\n"
        "  - {title: Payer vite, words: [rembours], start_on: 2025-06-02, decided_on: 2025-05-01, state: running}\n"
        "  - {title: Refaire la facture, words: [facture], start_on: 2025-09-01}\n"
    )
    made = steps.import_actions(lake, ledger, path, actor="PO", at=AT, dated=True)
    known = steps.book(ledger).actions
    assert [known[one].irritant_id for one in made] == ["IR-0001", "IR-0002"]
    assert (known[made[0]].state, known[made[0]].declared_on) == ("running", date(2025, 5, 1))
    assert steps.import_actions(lake, ledger, path, actor="PO", at=AT) == []
    path.write_text("actions: [{title: Autre chose, words: [zeppelin]}]")
    with pytest.raises(LedgerError, match="zeppelin"):
        steps.import_actions(lake, ledger, path, actor="PO", at=AT)
    path.write_text("actions: [{title: Autre chose, words: [x], colour: red}]")
    with pytest.raises(SettingsError, match="actions.yaml"):
        steps.import_actions(lake, ledger, path, actor="PO", at=AT)
