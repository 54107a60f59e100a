"""Week to week: half of the texts as history, then five batches. How many texts keep their irritant, at which quality?

Rivals in the same run, on the same vectors, each batch of the same texts: a full refit from nothing matched one to one on
shared texts (Hungarian); one fit, then the nearest centre; METHODS 8's warm start (Leiden from the old labels and the
votes of the new texts, one iteration, Hungarian); K-means refitted at as many groups as the first fit found, Hungarian.

Share kept: of the texts that had an irritant, those with the same one after the next batch (`a week`, the mean of five)
or in the end (`over all`, of the first half). An id survives where half of its first texts carry it in the end (see
irritants/certificate.py). Quality is NMI with people's labels in the end; without labels, with the full refit's topics,
and the rival of that figure is the full refit with another seed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import igraph
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.metrics import normalized_mutual_info_score

from insights.bench.report import Entry
from insights.bench.weeks_data import Say, Stream, streams
from insights.irritants.certificate import certify
from insights.topics.changes import SPLIT, Change
from insights.topics.cluster import GraphClusterer
from insights.topics.neighbours import Graph, neighbour_graph
from insights.topics.resolution import choose_resolution
from insights.topics.vectors import Blend, blend, unit
from insights.topics.warm import by_vote

Ints = NDArray[np.int64]

BATCHES = 5
NEIGHBOURS = 15
OURS, ACCEPTED = "warm start with a price", "the same, every proposal accepted"
REFIT, NEAREST = "full refit, Hungarian", "one fit, nearest centre"
ONE_STEP, KMEANS = "METHODS 8: warm start, one iteration", "K-means refit, Hungarian"


@dataclass(frozen=True)
class Week:
    """The texts up to one week: their space, and what a rival needs of it."""

    space: Blend
    languages: list[str]
    seed: int
    resolution: float  # chosen on the first half

    @property
    def n(self) -> int:
        return len(self.languages)

    def clusterer(self, *, initial: Ints | None = None, seed: int | None = None) -> GraphClusterer:
        """Fitted on these texts, from nothing at the first half's resolution or from known irritants."""
        model = GraphClusterer(
            NEIGHBOURS,
            self.resolution if initial is None else "auto",
            self.seed if seed is None else seed,
            split=self.space.split,
            languages=self.languages,
            initial=initial,
        )
        return model.fit(self.space.matrix)

    def graph(self) -> Graph:
        meaning = unit(self.space.matrix[:, : self.space.split])
        return neighbour_graph(self.space.matrix, meaning, NEIGHBOURS, self.languages)


Step = Callable[[Week, Ints], Ints]  # the number of each text's irritant (n,), given those of the first texts, else -1


@dataclass
class Course:
    """What one way gave, week by week: `labels[0]` of the first half, then of all texts after each batch."""

    labels: list[Ints]
    proposals: list[int] = field(default_factory=list)

    @property
    def kept_weekly(self) -> list[float]:
        return [_kept(old, new) for old, new in zip(self.labels, self.labels[1:], strict=False)]

    @property
    def kept_overall(self) -> float:
        return _kept(self.labels[0], self.labels[-1])

    @property
    def ids_surviving(self) -> float:
        first, last = (_named(part[: len(self.labels[0])]) for part in (self.labels[0], self.labels[-1]))
        return certify(first, last).ids_surviving or 0.0


@dataclass(frozen=True)
class Found:
    """All ways on one stream; `quality` in the end by way, and of `refit_auto`, a refit that chooses its resolution anew."""

    courses: dict[str, Course]
    quality: dict[str, float]
    refit_auto: float
    n_texts: int


