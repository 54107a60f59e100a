"""The case page beyond its three clicks: clocks, playbook, replies, the law's word, another team, what came of it all."""

from __future__ import annotations

from datetime import timedelta
from math import isnan

from dashboard_app import words_of
from dashboard_frames import AS_OF, NOW, customer

from dashboard.case_clock import case_waits, hours_words, opening_left
from dashboard.loop_panel import by_unit, sentences
from insights.cases import fold_cases
from insights.cases.loop import ALL, CHANGE, HOURS, KEPT, MEASURES, TEAM
from insights.ledger import open_ledger


def cases(settings):
    with open_ledger(settings) as ledger:
        return fold_cases(ledger.events(kinds=("case.",)))


def named(page, name="Nadia"):
    page.text_input(key="adviser").set_value(name).run()
    return page


def button(page, label):
    return next(one for one in page.button if one.label == label)


def test_the_opening_time_left_is_that_of_the_team_and_not_of_the_clock(places, page_of):
    page = page_of(places("full"), "fr")  # Saturday 31 October 2026, 19:00 in Paris
    assert opening_left(page, "callbacks", NOW + timedelta(hours=40)) == "3 h 00"  # closed until Monday 8:00
    assert opening_left(page, "callbacks", NOW - timedelta(hours=1)) == "—"
    assert opening_left(page, "nobody", NOW + timedelta(hours=40)) == "—"
    assert [hours_words(one) for one in (45, 60, 200.5)] == ["45 min", "1 h 00", "3 h 20"]
    case = page.store.cases["case0"]
    assert case_waits(page, case).replace("\N{NO-BREAK SPACE}", " ") == "2 jours"


def test_the_playbook_is_walked_and_its_reply_is_used_without_keeping_a_word(app, own_ledger):
    mine = own_ledger("full")
    page = named(app(mine, "callbacks", "fr", case="case0"))
    assert "Facture de régularisation trop élevée" in words_of(page)
    page.radio(key="step_case0_catch_up_bill_reading").set_value(1).run()
    assert any("Demandez une photo du compteur" in one.value for one in page.success)
    use = next(one for one in page.button if one.label == "Utiliser cette réponse")
    use.click().run()
    assert any("Vous aviez raison de contester" in one.value for one in page.code)
    with open_ledger(mine) as ledger:
        [event] = ledger.events(("case.reply_chosen",))
    assert event.payload == {"playbook": "catch_up_bill", "reply": "catch_up_corrected", "rank": 1, "edited_share": 0.0}
    assert cases(mine)["case0"].refused == ()


def test_a_case_goes_to_another_team_and_its_promise_stays(app, own_ledger):
    mine = own_ledger("full")
    page = named(app(mine, "callbacks", "en", case="case0"))
    button(page, "Take this case").click().run()
    page.selectbox(key="to_team").set_value("solidarity").run()
    button(page, "Pass the case on").click().run()
    case = cases(mine)["case0"]
    assert (case.state, case.owner_team, case.assignee) == ("transferred", "solidarity", None)


def test_a_closed_team_is_told_and_a_service_call_stays_possible(app, own_ledger):
    page = named(app(own_ledger("full"), "callbacks", "en", case="case0"))
    assert any("The team is closed" in one.value for one in page.warning)
    button(page, "Take this case").click().run()
    assert "solved" in page.radio(key="outcome").options or "problem solved" in page.radio(key="outcome").options


def test_a_call_of_our_own_making_outside_the_legal_hours_is_blocked(app, own_ledger):
    mine = own_ledger("full")
    payload = {"customer_id": customer(9), "reason": "risk", "owner_team": "callbacks", "promise": "standard",
               "due_at": (NOW + timedelta(hours=48)).isoformat(), "signals": ["risk:2026-10-31"],
               "plan": {"on": "2026-10-31", "probability": 0.4, "net_eur": 12.0, "explored": False}}  # fmt: skip
    with open_ledger(mine) as ledger:
        ledger.append("case.opened", "plan9", payload, actor="rules", at=NOW, key="case:plan9:opened:1")
    page = named(app(mine, "callbacks", "en", case="plan9"))
    assert any("Do not call now." in one.value for one in page.error)
    button(page, "Take this case").click().run()
    assert "outcome" not in [one.key for one in page.radio]


def test_a_link_opens_its_case_whatever_the_filters_say(app, places):
    page = app(places("full"), "callbacks", "en", case="case2")  # finished, and the list shows what is to do
    assert page.selectbox(key="case").value == "case2"


def reading(unit, unit_id, measure, value, n=40, **more):
    spread = {"low": value - 0.1, "high": value + 0.1} if not isnan(value) else {"low": None, "high": None}
    row = {"unit": unit, "unit_id": unit_id, "measure": measure, "read_at": AS_OF, "since_on": AS_OF, "n": n,
           "n_hits": None, "value": value, "n_held": None, "held_value": None, "held_low": None, "held_high": None}  # fmt: skip
    return (unit, unit_id, measure), row | spread | more


def test_what_came_of_the_cases_says_figures_intervals_and_too_few(places, page_of):
    page = page_of(places("full"), "en")
    values = {HOURS: 20.5, KEPT: 0.8, CHANGE: 1.4}
    rows = dict(
        [reading(ALL, "(all)", one, values.get(one, 0.5)) for one in MEASURES]
        + [reading(TEAM, "solidarity", one, float("nan"), n=3) for one in MEASURES]
    )
    table = by_unit(page, rows, TEAM)
    assert table["Team"].tolist() == ["All", "Solidarity desk (on call)"]
    assert table["Promises kept"].tolist() == ["80% (70% to 90%) · 40", "not enough (3)"]
    assert table["Hours to contact, median"].tolist()[0] == "20.5 (20.4 to 20.6) · 40"
    told = " ".join(sentences(page, rows))
    assert "change \\+1" in told or "change +1.4" in told
    assert "only a hold-out tells" in told
