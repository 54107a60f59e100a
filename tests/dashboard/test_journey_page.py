"""Journey and Voice of advisers on a small company: stages under two names, newcomers, and comments of two teams."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest
from dashboard_app import fill, know_irritants, settings_for, words_of
from dashboard_frames import AS_OF, NOW, TEXTS, company, contacts, customers, instant
from dashboard_learned import discovery

from dashboard.adviser_queries import BOTH
from dashboard.journey_data import read
from dashboard.journey_queries import WELCOME
from insights.irritants import edit
from insights.lake import open_lake
from insights.ledger import open_ledger
from insights.settings import Settings
from insights.steps import curate
from insights.steps.adviser_voice import assign_advisers
from insights.steps.assigning import assigner_path

STAGES = {"phone": "Billing", "email": "Facturation courante", "sms": "Assistance", "social": None, "chat": "Lune"}
OFF_TOPIC = "la cantine du deuxième étage ferme avant la fin de la pause du soir"
NOTHING_KEPT: dict[str, list[str]] = {"segments": [], "brands": [], "products": [], "channels": []}
CUSTOMERS_ROWS = """
SELECT count(*), sum(hash(mention_id || irritant_id || model_version)) FROM mention_irritant
WHERE mention_id IN (SELECT mention_id FROM mention WHERE voice = 'customer')
"""
OF_ADVISERS = """
SELECT i.irritant_id, i.model_version, m.text_sha FROM mention_irritant i JOIN mention m USING (mention_id)
WHERE m.voice = 'employee' ORDER BY m.mention_id
"""


def comments() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Six comments on the callback, one on the canteen, in neutral words: feedback and mentions."""
    feedback: list[dict[str, Any]] = []
    mentions: list[dict[str, Any]] = []
    for n, text in enumerate([TEXTS["IR-0004"]] * 6 + [OFF_TOPIC]):
        at, key = instant(3 + n), f"e{n}"
        feedback.append(
            {"feedback_id": key, "source": "test", "source_id": key, "kind": "employee", "channel": "internal",
             "occurred_at": at, "available_at": at, "available_basis": "source", "ingested_at": at,
             "agent_team": ("Amiens 1", "Tours Experts 1")[n % 2], "language": "fr", "verbatim": text, "anonymous": True}
        )  # fmt: skip
        mentions.append(
            {"mention_id": f"m{key}", "feedback_id": key, "unit_no": 1, "text": text, "text_sha": f"sha-{text[:9]}",
             "voice": "employee", "language": "fr", "type": "neutral", "polarity": 0.0, "occurred_at": at,
             "available_at": at, "model_version": "test"}
        )  # fmt: skip
    return pd.DataFrame(feedback), pd.DataFrame(mentions)


def arrivals() -> pd.DataFrame:
    """Half of the customers came five months ago, half a year and a half ago."""
    starts = [date(2026, 6, 1) if n % 2 else date(2025, 3, 1) for n in range(40)]
    return customers().assign(contract_start_on=starts)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = settings_for(tmp_path_factory.mktemp("journey"))
    said, learned, (spoken, words) = company(), discovery(), comments()
    said["feedback"]["journey_stage"] = said["feedback"]["channel"].map(STAGES)
    early = contacts().assign(
        contact_id=[f"n{n}" for n in range(40)], occurred_at=pd.Timestamp("2026-06-05T08:00Z"),
        available_at=pd.Timestamp("2026-06-05T09:00Z"),
    )  # fmt: skip
    with open_lake(settings) as lake:
        fill(lake, {
            **said, "feedback": pd.concat([said["feedback"], spoken]), "mention": pd.concat([said["mention"], words]),
            "embedding": learned.tables["embedding"], "customer_snapshot": arrivals(),
            "contact": pd.concat([contacts(), early]),
        })  # fmt: skip
        learned.assigner.save(assigner_path(settings))
        with open_ledger(settings) as ledger:
            know_irritants(ledger)
            before = lake.read(CUSTOMERS_ROWS)
            assert assign_advisers(lake, ledger) == 7
            assert assign_advisers(lake, ledger) == 0, "nothing waits any more"
            assert lake.read(CUSTOMERS_ROWS).equals(before), "customers' rows are not touched"
    return settings


def test_neutral_comments_find_the_irritant_of_customers_and_strange_ones_none(found):
    with open_lake(found, read_only=True) as lake:
        rows = lake.read(OF_ADVISERS)
    assert rows["irritant_id"].tolist() == ["IR-0004"] * 6 + ["unclassified"]


