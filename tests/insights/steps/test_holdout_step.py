"""The hold-out on a real lake and ledger: off until switched on, signed, persistent, and read on its day."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import update

from insights.cases.holdout import HOLD, draw
from insights.errors import LedgerError
from insights.lake import Lake, open_lake
from insights.ledger import Ledger
from insights.ledger.schema import EVENT
from insights.settings import load_settings
from insights.steps import arms, holdout
from insights.steps.callbacks import open_due_cases
from insights.steps.effect import reading, refresh_effects
from insights.steps.uplift import avoided_by_customer, refresh_uplift
from insights.steps.window import analysis_day

ROOT = Path(__file__).parents[3]
DAY = date(2026, 10, 31)
AT = datetime(2026, 10, 31, 18, tzinfo=UTC)
N = 400


def pictures(**columns):
    shared = {
        "as_of": DAY,
        "available_at": AT,
        "segment": ["small_business" if k % 8 == 0 else "household" for k in range(N)],
        "preferred_language": "fr",
        "margin_eur_year": 200.0,
        "low_income": False,
        "objection": False,
        "leaving": False,
    }
    return pd.DataFrame({"customer_id": [f"C{k:05d}" for k in range(N)]}).assign(**(shared | columns))


def scores():
    chance = np.random.default_rng(1).uniform(0.1, 0.9, N)
    return pd.DataFrame({"customer_id": [f"C{k:05d}" for k in range(N)]}).assign(
        scored_on=DAY, model_kind="logistic", probability=chance, index=100 * chance, rank=1, model_version="t"
    )


def fill(lake: Lake) -> Lake:
    with lake.write() as writer:
        writer.insert_new("customer_snapshot", pictures())
        writer.insert_new("churn_score", scores())
    return lake


@pytest.fixture(scope="module")
def people(tmp_path_factory, extension_dir: Path) -> Iterator[Lake]:
    """Four hundred scored customers, written once: these tests only read them."""
    folder = tmp_path_factory.mktemp("holdout")
    places = {"data_dir": folder / "data", "keys_dir": folder / "keys", "reference_dir": ROOT / "data" / "reference"}
    with open_lake(load_settings(**places, extension_dir=extension_dir, as_of=DAY)) as lake:
        yield fill(lake)


@pytest.fixture
def own_people(lake: Lake) -> Lake:
    """The same customers in a lake of the test's own."""
    return fill(lake)


def test_it_is_off_until_somebody_switches_it_on_whatever_the_share_in_the_settings(people, ledger):
    assert people.settings.holdout_share == 0.10
    opened = open_due_cases(people, ledger)
    assert len(opened.cases) == 25
    assert "holdout" not in opened.refusals()
    found = holdout.status(people, ledger)
    assert (found.running, found.experiment) == (False, None)
    assert found.forecast is not None
    assert found.forecast.size.total > 0


def test_switched_on_it_withholds_the_declared_share_and_keeps_doing_so(people, ledger):
    one = holdout.switch_on(people, ledger, actor="Directrice", share=0.3)
    first = open_due_cases(people, ledger)
    again = open_due_cases(people, ledger)
    held = {draft.subject for draft in first.events() if draft.kind == "holdout.withheld"}
    assert held
    assert held == {draft.subject for draft in again.events() if draft.kind == "holdout.withheld"}
    assert len([case for case in first.cases if case.plan]) == 25  # the freed calls go to others
    ledger.append_many([draft.row() for draft in first.events()])
    inside = arms.entered(ledger, one.experiment_id)
    assert set(inside.loc[inside["arm"] == HOLD, "customer_id"]) == held
    for row in inside.itertuples():
        assert (draw(row.customer_id, one.salt) < one.thresholds[row.stratum]) == (row.arm == HOLD)
    with open_lake(people.settings, read_only=True) as other:  # another process, another connection
        assert arms.experiments(ledger) == [one]
        assert holdout.status(other, ledger).n_held == len(held)


