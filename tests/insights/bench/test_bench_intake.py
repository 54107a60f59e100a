"""The soak, small: the real service, four clients, copies, SIGKILL to the whole tree; and that its judge can fail."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from insights.bench.intake import callers, judge, soak
from insights.bench.intake_service import SOURCE, Clients, answers, bench_settings
from insights.lake import open_lake
from insights.settings import Settings
from insights.sources.base import feedback_id

NPS = {"question_id": "nps", "metric": "nps", "scale": "0-10", "value": 2}
ROWS = [
    {"customer_id": f"C{place}", "comment": text, "answers": [{**NPS, "value": score}], "recontact": "not_asked"}
    for place, (text, score) in enumerate(
        [
            ("La facture est fausse et personne ne me répond.", 1),
            ("Très bon accueil au téléphone, merci.", 10),
            ("Je vais partir chez un concurrent, c'est trop cher.", 3),
            ("The app crashes whenever I open my bill.", 2),
            ("Rien à signaler.", 8),
        ]
        * 20
    )
]


@pytest.fixture
def service_settings(settings: Settings) -> Settings:
    places = {name: getattr(settings, name) for name in ("extension_dir", "reference_dir")}
    return bench_settings(settings.data_dir, settings.keys_dir, intake_commit_seconds=2, **places)


@pytest.mark.faults
def test_every_accepted_event_is_in_the_lake_once_with_at_most_one_case(service_settings: Settings) -> None:
    found = soak(service_settings, ROWS, n_posts=300, n_clients=4, n_kills=1)
    assert (found.n_events, found.n_kills) == (270, 1)
    assert found.n_posts >= 300
    assert found.n_wrong == 0, found
    assert found.n_cases == 60  # one a customer whose words or score ask for it, however often they came


def test_the_judge_sees_what_is_missing_and_what_was_not_accepted(service_settings: Settings) -> None:
    bodies = answers(ROWS, 3, "soak")
    at = pd.Timestamp("2026-10-31T09:00:00Z")
    ids = list(bodies)
    with open_lake(service_settings) as lake, lake.write() as writer:
        row = {"source": SOURCE, "kind": "survey", "occurred_at": at, "available_at": at, "anonymous": False}
        there = [{**row, "feedback_id": feedback_id(SOURCE, one), "source_id": one} for one in ids[:2]]
        writer.insert_new("feedback", pd.DataFrame(there))
        answer = {"feedback_id": feedback_id(SOURCE, ids[0]), "question_id": "nps", "metric": "nps", "value": 0.0}
        writer.insert_new("answer", pd.DataFrame([answer]))
        writer.execute("UPDATE feedback SET customer_id = 'C1'")
    clients = Clients("", bodies, [], accepted={ids[0], ids[2]})
    found = judge(service_settings, clients)
    assert (found.missing, found.unasked, found.n_late_cases) == (1, 1, 1)
    assert found.n_wrong == 3


def test_callers_are_each_another_customer_whom_the_rules_call() -> None:
    found = callers(ROWS)
    assert len({row["customer_id"] for row in found}) == len(found) == 100
    assert all(row["answers"][0]["value"] <= 6 for row in found)


def test_answers_last_over_the_same_seed(tmp_path: Path) -> None:
    assert answers(ROWS, 4, "x") == answers(ROWS, 4, "x")
    assert len(set(answers(ROWS, 400, "x").values())) == 400
