"""Actions and Proofs: declare, move on, take back; every verdict in a sentence, approval before anybody is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from shutil import copyfile
from typing import Any

import numpy as np
import pandas as pd
import pytest
from dashboard_app import WRITERS, settings_for, words_of
from dashboard_frames import AS_OF, NOW
from streamlit.testing.v1 import AppTest

from insights.actions import RUNNING
from insights.actions.edit import set_state
from insights.contracts import FIX
from insights.i18n import LANGUAGES
from insights.lake import open_lake
from insights.ledger import Ledger, open_ledger
from insights.settings import Settings
from insights.steps import actions as steps
from insights.steps import comments

ROOT = Path(__file__).parents[2]
BILL, REFUND = "IR-0001", "IR-0005"
DONE_ON = AS_OF - timedelta(days=300)


def declare(ledger: Ledger, lake: Any, title: str, irritant: str, **told: object) -> str:
    whole = {"title": title, "irritant_id": irritant, **told}
    return steps.declare(lake, ledger, whole, actor="Nadia", at=NOW, redact=lambda text: text)


def fix(action: str, measure: str, number: int, verdict: str, **told: object) -> dict[str, object]:
    return {
        "action_id": action, "measure": measure, "measure_no": number, "speaks": number == 1, "irritant_id": BILL,
        "method": "series", "unit": "ratio", "better": "lower", "effect": 0.6, "effect_low": 0.5, "effect_high": 0.75,
        "p_value": 0.001, "placebos_beaten_share": 0.99, "n_placebos": 180, "widened": 1.1, "n_counts": 500, "n_units": 0,
        "verdict": verdict, "computed_on": AS_OF, **told,
    }  # fmt: skip


@pytest.fixture(scope="module")
def proven(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The full company with two actions: one proven, one beside a law."""
    settings = settings_for(tmp_path_factory.mktemp("proven"))
    WRITERS["full"](settings)
    events = settings.data_dir / "demo" / "reference"
    events.mkdir(parents=True)
    copyfile(ROOT / "data" / "reference" / "demo" / "events.yaml", events / "events.yaml")
    with open_lake(settings) as lake, open_ledger(settings) as ledger:
        told = {"start_on": AS_OF - timedelta(days=9), "cost_eur": 8000, "effort_days": 30, "expected_share": 0.5}
        one = declare(ledger, lake, "Appeler avant la régularisation", BILL, **told)
        steps.record(ledger, lambda known: set_state(known, one, "running", told["start_on"]), actor="Nadia", at=NOW)
        two = declare(ledger, lake, "Charte des vendeurs", REFUND, start_on=DONE_ON, kind="training")
        rows = [
            fix(one, "mentions", 1, "proven", margin_kept_eur=9000.0, margin_kept_low_eur=4000.0, margin_kept_high_eur=14000.0),
            fix(two, "mentions", 1, "not_shown", reason="known_event", effect=None, effect_low=None, effect_high=None,
                known_event="Loi sur le démarchage (accord préalable)"),
        ]  # fmt: skip
        weeks = pd.DataFrame({"week": pd.date_range("2025-01-06", periods=60, freq="7D").date, "action_id": one})
        weeks = weeks.assign(
            measure="mentions",
            phase=["before"] * 30 + ["left_out"] * 6 + ["after"] * 24,
            n_observed=9.0,
            n_expected=10.0,
        )
        placebos = pd.DataFrame({"placebo_no": np.arange(60), "z": np.linspace(-3, 3, 60)}).assign(
            action_id=one, measure="mentions", key="IR-0002", own=False, week=date(2025, 3, 3)
        )
        with lake.write() as writer:
            writer.execute("UPDATE feedback SET recontact = 'yes' WHERE customer_id IS NOT NULL")
            writer.replace("fix", pd.DataFrame(rows, columns=list(FIX.column_names)))
            writer.replace("fix_week", weeks)
            writer.replace("fix_placebo", placebos)
    return settings


@pytest.fixture
def mine(proven: Settings, tmp_path: Path) -> Iterator[Settings]:
    """The same with a ledger of this test's own."""
    import shutil

    ledger = tmp_path / "ledger.sqlite"
    shutil.copy(proven.data_dir / "ledger.sqlite", ledger)
    yield proven.model_copy(update={"ledger_url": f"sqlite:///{ledger}"})


def button(page: AppTest, label: str) -> Any:
    return next(one for one in page.button if one.label == label)


def lists(page: AppTest) -> list[Any]:
    """Downloads that are not those of a table."""
    return [one for one in page.get("download_button") if not (one.key or "").startswith("download_")]


