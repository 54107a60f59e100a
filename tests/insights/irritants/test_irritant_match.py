from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from insights.irritants.match import accept_policy, propose, shared_texts, to_events
from insights.irritants.registry import Registry, fold
from insights.topics.fit import TopicFit
from insights.topics.vectors import Blend as Space
from insights.topics.vectors import LanguageCentre, Lexicon, unit

AXES = np.eye(12, dtype=np.float32)


@dataclass(frozen=True)
class Event:
    event_id: int
    kind: str
    subject: str
    payload: dict[str, Any] = field(default_factory=dict)
    at: datetime = datetime(2026, 3, 2, tzinfo=UTC)
    actor: str = "policy"
    idempotency_key: str = ""


def fit_of(labels: list[int], centres: list[np.ndarray]) -> TopicFit:
    """A fit with these labels and encoder centres."""
    found = np.array(labels)
    topics = tuple(range(len(centres)))
    lexicon = Lexicon({}, np.empty(0), {}, np.empty(0), np.empty((0, 0), dtype=np.float32))
    space = Space(LanguageCentre((), np.empty((0, 12), np.float32), AXES[0]), lexicon, 0.0, AXES)
    rows = unit(np.stack(centres))
    return TopicFit(
        labels=found, topics=topics, sizes={topic: int((found == topic).sum()) for topic in topics},
        keywords={topic: ("mot",) for topic in topics}, representatives={}, centroids=rows, encoder_centroids=rows,
        strength=np.ones(len(found)), resolution=1.0, choice=None, stability={}, n_distinct=len(found),
        n_sample=len(found), blend=space, model=None,
    )  # fmt: skip


def names(n: int) -> dict[int, dict[str, Any]]:
    return {topic: {"label_fr": f"Sujet {topic}", "label_source": "mined_fr"} for topic in range(n)}


def recorded(events: list[dict[str, Any]], before: int = 0) -> list[Event]:
    return [Event(before + n, one["kind"], one["subject"], one["payload"]) for n, one in enumerate(events, start=1)]


def first_registry(n: int) -> tuple[Registry, list[Event]]:
    fit = fit_of(list(range(n)) * 10, [AXES[k] for k in range(n)])
    events, _ = to_events(propose({}, fit, {}), Registry(), names(n), "fit-1")
    return fold(recorded(events)), recorded(events)


def test_a_first_fit_is_all_births_with_lasting_ids() -> None:
    registry, events = first_registry(3)
    assert list(registry.irritants) == ["IR-0001", "IR-0002", "IR-0003"]
    assert {one.lineage for one in registry.irritants.values()} == {"first fit"}
    assert {event.kind for event in events} == {"irritant.born"}


def test_a_second_fit_keeps_ids_whatever_the_order_of_its_topics() -> None:
    registry, _ = first_registry(3)
    labels = [2] * 10 + [0] * 10 + [1] * 10
    before = ["IR-0001"] * 10 + ["IR-0002"] * 10 + ["IR-0003"] * 10
    fit = fit_of(labels, [AXES[1], AXES[2], AXES[0]])
    found = propose({f"IR-000{k + 1}": AXES[k] for k in range(3)}, fit, shared_texts(fit, before))
    assert {one.kind for one in found} == {"same"}
    events, settled = to_events(found, registry, names(3), "fit-2")
    assert (events, settled) == ([], {2: "IR-0001", 0: "IR-0002", 1: "IR-0003"})


def test_without_shared_texts_near_centres_are_the_same_and_far_ones_are_births() -> None:
    fit = fit_of([0] * 5 + [1] * 5, [AXES[0] + 0.1 * AXES[5], AXES[7]])
    found = propose({"IR-0001": AXES[0]}, fit, {})
    assert [(one.kind, one.topics, one.irritant_ids) for one in found] == [
        ("same", (0,), ("IR-0001",)),
        ("birth", (1,), ()),
    ]


def changed() -> tuple[Registry, list[Any], TopicFit]:
    """Irritant 1 fell into two topics; 2 and 3 into one; nobody speaks of 4; topic 3 is new."""
    registry, _ = first_registry(4)
    labels = [0] * 12 + [1] * 8 + [2] * 22 + [3] * 10
    before: list[str | None] = ["IR-0001"] * 20 + ["IR-0002"] * 12 + ["IR-0003"] * 10 + [None] * 10
    fit = fit_of(labels, [AXES[0], AXES[0] + 0.6 * AXES[8], AXES[1] + AXES[2], AXES[9]])
    centres = {f"IR-000{k + 1}": AXES[k] for k in range(4)}
    return registry, propose(centres, fit, shared_texts(fit, before)), fit


def test_split_merge_death_and_birth_are_told_apart() -> None:
    _, found, _ = changed()
    assert {(one.kind, one.topics, one.irritant_ids) for one in found} == {
        ("same", (0,), ("IR-0001",)),
        ("same", (2,), ("IR-0002",)),
        ("split", (1,), ("IR-0001",)),
        ("birth", (3,), ()),
        ("merge", (2,), ("IR-0003", "IR-0002")),
        ("death", (), ("IR-0004",)),
    }


def test_each_topic_and_each_irritant_is_settled_once() -> None:
    _, found, fit = changed()
    topics = [topic for one in found if one.kind != "merge" for topic in one.topics]
    irritants = [one.irritant_ids[0] for one in found if one.kind in ("same", "merge", "death")]
    assert sorted(topics) == list(fit.topics)
    assert sorted(irritants) == ["IR-0001", "IR-0002", "IR-0003", "IR-0004"]


def test_policy_takes_what_hides_nothing() -> None:
    registry, found, _ = changed()
    taken, waiting = accept_policy(found, registry)
    assert {one.kind for one in taken} == {"same", "birth"}
    assert {one.kind for one in waiting} == {"split", "merge", "death"}
    assert accept_policy(taken, Registry())[0] == [one for one in taken if one.kind == "birth"]


def test_accepted_by_a_person_every_change_folds_and_accepting_twice_has_the_same_keys() -> None:
    registry, found, _ = changed()
    _, first = first_registry(4)
    events, settled = to_events(found, registry, names(4), "fit-2")
    after = fold([*first, *recorded(events, before=100)])
    assert settled[1] == "IR-0005" and settled[3] == "IR-0006"
    assert after.irritants["IR-0005"].lineage == "split of IR-0001"
    assert after.irritants["IR-0006"].status == "emerging"
    assert after.resolve("IR-0003") == "IR-0002"
    assert after.irritants["IR-0004"].status == "dormant"
    keys = [one["key"] for one in events]
    assert len(set(keys)) == len(keys)
    assert keys == [one["key"] for one in to_events(found, registry, names(4), "fit-2")[0]]


def test_a_dormant_irritant_heard_again_wakes() -> None:
    registry, first = first_registry(1)
    asleep = fold([*first, Event(9, "irritant.retired", "IR-0001")])
    fit = fit_of([0] * 10, [AXES[0]])
    events, settled = to_events(propose({"IR-0001": AXES[0]}, fit, {}), asleep, names(1), "fit-3")
    assert settled == {0: "IR-0001"}
    assert (
        fold([*first, Event(9, "irritant.retired", "IR-0001"), *recorded(events, 20)]).irritants["IR-0001"].status
        == "active"
    )
