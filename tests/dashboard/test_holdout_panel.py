"""The day's list and the hold-out on the callbacks page: told in plain words, switched by a named person only."""

from __future__ import annotations

import pandas as pd
import pytest
from dashboard_app import words_of
from dashboard_frames import AS_OF, NOW, customer

from dashboard.data import open_store
from dashboard.day_list_panel import day_list
from dashboard.holdout_panel import rows
from dashboard.page import Page
from insights.cases import fold_cases
from insights.cases.holdout import Experiment
from insights.cases.holdout_words import result
from insights.contracts.callbacks import CALLBACK_EFFECT
from insights.digest.words import Words
from insights.lake import open_lake
from insights.ledger import open_ledger
from insights.steps import arms
from insights.steps.holdout import switch_on


def planned(ledger, n, on="2026-11-02", **plan):
    told = {"on": on, "probability": 0.25, "net_eur": 12.5, "explored": False, **plan}
    payload = {
        "customer_id": customer(n), "reason": "risk", "owner_team": "callbacks", "promise": "standard",
        "due_at": NOW.isoformat(), "signals": [f"risk:{customer(n)}"], "segment": "household", "language": "fr",
        "value_eur_year": 62.0, "plan": told,
    }  # fmt: skip
    ledger.append("case.opened", f"plan{n}", payload, actor="rules", at=NOW, key=f"plan:{n}")


@pytest.fixture
def listed(own_ledger):
    """A place with a list of three calls, one of them drawn at random, and yesterday's list."""
    mine = own_ledger("full")
    with open_ledger(mine) as ledger:
        planned(ledger, 20)
        planned(ledger, 21, net_eur=30.0, probability=0.4)
        planned(ledger, 22, net_eur=-5.0, probability=0.01, explored=True)
        planned(ledger, 23, on="2026-10-30")
    return mine


def test_the_day_s_list_tells_what_calls_should_bring_and_which_were_drawn(app, listed):
    page = app(listed, "callbacks", "fr")
    text = words_of(page).replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert "**3 appels** pour le lundi 2 novembre." in text
    assert "Ensemble, ils devraient rapporter 38 €" in text
    assert "1 a été tiré au sort" in text
    assert "20 % de départs évités" in text
    [rows] = [frame.value for frame in page.dataframe if "Valeur nette attendue" in frame.value]
    assert rows["Client"].tolist() == [customer(21), customer(20), customer(22)]
    assert rows["Choisi"].tolist() == ["par la valeur", "par la valeur", "au hasard"]


def test_no_list_shows_no_list(app, places):
    assert "Calls of our own initiative" not in words_of(app(places("full"), "callbacks", "en"))
    assert day_list({}) == []


def test_it_says_that_it_is_off_and_what_a_proof_needs(app, places):
    text = words_of(app(places("full"), "callbacks", "fr"))
    assert "Il n'y a pas de groupe témoin" in text
    assert "clients appelés et" in text
    assert "Cela ne se prouve pas en un trimestre" in text


def test_without_probabilities_it_says_so(app, places):
    text = words_of(app(places("card"), "callbacks", "en"))
    assert "There is no probability to leave yet (points card)" in text


def test_a_director_switches_it_on_with_a_name_and_a_tick_and_off_again(app, own_ledger):
    mine = own_ledger("full")
    page = app(mine, "callbacks", "fr")
    assert not [button for button in page.button if button.key == "holdout_switch"]
    page.text_input(key="adviser").set_value("Claire Directrice").run()
    assert page.button(key="holdout_switch").disabled
    page.checkbox(key="holdout_on_sure").check().run()
    page.button(key="holdout_switch").click().run()
    assert page.success[0].value == "Le groupe témoin est en place."
    with open_ledger(mine) as ledger:
        one = arms.running(ledger)
    assert (one.actor, one.share, one.at) == ("Claire Directrice", 0.10, NOW)
    assert "décidé par Claire Directrice" in words_of(page)
    assert "trop tôt pour dire" in words_of(page)
    page.checkbox(key="holdout_off_sure").check().run()
    page.button(key="holdout_switch").click().run()
    with open_ledger(mine) as ledger:
        assert arms.running(ledger) is None
    assert "Le dernier a duré du" in words_of(page)


