"""Digests on the pages: what became of them, who answered, what it changes, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from dashboard_app import words_of
from dashboard_frames import NOW
from streamlit.testing.v1 import AppTest

from insights.actions import Book
from insights.answers import Token
from insights.irritants.registry import Registry
from insights.lake import open_lake
from insights.ledger import Ledger, open_ledger
from insights.settings import Settings
from insights.steps import actions, answers
from insights.steps.looking import to_look_at
from insights.steps.mailing import mark_of, owners_of
from insights.steps.resolved import registry

WEEK = date(2026, 10, 26)
BILL, WAIT, HOURS = "IR-0001", "IR-0002", "IR-0003"


def said(page: AppTest) -> str:
    text = words_of(page).replace("\\", "")
    return text.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ")


def mailed(ledger: Ledger, who: str, *kinds: str, week: date = WEEK, mark: str = "m") -> None:
    subject = f"digest:{week}:{who}"
    told = {"publication_id": f"d-{week}-{who}", "message_id": f"<{who}-{week}@x>", "n": 1, "mark": mark}
    more = {"bounced": {"status": "5.1.1", "hard": True, "via": "dsn"}, "failed": {"code": 451}}
    for kind in kinds:
        payload = {**told, **more.get(kind, {})}
        ledger.append(f"digest.{kind}", subject, payload, actor="outbox", at=NOW, key=f"{subject}:{kind}")


def answered(ledger: Ledger, settings: Settings, who: str, irritant: str, answer: str) -> None:
    owner = next(one for one in owners_of(settings) if one.owner_id == who)
    token = Token(f"d-{WEEK}-{who}", who, irritant, answer, NOW + timedelta(days=1))
    assert answers.take(ledger, token, owner, at=NOW - timedelta(days=2)).before is None


@pytest.fixture
def mine(own_ledger: Callable[[str], Settings]) -> Settings:
    settings = own_ledger("full")
    with open_ledger(settings) as ledger:
        address = next(one.email for one in owners_of(settings) if one.owner_id == "payment")
        mark = mark_of(ledger.keys, address)
        for number in range(2):
            mailed(
                ledger, "payment", "intent", "accepted", "bounced", week=WEEK - number * timedelta(days=7), mark=mark
            )
        mailed(ledger, "billing", "intent", "accepted")
        mailed(ledger, "offers", "intent")
        mailed(ledger, "account", "intent", "failed")
        answered(ledger, settings, "billing", BILL, "accept")
        answered(ledger, settings, "billing", WAIT, "wrong")
        answered(ledger, settings, "offers", HOURS, "not_mine")
        answers.wish(ledger, "offers", "monthly", via="page", actor="offers", at=NOW)
    return settings


def rows(page: AppTest) -> dict[str, list[str]]:
    """The table of readers, by reader."""
    table = next(one.value for one in page.dataframe if "Lecteur" in one.value.columns)
    return {str(row.iloc[0]): [str(cell) for cell in row.iloc[1:]] for _, row in table.iterrows()}


def test_what_became_of_each_digest_is_told(app: Callable[..., AppTest], mine: Settings) -> None:
    page = app(mine, "quality", "fr")
    told = said(page)
    assert (
        "lettres prises par le serveur de courriel : **1** ; dans le doute : 1 ; refusées : 1 ; revenues : 1. "
        "Lecteurs qui ont répondu : **2**." in told
    )
    found = rows(page)
    day = "26/10/2026"
    assert found["PO Facturation & mensualités"][:4] == ["chaque semaine", day, "prise par le serveur de courriel", "2"]
    assert found["PO Facturation & mensualités"][4].replace("\N{NARROW NO-BREAK SPACE}", " ").startswith("50 %")
    assert found["PO Offres & prix"][0] == "toutes les quatre semaines"
    assert found["PO Offres & prix"][2].startswith("dans le doute")
    assert found["PO Espace client & application"][2] == "refusée (451)"
    assert found["PO Paiement & recouvrement"][2] == "revenue (5.1.1)"
    assert any("PO Paiement & recouvrement ne reçoit plus rien" in one.value.replace("\\", "") for one in page.warning)


def test_an_answer_is_taken_back_with_a_click(app: Callable[..., AppTest], mine: Settings) -> None:
    page = app(mine, "quality", "fr")
    assert "**Je m'en charge**, Facture de régularisation trop élevée · ACT-0001" in said(page)
    buttons = [one for one in page.button if str(one.key).startswith("undo_answer_")]
    assert len(buttons) == 3 and all(one.disabled for one in buttons)  # nobody has told a name yet
    page.text_input(key="adviser").set_value("Nadia").run()
    newest_first = [str(one.key) for one in page.button if str(one.key).startswith("undo_answer_")]
    page.button(key=newest_first[-1]).click().run()
    assert any("Annulé : la réponse ne change plus rien." in one.value for one in page.success)
    with open_ledger(mine) as ledger:
        assert [one.answer for one in answers.answers(ledger).standing] == ["wrong", "not_mine"]
        known: Book = actions.book(ledger)
        assert known.actions == {}


def test_not_mine_is_given_to_the_owner_proposed(app: Callable[..., AppTest], mine: Settings) -> None:
    page = app(mine, "quality", "en")
    told = said(page)
    with open_ledger(mine) as ledger:
        before: Registry = registry(ledger)
        found = answers.effects_now(ledger, before, NOW)
        best: Any = answers.next_owner(owners_of(mine), before, HOURS, found)
    if best is None:
        assert "**Off-peak hours moved** is not PO Offres & prix's, and no owner's words fit it" in told
        return
    assert f"Proposed: {best.name}; the next digest goes there." in told
    page.text_input(key="adviser").set_value("Nadia").run()
    page.button(key=f"give_offers_{HOURS}").click().run()
    with open_ledger(mine) as ledger:
        assert registry(ledger).irritants[HOURS].owner == best.name
    assert "is not PO Offres & prix's" not in said(page)


def test_the_ranking_says_what_answers_change_and_what_they_do_not(app: Callable[..., AppTest], mine: Settings) -> None:
    page = app(mine, "priorities", "en")
    told = said(page)
    assert "Euros, ranks and ranges on this page do not change; the order of the mails does." in told
    assert "**Endless wait on the phone**: said to be wrong by 1; it counts for 51% in the order of the digests" in told
    assert "**Off-peak hours moved**: its reader said that it is not theirs" in told
    assert "1 (1 to 3)" in str(page.dataframe[0].value.iloc[0].tolist())


def test_without_any_digest_one_line_says_so(app: Callable[..., AppTest], places: Callable[[str], Settings]) -> None:
    assert "No digest has been sent by mail yet, and nobody has answered one." in said(
        app(places("full"), "quality", "en")
    )
    assert "Answers to digests." not in said(app(places("full"), "priorities", "en"))


def test_texts_of_an_irritant_said_to_be_wrong_are_checked_first(own_ledger: Callable[[str], Settings]) -> None:
    mine = own_ledger("learned")
    with open_lake(mine, read_only=True) as lake, open_ledger(mine) as ledger:
        before = to_look_at(lake, ledger)
        first = before[0].irritant_id
        doubted = next(
            one.irritant_id for one in before if one.irritant_id.startswith("IR") and one.irritant_id != first
        )
        answered(ledger, mine, "billing", doubted, "wrong")
        after = to_look_at(lake, ledger)
    assert after[0].irritant_id == doubted
    assert len({one.text_sha for one in after}) == len(after) == len(before)
