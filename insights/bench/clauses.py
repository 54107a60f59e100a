"""The part `clauses`: borders, types, intent to leave and irony on the demo's truth; the same on real sets where they are.

A border is right within a few characters (insights/bench/boundaries.py). A clause of the demo is a complaint when it
carries an irritant, a departure or an urgency, or when its polarity is below zero; what people label on real clauses is
in leave_labels.csv: places only, no text.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from insights.bench import leave_labels, polarity_sets
from insights.bench.boundaries import Borders, against_truth
from insights.bench.clause_truth import SCORES, SPOKEN, WRITTEN, learned_polarity, mentions_of, placed_truth, read_truth
from insights.bench.clause_truth import with_truth as beside_truth
from insights.bench.pipeline import DATA, bench_settings
from insights.bench.report import Entry
from insights.intervals import wilson
from insights.lake import Lake, open_lake
from insights.mentions.build import contradictions
from insights.mentions.polarity import LexiconPolarity
from insights.mentions.scores import feedback_scores
from insights.mentions.split import split

PART = "clauses"
SHARED = Path(__file__).parents[3] / "shared" / "data"
ABSA = "absa_semeval16_fr_en"
SENTENCES = "xx"  # a language without rules: sentence marks alone
GRAVE = ("irritant", "leave", "urgency")
SIGNED = 0.25
Say = Callable[[str], None]
Flags = NDArray[np.bool_]


def share_entry(
    name: str, hits: Flags, base: Flags, data: str, aim: str = "", rival: tuple[str, float | None] = ("", None)
) -> Entry:
    """The share of `base` that is a hit, with its Wilson interval."""
    k, n = int((hits & base).sum()), int(base.sum())
    interval = wilson(np.array([k]), np.array([n]))
    ends = (float(interval.low[0]), float(interval.high[0]))
    return Entry(PART, name, k / max(n, 1), "", data, f"{n} clauses", aim, ends, *rival)


def entries(say: Say) -> list[Entry]:
    """Figures of this part; what has no data is said and left out."""
    found = [*_demo(say), *polarity_sets.entries(PART, SHARED, say), *leave_labels.entries(PART, SHARED, say)]
    return [*found, *_opinions(say)]


def _demo(say: Say) -> list[Entry]:
    settings = bench_settings()
    if not (settings.lake_dir / "catalog.sqlite").exists():
        say(f"  {settings.lake_dir} is absent (make bench PART=demo writes it): left out")
        return []
    with open_lake(settings, read_only=True) as lake:
        clauses = read_truth(settings.data_dir)
        truth = placed_truth(lake, clauses)
        mentions = beside_truth(mentions_of(lake, learned_polarity(lake)), truth)
        plain = beside_truth(mentions_of(lake, LexiconPolarity()), truth)
        irony = irony_entries(lake, mentions, clauses, settings.data_dir)
    return [*border_entries(mentions, truth), *type_entries(mentions, plain), *irony]


def border_entries(mentions: pd.DataFrame, truth: pd.DataFrame) -> list[Entry]:
    """Precision and recall of borders, written and spoken, beside sentence marks alone."""
    found = []
    for kind, chosen in (("written", truth["turn_no"] == WRITTEN), ("spoken", truth["turn_no"] != WRITTEN)):
        told = truth[chosen]
        ours, marks = against_truth(mentions, told), against_truth(_by_marks(told), told)
        found += _border_pair(kind, ours, marks)
    return found


def _border_pair(kind: str, ours: Borders, marks: Borders) -> list[Entry]:
    pairs = (
        ("precision", ours.n_right, ours.n_found, marks.precision),
        ("recall", ours.n_hit, ours.n_true, marks.recall),
    )
    rival = "sentence marks alone"
    return [
        Entry(PART, f"borders, {kind}: {name}", k / max(n, 1), "", DATA, f"{n} borders, {ours.n_texts} texts",
              interval=_interval(k, n), rival=rival, rival_value=beside)
        for name, k, n, beside in pairs
    ]  # fmt: skip


def _interval(k: int, n: int) -> tuple[float, float]:
    found = wilson(np.array([k]), np.array([n]))
    return float(found.low[0]), float(found.high[0])


def _by_marks(truth: pd.DataFrame) -> pd.DataFrame:
    rows = [
        (row.feedback_id, row.turn_no, span.start, span.end)
        for row in truth.drop_duplicates(["feedback_id", "turn_no"]).itertuples()
        for span in split(row.whole, SENTENCES)
    ]
    return pd.DataFrame(rows, columns=["feedback_id", "turn_no", "start_char", "end_char"])


def type_entries(mentions: pd.DataFrame, plain: pd.DataFrame) -> list[Entry]:
    """Complaint, praise and intent to leave against the truth, by the learned model; the lexicon alone beside."""
    ours, beside = _judged(mentions), _judged(plain)
    rivals = {name: (int((hit & base).sum()) / max(int(base.sum()), 1)) for name, hit, base in _figures(beside)}
    aims = {"complaint: recall of clauses with an irritant": ">= 0.75"}
    return [
        share_entry(name, hit, base, DATA, aims.get(name, ""), ("lexicon alone", rivals[name]))
        for name, hit, base in _figures(ours)
    ]


def _judged(mentions: pd.DataFrame) -> pd.DataFrame:
    return mentions[(mentions["voice"] == "customer") & mentions["true_kind"].notna()]


def _figures(rows: pd.DataFrame) -> list[tuple[str, Flags, Flags]]:
    """(name, hits, base) of each figure."""
    value = rows["true_polarity"].to_numpy(dtype=np.float64)
    blamed = rows["true_kind"].isin(GRAVE).to_numpy() | (value <= -SIGNED)
    carry = (rows["true_kind"] == "irritant").to_numpy()
    complaint, praise = ((rows["type"] == kind).to_numpy() for kind in ("complaint", "praise"))
    leaves = rows["true_leave_intent"].fillna(False).astype(bool).to_numpy()
    says = rows["leave_intent"].to_numpy(dtype=bool)
    return [
        ("complaint: recall of clauses with an irritant", complaint, carry),
        ("complaint: precision (irritant, departure, urgency or negative)", blamed, complaint),
        ("complaint: precision, irritant only", carry, complaint),
        ("praise: recall", praise, value >= SIGNED),
        ("praise: precision", value >= SIGNED, praise),
        ("intent to leave: recall", says, leaves),
        ("intent to leave: precision", leaves, says),
    ]


def irony_entries(lake: Lake, mentions: pd.DataFrame, clauses: pd.DataFrame, folder: Path) -> list[Entry]:
    """Planted irony: read as complaint, and flagged where there is a score; what the flag is right about."""
    answers, feedback = lake.read(SCORES), lake.read(SPOKEN)
    flag = contradictions(feedback, answers, mentions)
    scored = flag.index.isin(feedback_scores(answers).index)
    keys = clauses.loc[clauses["sarcasm"], ["source", "source_id"]].drop_duplicates()
    ironic = flag.index.isin(feedback.merge(keys, on=["source", "source_id"])["feedback_id"])
    responses = pd.read_parquet(folder / "truth" / "responses.parquet")
    upside = responses.loc[responses["contradicts"], "response_id"]
    turned = flag.index.isin(feedback.loc[feedback["source_id"].isin(upside), "feedback_id"])
    planted = mentions["true_sarcasm"].fillna(False).astype(bool).to_numpy()
    flagged = flag.to_numpy()
    read_as = (mentions["type"] == "complaint").to_numpy()
    return [
        share_entry("irony: planted clauses read as complaint", read_as, planted, DATA),
        share_entry("irony: planted, with a score: flagged or read as complaint",
                    flagged | flag.index.isin(mentions.loc[planted & read_as, "feedback_id"]), ironic & scored, DATA),
        share_entry("flag score against words: scales read upside down found", flagged, turned & scored, DATA),
        share_entry("flag score against words: right (upside down or irony)", turned | ironic, flagged, DATA),
    ]  # fmt: skip


def _opinions(say: Say) -> list[Entry]:
    """SemEval restaurants (en): pieces that hold praise and blame at once, whole sentences beside clauses."""
    path = SHARED / ABSA / "ABSA16_Restaurants_Train_SB1_v2.xml"
    if not path.exists():
        say(f"  {path} is absent: left out")
        return []
    mixed: dict[str, list[bool]] = {"clauses": [], "sentences": []}
    for sentence in ET.parse(path).iter("sentence"):
        text, signs = _signs(sentence)
        if {"positive", "negative"} <= {sign for *_, sign in signs}:
            mixed["sentences"].append(True)
            mixed["clauses"] += mixed_pieces(text, signs)
    share = np.array(mixed["clauses"], dtype=bool)
    size = f"{len(mixed['sentences'])} sentences that hold both signs"
    name = "opinions: clauses that still hold both signs"
    value = float(share.mean()) if len(share) else 0.0
    ends = _interval(int(share.sum()), len(share))
    return [Entry(PART, name, value, "", ABSA, size, interval=ends, rival="whole sentences", rival_value=1.0)]


def _signs(sentence: ET.Element) -> tuple[str, list[tuple[int, int, str]]]:
    """Text, and (start, end, polarity) of its opinions with a place."""
    found = [
        (int(one.get("from", "0")), int(one.get("to", "0")), one.get("polarity", ""))
        for one in sentence.iter("Opinion")
    ]
    return sentence.findtext("text", ""), [one for one in found if one[1] > 0 and one[2] in {"positive", "negative"}]


def mixed_pieces(text: str, signs: Sequence[tuple[int, int, str]]) -> list[bool]:
    """For each clause that holds an opinion: whether it holds both signs."""
    held = [{sign for start, _, sign in signs if span.start <= start < span.end} for span in split(text, "en")]
    return [len(one) > 1 for one in held if one]
