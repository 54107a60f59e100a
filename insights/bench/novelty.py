"""New irritants: classes hidden in turn from the history, looked for among the news; runs with nothing new beside them.

The history holds most texts of all other classes, the news the rest of them and k clauses of the hidden class. It is found
when a signal has at least half of its new texts from it and at least a fifth of its new texts. Rival, on the same splits
and the same vectors: Leiden at resolution 4 with a binomial test a cluster (METHODS 8). Constants were chosen
on banking77 and wikit; the demo company was looked at on the way too, so that none of the three is an untouched check.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binom

from insights.bench.report import Entry
from insights.bench.truth import read_clauses
from insights.contracts import UNCLASSIFIED
from insights.intervals import wilson
from insights.irritants.assign import Assigner
from insights.irritants.novelty import weak_signals
from insights.language import detect
from insights.simulate import write
from insights.topics.encoder import encoder_for
from insights.topics.neighbours import leiden, neighbour_graph
from insights.topics.vectors import Blend, Matrix, blend, unit
from insights.topics.words import copy_key

Say = Callable[[str], None]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SHARED = Path(__file__).parents[3] / "shared" / "data"
PART = "novelty"
RIVAL = "METHODS 8"
SIZES = {0.2: (20, 50, 100, 200), 0.05: (20, 50)}  # clauses of the hidden class, by share of the others that is news
CLASSES = {"fr_wikit_intents": 8, "en_banking77": 3, "demo clauses": 3}  # hidden a size
QUIET = {"fr_wikit_intents": 30, "en_banking77": 2, "demo clauses": 4}  # runs with nothing new
PURE, HELD = 0.5, 0.2
MOST = 200  # texts of a class that are encoded


@dataclass(frozen=True)
class Labelled:
    """Distinct texts (n) with their class, vectors (n, d) and the space they share."""

    name: str
    texts: list[str]
    languages: list[str]
    classes: NDArray[np.str_]
    vectors: Matrix
    space: Blend

    def take(self, rows: Ints) -> tuple[Matrix, list[str], list[str]]:
        return self.vectors[rows], [self.languages[row] for row in rows], [self.texts[row] for row in rows]


@dataclass(frozen=True)
class Trial:
    """One run: rows of the texts, whether each is new, whether it is of the hidden class."""

    rows: Ints
    is_new: Bools
    hidden: Bools


@dataclass(frozen=True)
class Outcome:
    found: bool
    precision: float  # of the best signal that finds the class; 0 where none does
    n_signals: int
    left: float = 0.0  # share of the hidden class that the assigner leaves unclassified


def entries(say: Say, shared: Path = SHARED) -> list[Entry]:
    """Recall by set, size and share of news, precision inside, false flags; nothing for a set that is absent."""
    told: list[Entry] = []
    for data in (*public_sets(say, shared), labelled("demo clauses", _demo())):
        say(f"  {data.name}: {len(data.texts)} distinct texts")
        told += [*_hidden_entries(data, say), *_quiet_entries(data, say)]
    return told


def public_sets(say: Say, shared: Path = SHARED) -> Iterator[Labelled]:
    for name, read in {"fr_wikit_intents": _wikit, "en_banking77": _banking}.items():
        if (shared / name).is_dir():
            yield labelled(name, read(shared / name))
        else:
            say(f"  {shared / name} is absent: left out")


def labelled(name: str, frame: pd.DataFrame) -> Labelled:
    """Near copies once, at most 200 texts a class; vectors by the embedded encoder."""
    once = ~frame["text"].map(copy_key).duplicated()
    frame = frame[once & (frame[once].groupby("label").cumcount() < MOST).reindex(frame.index, fill_value=False)]
    texts = list(frame["text"].astype(str))
    languages = list(frame["language"]) if "language" in frame else detect(texts)
    vectors = encoder_for("use-multilingual")(texts)
    return Labelled(
        name,
        texts,
        languages,
        frame["label"].astype(str).to_numpy(dtype=str),
        vectors,
        blend(texts, vectors, languages, 0),
    )


def _wikit(folder: Path) -> pd.DataFrame:
    files = [folder / name for name in ("training_dataset.csv", "test_dataset.csv")]
    frame = pd.concat([pd.read_csv(path, sep=None, engine="python") for path in files], ignore_index=True)
    return (
        frame.rename(columns={"utterance": "text", "intent": "label"})
        .dropna(subset=["text", "label"])
        .assign(language="fr")
    )


def _banking(folder: Path) -> pd.DataFrame:
    """All of test.csv (40 texts a class) and the train texts of every tenth class, which are the ones to hide."""
    parts = [pd.read_csv(folder / name) for name in ("test.csv", "train.csv")]
    wanted = sorted(parts[0]["category"].unique())[3::10]
    frame = pd.concat([parts[0], parts[1][parts[1]["category"].isin(wanted)]], ignore_index=True)
    return frame.rename(columns={"category": "label"}).assign(language="en")


def _demo() -> pd.DataFrame:
    with tempfile.TemporaryDirectory() as folder:
        write("demo", Path(folder))
        clauses = read_clauses(Path(folder))
    return clauses.dropna(subset=["irritant_id"]).rename(columns={"irritant_id": "label"}).reset_index(drop=True)


def split(data: Labelled, hidden: str | None, k: int, share: float, seed: int) -> Trial:
    """News: `share` of the texts of all other classes and k texts of the hidden one; history: the rest of the others."""
    draw = np.random.default_rng(seed)
    own = data.classes == hidden
    others, taken = draw.permutation(np.flatnonzero(~own)), draw.permutation(np.flatnonzero(own))[:k]
    is_new = np.zeros(len(own), dtype=bool)
    is_new[others[: round(share * len(others))]] = True
    is_new[taken] = True
    rows = np.sort(np.concatenate([others, taken]))
    return Trial(rows, is_new[rows], own[rows])


def ours(data: Labelled, trial: Trial, known: Sequence[str], seed: int) -> list[Ints]:
    """New texts of each signal, as places in the trial."""
    vectors, languages, texts = data.take(trial.rows)
    found = weak_signals(vectors, languages, texts, trial.is_new, known, seed, space=data.space)
    return [np.array(signal.new_rows, dtype=np.int64) for signal in found]


def looked(data: Labelled, trial: Trial, seed: int) -> tuple[Outcome, Outcome]:
    """What we and what the rival see in one trial."""
    known = known_irritants(data, trial, seed)
    left = float(np.mean(known[trial.hidden] == UNCLASSIFIED)) if trial.hidden.any() else 0.0
    mine = judged(ours(data, trial, list(known), seed), trial.hidden)
    return replace(mine, left=left), judged(methods_8(data, trial, seed), trial.hidden)


def known_irritants(data: Labelled, trial: Trial, seed: int) -> NDArray[np.object_]:
    """Communities of the history, and for the news what the assigner learned from them says."""
    known = np.full(len(trial.rows), UNCLASSIFIED, dtype=object)
    old = trial.rows[~trial.is_new]
    known[~trial.is_new] = [f"IR-{label:04d}" for label in _communities(data, old, 2.0, seed)]
    vectors, languages, _ = data.take(old)
    assigner = Assigner.fit(vectors, languages, list(known[~trial.is_new]), "use-multilingual")
    vectors, languages, _ = data.take(trial.rows[trial.is_new])
    known[trial.is_new] = assigner.assign(vectors, languages)[0]
    return known


def methods_8(data: Labelled, trial: Trial, seed: int) -> list[Ints]:
    """The rival: communities at resolution 4 over-represented in the news (binomial p < .001, lift > 1.4)."""
    label, overall = _communities(data, trial.rows, 4.0, seed), trial.is_new.mean()
    groups = [np.flatnonzero(label == one) for one in range(label.max() + 1)]
    new = [rows[trial.is_new[rows]] for rows in groups]
    return [
        fresh
        for rows, fresh in zip(groups, new, strict=True)
        if binom.sf(len(fresh) - 1, len(rows), overall) < 0.001 and len(fresh) / len(rows) > 1.4 * overall
    ]


def _communities(data: Labelled, rows: Ints, resolution: float, seed: int) -> Ints:
    matrix = data.space.matrix[rows]
    graph = neighbour_graph(matrix, unit(matrix[:, : data.space.split]), 15, [data.languages[row] for row in rows])
    return leiden(graph, resolution, seed)


def judged(signals: Sequence[Ints], hidden: Bools) -> Outcome:
    """Whether a signal tells of the hidden class, and the precision of the best one that does."""
    shares = [(float(hidden[new].mean()), float(hidden[new].sum() / max(1, hidden.sum()))) for new in signals]
    good = [precision for precision, held in shares if precision >= PURE and held >= HELD]
    return Outcome(bool(good), max(good, default=0.0), len(signals))


def _hidden_entries(data: Labelled, say: Say) -> list[Entry]:
    told, mine = [], list[Outcome]()
    for share, k in [(share, k) for share, sizes in SIZES.items() for k in sizes]:
        names = _large(data, k)
        if not names:
            continue
        seen = [looked(data, split(data, name, k, share, seed), seed) for seed, name in enumerate(names)]
        what = f"hidden classes found, {k} clauses, news {share:.0%} of the others"
        told.append(_shares(data, what, [(one.found, other.found) for one, other in seen], f"{len(names)} classes"))
        say(f"  {what}: {told[-1].value:.2f}, {RIVAL} {told[-1].rival_value:.2f}")
        mine += [one for one, _ in seen]
    return [*told, *_means(data, mine)]


def _large(data: Labelled, k: int) -> list[str]:
    """Classes of at least k texts, drawn at random."""
    names, counts = np.unique(data.classes, return_counts=True)
    return [str(name) for name in np.random.default_rng(k).permutation(names[counts >= k])[: CLASSES[data.name]]]


def _means(data: Labelled, mine: Sequence[Outcome]) -> list[Entry]:
    found, size = [one for one in mine if one.found], f"{len(mine)} hidden classes"
    rows: dict[str, list[float]] = {
        "precision of the signal that finds a class": [one.precision for one in found],
        "signals in a run with a hidden class": [float(one.n_signals) for one in mine],
        "share of a hidden class that nearness leaves unclassified": [one.left for one in mine],
    }
    return [Entry(PART, name, float(np.mean(values)), "", data.name, size) for name, values in rows.items() if values]


def _quiet_entries(data: Labelled, say: Say) -> list[Entry]:
    """Share of runs with a signal though nothing is new: a random fifth of all texts is called new."""
    trials = [(split(data, None, 0, max(SIZES), 100 + seed), seed) for seed in range(QUIET[data.name])]
    seen = [looked(data, trial, seed) for trial, seed in trials]
    flagged = [(one.n_signals > 0, other.n_signals > 0) for one, other in seen]
    told = _shares(data, "runs with a false flag at shuffled dates", flagged, f"{len(seen)} runs", "<= 0.05")
    say(f"  {told.name}: {told.value:.2f}, {RIVAL} {told.rival_value:.2f}")
    return [told]


def _shares(data: Labelled, what: str, hits: Sequence[tuple[bool, bool]], size: str, aim: str = "") -> Entry:
    """Share of trials with a hit, ours with its Wilson interval, the rival's beside it."""
    mine, rival = (sum(side) for side in zip(*hits, strict=True))
    found = wilson(mine, len(hits))
    interval = (float(found.low), float(found.high))
    return Entry(PART, what, mine / len(hits), "", data.name, size, aim, interval, RIVAL, rival / len(hits))