def test_the_vulnerable_the_urgent_and_complainants_are_never_withheld(own_people, ledger):
    with own_people.write() as writer:
        writer.execute("UPDATE customer_snapshot SET low_income = true WHERE customer_id = 'C00001'")
        for key, kind, urgency in (("C00002", "ticket", None), ("C00003", "call", "medical"), ("C00004", "call", None)):
            moment = {"occurred_at": AT - timedelta(days=30), "available_at": AT}
            feedback = {"feedback_id": key, "source": "s", "source_id": key, "kind": kind, "customer_id": key, **moment}
            mention = {"mention_id": key, "feedback_id": key, "unit_no": 1, "text": "x", "urgency": urgency, **moment}
            writer.insert_new("feedback", pd.DataFrame([feedback]))
            writer.insert_new("mention", pd.DataFrame([mention]))
    holdout.switch_on(own_people, ledger, actor="Directrice")
    customers, day = own_people.read("SELECT * FROM customer_snapshot"), analysis_day(own_people)
    found = arms.arms(own_people, ledger, day, customers, scores(), {}, _rules(own_people))
    assert [found.of(f"C0000{k}") is None for k in range(1, 6)] == [True, True, True, False, False]


def _rules(lake):
    from insights.calendar import load_teams
    from insights.cases import load_rules

    folder = lake.settings.reference_dir
    return load_rules(folder / "case_rules.yaml", lake.settings, load_teams(folder / "teams.yaml"))


def test_what_was_written_is_signed_and_a_change_of_it_counts_for_nothing(people, ledger):
    holdout.switch_on(people, ledger, actor="Directrice")
    [event] = ledger.events(("holdout.on",))
    changed = json.dumps({**event.payload, "read_on": "2026-11-02"}, sort_keys=True)
    with ledger.engine.begin() as connection:
        connection.execute(update(EVENT).where(EVENT.c.event_id == event.event_id).values(payload=changed))
    assert arms.running(ledger) is None
    assert holdout.status(people, ledger).n_forged == 1
    assert "holdout" not in open_due_cases(people, ledger).refusals()


def test_another_installations_key_does_not_sign_for_this_one(people, ledger, tmp_path):
    from insights.keys import KeyRing

    holdout.switch_on(people, ledger, actor="Directrice")
    with_other_keys = Ledger(ledger.engine, KeyRing(tmp_path / "other"))
    assert arms.running(with_other_keys) is None


def test_switches_that_make_no_sense_are_refused_with_a_sentence(people, ledger):
    for wrong, said in (
        ({"actor": " "}, "by a person"),
        ({"actor": "a", "share": 0.0}, "cannot be held out"),
        ({"actor": "a", "share": 0.9}, "cannot be held out"),
        ({"actor": "a", "read_on": DAY + timedelta(days=30)}, "too early"),
    ):
        with pytest.raises(LedgerError, match=said):
            holdout.switch_on(people, ledger, **wrong)
    with pytest.raises(LedgerError, match="No hold-out is on"):
        holdout.switch_off(ledger, actor="a", at=AT)
    assert ledger.events(("holdout.",)) == []
    holdout.switch_on(people, ledger, actor="a")
    with pytest.raises(LedgerError, match="on already"):
        holdout.switch_on(people, ledger, actor="b")


def test_without_scores_there_is_nothing_to_draw_from(lake, ledger):
    with pytest.raises(LedgerError, match="scored"):
        holdout.switch_on(lake, ledger, actor="a")


def test_switched_off_everybody_is_called_again_and_a_new_one_draws_anew(people, ledger):
    first = holdout.switch_on(people, ledger, actor="Directrice", share=0.3)
    holdout.switch_off(ledger, actor="Directeur", at=AT)
    assert "holdout" not in open_due_cases(people, ledger).refusals()
    second = holdout.switch_on(people, ledger, actor="Directrice", share=0.3)
    assert (first.experiment_id, second.experiment_id) == ("HO-0001", "HO-0002")
    assert first.salt != second.salt
    assert [one.off_at is None for one in arms.experiments(ledger)] == [False, True]


