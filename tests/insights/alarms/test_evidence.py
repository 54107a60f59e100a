"""What an alarm says: where, which words, three sentences by three people that say three things; in both languages."""

from __future__ import annotations

import pandas as pd

from insights.alarms.evidence import LONGEST, evidence, places, quotes, shortened
from insights.alarms.words import message, name_of, where

SAID = [
    "Impossible de me connecter ce soir.",
    "impossible de me connecter ce soir !!",
    "Page blanche depuis 18 h.",
    "Nul.",
]


def posts(said: list[str], authors: list[str | None] | None = None) -> pd.DataFrame:
    n = len(said)
    return pd.DataFrame(
        {
            "mention_id": [f"m{i}" for i in range(n)],
            "feedback_id": [f"f{i}" for i in range(n)],
            "author": authors or [f"a{i}" for i in range(n)],
            "said": said,
            "channel": ["social", "social", "app", None][:n],
            "region": [None] * n,
            "product": ["Fixe", "Fixe", "Fixe", "Indexé"][:n],
        }
    )


def test_people_are_counted_not_posts() -> None:
    rows = posts(SAID, ["a", "a", "b", None])
    assert places(rows, "channel") == {"app": 1, "social": 1}
    assert places(rows, "product") == {"Fixe": 2, "Indexé": 1}
    assert evidence(rows, [])["regions"] == {}


def test_quotes_are_distinct_in_words_and_people_and_name_the_new_words_first() -> None:
    found = quotes(posts(SAID), ["page blanche"])
    assert found["said"].tolist()[0] == "Page blanche depuis 18 h."
    assert len(found) == 3  # the second says what the first says
    same = quotes(posts(SAID, ["a", "b", "a", "a"]))
    assert len(same["author"].unique()) == len(same) == 1 or same["author"].is_unique


def test_quotes_do_not_depend_on_the_order_of_rows() -> None:
    rows = posts(SAID)
    assert quotes(rows)["mention_id"].tolist() == quotes(rows.iloc[::-1])["mention_id"].tolist()


def test_a_long_quote_is_cut_and_shows_it() -> None:
    assert shortened("x" * 500) == "x" * (LONGEST - 1) + "…"
    assert shortened("a\n b") == "a b"


def test_a_message_says_everything_in_both_languages() -> None:
    told = {
        "subject_code": "incident.opened",
        "facts": {
            "incident_id": "i1", "series": "IR-0001", "started_at": "2026-01-13T16:58:00+00:00",
            "raised_at": "2026-01-13T17:10:00+00:00", "n_authors": 31, "expected": 0.44, "timezone": "Europe/Paris",
            "channels": {"social": 28, "app": 3}, "products": {"Fixe 2 ans": 4},
        },
        "said": {
            "frame": {
                "label_fr": "Espace client en panne", "label_en": None, "terms": [{"term": "page blanche", "n": 9}],
                "similar": [{"raised_at": "2025-03-18T07:00:00+00:00", "reason": "false_alarm"}],
            },
            "quotes": ["Page blanche."],
        },
    }  # fmt: skip
    title, lines = message(told, "fr")
    assert title == "Alarme : Espace client en panne (31 personnes)"
    assert lines == [
        "31 personnes en 12 minutes, pour 0,4 attendues d'ordinaire.",
        "Depuis le 13/01/2026 17:58.",
        "Canaux : Réseaux sociaux 28, Application mobile 3",
        "Produits : Fixe 2 ans 4",
        "Mots nouveaux : « page blanche » (9)",
        "« Page blanche. »",
        "Semblable : 18/03/2025 08:00, fausse alarme",
    ]
    title, lines = message(told, "en")
    assert title == "Alarm: Espace client en panne (31 people)"
    assert "Similar: 18/03/2025 08:00, false alarm" in lines
    told["said"] = {"frame": {}, "quotes": []}  # erased since
    assert message(told, "fr")[0] == "Alarme : IR-0001 (31 personnes)"


def test_counts_are_ranked_whatever_their_order_in_the_file() -> None:
    assert where({"channels": {"app": 3, "social": 28}}, "en") == ["Channels: Social media 28, Mobile app 3"]
    assert name_of("pooled", "x", "y", "fr") == "tous irritants confondus"
