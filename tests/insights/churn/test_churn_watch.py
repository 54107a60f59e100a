"""The watch on a real lake: tables that rebuild alike, alerts raised once and cleared, scores explained, objections kept."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from insights.alerts import KINDS, fold_alerts, open_alerts
from insights.churn.attribution import Attribution
from insights.churn.design import Design
from insights.churn.evaluate import cluster_codes
from insights.churn.logistic import fit_logistic
from insights.churn.model import ChurnModel
from insights.churn.panel import prepare
from insights.churn.telling import tell
from insights.churn.training import Parameters
from insights.churn.watch_words import alert_sentence, series_label
from insights.digest.words import Words
from insights.keys import KeyRing
from insights.lake import Lake, open_lake
from insights.ledger import Ledger, open_ledger
from insights.privacy.objection import object_to_scoring, withdraw_objection
from insights.settings import Settings, load_settings
from insights.steps.churn_models import model_path
from insights.steps.explain import explain
from insights.steps.panel import rows_to_learn
from insights.steps.score import score
from insights.steps.signed import write_signed
from insights.steps.watch_model import TABLES, watch_model

ROOT = Path(__file__).parents[3]
DAY = date(2026, 10, 31)
AT = datetime(2026, 10, 31, 18, tzinfo=UTC)
Place = Callable[[], Settings]


def few(frame: pd.DataFrame) -> pd.DataFrame:
    """The first 900 customers: enough to watch, quick to write."""
    return frame[frame["customer_id"] < "C000900"] if "customer_id" in frame.columns else frame


def store_model(lake: Lake) -> ChurnModel:
    """The month's model, as a fit would leave it: the score step then uses it as it is."""
    known = prepare(rows_to_learn(lake))
    design = Design.learn(known)
    y, clusters = known["label"].to_numpy(float), cluster_codes(known["customer_id"].to_numpy())
    fitted = fit_logistic(design.matrix(known), y, clusters, 30.0)
    card = Parameters.from_settings(lake.settings).card
    report = {"last_t0": str(known["t0"].max().date())}
    model = ChurnModel.of_fitted(card, DAY, report, design, fitted, {}, Attribution.learn(known))
    write_signed(model_path(lake.settings, DAY), model.to_json(), KeyRing(lake.settings.keys_dir))
    return model


@pytest.fixture(scope="module")
def made(company, panel, tmp_path_factory, extension_dir) -> Settings:
    """The company of conftest in a lake, scored and watched once. Read it; who changes it takes a copy."""
    folder = tmp_path_factory.mktemp("watched")
    settings = load_settings(
        data_dir=folder / "data", keys_dir=folder / "keys", extension_dir=extension_dir,
        reference_dir=ROOT / "data" / "reference", as_of=DAY, workers=1,
    )  # fmt: skip
    with open_lake(settings) as lake, open_ledger(settings) as ledger:
        with lake.write() as writer:
            for name, frame in company.items():
                writer.insert_new(name, few(frame))
            writer.replace("churn_panel", few(panel))
        store_model(lake)
        score(lake, ledger, run_id="made")
        watch_model(lake, ledger, run_id="made")
    return settings


@pytest.fixture
def place(made: Settings, tmp_path: Path) -> Settings:
    """A copy that a test may change."""
    for name in ("data", "keys"):
        shutil.copytree(made.data_dir.parent / name, tmp_path / name)
    return made.model_copy(update={"data_dir": tmp_path / "data", "keys_dir": tmp_path / "keys"})


def contents(lake: Lake) -> dict[str, list[list[object]]]:
    return {name: lake.read(f"SELECT * FROM {name} ORDER BY ALL").astype(str).to_numpy().tolist() for name in TABLES}


def again(lake: Lake, ledger: Ledger, *, tests: bool = False) -> int:
    """Watch anew whatever was seen before (`tests`: and test the past anew); returns the alert events written."""
    with lake.write() as writer:
        if tests:
            writer.execute("DELETE FROM run WHERE step = 'watch_model'")
        writer.execute("UPDATE run SET note = replace(note, 'scored_on', 'before') WHERE step = 'watch_model'")
    return int(watch_model(lake, ledger, run_id="again").note["alerts_written"])


