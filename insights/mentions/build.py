"""The table `mention`: every clause the customers said, scored. Each distinct text is read once, however often said."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import pandas as pd

from insights.contracts import MENTION
from insights.mentions.lexicon import LANGUAGES, UNDECIDED, rules_version
from insights.mentions.polarity import Polarity
from insights.mentions.reading import NEUTRAL_BAND
from insights.mentions.scores import feedback_scores
from insights.mentions.signals import COMPLAINT, NEUTRAL, PRAISE, QUESTION, SUGGESTION, signals
from insights.mentions.split import split
from insights.mentions.text import has_letters, normalise, text_sha

__all__ = ["build_mentions", "contradictions", "mention_id", "normalise", "text_sha"]

SPOKEN_KINDS = ("call", "chat")
EMPLOYEE_KIND = "employee"
RULES = "rules-2"  # raise it when the code of this package changes what a clause becomes
_ANGRY_QUESTION = -0.5  # a question said with this polarity or less is a complaint
_BACKCHANNEL_WORDS = 3  # "très bien", said alone in a call, is not praise
_URGENT = -0.5

_Clause = tuple[int, int, str]  # start, end, text


def mention_id(feedback_id: str, unit_no: int) -> str:
    """sha256 of the feedback and the clause's number in it."""
    return hashlib.sha256(f"{feedback_id}:{unit_no}".encode()).hexdigest()


def build_mentions(
    feedback: pd.DataFrame,
    turns: pd.DataFrame,
    polarity: Polarity,
    competitors: Sequence[str],
) -> pd.DataFrame:
    """Mentions of the feedback, with exactly the columns of contracts.MENTION, ordered by feedback_id and unit_no.

    `feedback` and `turns` have the columns of their contracts. Of calls and chats with turns only the customer's are
    read. The result does not depend on the order of rows.
    """
    said = _said(feedback, turns)
    texts = said[["text", "language"]].drop_duplicates(ignore_index=True)
    cut = _split_all(list(texts.itertuples(index=False, name=None)))
    mentions = _explode(said, texts, cut)
    if mentions.empty:
        return _contract_types(mentions.reindex(columns=list(MENTION.column_names)))
    clauses = mentions[["text", "language"]].drop_duplicates(ignore_index=True)
    scored = _score(clauses, polarity, tuple(competitors))
    mentions = mentions.merge(scored, on=["text", "language"], how="left", validate="many_to_one")
    mentions = _settle(mentions)
    mentions = mentions.merge(
        feedback[["feedback_id", "occurred_at", "available_at", "customer_id"]],
        on="feedback_id",
        validate="many_to_one",
    )
    mentions["mention_id"] = [
        mention_id(f, u) for f, u in zip(mentions["feedback_id"], mentions["unit_no"], strict=True)
    ]
    mentions["language"] = mentions["language"].where(mentions["language"].isin(LANGUAGES), UNDECIDED)
    mentions["model_version"] = f"{polarity.version}+{RULES}-{rules_version()}"
    mentions["score_contradicts"] = pd.NA  # known only beside the answers: see `contradictions`
    return _contract_types(mentions.sort_values(["feedback_id", "unit_no"], ignore_index=True))


def _said(feedback: pd.DataFrame, turns: pd.DataFrame) -> pd.DataFrame:
    """One row per text to read: feedback_id, turn_no (NA outside transcripts), text, language, voice, spoken."""
    spoken = feedback["kind"].isin(SPOKEN_KINDS) & feedback["feedback_id"].isin(turns["feedback_id"])
    own = feedback.loc[~spoken, ["feedback_id", "verbatim", "language", "kind"]].rename(columns={"verbatim": "text"})
    own["turn_no"] = pd.array([pd.NA] * len(own), dtype="Int32")
    heard = turns.loc[turns["speaker"] == "customer", ["feedback_id", "turn_no", "text"]].merge(
        feedback.loc[spoken, ["feedback_id", "language", "kind"]], on="feedback_id"
    )
    heard["turn_no"] = heard["turn_no"].astype("Int32")
    said = pd.concat([own, heard], ignore_index=True) if len(heard) else own.reset_index(drop=True)
    said = said[said["text"].notna()]
    said = said[np.array([has_letters(text) for text in said["text"]], dtype=bool)]
    said["language"] = said["language"].fillna(UNDECIDED).astype(str)
    said["voice"] = np.where(said["kind"] == EMPLOYEE_KIND, "employee", "customer")
    said["spoken"] = said["turn_no"].notna()
    return said.drop(columns="kind").sort_values(["feedback_id", "turn_no"], ignore_index=True)


def _split_all(texts: Sequence[tuple[str, str]]) -> list[list[_Clause]]:
    return [[(span.start, span.end, span.text) for span in split(text, language)] for text, language in texts]


