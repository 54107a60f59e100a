"""What corrections bring on labelled sets: weighted F1 with 0, 5, 10 and 20 of them an irritant, beside rivals.

Each seed halves the texts of every class: corrections are drawn from one half, the other half is judged. Two settings:
- code frame: the irritants are the gold classes and have no member, only examples with their gold label (0: the class's
  name stands for it). Rivals on the same vectors: nearest centre of the same examples, and logistic regression.
- discovery: the irritants are those `fit_topics` finds, each standing for the gold class most of its texts have; people
  move mentions between them, or to an irritant they add where none stands for the class. Rival: nearness to the same
  irritants when the corrected mentions are simply made members of the right one.
A mention left unclassified counts as wrong everywhere.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from insights.bench.report import Entry
from insights.churn.evaluate import ece
from insights.contracts import UNCLASSIFIED
from insights.irritants.assign import Assigner
from insights.irritants.learn import Corrections, Matrix
from insights.irritants.learn_look import worth_a_look
from insights.irritants.learn_quality import SAME_CODER, TWO_CODERS, held_back_f1, weighted_f1
from insights.language import detect
from insights.topics.encoder import Encoder, encoder_for
from insights.topics.fit import fit_topics
from insights.topics.vectors import unit

Say = Callable[[str], None]
Names = NDArray[np.object_]
Rows = NDArray[np.int64]

PART = "corrections"
SHARED = Path(__file__).parents[3] / "shared" / "data"
SETS = {
    "fr_wikit_intents": (("training_dataset.csv", "test_dataset.csv"), "utterance", "intent"),
    "en_banking77": (("test.csv",), "text", "category"),
}
COUNTS = (0, 5, 10, 20)
SEEDS = 5
LOOKS = 10  # corrections an irritant, asked for in rounds
ROUNDS = 4
AIM = {10: f">= 0.75 (two coders {TWO_CODERS[0]:.2f} to {TWO_CODERS[1]:.2f}, one twice {SAME_CODER:.2f})"}
MANY = 100_000


@dataclass(frozen=True)
class Labelled:
    """One labelled set: vectors (n, d), languages (n), gold labels (n), vectors of the labels themselves by label."""

    vectors: Matrix
    languages: Names
    gold: Names
    named: dict[str, Matrix]

    @property
    def classes(self) -> list[str]:
        return sorted(self.named)

    def halves(self, seed: int) -> tuple[Rows, Rows]:
        """Rows to draw corrections from, in a drawn order, and rows to judge; half of each class."""
        drawn = np.random.default_rng(seed).permutation(len(self.gold))
        own = [drawn[self.gold[drawn] == name] for name in self.classes]
        return np.concatenate([one[: len(one) // 2] for one in own]), np.concatenate(
            [one[len(one) // 2 :] for one in own]
        )

    def first(self, rows: Rows, n: int) -> Rows:
        """The first `n` rows of each class."""
        return np.concatenate([rows[self.gold[rows] == name][:n] for name in self.classes])

    def told(self, rows: Rows, to: Sequence[str], shown: Sequence[str | None]) -> Corrections:
        return Corrections(self.vectors[rows], tuple(self.languages[rows]), tuple(to), tuple(shown))

    def spoken(self, rows: Rows) -> list[str]:
        return list(self.languages[rows])


def entries(say: Say) -> list[Entry]:
    """Entries of the part `corrections`; a set that is absent is left out."""
    from insights.bench import corrections_demo

    found = corrections_demo.entries(say)
    for name, (files, text, label) in SETS.items():
        paths = [SHARED / name / file for file in files]
        if absent := [path for path in paths if not path.exists()]:
            say(f"  {absent[0]} is absent: left out")
            continue
        frame = pd.concat([pd.read_csv(path, sep=None, engine="python") for path in paths]).dropna(subset=[text, label])
        found += bench_corrections(list(frame[text].astype(str)), list(frame[label].astype(str)), name, say)
    return found


def bench_corrections(
    texts: Sequence[str], labels: Sequence[str], data: str, say: Say, encoder: Encoder | None = None, seeds: int = SEEDS
) -> list[Entry]:
    """Entries of any labelled list of texts; `data` is the name it is reported under."""
    encoder = encoder or encoder_for("use-multilingual")
    classes = sorted(set(labels))
    spoken = [re.sub(r"[\W_]+", " ", name).strip() for name in classes]
    named = {name: vector[None, :] for name, vector in zip(classes, encoder(spoken), strict=True)}
    told = Labelled(encoder(texts), np.array(detect(texts), dtype=object), np.array(labels, dtype=object), named)
    size = f"{len(texts)} texts, {len(classes)} labels, {seeds} seeds"
    say(f"  {data}: code frame")
    found = _code_frame(told, data, size, seeds)
    say(f"  {data}: discovery")
    topics = fit_topics(texts, told.vectors, list(told.languages), 0, measure_stability=False).labels
    found += found_entries(told, np.array([f"T{one}" for one in topics], dtype=object), data, size, seeds, say)
    return found


def _code_frame(told: Labelled, data: str, size: str, seeds: int) -> list[Entry]:
    """F1 from examples alone, calibration and seconds."""
    scores: dict[tuple[str, int], list[float]] = {}
    errors, seconds, speed = [], [], 0.0
    for seed in range(seeds):
        pool, judged = told.halves(seed)
        for n in COUNTS:
            examples = _examples(told, pool, n)
            started = time.perf_counter()
            assigner = Assigner.fit(told.vectors[:0], [], [], "bench", corrections=examples)
            spent = time.perf_counter() - started
            ids, confidence = assigner.assign(told.vectors[judged], told.spoken(judged))
            scores.setdefault(("ours", n), []).append(f1(told.gold[judged], ids))
            for rival, given in _rivals(told, assigner, examples, judged).items():
                scores.setdefault((rival, n), []).append(f1(told.gold[judged], given))
            if n == 10:
                placed = ids != UNCLASSIFIED
                errors.append(ece((ids == told.gold[judged])[placed].astype(float), confidence[placed]))
                seconds.append(spent)
                speed = speed or _speed(assigner, told)
    found = [
        _entry(
            f"code frame, {n} examples an irritant" if n else "code frame, labels alone", data, size, scores, n, rival
        )
        for n in COUNTS
        for rival in ("nearest centre", "logistic regression")
        if (rival, n) in scores
    ]
    about = f"{size}, 10 examples an irritant"
    found.append(Entry(PART, "calibration error of the confidence", float(np.mean(errors)), "", data, about, "<= 0.05"))
    found.append(Entry(PART, "learning", float(np.mean(seconds)), "s", data, about))
    return [*found, Entry(PART, "assignment without encoding", speed, "texts a second", data, f"{MANY} texts")]


def _examples(told: Labelled, pool: Rows, n: int) -> Corrections:
    """`n` examples a class with their gold label; for 0, the names of the classes."""
    if n:
        rows = told.first(pool, n)
        return Corrections.examples(told.vectors[rows], told.spoken(rows), list(told.gold[rows]))
    main = max(sorted(set(told.languages)), key=lambda one: int((told.languages == one).sum()))
    names = np.concatenate([told.named[name] for name in told.classes])
    return Corrections.examples(names, [main] * len(names), told.classes)


def _rivals(told: Labelled, assigner: Assigner, examples: Corrections, judged: Rows) -> dict[str, Names]:
    """What the rivals give on the same language-centred vectors; they leave nothing unclassified."""
    rows = assigner.centre.apply(examples.vectors, examples.languages)
    test = assigner.centre.apply(told.vectors[judged], told.spoken(judged))
    names, codes = np.unique(np.array(examples.to_ids), return_inverse=True)
    centres = unit(np.stack([rows[codes == code].mean(axis=0) for code in range(len(names))]))
    given = {"nearest centre": names[(test @ centres.T).argmax(axis=1)].astype(object)}
    if len(codes) > len(names):
        model = LogisticRegression(C=10.0, max_iter=300).fit(rows, codes)
        given["logistic regression"] = names[model.predict(test)].astype(object)
    return given


def _speed(assigner: Assigner, told: Labelled) -> float:
    """Texts a second, vectors at hand."""
    at = np.arange(MANY) % len(told.gold)
    vectors, languages = told.vectors[at], told.spoken(at)
    started = time.perf_counter()
    assigner.assign_rows(vectors, languages)
    return MANY / (time.perf_counter() - started)


@dataclass(frozen=True)
class Found:
    """Irritants of one fit on the rows of one half: what each stands for, and where a class's mentions are moved."""

    labelled: Labelled
    pool: Rows
    ids: Names  # of all texts
    gold_of: dict[str, str]
    home: dict[str, str]

    @classmethod
    def of(cls, told: Labelled, ids: Names, pool: Rows) -> Found:
        own, gold = ids[pool], told.gold[pool]
        counts = pd.crosstab(own, gold)
        gold_of = {str(name): str(row.idxmax()) for name, row in counts.iterrows()}
        home = {}
        for name in told.classes:
            standing = [one for one in counts.index if gold_of[one] == name]
            home[name] = max(standing, key=lambda one: int(counts.loc[one].sum())) if standing else name
        return cls(told, np.sort(pool), ids, gold_of, home)

    def right(self, rows: Rows, shown: Names) -> list[str]:
        """Where people put each row: where it is shown when that stands for its class, else its class's irritant."""
        return [
            one if self.gold_of.get(one, one) == gold else self.home[gold]
            for one, gold in zip(shown, self.labelled.gold[rows], strict=True)
        ]

    def fit(self, corrections: Corrections | None = None, moved: dict[int, str] | None = None) -> Assigner:
        ids = self.ids.copy()
        for row, to in (moved or {}).items():
            ids[row] = to
        told, pool = self.labelled, self.pool
        return Assigner.fit(told.vectors[pool], told.spoken(pool), list(ids[pool]), "bench", corrections=corrections)

    def f1(self, assigner: Assigner, judged: Rows) -> float:
        ids, _ = assigner.assign(self.labelled.vectors[judged], self.labelled.spoken(judged))
        return f1(self.labelled.gold[judged], np.array([self.gold_of.get(one, one) for one in ids], dtype=object))

    def correct(self, rows: Rows, shown_by: Assigner) -> Corrections:
        shown, _ = shown_by.assign(self.labelled.vectors[rows], self.labelled.spoken(rows))
        return self.labelled.told(rows, self.right(rows, shown), list(shown))