def enter(ledger, one, n, at):
    """`n` customers in turn called and withheld, as the callbacks step records them."""
    for k in range(n):
        plan = {"experiment": one.experiment_id, "stratum": "household/1", "probability": 0.3, "explored": False}
        if k % 2:
            ledger.append("holdout.withheld", f"C{k:05d}", {"plan": plan}, actor="rules", at=at, key=f"w{k}")
        else:
            payload = {"customer_id": f"C{k:05d}", "plan": plan}
            ledger.append("case.opened", f"case{k}", payload, actor="rules", at=at, key=f"c{k}")


def test_the_reading_counts_departures_from_the_entry_to_the_horizon(own_people, ledger):
    one = holdout.switch_on(own_people, ledger, actor="Directrice", share=0.3)
    early = AT - timedelta(days=300)
    enter(ledger, one, 200, early)
    left = [f"C{k:05d}" for k in range(0, 40, 2)] + [f"C{k:05d}" for k in range(1, 121, 2)]  # 20 called, 60 held back
    with own_people.write() as writer:
        events = pd.DataFrame({"customer_id": left}).assign(
            learned_on=early.date() + timedelta(days=50), cause="chosen", available_at=AT
        )
        moved = events.iloc[:1].assign(customer_id="C00198", cause="natural")
        writer.insert_new("churn_event", pd.concat([events, moved]))
    due = own_people.settings.model_copy(update={"as_of": one.read_on})
    found = reading(own_people, ledger, one)
    whole = found[(found["outcome"] == "departure") & (found["segment"] == "(all)")].iloc[0]
    assert (whole["n_called"], whole["n_held"], whole["verdict"]) == (100, 100, "too_early")
    assert (whole["n_events_called"], whole["n_events_held"]) == (20, 60)
    with open_lake(due) as later:
        final = reading(later, ledger, one)
        assert final["verdict"].iloc[0] == "works"
        assert final["relative"].iloc[0] == pytest.approx(-2 / 3, abs=0.02)
        assert refresh_effects(later, ledger) == len(final)
        assert refresh_effects(later, ledger) is None  # once a day


def test_who_was_erased_stands_in_neither_arm(own_people, ledger):
    one = holdout.switch_on(own_people, ledger, actor="Directrice", share=0.3)
    enter(ledger, one, 100, AT - timedelta(days=300))
    with own_people.write() as writer:
        writer.execute("DELETE FROM customer_snapshot WHERE customer_id IN ('C00000', 'C00001', 'C00003')")
    whole = reading(own_people, ledger, one).iloc[0]
    assert (whole["n_called"], whole["n_held"]) == (49, 48)


def test_nothing_is_written_where_no_hold_out_ever_was(people, ledger):
    assert refresh_effects(people, ledger) is None
    assert people.scalar("SELECT count(*) FROM callback_effect") == 0


def test_an_uplift_model_waits_for_the_day_of_reading_and_then_says_how_many_departures_are_missing(own_people, ledger):
    one = holdout.switch_on(own_people, ledger, actor="Directrice", share=0.3)
    enter(ledger, one, 200, AT - timedelta(days=300))
    assert refresh_uplift(own_people, ledger) == {}
    left = pd.DataFrame({"customer_id": ["C00000", "C00002", "C00001"]}).assign(
        learned_on=AT.date() - timedelta(days=250), cause="chosen", available_at=AT
    )
    with own_people.write() as writer:
        writer.insert_new("churn_event", left)
    with open_lake(own_people.settings.model_copy(update={"as_of": one.read_on})) as later:
        assert refresh_uplift(later, ledger) == {
            "uplift": "298 departures missing among those called, 299 among those held out"
        }
        assert avoided_by_customer(later) == {}