def _explode(said: pd.DataFrame, texts: pd.DataFrame, cut: list[list[_Clause]]) -> pd.DataFrame:
    """One row per clause, numbered from 1 in each feedback."""
    place = said.merge(texts.assign(place=np.arange(len(texts))), on=["text", "language"], how="left")[
        "place"
    ].to_numpy()
    sizes = np.array([len(cut[index]) for index in place], dtype=np.int64)
    rows = said.loc[np.repeat(np.arange(len(said)), sizes), ["feedback_id", "turn_no", "language", "voice", "spoken"]]
    rows = rows.reset_index(drop=True)
    flat = [clause for index in place for clause in cut[index]]
    rows["start_char"] = np.array([start for start, _, _ in flat], dtype=np.int32)
    rows["end_char"] = np.array([end for _, end, _ in flat], dtype=np.int32)
    rows["text"] = pd.array([text for _, _, text in flat], dtype="str")
    rows["unit_no"] = rows.groupby("feedback_id", sort=False).cumcount().to_numpy() + 1
    return rows


def _score(clauses: pd.DataFrame, polarity: Polarity, competitors: tuple[str, ...]) -> pd.DataFrame:
    """The distinct clauses with polarity, confidence and signals."""
    texts, languages = clauses["text"].tolist(), clauses["language"].tolist()
    scored = clauses.copy()
    scored["polarity"], scored["polarity_confidence"] = polarity.score(texts, languages)
    found = [signals(text, language, competitors) for text, language in zip(texts, languages, strict=True)]
    for name in ("effort", "leave_intent"):
        scored[name] = np.array([getattr(signal, name) for signal in found], dtype=bool)
    for name in ("urgency", "competitor"):
        scored[name] = pd.array([getattr(signal, name) for signal in found], dtype="str")
    scored["type"] = pd.array([signal.type for signal in found], dtype="str")
    scored["text_sha"] = pd.array([text_sha(text) for text in texts], dtype="str")
    scored["n_words"] = np.array([len(text.split()) for text in texts])
    return scored


def _settle(mentions: pd.DataFrame) -> pd.DataFrame:
    """Type and polarity made to agree: ideas and questions weigh less, danger and need are never praise or neutral."""
    value = mentions["polarity"].to_numpy(dtype=np.float64)
    kind = mentions["type"].to_numpy(dtype=object)
    backchannel = mentions["spoken"].to_numpy() & (mentions["n_words"].to_numpy() <= _BACKCHANNEL_WORDS)
    value = np.where(backchannel & (value > 0), 0.2 * value, value)
    kind = np.where((kind == QUESTION) & (value <= _ANGRY_QUESTION), NEUTRAL, kind)
    value = np.where(kind == SUGGESTION, 0.3 * value, np.where(kind == QUESTION, 0.5 * value, value))
    urgent = mentions["urgency"].notna().to_numpy() & (value < -_URGENT)
    value = np.where(urgent, np.minimum(value, _URGENT), value)
    open_kind = (kind == NEUTRAL) | urgent
    signed = np.where(value <= -NEUTRAL_BAND, COMPLAINT, np.where(value >= NEUTRAL_BAND, PRAISE, NEUTRAL))
    settled = mentions.copy()
    settled["polarity"] = value
    settled["type"] = pd.array(np.where(open_kind, signed, kind), dtype="str")
    return settled


_TYPES = {
    "unit_no": "int32",
    "turn_no": "Int32",
    "start_char": "int32",
    "end_char": "int32",
    "polarity": "float64",
    "polarity_confidence": "float64",
    "effort": "bool",
    "leave_intent": "bool",
    "score_contradicts": "boolean",
}


def _contract_types(mentions: pd.DataFrame) -> pd.DataFrame:
    return mentions[list(MENTION.column_names)].astype(_TYPES)


def contradictions(feedback: pd.DataFrame, answers: pd.DataFrame, mentions: pd.DataFrame) -> pd.Series:
    """True by feedback_id where the score and the words disagree: scale read upside down, or irony that was missed.

    The score must be clear (<= .3 or >= .8 of 0..1), the words too (mean of the clauses that have a sign beyond .4),
    and no clause may speak for the score.
    """
    score = feedback_scores(answers)
    own = mentions[(mentions["voice"] == "customer") & (mentions["polarity"].abs() >= NEUTRAL_BAND)]
    words = own.groupby("feedback_id")["polarity"].agg(["mean", "min", "max"])
    both = words.join(score.rename("score"), how="inner")
    glad = (both["score"] <= 0.3) & (both["mean"] >= 0.4) & (both["min"] > 0)
    angry = (both["score"] >= 0.8) & (both["mean"] <= -0.4) & (both["max"] < 0)
    flagged = (glad | angry).reindex(feedback["feedback_id"], fill_value=False)
    return flagged.astype(bool).rename("score_contradicts")