def found_entries(told: Labelled, ids: Names, data: str, size: str, seeds: int, say: Say) -> list[Entry]:
    """F1 as people move mentions between the irritants found; random picks beside those worth a look."""
    scores: dict[tuple[str, int], list[float]] = {}
    picked: dict[str, list[float]] = {"asked": [], "random": []}
    for seed in range(seeds):
        pool, judged = told.halves(seed)
        found = Found.of(told, ids, pool)
        near = found.fit()
        for n in COUNTS:
            rows = told.first(pool, n)
            said = found.correct(rows, near) if n else None
            moved = dict(zip(rows.tolist(), said.to_ids, strict=True)) if said else {}
            scores.setdefault(("ours", n), []).append(found.f1(found.fit(said), judged))
            scores.setdefault(("nearness, moved as members", n), []).append(found.f1(found.fit(moved=moved), judged))
        for how, chosen in _asked(found, near, seed).items():
            picked[how].append(found.f1(found.fit(chosen), judged))
        if seed == 0:
            held = held_back_f1(told.vectors[pool], told.spoken(pool), list(ids[pool]), found.correct(told.first(pool, 10), near),
                                "bench")  # fmt: skip
            truth = scores["ours", 10][0]
    say(f"  {data}: {len(set(ids))} irritants found for {len(told.classes)} classes")
    entries = [
        _entry(f"discovery, {n} corrections an irritant", data, size, scores, n, "nearness, moved as members")
        for n in COUNTS
    ]
    mean, sd = float(np.mean(picked["asked"])), float(np.std(picked["asked"]))
    entries.append(Entry(PART, f"discovery, {LOOKS} corrections an irritant, those worth a look", mean, "weighted F1", data,
                         size, f"> {LOOKS} random ones", (mean - sd, mean + sd), "random mentions",
                         float(np.mean(picked["random"]))))  # fmt: skip
    entries.append(Entry(PART, "held-back estimate with 10 corrections an irritant", held.f1, "weighted F1", data,
                         f"{held.n} corrections, seed 0", "", (held.f1_low, held.f1_high), "F1 on the rest", truth))  # fmt: skip
    return entries