def test_the_tables_hold_what_was_asked_and_rebuild_alike(place):
    with open_lake(place) as lake, open_ledger(place) as ledger:
        before = contents(lake)
        assert lake.check_keys() == []
        assert watch_model(lake, ledger, run_id="second").note["said"] == "nothing new since the last run"
        assert again(lake, ledger, tests=True) == 0
        assert contents(lake) == before
        drift = lake.read("SELECT * FROM churn_drift")
        assert drift["t0"].max() == DAY
        assert {"feature", "score", "irritant_mix"} <= set(drift["kind"])
        tested = lake.read("SELECT * FROM churn_backtest WHERE dimension = 'all'")
        assert set(tested["basis"]) == {"replayed"}
        assert lake.scalar("SELECT count(*) FROM churn_ablation") == 8
        raised = [one.subject for one in open_alerts(ledger.events(KINDS))]
        assert raised == ["churn.drift:feature:tenure_months"]  # nobody joins this company: it grows old


def test_a_broken_feed_raises_one_alert_that_clears_when_it_is_mended(place):
    with open_lake(place) as lake, open_ledger(place) as ledger:
        with lake.write() as writer:
            writer.execute("UPDATE churn_panel SET n_logins_30d = n_logins_30d + 5 WHERE t0 = $day", day=DAY)
        assert again(lake, ledger) > 0
        subject = "churn.drift:feature:n_logins_30d"
        raised = fold_alerts(ledger.events(KINDS))[subject]
        assert (raised.code, raised.number, raised.cleared_at) == ("drift_feature", 1, None)
        assert raised.facts["mean_now"] - raised.facts["mean_reference"] == pytest.approx(5, abs=0.3)
        assert again(lake, ledger) == 0
        for language, said in (("fr", "Connexions à l'espace client en 30 jours"), ("en", "Log-ins to the account")):
            told = alert_sentence(raised, Words(language), {})
            assert told.startswith(said)
            assert "n_logins" not in told
        with lake.write() as writer:
            writer.execute("UPDATE churn_panel SET n_logins_30d = n_logins_30d - 5 WHERE t0 = $day", day=DAY)
        assert again(lake, ledger) > 0
        assert fold_alerts(ledger.events(KINDS))[subject].cleared_at is not None


def test_scores_given_then_are_judged_when_their_day_has_matured(place):
    """Probabilities five times too high, given three month ends in a row: the backtest says so, and the ledger."""
    with open_lake(place) as lake, open_ledger(place) as ledger:
        with lake.write() as writer:  # enough departures in each month to be judged
            writer.execute("UPDATE churn_panel SET label = true WHERE NOT label AND substr(customer_id, 7, 1) = '7'")
        known = prepare(rows_to_learn(lake))
        own = known[known["horizon_days"] == 90]
        months = np.sort(own["t0"].unique())[-3:]
        rows = own[own["t0"].isin(months)]
        rng = np.random.default_rng(0)
        given = pd.DataFrame(
            {
                "customer_id": rows["customer_id"], "scored_on": rows["t0"].dt.date, "model_kind": "logistic",
                "probability": np.clip(5 * rows["label"].mean() * rng.uniform(0.5, 1.5, len(rows)), 0, 0.99),
                "model_version": "old",
            }
        )  # fmt: skip
        with lake.write() as writer:
            writer.insert_new("churn_score", given)
        again(lake, ledger)
        line = lake.read("SELECT * FROM churn_backtest WHERE horizon_days = 90 AND dimension = 'all' ORDER BY t0")
        assert line["basis"].tolist()[-3:] == ["scored"] * 3
        assert set(line["basis"].tolist()[:-3]) == {"replayed"}
        codes = {one.code: one for one in open_alerts(ledger.events(KINDS), "churn.backtest:")}
        assert line["enough"].iloc[-1]
        assert "moins de départs" in alert_sentence(codes["foretold_too_many"], Words("fr"), {})
        assert lake.read("SELECT * FROM churn_backtest WHERE dimension = 'segment'")["n_months"].max() <= 6


