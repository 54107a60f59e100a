"""The page Alarms: never calm when blind, what an incident says, decisions with their way back, who waits."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from dashboard_app import words_of
from watch_company import BILL, NOW

from insights.alarms.incidents import Incident
from insights.ledger import open_ledger
from insights.settings import Settings
from insights.steps.incidents import decide
from insights.steps.watch_record import incidents


@pytest.fixture
def mine(rung: Settings, tmp_path: Path) -> Settings:
    """The same with a ledger and keys of this test's own."""
    shutil.copytree(rung.keys_dir, tmp_path / "keys")
    shutil.copy(rung.data_dir / "ledger.sqlite", tmp_path / "ledger.sqlite")
    return rung.model_copy(
        update={"ledger_url": f"sqlite:///{tmp_path / 'ledger.sqlite'}", "keys_dir": tmp_path / "keys"}
    )


def the_open_one(settings: Settings) -> Incident:
    with open_ledger(settings) as ledger:
        [one] = [one for one in incidents(ledger).values() if one.is_open]
    return one


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", ("Collecte Interrompue", "La date est figée pour la démonstration", "Aucune alarme n'a encore sonné")),
        ("en", ("Collection Interrupted", "The date is pinned for the demonstration", "No alarm has rung yet")),
    ],
)
def test_a_pinned_date_is_never_called_calm(app, places, language, said):
    page = app(places("full"), "alarms", language)
    told = words_of(page)
    assert not page.exception and all(one in told for one in said)
    assert "Calm" not in told
    banner = words_of(app(places("full"), "week", language))
    assert said[1] in banner


@pytest.mark.parametrize("language", ["fr", "en"])
def test_an_open_incident_says_what_since_when_how_many_where_and_in_which_words(app, mine, language):
    page = app(mine, "alarms", language)
    told = words_of(page)
    assert not page.exception
    expected = {
        "fr": (
            "Alarme : Espace client en panne",
            "attendues d'ordinaire",
            "Réseaux sociaux",
            "Bretagne",
            "« ",
            "Clients retenus derrière",
        ),
        "en": ("Alarm: Espace client en panne", "were expected", "Social media", "Bretagne", "“", "held back behind"),
    }[language]
    for one in expected:
        assert one in told.replace("\\", ""), one
    assert page.metric[0].value == {"fr": "Alarme", "en": "Alarm"}[language]
    assert "Co0000" in told and "Co0001" not in told  # danger never waits


def test_past_ones_are_listed_as_replayed_and_can_be_judged(app, mine):
    page = app(mine, "alarms", "fr")
    [table] = [frame.value for frame in page.dataframe if "A sonné" in frame.value.columns]
    assert table["Ce que c'était"].tolist()[0] == "non jugé (rejoué)"
    assert "Trouvé en rejouant l'historique" in words_of(page)


def act(page, key):
    return page.button(key=key).click().run()


def test_take_answer_close_and_the_way_back(app, mine):
    one = the_open_one(mine)
    page = app(mine, "alarms", "fr")
    page.text_input(key="adviser").set_value("Nadia").run()
    act(page, f"take_{one.incident_id}")
    assert the_open_one(mine).taken_by == "Nadia"
    assert "Noté : vous suivez cet incident." in words_of(page).replace("\\", "")
    act(page, "undo_incident")
    assert the_open_one(mine).taken_by is None
    page.text_area(key=f"answer_{one.incident_id}").set_value("Tout est rétabli depuis 19 h 30, pardon.").run()
    act(page, f"save_answer_{one.incident_id}")
    assert "Tout est rétabli depuis 19 h 30" in words_of(page)
    page.radio(key=f"reason_{one.incident_id}").set_value("false_alarm").run()
    act(page, f"close_{one.incident_id}")
    with open_ledger(mine) as ledger:
        closed = incidents(ledger)[one.incident_id]
    assert (closed.reason, closed.closed_by) == ("false_alarm", "Nadia")
    assert "1 en 8 semaines" in words_of(page)
    assert not page.exception


@pytest.mark.parametrize(("role", "listed"), [("viewer", False), ("adviser", True)])
def test_customers_who_are_held_are_listed_for_who_may_see_customers(app, mine, role, listed):
    page = app(mine, "alarms", "en", role=role)
    assert "held back behind" in words_of(page)
    assert any("Customer" in one.value.columns for one in page.dataframe) is listed
    assert not page.get("download_button"), "neither role may take files away"


def test_nothing_can_be_decided_without_a_name(app, mine):
    page = app(mine, "alarms", "fr")
    assert not [button for button in page.button if str(button.key).startswith("take_")]


def test_two_people_decide_at_once_and_the_second_is_told(app, mine):
    one = the_open_one(mine)
    page = app(mine, "alarms", "fr")
    page.text_input(key="adviser").set_value("Nadia").run()
    with open_ledger(mine) as ledger:
        decide(ledger, one.incident_id, "close", actor="Paul", at=NOW, reason="real")
    act(page, f"take_{one.incident_id}")
    assert "est terminé" in words_of(page)


def test_the_week_has_one_line_while_an_incident_is_open(app, mine):
    page = app(mine, "week", "fr")
    assert [error.value for error in page.error] and "1 incident est ouvert" in page.error[0].value


def test_a_held_case_says_so_and_shows_the_answer(app, mine):
    one = the_open_one(mine)
    with open_ledger(mine) as ledger:
        decide(ledger, one.incident_id, "answer", actor="Nadia", at=NOW, text="Tout est rétabli depuis 19 h 30.")
    held = words_of(app(mine, "callbacks", "fr", case="case0")).replace("\\", "")
    assert "**Retenu** : une réponse pour tous se prépare pour l'incident « Espace client en panne »" in held
    assert "Tout est rétabli depuis 19 h 30." in held
    urgent = words_of(app(mine, "callbacks", "fr", case="case1")).replace("\\", "")
    assert "Fait partie de l'incident" in urgent and "Retenu" not in urgent


def test_an_irritant_of_the_outage_is_not_another(mine: Settings) -> None:
    assert BILL not in the_open_one(mine).series
