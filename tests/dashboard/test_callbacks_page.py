"""The queue, three clicks from taking a case to its outcome, and two people on the same case."""

from __future__ import annotations

from datetime import timedelta

from dashboard_app import words_of
from dashboard_frames import NOW, customer

from dashboard.case_clock import waiting_words
from insights.cases import fold_cases
from insights.ledger import open_ledger


def cases(settings):
    with open_ledger(settings) as ledger:
        return fold_cases(ledger.events(kinds=("case.",)))


def test_the_queue_shows_the_late_one_first(app, places):
    page = app(places("full"), "callbacks", "fr")
    rows = page.dataframe[0].value
    due = [text.replace("\N{NO-BREAK SPACE}", " ") for text in rows["Échéance"]]
    assert due == ["en retard de 3 heures", "dans 26 heures"]
    assert rows["Client"].tolist() == [customer(0), customer(1)]
    assert "**1 engagement de délai est dépassé**" in words_of(page)


def test_who_wrote_a_moment_ago_waits_since_just_now(page_of, places):
    page = page_of(places("full"))
    assert waiting_words(page, page.now) == "à l'instant"
    assert waiting_words(page_of(places("full"), "en"), page.now - timedelta(seconds=59)) == "just now"
    assert waiting_words(page, page.now - timedelta(minutes=2)).replace("\N{NO-BREAK SPACE}", " ") == "2 minutes"


def test_nothing_can_be_noted_without_a_name(app, places):
    page = app(places("full"), "callbacks", "en")
    assert "Take this case" not in [button.label for button in page.button]
    assert any("Write your name" in info.value for info in page.info)


def test_take_choose_save_closes_the_loop_in_three_clicks(app, own_ledger):
    mine = own_ledger("full")
    page = app(mine, "callbacks", "fr")
    page.text_input(key="adviser").set_value("Nadia").run()
    take(page).click().run()  # 1: take
    assert cases(mine)["case0"].assignee == "Nadia"
    page.radio(key="outcome").set_value("solved")  # 2: outcome
    page.text_area(key="note").set_value("Facture expliquée, échéancier proposé.")
    save(page).click().run()  # 3: save
    case = cases(mine)["case0"]
    assert (case.state, case.outcome, case.kept_promise) == ("closed", "solved", False)
    assert page.success[0].value == "C'est noté : problème résolu."
    with open_ledger(mine) as ledger:
        events = ledger.events(kinds=("case.",), subject="case0")
        noted = [ledger.text(f"note:{event.idempotency_key}") for event in events]
        assert "Facture expliquée, échéancier proposé." in noted
        assert not any("Facture" in str(event.payload) for event in events)  # free text never lies in an event
    assert {event.at for event in events if event.actor == "Nadia"} == {NOW}


def test_a_call_without_answer_keeps_the_case_open(app, own_ledger):
    mine = own_ledger("full")
    page = app(mine, "callbacks", "en", case="case1")
    page.text_input(key="adviser").set_value("Paul").run()
    take(page).click().run()
    page.radio(key="outcome").set_value("no_answer")
    save(page).click().run()
    case = cases(mine)["case1"]
    assert (case.state, case.n_attempts) == ("attempted", 1)


def test_saving_without_an_outcome_records_nothing(app, own_ledger):
    mine = own_ledger("full")
    page = app(mine, "callbacks", "fr")
    page.text_input(key="adviser").set_value("Nadia").run()
    take(page).click().run()
    save(page).click().run()
    assert page.warning[0].value == "Choisissez la suite donnée au contact."
    assert cases(mine)["case0"].state == "assigned"


def test_a_case_of_risk_tells_its_reasons(app, places):
    page = app(places("full"), "callbacks", "en", case="case1")
    assert "- In the first year of the contract" in words_of(page)


def test_the_second_of_two_people_is_told_who_took_the_case(app, own_ledger):
    mine = own_ledger("full")
    page = app(mine, "callbacks", "fr")
    page.text_input(key="adviser").set_value("Nadia").run()
    with open_ledger(mine) as ledger:  # Paul takes it while Nadia looks at it
        ledger.append("case.assigned", "case0", {}, actor="Paul", at=NOW, key="case:case0:assigned:1")
    take(page).click().run()
    assert cases(mine)["case0"].assignee == "Paul"
    told = words_of(page)
    assert "a été pris par Paul à 19:00" in told
    assert "Le reprendre" in told


def test_finished_cases_say_whether_the_promise_was_kept(app, places):
    page = app(places("full"), "callbacks", "fr", state="done")
    assert page.dataframe[0].value["Échéance"].tolist() == ["tenu"]
    assert page.dataframe[0].value["État"].tolist() == ["clos (Nadia)"]


def test_a_finished_case_is_reopened_with_a_new_due_time(app, own_ledger):
    mine = own_ledger("full")
    page = app(mine, "callbacks", "en", state="done")
    page.text_input(key="adviser").set_value("Nadia").run()
    [reopen] = [button for button in page.button if button.label == "Reopen"]
    reopen.click().run()
    case = cases(mine)["case2"]
    assert case.state == "reopened"
    assert case.due_at > NOW


def test_the_customer_s_own_words_stand_beside_the_case(app, places):
    page = app(places("full"), "callbacks", "fr", case="case0")
    assert any("la facture de régularisation est tombée" in text.value for text in page.text)


def take(page):
    return next(button for button in page.button if button.label in ("Prendre ce dossier", "Take this case"))


def save(page):
    return next(button for button in page.button if button.label in ("Enregistrer", "Save"))
