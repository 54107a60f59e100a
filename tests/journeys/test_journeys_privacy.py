"""What a privacy officer does in a first week: who read what, and a person who wants to be forgotten."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest

from insights.lake import open_lake
from insights.ledger import open_ledger
from insights.ledger.readings import readings

pytestmark = pytest.mark.journeys
WHO_SPOKE = """SELECT customer_id FROM feedback WHERE customer_id IS NOT NULL
GROUP BY 1 HAVING count(*) >= 2 ORDER BY 1 LIMIT 1"""
HELD = "SELECT count(*) FROM feedback WHERE customer_id = $id"


def test_a_privacy_officer_sees_who_read_a_customer(somebody):
    """What an expert opens stands in the log under their name, and in the file that is taken home."""
    expert, me = somebody("analyst"), somebody("privacy_officer")
    expert.opens("registry")
    expert.names(f"Expert {me.language}")
    expert.goes("Customers at risk")
    expert.on("Customers at risk")
    expert.takes_link("Open this customer's page")
    expert.on("One customer")
    customer = expert.asked()["customer"][0]
    me.home()
    me.picks("Who saw what")
    me.writes("Reader", f"Expert {me.language}")
    me.pictures("privacy_1_audit")
    rows = _rows(me.downloads("Excel (XLSX)"))
    assert {(row[rows[0].index("who")], row[rows[0].index("about")]) for row in rows[1:]} == {
        (f"Expert {me.language}", customer)
    }


def test_a_privacy_officer_erases_a_customer_and_hands_out_the_receipt(somebody, demo):
    with open_lake(demo, read_only=True) as lake:
        customer = str(lake.scalar(WHO_SPOKE))  # another one in the second language: the first is gone
    me = somebody("privacy_officer")
    me.home()
    me.on("Data and privacy")
    me.writes("Customer id, e-mail or telephone", customer)
    me.clicks("Find")
    me.names("Sam")
    me.pictures("privacy_2_person")
    me.picks("I have checked who asks, outside this program.")
    said = me.word("Type the customer id again: {customer}").format(customer=customer)
    field = me.tab.get_by_label(said)
    field.fill(customer)
    field.press("Enter")
    me.settled()
    me.clicks("Erase for good")
    done = me.word("**Erased, and proven**: all that was found before is found nowhere now.")
    me.tab.get_by_text(done.split("**")[1]).wait_for(timeout=600_000)
    me.settled()
    me.pictures("privacy_3_receipt")
    with me.tab.expect_download() as waited:
        me.clicks("Download the receipt (JSON)")
    receipt = json.loads(waited.value.path().read_text(encoding="utf-8"))
    assert receipt["proven"] and receipt["after"]["n_found"] == 0 and customer not in json.dumps(receipt)
    with open_lake(demo, read_only=True) as lake:
        assert lake.scalar(HELD, id=customer) == 0
    now = datetime.now(UTC)
    with open_ledger(demo) as ledger:
        noted = readings(ledger, since=now - timedelta(hours=1), until=now + timedelta(minutes=1), whats=["erasure"])
    assert len(noted) and customer not in set(noted["customer_id"])  # a pseudonym stands in its place


def _rows(content: bytes) -> list[tuple[object, ...]]:
    return list(openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True))
