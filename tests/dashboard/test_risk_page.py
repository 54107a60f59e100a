"""Who is at risk, why, and one customer's whole history."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pandas as pd
import pytest
from dashboard_app import words_of
from dashboard_frames import AS_OF, customer

from insights.lake import open_lake
from insights.ledger import open_ledger
from insights.privacy.objection import OBJECTED

NARROW = "\N{NARROW NO-BREAK SPACE}"
FACTS = {"kind": "feature", "name": "n_logins_30d", "mean_reference": 0.8, "mean_now": 5.8}


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


def test_each_risk_stands_with_its_interval_and_what_a_call_brings(app, places):
    page = app(places("full"), "risk", "fr")
    rows = page.dataframe[0].value.set_index("Client")
    assert rows.loc[customer(0), "Risque"] == f"42{NARROW}% (29 à 55)"
    # 0.39 x 240 EUR x 3 years x 0.20 less the call, against a household's 0.42 x 62
    assert rows.loc[customer(3), "Gain d'un appel"].startswith("50")
    assert rows.loc[customer(0), "Gain d'un appel"].startswith("9")
    assert "une hypothèse, tant que le groupe témoin ne l'a pas mesurée" in words_of(page)


@pytest.mark.parametrize("view", ["risk", "quality"])
def test_an_open_alert_is_told_in_words_and_a_cleared_one_is_not(app, own_ledger, view):
    settings = own_ledger("full")
    subject, at = "churn.drift:feature:n_logins_30d", datetime(2026, 10, 30, 8, tzinfo=UTC)
    with open_ledger(settings) as ledger:
        payload = {"code": "drift_feature", "facts": FACTS}
        ledger.append("alert.raised", subject, payload, actor="watch", at=at, key="raised:1")
    told = words_of(app(settings, view, "fr"))
    assert "Lisez ces scores avec prudence" in told
    assert "0,80 en moyenne dans l'année sur laquelle le modèle a appris, 5,80 maintenant" in told
    assert "depuis le 30/10/2026" in told
    with open_ledger(settings) as ledger:
        ledger.append("alert.cleared", subject, {}, actor="watch", at=at, key="cleared:1")
    assert "Lisez ces scores avec prudence" not in words_of(app(settings, view, "fr"))


def test_who_objected_has_no_score_on_the_page(app, own_ledger):
    settings = own_ledger("full")
    with open_ledger(settings) as ledger:
        at = datetime(2026, 10, 30, 8, tzinfo=UTC)
        ledger.append(OBJECTED, customer(1), {}, actor="test", at=at, key="objected:1")
    page = app(settings, "risk", "fr", customer=customer(1))
    assert "Pas de score : le client s'y est opposé." in words_of(page).replace("\u00a0", " ").replace("\\", "")
    assert customer(1) not in page.dataframe[0].value["Client"].tolist()
    assert "Risque" not in {metric.label for metric in page.metric}


def test_past_tests_and_what_each_kind_of_data_adds_are_told(app, places, tmp_path):
    import shutil

    made = places("full")
    shutil.copytree(made.data_dir, tmp_path / "data")
    settings = made.model_copy(update={"data_dir": tmp_path / "data"})
    line = {"gap_days": 14, "horizon_days": 90, "basis": "replayed", "model_kind": "logistic", "n_months": 1}
    figures = {"n": 10_000, "n_events": 200, "n_called": 500.0, "enough": True, "precision_at_capacity": 0.08}
    figures |= {"recall_at_capacity": 0.2, "expected_events": 190.0, "slope": 1.02, "slope_low": 0.9, "slope_high": 1.1}
    tested = [
        line | figures | {"t0": date(2026, 5, 31), "dimension": "all", "value": "all"},
        line
        | {"t0": date(2026, 5, 31), "dimension": "region", "value": "Corse", "n": 80, "n_events": 3, "enough": False},
    ]
    step = {"metric": "pr_auc", "value": 0.05, "low": 0.04, "high": 0.06, "n_rows": 9, "n_events": 200}
    step |= {"first_t0": date(2025, 7, 31), "last_t0": date(2026, 6, 30), "model_kind": "logistic"}
    change = {"change": -0.001, "change_low": -0.01, "change_high": 0.01, "verdict": "not_shown"}
    added = [step | {"place": 1, "step": "crm"}, step | {"place": 2, "step": "text"} | change]
    drift = {"t0": AS_OF, "kind": "feature", "name": "n_logins_30d", "psi": 0.02, "limit_psi": 0.065, "moved": False}
    with open_lake(settings) as lake, lake.write() as writer:
        writer.insert_new("churn_backtest", pd.DataFrame(tested))
        writer.insert_new(
            "churn_ablation", pd.DataFrame([*added, *(one | {"metric": "lift_top_decile"} for one in added)])
        )
        writer.insert_new("churn_drift", pd.DataFrame([drift]))
    told = words_of(app(settings, "risk", "fr"))
    assert "sur 100 clients pris en tête d'une telle liste, **8 sont ensuite partis** par choix" in told
    assert "sur 100 tirés au sort, 2,0" in told
    assert "1,02 (0,90 à 1,10)" in told
    assert "Corse" in told
    assert "pas assez de données" in told
    assert "non démontré" in told
    assert "Connexions à l'espace client en 30 jours" in told
    assert "31" in told  # per cent of its limit
    for code in ("n_logins_30d", "not_shown", "replayed", "under_1", "seen_over_told"):
        assert code not in told