def _asked(found: Found, near: Assigner, seed: int) -> dict[str, Corrections]:
    """As many corrections as ten an irritant: those worth a look, in four rounds, and the first of a random order."""
    told, pool = found.labelled, found.pool
    budget = min(LOOKS * len(told.classes), len(pool))
    random = np.random.default_rng(seed).permutation(pool)[:budget]
    assigner, known = near, Corrections.none(told.vectors.shape[1])
    for step in range(ROUNDS):
        n = budget * (step + 1) // ROUNDS - budget * step // ROUNDS
        looks = worth_a_look(assigner, told.vectors[pool], told.spoken(pool), n, known)
        new = found.correct(pool[[one.row for one in looks]], assigner)
        known = known.then(new)
        if step < ROUNDS - 1:
            assigner = found.fit(known)
    return {"asked": known, "random": found.correct(random, near)}


def f1(gold: Names, ids: Names) -> float:
    """Weighted F1 (0..1) of ids against gold labels."""
    codes = np.unique([str(one) for one in np.concatenate([gold, ids])], return_inverse=True)[1]
    return weighted_f1(codes[: len(gold)], codes[len(gold) :])


def _entry(name: str, data: str, size: str, scores: dict[tuple[str, int], list[float]], n: int, rival: str) -> Entry:
    """Mean over the seeds, with plus and minus one deviation."""
    mean, sd = float(np.mean(scores["ours", n])), float(np.std(scores["ours", n]))
    beside = float(np.mean(scores[rival, n]))
    return Entry(PART, name, mean, "weighted F1", data, size, AIM.get(n, ""), (mean - sd, mean + sd), rival, beside)