def book(settings: Settings) -> Any:
    with open_ledger(settings) as ledger:
        return steps.book(ledger)


def named(page: AppTest) -> AppTest:
    return page.text_input(key="adviser").set_value("Nadia").run()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_ledger_of_fixes_tells_what_is_proven_and_what_is_not(
    app: Callable[..., AppTest], proven: Settings, language: str
) -> None:
    page = app(proven, "fixes", language)
    assert not page.exception and not page.error
    rows = page.dataframe[0].value
    verdict, effect = {"fr": ("Verdict", "Effet"), "en": ("Verdict", "Effect")}[language]
    assert rows[verdict].tolist() == {"fr": ["prouvé", "non démontré"], "en": ["proven", "not shown"]}[language]
    assert rows[effect].iloc[0].startswith("\N{MINUS SIGN}40") and rows[effect].iloc[1] == "—"
    assert page.metric[0].value == {"fr": "1 sur 2", "en": "1 of 2"}[language]
    told = words_of(page)
    assert {"fr": "Prouvé. Plaintes à ce sujet", "en": "Proven. Complaints about it"}[language] in told
    assert {"fr": "Marge conservée par an", "en": "Margin kept a year"}[language] in told
    assert len(page.get("vega_lite_chart")) == 2, "the series and its placebos"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_law_in_the_way_is_named_in_the_readers_language(
    app: Callable[..., AppTest], proven: Settings, language: str
) -> None:
    page = app(proven, "fixes", language, action="ACT-0002")
    told = words_of(page).replace("\\", "")
    assert {"fr": "Loi sur le démarchage", "en": "Law on sales calls"}[language] in told
    assert {"fr": "Retour : non démontré", "en": "Return: not shown"}[language] in told
    assert "0 €" not in told and "€0" not in told, "what is not shown is never nought"


def test_an_action_is_declared_by_a_form_and_taken_back(app: Callable[..., AppTest], mine: Settings) -> None:
    page = named(app(mine, "actions", "fr"))
    before = set(book(mine).actions)
    at = next(one.key.removeprefix("title_") for one in page.text_input if one.key and one.key.startswith("title_"))
    page.text_input(key=f"title_{at}").set_value("Rappeler M. Jean Dupuis au 06 39 98 12 47")
    page.number_input(key=f"expected_{at}").set_value(30)
    button(page, "Déclarer l'action").click().run()
    assert not page.exception and not page.error and page.success, [one.value for one in page.warning]
    made = book(mine).actions
    (new,) = set(made) - before
    assert (made[new].expected_share, made[new].declared_by, made[new].measures) == (0.3, "Nadia", ("mentions",))
    assert "06 39" not in made[new].title and "Dupuis" not in made[new].title
    button(page, "Annuler").click().run()
    assert set(book(mine).actions) == before


def test_with_nothing_under_way_the_priorities_are_one_click_away(app: Callable[..., AppTest], mine: Settings) -> None:
    def links(page: AppTest) -> list[str]:
        return [one.proto.label for one in page.get("page_link")]

    assert "Voir les priorités" not in links(app(mine, "actions", "fr"))
    with open_ledger(mine) as ledger:
        for one in list(steps.book(ledger).actions):
            steps.record(ledger, lambda known, one=one: set_state(known, one, "dropped", AS_OF), actor="Nadia", at=NOW)
    assert "Voir les priorités" in links(app(mine, "actions", "fr"))


def test_nothing_changes_without_a_name(app: Callable[..., AppTest], mine: Settings) -> None:
    page = app(mine, "actions", "fr", action="ACT-0001")
    moves = ("Déclarer l'action", "Elle est terminée", "L'abandonner", "Publier")
    assert [button(page, one).disabled for one in moves] == [True] * len(moves)


def test_a_step_is_recorded_and_an_overdue_action_comes_first(app: Callable[..., AppTest], mine: Settings) -> None:
    with open_lake(mine, read_only=True) as lake, open_ledger(mine) as ledger:
        late = declare(
            ledger, lake, "Ouvrir une ligne de plus", BILL, planned_on=AS_OF - timedelta(days=12), effort_days=5
        )
    page = named(app(mine, "actions", "fr", show="list", action=late))
    first = page.dataframe[0].value.iloc[0]
    assert (first["Action"], first["État"]) == ("Ouvrir une ligne de plus", "12 jours de retard")
    assert "**1 action est en retard**" in words_of(page)
    button(page, "Elle est en cours").click().run()
    assert book(mine).actions[late].state == RUNNING


