"""Screening marks copied waves among what is new, once, and a wave that goes on keeps its id."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
from undecided import UNDECIDED

from insights.lake import Lake
from insights.lake.queries import sql
from insights.steps.keep import keep
from insights.steps.screen import screen

COPIED = "Trois rendez-vous annulés sans un mot, le technicien n'est jamais venu, fuyez donc cette entreprise"
AT = datetime(2026, 10, 20, 8, tzinfo=UTC)
NONE = pd.DataFrame()


def put(lake: Lake, numbers: range, *, kind: str = "review", text: str = COPIED, at: datetime = AT) -> None:
    """Feedback that arrive now, an hour apart, each by another author."""
    rows = [
        {
            "feedback_id": f"{kind}{number}",
            "source": "t",
            "source_id": f"{kind}{number}",
            "kind": kind,
            "occurred_at": at + timedelta(hours=number),
            "available_at": at + timedelta(hours=number),
            "ingested_at": datetime.now(UTC),
            "verbatim": text,
            "author_key": f"author{number}",
            "revised_at": None,
        }
        for number in numbers
    ]
    with lake.write() as writer:
        keep(writer, pd.DataFrame(rows), NONE, NONE, now=AT)


def marks(lake: Lake) -> dict[str, str]:
    found = lake.read("SELECT feedback_id, suspect_wave FROM feedback WHERE suspect_wave IS NOT NULL")
    return dict(zip(found["feedback_id"], found["suspect_wave"], strict=True))


def test_a_wave_is_marked_once_goes_on_and_is_counted_nowhere(lake: Lake) -> None:
    put(lake, range(5))
    put(lake, range(20, 30), kind="survey")
    put(lake, range(30, 31), text="Une autre histoire, de prélèvement en double et de remboursement promis pour mardi")
    assert screen(lake) == 5
    first = marks(lake)
    assert set(first) == {f"review{number}" for number in range(5)} and len(set(first.values())) == 1
    assert screen(lake) == 0

    put(lake, range(-1, 0))  # earlier than the first, and arrives later
    assert screen(lake) == 1
    assert marks(lake) == first | {"review-1": first["review0"]}
    assert lake.seen_through(UNDECIDED).read(sql("irritant_weekly"))["n_heard"].sum() == 11


def test_waves_of_another_season_are_found_in_one_import(lake: Lake) -> None:
    put(lake, range(4), at=AT - timedelta(days=400))
    put(lake, range(100, 105), kind="post")
    assert screen(lake) == 9
    assert len(set(marks(lake).values())) == 2


OWN_WORDS = (
    "mon fils a trente-neuf de fièvre et plus de lumière",
    "je voulais payer avant ce soir sinon pénalité",
    "deux heures que j'essaie, bravo les artistes",
    "personne au téléphone non plus évidemment",
    "on fait comment pour prévenir d'une coupure",
    "et le tchat me répond de regarder l'application",
)


def test_posts_of_an_outage_that_only_resemble_each_other_are_believed(lake: Lake) -> None:
    for number, words in enumerate(OWN_WORDS):
        text = f"Plus d'espace client ni d'appli chez Lumarelle depuis ce matin, {words}"
        put(lake, range(number, number + 1), kind="post", text=text)
    assert screen(lake) == 0


def test_an_empty_lake_has_no_wave(lake: Lake) -> None:
    assert screen(lake) == 0
