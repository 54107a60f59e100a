"""The table of mentions: whose words, which columns, the same whatever the order."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from insights.contracts import MENTION
from insights.mentions.build import build_mentions, contradictions, mention_id
from insights.mentions.lexicon import rules_version
from insights.mentions.polarity import LexiconPolarity
from insights.mentions.text import text_sha

RIVALS = ("Kilovia",)


@pytest.fixture
def mentions(feedback: pd.DataFrame, turns: pd.DataFrame) -> pd.DataFrame:
    return build_mentions(feedback, turns, LexiconPolarity(), RIVALS)


def test_every_column_of_the_contract_and_no_other(mentions: pd.DataFrame) -> None:
    assert tuple(mentions.columns) == MENTION.column_names
    assert mentions["mention_id"].is_unique
    assert mentions["score_contradicts"].isna().all()
    assert str(mentions["occurred_at"].dt.tz) == "UTC"


def test_a_comment_becomes_numbered_clauses_with_offsets(feedback: pd.DataFrame, mentions: pd.DataFrame) -> None:
    own = mentions[mentions["feedback_id"] == "f-survey"]
    verbatim = feedback["verbatim"].iloc[0]
    assert own["unit_no"].tolist() == [1, 2, 3, 4]
    assert own["text"].tolist() == [verbatim[a:b] for a, b in zip(own["start_char"], own["end_char"], strict=True)]
    assert own["type"].tolist() == ["neutral", "praise", "complaint", "neutral"]
    assert own["leave_intent"].tolist() == [False, False, False, True]
    assert own["turn_no"].isna().all()
    assert own["mention_id"].tolist() == [mention_id("f-survey", unit) for unit in (1, 2, 3, 4)]
    assert own["text_sha"].tolist() == [text_sha(text) for text in own["text"]]
    assert own["model_version"].str.contains(rules_version()).all()


def test_of_a_call_only_the_customer_is_heard(mentions: pd.DataFrame) -> None:
    call = mentions[mentions["feedback_id"] == "f-call"]
    assert call["turn_no"].tolist() == [2, 4, 5]
    assert call["unit_no"].tolist() == [1, 2, 3]
    assert call["type"].tolist() == ["complaint", "neutral", "complaint"]
    assert call["urgency"].dropna().tolist() == ["safety"]


def test_a_call_without_turns_is_read_from_its_verbatim(feedback: pd.DataFrame, turns: pd.DataFrame) -> None:
    found = build_mentions(feedback, turns.iloc[:0], LexiconPolarity(), RIVALS)
    assert found.loc[found["feedback_id"] == "f-call", "turn_no"].isna().all()
    assert (found["feedback_id"] == "f-call").any()


def test_the_competitor_named_is_kept_as_the_list_writes_it(feedback: pd.DataFrame, turns: pd.DataFrame) -> None:
    told = feedback.assign(verbatim="voltéane est moins cher. Le colis manque.").iloc[:1]
    found = build_mentions(told, turns.iloc[:0], LexiconPolarity(), ("Kilovia", "Voltéane"))
    assert found["competitor"].fillna("-").tolist() == ["Voltéane", "-"]


def test_voice_language_and_customer_follow_the_feedback(mentions: pd.DataFrame) -> None:
    by_id = mentions.drop_duplicates("feedback_id").set_index("feedback_id")
    assert by_id["voice"].to_dict() == {"f-call": "customer", "f-note": "employee", "f-survey": "customer"}
    assert set(by_id["language"]) == {"fr"}
    assert by_id.loc["f-call", "customer_id"] == "C2"


def test_the_order_of_rows_does_not_matter(feedback: pd.DataFrame, turns: pd.DataFrame, mentions: pd.DataFrame) -> None:
    shuffled = build_mentions(feedback.iloc[::-1], turns.sample(frac=1, random_state=3), LexiconPolarity(), RIVALS)
    pd.testing.assert_frame_equal(shuffled, mentions)


def test_nothing_said_gives_an_empty_table(feedback: pd.DataFrame, turns: pd.DataFrame) -> None:
    empty = build_mentions(feedback.iloc[3:], turns.iloc[:0], LexiconPolarity(), RIVALS)
    assert empty.empty
    assert tuple(empty.columns) == MENTION.column_names


@pytest.mark.parametrize(
    ("text", "kind", "low", "high"),
    [
        ("il faudrait simplifier cette facture incompréhensible", "suggestion", -0.5, 0.0),
        ("à quelle heure ouvre le guichet ?", "question", -0.2, 0.2),
        ("vous trouvez normal de se moquer ainsi des clients, c'est honteux ?", "complaint", -1.0, -0.5),
        ("nous avons un nourrisson de trois jours", "complaint", -1.0, -0.5),
        ("rien à redire", "praise", 0.5, 1.0),
    ],
)
def test_type_and_polarity_agree(
    feedback: pd.DataFrame, turns: pd.DataFrame, text: str, kind: str, low: float, high: float
) -> None:
    one = build_mentions(feedback.iloc[:1].assign(verbatim=text), turns, LexiconPolarity(), RIVALS)
    assert one["type"].tolist() == [kind]
    assert low <= one["polarity"].iloc[0] <= high


@pytest.mark.parametrize(("language", "kept"), [("en", "en"), ("und", "und"), ("nl", "und"), (None, "und")])
def test_a_language_we_do_not_read_is_undecided(
    feedback: pd.DataFrame, turns: pd.DataFrame, language: str | None, kept: str
) -> None:
    one = build_mentions(feedback.iloc[:1].assign(language=language), turns, LexiconPolarity(), RIVALS)
    assert set(one["language"]) == {kept}


def test_a_score_against_its_words_is_flagged() -> None:
    feedback = pd.DataFrame({"feedback_id": ["upside", "angry", "glad", "mixed", "mute"]})
    scores = np.array([0.0, 0.0, 10.0, 0.0, 10.0])
    answers = pd.DataFrame({"feedback_id": feedback["feedback_id"], "metric": "nps", "scale": "0-10", "value": scores})
    said = [("upside", 0.9), ("angry", -0.9), ("glad", -0.8), ("mixed", 0.9), ("mixed", -0.3)]
    mentions = pd.DataFrame(said, columns=["feedback_id", "polarity"]).assign(voice="customer")
    flagged = contradictions(feedback, answers, mentions)
    assert flagged.to_dict() == {"upside": True, "angry": False, "glad": True, "mixed": False, "mute": False}
    assert flagged.dtype == bool
