"""Who is at risk, why, and one customer's whole history."""

from __future__ import annotations

from datetime import datetime

from dashboard_app import words_of
from dashboard_frames import customer


def test_the_list_is_ordered_by_expected_loss_then_by_risk(app, places):
    page = app(places("full"), "risk", "en")
    by_loss = page.dataframe[0].value
    assert by_loss["Customer"].tolist()[:2] == [customer(3), customer(7)]  # small businesses: more margin
    assert by_loss["Expected loss"].tolist()[0] == "€47"
    page.segmented_control(key="order").set_value("risk").run()
    assert page.dataframe[0].value["Customer"].tolist()[:2] == [customer(0), customer(1)]
    assert page.query_params["order"] == "risk"


def test_reasons_are_sentences_with_the_name_of_the_irritant(app, places):
    french = app(places("full"), "risk", "fr", customer=customer(0))
    why = dict(zip(french.dataframe[0].value["Client"], french.dataframe[0].value["Pourquoi"], strict=True))
    assert "Facture de régularisation trop élevée" in why[customer(0)]
    assert "Fin de contrat dans les 60 jours" in why[customer(0)]
    english = app(places("full"), "risk", "en", customer=customer(0))
    assert "- Contract ends within 60 days" in words_of(english)


def test_a_risk_has_its_interval(app, places):
    page = app(places("full"), "risk", "fr", customer=customer(0))
    assert {metric.label: metric.value for metric in page.metric}["Risque"] == "42\N{NARROW NO-BREAK SPACE}%"
    assert "Risque, intervalle à 90 % : 29\N{NARROW NO-BREAK SPACE}% à 55\N{NARROW NO-BREAK SPACE}%" in words_of(page)


def test_the_card_shows_an_index_and_never_a_probability(app, places):
    page = app(places("card"), "risk", "en")
    assert list(page.dataframe[0].value.columns) == ["Customer", "Index", "Why", "Segment", "Spoke to us"]
    assert page.dataframe[0].value["Index"].tolist()[0] == "80"
    told = words_of(page)
    assert "an **index** from 0 to 100" in told
    assert "Risk," not in told


def test_a_customer_s_history_runs_across_channels(app, places):
    page = app(places("full"), "risk", "en", customer=customer(0))
    whole: list[str] = []
    for number in range(1, 20):
        page.session_state[f"timeline_{customer(0)}"] = number
        page.run()
        steps = [line.value.replace("\\", "") for line in page.markdown if line.value.startswith(":material/")]
        if whole and steps[0] == whole[0]:
            break  # past the last page
        whole += steps
    assert any("Callback (detractor): opened" in line for line in whole)
    assert any("Survey answer · Ease: " in line and "Satisfaction: " in line for line in whole)
    assert any("Contact, passed on to another team, 10 min of waiting · Telephone · Facture" in line for line in whole)
    assert any("Relationship survey, answered · E-mail" in line for line in whole)
    instants = [datetime.strptime(line.split(" ", 1)[1][:16], "%d/%m/%Y %H:%M") for line in whole]  # noqa: DTZ007
    assert instants == sorted(instants, reverse=True)


def test_the_silent_can_be_listed(app, places):
    page = app(places("full"), "risk", "fr")
    page.segmented_control(key="voice").set_value("silent").run()
    assert "Personne ne correspond à ces filtres." in words_of(page)  # all forty spoke


def test_the_crm_is_one_click_away_when_its_address_is_known(app, places):
    linked = places("full").model_copy(
        update={"crm_url_template": "https://crm.example/customers/{customer_id}?tab=voc"}
    )
    page = app(linked, "risk", "fr", customer=customer(0))
    assert page.dataframe[0].value["Client"].tolist()[0] == f"https://crm.example/customers/{customer(3)}?tab=voc"
    assert "VOC_CRM_URL_TEMPLATE" not in words_of(page)


def test_reviews_have_no_customers_and_the_page_says_so(app, places):
    told = words_of(app(places("reviews"), "risk", "fr"))
    assert "Des avis publics seuls ne contiennent pas de clients." in told