def measure(stream: Stream, seed: int = 0) -> Found:
    """Every way on one stream, from one first fit."""
    counts = [len(stream.texts) // 2 + (len(stream.texts) - len(stream.texts) // 2) * k // BATCHES for k in range(6)]
    first = _week(stream, counts[0], seed, None)
    start = first.clusterer().labels_
    proposals: dict[str, list[int]] = {OURS: [], ACCEPTED: []}
    ways: dict[str, Step] = {
        OURS: _ours(proposals[OURS], accept=False),
        ACCEPTED: _ours(proposals[ACCEPTED], accept=True),
        REFIT: lambda week, before: hungarian(before, week.clusterer().labels_),
        NEAREST: _nearest_centre,
        ONE_STEP: _one_iteration,
        KMEANS: _kmeans(len(np.unique(start[start >= 0]))),
    }
    courses = {way: Course([start], proposals.get(way, [])) for way in ways}
    week = first
    for count in counts[1:]:
        week = _week(stream, count, seed, first.resolution)
        for way, step in ways.items():
            before = np.full(count, -1, dtype=np.int64)
            before[: len(courses[way].labels[-1])] = courses[way].labels[-1]
            courses[way].labels.append(step(week, before))
    return _judged(stream, courses, week)


def entries(say: Say, seed: int = 0) -> list[Entry]:
    """Entries of the part `weeks`."""
    found = []
    for stream in streams(say, seed):
        say(f"  {stream.name}: {len(stream.texts)} texts")
        found += _entries(stream, measure(stream, seed))
    return found


def _judged(stream: Stream, courses: dict[str, Course], last: Week) -> Found:
    anew = choose_resolution(last.space.matrix, last.space.split, NEIGHBOURS, last.seed, last.languages).value
    auto = Week(last.space, last.languages, last.seed, anew).clusterer().labels_
    refit = courses[REFIT].labels[-1]
    gold: Sequence[object] = stream.gold or [int(one) for one in refit]
    quality = {way: float(normalized_mutual_info_score(gold, course.labels[-1])) for way, course in courses.items()}
    if stream.gold is None:
        again = last.clusterer(seed=last.seed + 1).labels_
        quality[REFIT] = float(normalized_mutual_info_score(refit, again))
    return Found(courses, quality, float(normalized_mutual_info_score(gold, auto)), len(stream.texts))


def _entries(stream: Stream, found: Found) -> list[Entry]:
    size = f"{found.n_texts} texts, half then {BATCHES} batches"
    ours, rivals = found.courses[OURS], {way: one for way, one in found.courses.items() if way != OURS}
    told: list[Entry] = []
    for way, course in rivals.items():
        figures = {
            "share kept a week": (float(np.mean(ours.kept_weekly)), float(np.mean(course.kept_weekly)), ">= 0.97"),
            "share kept over all": (ours.kept_overall, course.kept_overall, ">= 0.90"),
            "ids surviving": (ours.ids_surviving, course.ids_surviving, ">= 0.95"),
            _quality_name(stream): (found.quality[OURS], found.quality[way], "no loss" if way == REFIT else ""),
            "irritants in the end": (_n(ours), _n(course), ""),
        }
        told += [
            Entry("weeks", f"{figure} ({way})", float(value), "", stream.name, size, aim, rival=way,
                  rival_value=float(beside))
            for figure, (value, beside, aim) in figures.items()
        ]  # fmt: skip
    told.append(
        Entry(
            "weeks",
            f"{_quality_name(stream)} (refit that chooses its resolution anew)",
            found.quality[OURS],
            "",
            stream.name,
            size,
            rival="refit, resolution chosen anew",
            rival_value=found.refit_auto,
        )
    )
    told.append(Entry("weeks", "splits and merges proposed a week", float(np.mean(ours.proposals)), "", stream.name,
                      f"{_n(ours):.0f} irritants"))  # fmt: skip
    return told


def _quality_name(stream: Stream) -> str:
    return "NMI with people's labels in the end" if stream.gold else "NMI with the full refit in the end"


def _n(course: Course) -> float:
    return float(len(np.unique(course.labels[-1][course.labels[-1] >= 0])))


def _week(stream: Stream, n: int, seed: int, resolution: float | None) -> Week:
    texts, languages = stream.texts[:n], stream.languages[:n]
    space = blend(texts, stream.vectors[:n], languages, seed)
    if resolution is None:
        resolution = choose_resolution(space.matrix, space.split, NEIGHBOURS, seed, languages).value
    return Week(space, languages, seed, resolution)


def _ours(proposed: list[int], *, accept: bool) -> Step:
    def step(week: Week, before: Ints) -> Ints:
        model = week.clusterer(initial=before)
        proposed.append(len(model.changes_))
        labels = accepted(model.labels_, model.changes_) if accept else model.labels_
        fresh = int(before.max()) + 1
        number = {**model.kept_}
        for topic in np.unique(labels[labels >= 0]).tolist():
            if topic not in number:
                number[topic], fresh = fresh, fresh + 1
        return np.array([number.get(topic, -1) for topic in labels.tolist()], dtype=np.int64)

    return step


def accepted(labels: Ints, asked: Sequence[Change]) -> Ints:
    """Topics (n,) after every split and merge that a fit asks for; the part of a split gets a new number."""
    labels = labels.copy()
    for one in asked:
        labels[list(one.rows)] = labels.max() + 1 if one.kind == SPLIT else one.topics[1]
    return labels


def _nearest_centre(week: Week, before: Ints) -> Ints:
    matrix, numbers = week.space.matrix, np.unique(before[before >= 0])
    centres = unit(np.stack([matrix[before == number].mean(axis=0) for number in numbers]))
    return np.where(before >= 0, before, numbers[(matrix @ centres.T).argmax(axis=1)])


def _one_iteration(week: Week, before: Ints) -> Ints:
    graph = week.graph()
    start = by_vote(graph, before, int(before.max()) + 1)
    lonely = np.flatnonzero(start < 0)
    start[lonely] = start.max() + 1 + np.arange(len(lonely))
    igraph.set_random_number_generator(random.Random(week.seed))
    try:
        found = graph.net.community_leiden(
            "modularity",
            weights="weight",
            resolution=week.resolution,
            initial_membership=np.unique(start, return_inverse=True)[1].tolist(),
            n_iterations=1,
        )
    finally:
        igraph.set_random_number_generator(random)
    return hungarian(before, np.asarray(found.membership, dtype=np.int64))


def _kmeans(k: int) -> Step:
    def step(week: Week, before: Ints) -> Ints:
        model = KMeans(k, n_init=3, random_state=week.seed)
        return hungarian(before, model.fit_predict(week.space.matrix).astype(np.int64))

    return step


def hungarian(before: Ints, labels: Ints) -> Ints:
    """`labels` (n,) renumbered so that most shared texts keep the number in `before` (n,); new topics get new numbers."""
    both = (before >= 0) & (labels >= 0)
    shared = np.zeros((int(labels.max()) + 1, int(before.max()) + 1))
    np.add.at(shared, (labels[both], before[both]), 1)
    pairs = {int(t): int(i) for t, i in zip(*linear_sum_assignment(-shared), strict=True) if shared[t, i] > 0}
    fresh = int(before.max()) + 1
    number = np.array([pairs.get(topic, fresh + topic) for topic in range(len(shared))])
    return np.where(labels >= 0, number[labels], -1)


def _kept(old: Ints, new: Ints) -> float:
    known = old >= 0
    return float(np.mean(new[: len(old)][known] == old[known]))


def _named(labels: Ints) -> list[str | None]:
    return [None if one < 0 else str(one) for one in labels.tolist()]
