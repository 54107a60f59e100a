"""What a CX expert reads in a first week, on the demo company, in French and in English."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta

import openpyxl
import pandas as pd
import pytest

from insights.lake import open_lake
from insights.ledger import open_ledger
from insights.ledger.readings import readings

pytestmark = pytest.mark.journeys
ABROAD = {"fr": "nobody answers the telephone", "en": "personne ne répond au téléphone"}
SAID_ON = """SELECT DISTINCT strftime(timezone('Europe/Paris', occurred_at), '%d/%m/%Y') AS day FROM feedback
WHERE customer_id = $id AND verbatim IS NOT NULL"""


def test_find_why_the_nps_stands_where_it_does(somebody):
    """From the figure of the week to the corrected score, to the irritant that costs most, to customers' own words."""
    me = somebody("analyst")
    me.home()
    me.on("Week at a glance")
    of_the_week = me.figures()[1]
    me.pictures("expert_1_week")
    me.goes("All pages")
    me.takes_link("Scores")
    me.on("Scores")
    told, corrected = me.figures()[:2]
    assert told == of_the_week and re.fullmatch(r"[−-]?\d+", corrected)
    me.pictures("expert_2_scores")
    me.goes("Week at a glance")
    me.on("Week at a glance")
    assert f"{me.word('corrected: {value}').format(value=corrected)}" in me.text()
    me.goes("Priorities")
    me.on("Priorities")
    first = me.tab.locator("[data-testid=stMain] [data-testid=stMarkdownContainer] strong").first.inner_text()
    me.pictures("expert_3_priorities")
    me.goes("Irritants")
    me.on("Irritants")
    me.chooses("Look at", first)
    assert me.asked()["irritant"][0].startswith("IR-") and me.chosen("Look at") == first
    assert me.tab.locator("[data-testid=stMain] [data-testid=stVegaLiteChart]").count() >= 1
    me.pictures("expert_4_irritants")
    me.sees("In their own words")
    assert me.tab.locator("[data-testid=stMain] summary", has_text=me.word("The whole verbatim")).count() >= 3


def test_search_by_meaning_in_the_other_language_and_take_the_result_home(somebody):
    me = somebody("analyst")
    me.home()
    me.goes("Verbatims")
    me.on("Verbatims")
    everything = _count(me.figure())
    me.picks("Meaning")
    me.writes("Search what customers say", ABROAD[me.language])
    assert me.asked()["q"] == [ABROAD[me.language]] and me.asked()["way"] == ["meaning"]
    assert 0 < _count(me.figure()) <= everything
    me.pictures("expert_5_search")
    me.picks("Prepare the file of this result")
    book = openpyxl.load_workbook(io.BytesIO(me.downloads("Excel (XLSX)")))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert len(rows) > 10
    assert any(isinstance(one, datetime) for one in rows[1]), rows[:2]
    assert ABROAD[me.language] in str([list(sheet.values) for sheet in book.worksheets[1:]])


def test_a_table_comes_home_with_figures_that_are_numbers(somebody):
    me = somebody("analyst")
    me.opens("irritants?weeks=52")
    sheet = openpyxl.load_workbook(io.BytesIO(me.downloads("Excel (XLSX)"))).worksheets[0]
    titles, *rows = list(sheet.iter_rows(values_only=True))
    mentions = titles.index(me.word("Mentions"))
    assert [type(row[mentions]) for row in rows] == [int] * len(rows)
    assert sum(row[mentions] for row in rows) <= _count(me.figure())
    assert me.tab.get_by_role("button", name="Download as CSV").count() == 0  # Streamlit's own knows no rights


def test_read_a_whole_call(somebody, demo):
    """The turns of a call stand one under the other, and that it was read is noted."""
    me = somebody("analyst")
    me.opens("verbatims?kinds=call")
    me.clicks("Read it whole")
    feedback = me.asked()["feedback"][0]
    assert len(re.findall(r"^\d\d:\d\d$", me.text(), re.MULTILINE)) >= 3
    me.pictures("expert_6_call")
    with open_lake(demo, read_only=True) as lake:
        customer = str(lake.scalar("SELECT customer_id FROM feedback WHERE feedback_id = $id", id=feedback))
    assert "transcript" in set(_read(demo, customer)["what"])
    me.tab.go_back()
    me.settled()
    assert me.figure()


def test_send_a_view_to_a_colleague(somebody):
    """The link carries period and segment, not the role; who opens it in another browser sees the same figures."""
    me, colleague = somebody("analyst"), somebody("analyst")
    me.opens("irritants?weeks=26")
    me.chooses("Segment", me.word("Households"))
    me.tab.keyboard.press("Escape")
    me.settled()
    link = me.copies_the_link()
    assert "role=" not in link
    colleague.follows(link)
    asked = colleague.asked()
    assert asked["weeks"] == ["26"] and asked["segments"] == ["household"] and asked["lang"] == [me.language]
    assert colleague.figures() == me.figures()
    colleague.opens("irritants?weeks=26")
    assert colleague.figures() != me.figures()


def test_from_a_customer_at_risk_to_their_whole_history(somebody, demo):
    me = somebody("analyst")
    me.home()
    me.goes("Customers at risk")
    me.on("Customers at risk")
    me.pictures("expert_7_risk")
    me.takes_link("Open this customer's page")
    me.on("One customer")
    customer = me.asked()["customer"][0]
    me.pictures("expert_8_customer")
    me.picks("What they said")
    with open_lake(demo, read_only=True) as lake:
        days = list(lake.read(SAID_ON, id=customer)["day"])
    assert days and all(day in me.text() for day in days)
    assert {"timeline", "customer"} & set(_read(demo, customer)["what"])


def test_the_stage_that_hurts_most_leads_to_its_irritant(somebody):
    me = somebody("analyst")
    me.home()
    me.goes("All pages")
    me.takes_link("Journey")
    me.on("Journey")
    complain = _count(me.figure())
    me.pictures("expert_9_journey")
    named = me.tab.locator("[data-testid=stMain] [data-testid=stPageLink] a").first
    said = named.inner_text().splitlines()[-1]
    named.click()
    me.on("Irritants")
    assert complain > 0 and me.asked()["irritant"][0].startswith("IR-")
    assert said == me.word("Read: {irritant}").format(irritant=me.chosen("Look at"))


def _count(figure: str) -> int:
    return int(re.sub(r"\D", "", figure))


def _read(demo, customer: str) -> pd.DataFrame:
    """Lines of the audit log of the last hour about a customer."""
    now = datetime.now(UTC)
    with open_ledger(demo) as ledger:
        return readings(ledger, since=now - timedelta(hours=1), until=now + timedelta(minutes=1), customer_id=customer)
