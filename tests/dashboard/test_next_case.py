"""« Take the next case »: three clicks from the queue to the outcome; what the law forbids is passed over."""

from __future__ import annotations

from dataclasses import replace

from dashboard.case_next import free
from insights.cases import fold_cases
from insights.ledger import open_ledger


def cases(settings):
    with open_ledger(settings) as ledger:
        return fold_cases(ledger.events(kinds=("case.",)))


def test_taken_held_and_ended_cases_are_not_free(places):
    known = cases(places("full"))
    first, second = known["case0"], known["case1"]
    assert free([first, second]) == [first, second]
    assert free([replace(first, assignee="Paul"), second]) == [second]
    assert free([replace(first, held_by="INC-1"), replace(second, state="closed")]) == []


def test_three_clicks_from_the_queue_to_the_outcome(app, own_ledger):
    mine = own_ledger("full")
    page = app(mine, "callbacks", "fr")
    page.text_input(key="adviser").set_value("Nadia").run()
    page.button(key="take_next").click().run()  # 1
    (taken,) = [one for one in cases(mine).values() if one.assignee == "Nadia" and one.is_open]
    assert not page.exception and page.success[0].value.startswith("Vous avez")
    assert page.selectbox(key="case").value == taken.case_id
    page.radio(key="outcome").set_value("solved")  # 2
    next(one for one in page.button if one.label == "Enregistrer").click().run()  # 3
    ended = cases(mine)[taken.case_id]
    assert (ended.state, ended.outcome) == ("closed", "solved")
    assert page.selectbox(key="case").value != taken.case_id, "the queue moves on"
