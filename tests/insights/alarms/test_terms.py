"""New words are found when many say them, and rarely when nobody began to."""

from __future__ import annotations

import numpy as np
import pandas as pd
from streams import later, outage

from insights.alarms import emerging_terms

WORDS = ["facture", "prélèvement", "attente", "conseiller", "compteur", "relevé", "remboursement", "mensualité",
         "contrat", "téléphone", "courrier", "dossier", "tarif", "abonnement", "technicien", "linky"]  # fmt: skip


def said(n: int, day: float, seed: int, prefix: str) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = outage(None, later(day), n, 600, prefix)
    return rows.assign(text=[" ".join(rng.choice(WORDS, 4)) for _ in range(n)], language="fr")


def with_words(n: int, day: float, text: str, prefix: str, language: str = "fr") -> pd.DataFrame:
    return outage(None, later(day), n, 300, prefix).assign(text=text, language=language)


BASELINE = said(600, 0, 1, "base")


def test_a_call_to_boycott_is_found_with_examples() -> None:
    recent = pd.concat([said(60, 50, 2, "now"), with_words(9, 50, "facture trop chère #BoycottLumarelle", "call")])
    found = emerging_terms(recent, BASELINE, known=["Lumarelle"])
    tag = next(one for one in found if one.kind == "hashtag")
    assert (tag.term, tag.n_authors, tag.n_before) == ("#boycottlumarelle", 9, 0)
    assert tag.feedback_ids == ("call-0", "call-1", "call-2")
    assert tag.q_value < 0.01
    assert tag.growth > 5


def test_a_word_and_its_pair_said_by_the_same_people_are_told_once() -> None:
    recent = pd.concat([said(60, 50, 2, "now"), with_words(10, 50, "fuite données bancaires", "leak")])
    found = emerging_terms(recent, BASELINE)
    assert len(found) == 1
    assert found[0].n_authors == 10


def test_english_and_french_words_without_meaning_are_no_terms() -> None:
    recent = pd.concat([said(60, 50, 2, "now"), with_words(20, 50, "this is what they are and that we have", "en", "en"),
                        with_words(20, 50, "c'est ce que je vous ai dit et qu'il est là", "fr")])  # fmt: skip
    assert emerging_terms(recent, BASELINE) == []


def test_known_words_are_no_news_alone_but_in_a_new_pair() -> None:
    recent = pd.concat([said(60, 50, 2, "now"), with_words(12, 50, "panne espace client", "out")])
    assert {one.term for one in emerging_terms(recent, BASELINE, known=["panne espace client"])} == set()
    assert emerging_terms(recent, BASELINE, known=["panne"])


def test_one_loud_author_and_one_copied_text_are_no_news() -> None:
    copied = "boycott immédiat de cette entreprise qui ne respecte ni ses clients ni la loi partagez ce message partout"
    loud = with_words(30, 50, "boycott", "loud").assign(author="one man")
    recent = pd.concat([said(60, 50, 2, "now"), loud, with_words(30, 50, copied, "copy")])
    assert not [one for one in emerging_terms(recent, BASELINE) if "boycott" in one.term]


def test_quiet_days_show_nothing_nearly_always() -> None:
    flagged = [bool(emerging_terms(said(80, 50, 100 + seed, "now"), BASELINE)) for seed in range(20)]
    assert sum(flagged) <= 2


def test_nothing_said_is_nothing_new() -> None:
    assert emerging_terms(BASELINE.head(0), BASELINE) == []
    assert emerging_terms(BASELINE, BASELINE) == []


def test_the_order_of_rows_does_not_matter() -> None:
    recent = pd.concat([said(60, 50, 2, "now"), with_words(9, 50, "fuite #boycott", "call")])
    assert emerging_terms(recent.sample(frac=1, random_state=1), BASELINE.sample(frac=1, random_state=2)) == (
        emerging_terms(recent, BASELINE)
    )