def test_who_comes_second_is_told(app, own_ledger):
    mine = own_ledger("full")
    page = app(mine, "callbacks", "en")
    page.text_input(key="adviser").set_value("Paul").run()
    page.checkbox(key="holdout_on_sure").check().run()
    with open_ledger(mine) as ledger, open_lake(mine, read_only=True) as lake:
        switch_on(lake, ledger, actor="Nadia")
    page.button(key="holdout_switch").click().run()
    assert "Somebody has switched the hold-out on meanwhile." in [one.value for one in page.warning]


EXPERIMENT = Experiment("HO-0001", NOW, "Claire", 0.1, "s", AS_OF, (0.1,), {})
EFFECT = {
    "experiment_id": "HO-0001", "outcome": "departure", "segment": "(all)", "read_at": AS_OF, "read_on": AS_OF,
    "n_entered": 9000, "n_called": 8000, "n_held": 900, "n_events_called": 640, "n_events_held": 90,
    "mean_called": 0.08, "mean_held": 0.10, "effect": -0.02, "effect_low": -0.035, "effect_high": -0.005,
    "relative": -0.2, "relative_low": -0.33, "relative_high": -0.05,
}  # fmt: skip
SAID = {
    "works": ("Les appels sont utiles : 8,0 % des clients appelés sont partis, contre 10,0 %", "The calls work: 8.0%"),
    "harms": ("Les appels font partir des clients", "The calls do harm"),
    "not_shown": ("Non démontré : 8,0 %", "Not shown: 8.0%"),
    "too_early": ("Il est trop tôt pour dire", "Too early to say"),
    "too_few": ("Trop peu de départs pour conclure", "Too few departures to say anything"),
}


@pytest.mark.parametrize("verdict", SAID)
def test_a_verdict_is_one_sentence_in_both_languages(verdict):
    rows = pd.DataFrame([EFFECT | {"verdict": verdict}])
    assert set(EFFECT) | {"verdict"} == set(CALLBACK_EFFECT.column_names)
    for language, said in zip(("fr", "en"), SAID[verdict], strict=True):
        text = result(Words(language), rows, EXPERIMENT).replace("\N{NO-BREAK SPACE}", " ")
        assert said in text
    text = result(Words("en"), rows, EXPERIMENT)
    assert ("between \N{MINUS SIGN}3.5 and \N{MINUS SIGN}0.5" in text) == (verdict in ("works", "harms", "not_shown"))


def test_the_effects_stand_in_a_table_departures_first(places):
    frame = pd.DataFrame(
        [
            EFFECT
            | {"outcome": "score", "mean_called": 7.25, "mean_held": 7.0, "verdict": "too_few", "effect_low": None},
            EFFECT | {"outcome": "departure", "segment": "household", "verdict": "not_shown"},
            EFFECT | {"verdict": "works"},
        ]
    )
    found = rows(Page(open_store(places("full")), "en"), Words("en"), frame)
    assert found["What is measured"].tolist() == ["Left by choice", "Left by choice", "Change of the 0-10 score"]
    assert found["Customers"].tolist() == ["All", "Households", "All"]
    assert found["Called"].tolist()[0] == "8,000 · 8.0%"
    assert found["Verdict"].tolist() == ["calls help", "not shown", "too few"]


def test_the_cases_of_a_list_are_cases_like_others(listed):
    with open_ledger(listed) as ledger:
        cases = fold_cases(ledger.events(("case.",)))
    assert [case.case_id for case in day_list(cases)] == ["plan21", "plan20", "plan22"]


def test_where_every_one_of_many_is_read_it_waits_until_it_is_asked_for(app, places, monkeypatch):
    monkeypatch.setattr("dashboard.holdout_panel.QUICK", 1)
    page = app(places("full"), "callbacks", "en")
    assert "Switch the hold-out" not in [box.label for box in page.expander]
    page.button(key="holdout_look").click().run()
    assert "Switch the hold-out" in [box.label for box in page.expander]