def test_a_comment_that_a_person_placed_stays_there(found, tmp_path):
    mine = found.model_copy(update={"ledger_url": f"sqlite:///{tmp_path / 'ledger.sqlite'}"})
    sha = f"sha-{OFF_TOPIC[:9]}"
    with open_lake(mine) as lake, open_ledger(mine) as ledger:
        know_irritants(ledger)
        known = curate.registry(ledger)
        curate.record(ledger, [edit.correct(known, [sha], "unclassified", "IR-0002")], actor="Nadia", at=NOW)
        with lake.write() as writer:
            writer.execute("UPDATE mention_irritant SET model_version = 'old' WHERE mention_id LIKE 'me%'")
        assert assign_advisers(lake, ledger) == 6
        rows = lake.read(OF_ADVISERS)
    assert rows.loc[rows["text_sha"] == sha, ["irritant_id", "model_version"]].values.tolist() == [
        ["unclassified", "old"]
    ]
    assert (rows.loc[rows["text_sha"] != sha, "model_version"] != "old").all()


def test_one_stage_under_two_names_is_counted_once(found, page_of):
    stages = read(page_of(found), NOTHING_KEPT, 4).spots()
    assert stages["name"].fillna("").tolist() == ["Facturation courante", "Assistance", "Lune", ""]
    asked = read(page_of(found), {**NOTHING_KEPT, "channels": ["phone", "email"]}, 4)
    only = asked.spots()
    assert only["name"].tolist() == ["Facturation courante"]
    assert (
        only["n_feedback"].iloc[0]
        == stages["n_feedback"].iloc[0]
        == asked.spots("Facturation courante")["n_feedback"].sum()
    )
    named = asked.named()
    assert set(named["stage"]) == {"Facturation courante"} and "unclassified" not in set(named["irritant_id"])


def test_newcomers_are_counted_in_the_fortnight_they_have_lived(found, page_of):
    page = page_of(found)
    rows = page.rows(WELCOME, first=date(2024, 11, 1), recent=date(2026, 1, 31), day=AS_OF, since=NOW.replace(year=2024),
                     fortnights=6).set_index(["newly", "fortnight"])  # fmt: skip
    assert rows["n_customers"].unique().tolist() == [20]
    assert rows["n_contacting"].to_dict() == {
        (new, n): 20 * (new and n == 0) for new in (False, True) for n in range(6)
    }


def test_the_journey_says_where_it_hurts_and_what_to_read(app, found):
    page = app(found, "journey", "fr", stage="Assistance")
    told = words_of(page)
    assert not page.exception and not page.error
    assert page.metric[0].label == "Se plaignent : Facturation courante"
    assert "**Facturation courante** fait le plus mal" in told
    assert "Absentes de data/reference/journey.yaml, donc en dernier : Lune." in told
    assert page.dataframe[0].value["Étape"].tolist() == ["Facturation courante", "Assistance", "Lune", "Étape non dite"]
    assert page.selectbox(key="stage").value == "Assistance" and page.header[0].value == "Assistance"


def test_the_first_weeks_say_when_newcomers_call(app, found):
    page = app(found, "journey", "en", part="welcome")
    assert not page.exception and page.metric[0].value == "100%"
    assert "weeks 1–2: 100% of them, more than those who came before (0%)" in words_of(page)


def test_advisers_stand_beside_customers_and_few_of_them_never_alone(app, found, page_of):
    page = app(found, "advisers", "en")
    assert not page.exception and not page.error
    table = page.dataframe[0].value.set_index("Irritant")
    assert table.loc["Promised callback never made", "Advisers (comments)"] == "6 (100.0%)"
    assert table["Advisers (comments)"].drop("Promised callback never made").eq("fewer than 5").all()
    told = words_of(page)
    assert TEXTS["IR-0004"] in told, "six comments of two teams may be quoted"
    assert OFF_TOPIC not in told and "Amiens" not in told, "one comment points at somebody, and so does a team"
    until = page_of(found).window()
    both = page_of(found).rows(BOTH, since=until["since"], until=until["until"])
    heard = both[both["irritant_id"].isna()].iloc[0]
    assert (heard["n_comments"], heard["n_placed"], heard["n_unplaced"]) == (7, 6, 1)
    assert set(both["irritant_id"].dropna()) >= {"IR-0001", "IR-0004"}


def test_too_few_comments_show_nothing_at_all(app, places):
    page = app(places("full"), "advisers", "en")
    assert "not enough comments of advisers" in words_of(page) and not page.metric and not page.dataframe
