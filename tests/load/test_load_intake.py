"""A small storm on the real service: whatever the pace, a post that was answered 202 is in the lake once."""

from __future__ import annotations

import pytest

from insights.bench.intake_service import bench_settings
from insights.bench.load_intake import storm
from insights.settings import Settings

pytestmark = pytest.mark.load
NPS = {"question_id": "nps", "metric": "nps", "scale": "0-10", "value": 2}
SAID = (
    ("La facture est fausse et personne ne me répond.", 1),
    ("Très bon accueil au téléphone, merci.", 10),
    ("Je vais partir chez un concurrent, c'est trop cher.", 3),
    ("The app crashes whenever I open my bill.", 2),
)
ROWS = [
    {"customer_id": f"C{place}", "comment": text, "answers": [{**NPS, "value": score}], "recontact": "not_asked"}
    for place, (text, score) in enumerate(SAID * 25)
]


def test_every_post_answered_202_is_in_the_lake_once(settings: Settings) -> None:
    places = {name: getattr(settings, name) for name in ("extension_dir", "reference_dir")}
    service = bench_settings(
        settings.data_dir, settings.keys_dir, intake_commit_seconds=2, intake_per_minute=60_000, **places
    )
    found = storm(service, ROWS, per_second=200, seconds=3)
    assert found.judged.n_events == len(found.seconds) == 600
    assert found.judged.n_wrong == 0, found.judged
    assert found.judged.n_cases == 75  # one a customer whose words or score ask for it, however often they came
    assert 0 < found.door_cpu_seconds < found.cpu_seconds


def test_posts_above_the_pace_a_source_may_have_are_taken_later_and_once(settings: Settings) -> None:
    places = {name: getattr(settings, name) for name in ("extension_dir", "reference_dir")}
    service = bench_settings(
        settings.data_dir, settings.keys_dir, intake_commit_seconds=2, intake_per_minute=120, **places
    )
    found = storm(service, ROWS, per_second=200, seconds=0.7)
    assert found.judged.n_events == 140
    assert found.n_again > 0
    assert found.judged.n_wrong == 0, found.judged