def test_without_a_model_there_is_nothing_to_watch(settings):
    with open_lake(settings) as lake, open_ledger(settings) as ledger:
        assert watch_model(lake, ledger, run_id="none").note["said"] == "no model to watch yet"


def test_a_score_is_explained_from_what_is_stored(place):
    with open_lake(place, read_only=True) as lake, open_ledger(place) as ledger:
        best = lake.read("SELECT * FROM churn_score WHERE rank = 1").iloc[0]
        one = explain(lake, ledger, best["customer_id"])
        assert one.status == "scored"
        assert 1 / (1 + np.exp(-one.anatomy.total)) == pytest.approx(best["probability"], abs=1e-12)
        told = tell(one, Words("fr"), {})
        assert any("rang 1 sur" in line for line in told)
        assert explain(lake, ledger, "nobody").status == "unknown"
        left = lake.read("SELECT customer_id, cause FROM churn_event ORDER BY learned_on DESC, 1 LIMIT 1").iloc[0]
        gone = explain(lake, ledger, left["customer_id"])
        assert (gone.status, gone.cause) == ("left", left["cause"])


def test_another_model_in_the_place_of_the_one_that_scored_explains_nothing_wrong(place):
    with open_lake(place) as lake, open_ledger(place) as ledger:
        customer = lake.scalar("SELECT customer_id FROM churn_score WHERE rank = 1")
        path = model_path(place, DAY)
        path.write_text(path.read_text(encoding="utf-8").replace("logistic-2026", "logistic-2027"), encoding="utf-8")
        one = explain(lake, ledger, customer)
        assert (one.status, one.anatomy) == ("scored", None)
        assert one.reasons


@pytest.mark.parametrize("by", ["ledger", "crm"])
def test_an_objection_reaches_panel_scores_past_days_and_explanation(place, by):
    with open_lake(place) as lake, open_ledger(place) as ledger:
        customer = lake.scalar("SELECT customer_id FROM churn_score WHERE rank = 1")
        past = lake.read("SELECT * FROM churn_score WHERE rank <= 2").assign(scored_on=date(2026, 9, 30))
        with lake.write() as writer:
            writer.insert_new("churn_score", past)
        if by == "ledger":
            object_to_scoring(lake, ledger, customer, actor="test", at=AT)
        else:
            with lake.write() as writer:
                writer.execute(
                    "UPDATE customer_snapshot SET objection = true WHERE customer_id = $id AND as_of = $day",
                    id=customer, day=DAY,
                )  # fmt: skip
        one = explain(lake, ledger, customer)
        assert (one.status, dict(one.score), one.anatomy) == ("objected", {}, None)
        score(lake, ledger, run_id="after")
        for table in ("churn_panel", "churn_score"):
            assert lake.scalar(f"SELECT count(*) FROM {table} WHERE customer_id = $id", id=customer) == 0, table
        assert lake.scalar("SELECT count(*) FROM churn_score WHERE scored_on = DATE '2026-09-30'") == 1
        assert "s'y est opposé" in tell(explain(lake, ledger, customer), Words("fr"), {})[-1]
        if by == "ledger":
            withdraw_objection(ledger, customer, actor="test", at=AT)
            score(lake, ledger, run_id="back")
            assert explain(lake, ledger, customer).status == "scored"


def test_series_have_names_in_both_languages(place):
    with open_lake(place, read_only=True) as lake:
        series = lake.read("SELECT DISTINCT kind, name FROM churn_drift ORDER BY ALL").to_numpy().tolist()
    for kind, name in series:
        french, english = (series_label(kind, name, Words(language)) for language in ("fr", "en"))
        assert "_" not in french + english
        assert french != english, name