def test_a_card_of_the_board_is_moved_opened_and_talked_about(app: Callable[..., AppTest], mine: Settings) -> None:
    with open_lake(mine, read_only=True) as lake, open_ledger(mine) as ledger:
        late = declare(ledger, lake, "Ouvrir une ligne", BILL, planned_on=AS_OF - timedelta(days=12), owner="PO Prix")
    page = named(app(mine, "actions", "fr"))
    columns = [one.value for one in page.markdown if one.value.startswith("**") and " · " in one.value]
    assert [one.partition("**")[2].partition("**")[0] for one in columns[:4]] == [
        "À commencer", "En cours", "Terminées, preuve attendue", "Jugées par la preuve",
    ]  # fmt: skip
    told = words_of(page)
    assert "12 jours de retard" in told and "PO Prix" in told and "prouvé" in told
    page.button(key=f"next_{late}").click().run()
    assert book(mine).actions[late].state == RUNNING
    button(page, "Annuler").click().run()
    assert book(mine).actions[late].state == "planned"
    page.button(key=f"open_{late}").click().run()
    area = next(one for one in page.text_area if one.label == "Écrire à vos collègues")
    area.set_value("@PO Prix : M. Jean Dupuis rappelle au 06 39 98 12 47 ?")
    button(page, "Publier").click().run()
    assert not page.exception and "C'est écrit." in [one.value for one in page.success]
    with open_ledger(mine) as ledger:
        (call,) = comments.unread(ledger, "PO Prix")
        (shown,) = comments.comments_of(ledger, "action", late)
    assert (call.about_id, call.by) == (late, "Nadia")
    assert shown.words.startswith("@PO Prix") and "Dupuis" not in shown.words and "06 39" not in shown.words
    page.button(key="cmt_undo").click().run()
    assert "Discussion : personne n'a encore écrit" in words_of(page)


def test_filters_leave_the_actions_of_one_owner_and_stand_in_the_link(
    app: Callable[..., AppTest], mine: Settings
) -> None:
    with open_lake(mine, read_only=True) as lake, open_ledger(mine) as ledger:
        for owner in ("PO Prix", "PO Facturation"):
            declare(ledger, lake, f"Travail de {owner}", BILL, owner=owner)
    page = app(mine, "actions", "en", owner="PO Prix")
    told = words_of(page)
    assert "Travail de PO Prix" in told and "Travail de PO Facturation" not in told


def test_half_of_the_teams_are_drawn_before_a_training_starts(app: Callable[..., AppTest], mine: Settings) -> None:
    with open_lake(mine, read_only=True) as lake, open_ledger(mine) as ledger:
        soon = declare(ledger, lake, "Former", BILL, start_on=AS_OF + timedelta(days=9), kind="training")
    page = named(app(mine, "actions", "fr", action=soon))
    button(page, "Tirer au sort la moitié des équipes").click().run()
    told = [*page.success, *page.warning][0].value
    drawn = book(mine).actions[soon].comparison.treated
    assert drawn or "il en faut au moins 9" in told, told


def test_customers_are_listed_and_told_only_after_approval(app: Callable[..., AppTest], mine: Settings) -> None:
    page = named(app(mine, "fixes", "fr"))
    told = words_of(page)
    assert "Vous nous aviez parlé de" in told and not lists(page)
    assert "clients ont nommé cet irritant" in told, "the full company has customers who named it and said yes"
    button(page, "Approuver ce message").click().run()
    assert lists(page) and "Approuvé par Nadia" in words_of(page)
    assert book(mine).approvals["ACT-0001"].by == "Nadia"


def test_the_situation_sheet_is_made_when_asked_for(app: Callable[..., AppTest], mine: Settings) -> None:
    page = app(mine, "actions", "fr", action="ACT-0002")
    [sheet] = lists(page)
    assert (sheet.label, sheet.disabled) == ("Fiche de situation (PDF)", False)
    [shut] = lists(app(mine, "actions", "fr", action="ACT-0002", role="viewer"))
    assert shut.disabled, "its sentences are customers' own: it leaves as a table does"


def test_an_action_is_declared_from_the_priorities(app: Callable[..., AppTest], mine: Settings) -> None:
    page = named(app(mine, "priorities", "fr"))
    at = next(one.key.removeprefix("title_") for one in page.text_input if one.key and one.key.startswith("title_"))
    page.text_input(key=f"title_{at}").set_value("Prévenir deux mois avant")
    before = set(book(mine).actions)
    button(page, "Déclarer l'action").click().run()
    assert not page.exception and not page.error
    (new,) = set(book(mine).actions) - before
    assert book(mine).actions[new].irritant_id == BILL, "the first of the ranking is offered first"
