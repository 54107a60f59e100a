"""Edits of the registry on a real lake: they show at once, rewrite nothing, and undoing them leaves identical tables."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pandas as pd
import pytest
from chain import Company

from insights.contracts import UNCLASSIFIED
from insights.errors import LedgerError
from insights.irritants import edit
from insights.irritants.assign import Assigner
from insights.irritants.edit import Part
from insights.irritants.frame import Entry
from insights.lake import Lake, open_lake
from insights.lake.queries import sql
from insights.ledger import Ledger, open_ledger
from insights.ledger.placements import append_placed
from insights.steps import curate
from insights.steps.adopt import adopt
from insights.steps.assigning import assigner_path, relearn
from insights.steps.discover import discover
from insights.steps.resolved import registry, seen
from insights.steps.suggest import suggest_parts

AT = datetime(2026, 10, 31, 9, tzinfo=UTC)
NOW = "SELECT * FROM irritant_now ORDER BY mention_id, irritant_id"
DEBITED = "(?i)pr[ée]l[eè]v|debit|débit|twice|deux fois"
COUNTS = "SELECT irritant_id, count(*) AS n FROM irritant_now GROUP BY 1"


@pytest.fixture
def both(copied: Company) -> Iterator[tuple[Lake, Ledger]]:
    with open_lake(copied.settings) as lake, open_ledger(copied.settings) as ledger:
        yield lake, ledger


def pictures(lake: Lake, ledger: Ledger) -> list[pd.DataFrame]:
    reader = seen(lake, ledger)
    return [reader.read(NOW), reader.read(sql("irritant_weekly"))]


def counts(lake: Lake, ledger: Ledger) -> dict[str, int]:
    found = seen(lake, ledger).read(COUNTS)
    return dict(zip(found["irritant_id"], found["n"].astype(int), strict=True))


def largest(lake: Lake, ledger: Ledger) -> list[str]:
    found = counts(lake, ledger)
    return sorted((one for one in found if one != UNCLASSIFIED), key=lambda one: (-found[one], one))


def test_merge_split_and_correction_show_at_once_and_undo_leaves_identical_tables(both: tuple[Lake, Ledger]) -> None:
    lake, ledger = both
    stored, before = lake.read("SELECT * FROM mention_irritant ORDER BY ALL"), pictures(lake, ledger)
    first, second, third = largest(lake, ledger)[:3]
    n = counts(lake, ledger)
    texts = curate.texts_of(lake, ledger, second)
    drafts = [
        lambda known: edit.merge(known, first, third),
        lambda known: edit.split(known, second, [Part("Une part", None, tuple(texts[: len(texts) // 2]))]),
        lambda known: edit.correct(known, [texts[-1]], second, third),
    ]
    for draft in drafts:
        assert curate.record(ledger, [draft(registry(ledger))], actor="test", at=AT) == 1
    after = counts(lake, ledger)
    child = registry(ledger).next_ids(1)[0]
    child = f"IR-{int(child[3:]) - 1:04d}"
    assert first not in after and after[third] > n[first], "the merged irritant's mentions stand with the other"
    assert 0 < after[child] < n[second] and after[second] < n[second]
    assert after[third] + after[second] + after[child] <= n[first] + n[second] + n[third]
    assert set(curate.texts_of(lake, ledger, child)) == set(texts[: len(texts) // 2])
    weekly = seen(lake, ledger).read(sql("irritant_weekly"))
    assert child in set(weekly["irritant_id"]) and first not in set(weekly["irritant_id"])
    for _ in drafts:
        last = max(
            one
            for one, gone in curate.history(ledger)[["event_id", "undone"]].itertuples(index=False)
            if not gone and not _undoing(ledger, one)
        )
        curate.undo(ledger, last, actor="test", at=AT)
    for was, now in zip(before, pictures(lake, ledger), strict=True):
        pd.testing.assert_frame_equal(was, now)
    pd.testing.assert_frame_equal(stored, lake.read("SELECT * FROM mention_irritant ORDER BY ALL"))


def _undoing(ledger: Ledger, event_id: int) -> bool:
    return next(event.kind for event in ledger.events() if event.event_id == event_id) == "irritant.undone"


@pytest.mark.faults
def test_a_correction_outlives_a_discovery_and_can_still_be_undone(both: tuple[Lake, Ledger]) -> None:
    lake, ledger = both
    first, second = largest(lake, ledger)[:2]
    text = curate.texts_of(lake, ledger, first)[0]
    said = "SELECT i.irritant_id FROM irritant_now i JOIN mention m USING (mention_id) WHERE m.text_sha = $text"
    curate.record(ledger, [edit.correct(registry(ledger), [text], first, second)], actor="test", at=AT)
    number = ledger.version()
    with lake.write() as writer:
        writer.execute("DELETE FROM run WHERE step = 'discover'")
    discover(lake, ledger, run_id="again")
    assert set(seen(lake, ledger).read(said, text=text)["irritant_id"]) == {second}
    assert not relearn(lake, ledger), "the discovery has learned from it"
    curate.undo(ledger, number, actor="test", at=AT)
    assert set(seen(lake, ledger).read(said, text=text)["irritant_id"]) == {first}


def test_the_same_form_sent_twice_decides_once(both: tuple[Lake, Ledger]) -> None:
    lake, ledger = both
    first, second = largest(lake, ledger)[:2]
    draft = edit.rename(registry(ledger), first, label_fr="Un nom choisi")
    assert curate.record(ledger, [draft], actor="test", at=AT) == 1
    merged = edit.merge(registry(ledger), first, second)
    assert curate.record(ledger, [merged], actor="test", at=AT) == 1
    with pytest.raises(LedgerError, match="was merged into"):
        edit.merge(registry(ledger), first, second)


@pytest.mark.faults
def test_a_suggested_split_is_named_distinct_and_holds_the_texts_it_shows(both: tuple[Lake, Ledger]) -> None:
    lake, ledger = both
    found = next((parts for one in largest(lake, ledger)[:4] if (parts := suggest_parts(lake, ledger, one))), [])
    assert len(found) >= 2
    assert 0.6 < sum(one.share for one in found) < 1 + 1e-9, "the groups hold most texts; what fits none stays"
    names = [one.part.label_fr or one.part.label_en for one in found]
    assert len(set(names)) == len(names)
    assert all(one.examples and one.part.texts for one in found)
    with pytest.raises(LedgerError, match="no irritant 'IR-9999'"):
        suggest_parts(lake, ledger, "IR-9999")


def test_corrections_are_learned_and_carry_to_new_mentions(both: tuple[Lake, Ledger]) -> None:
    lake, ledger = both
    first, second = largest(lake, ledger)[:2]
    before = Assigner.load(assigner_path(lake.settings)).version
    assert not relearn(lake, ledger), "nothing was decided since the discovery"
    texts = curate.texts_of(lake, ledger, first)[:12]
    curate.record(ledger, [edit.correct(registry(ledger), texts, first, second)], actor="test", at=AT)
    assert relearn(lake, ledger)
    taught = Assigner.load(assigner_path(lake.settings))
    assert taught.version != before and taught.version.startswith("learned-")


def test_an_imported_code_frame_seeds_the_registry_maps_the_history_and_comes_twice_for_nothing(
    both: tuple[Lake, Ledger],
) -> None:
    lake, ledger = both
    with lake.write() as writer:
        writer.execute("UPDATE mention_irritant SET irritant_id = 'unclassified'")
    entries = [
        Entry(
            "Attente interminable au téléphone",
            "Endless wait on the phone",
            examples=("45 minutes d'attente au téléphone", "personne ne décroche"),
            owner="Plateaux",
            theme="Contact",
        ),
        Entry(
            "Double prélèvement",
            None,
            definition="Le client a été prélevé deux fois",
            examples=("j'ai été prélevé deux fois",),
        ),
    ]
    done = adopt(lake, ledger, entries, source="plan.csv", actor="test")
    known = registry(ledger)
    assert (done.n_new, done.n_examples) == (2, 3) and done.n_assigned > 0
    waiting = known.irritants[done.ids[0]]
    assert waiting.owner == "Plateaux" and waiting.lineage == "imported from plan.csv"
    assert (known.theme_of(done.ids[0]) or pytest.fail("no theme")).label_fr == "Contact"
    said = lake.read(
        "SELECT m.text FROM mention m JOIN mention_irritant i USING (mention_id) WHERE i.irritant_id = $one",
        one=done.ids[1],
    )
    everywhere = lake.read("SELECT text FROM mention WHERE type = 'complaint'")["text"].str.contains(
        DEBITED, regex=True
    )
    share = said["text"].str.contains(DEBITED, regex=True).mean()
    assert share > 3 * everywhere.mean(), f"{share:.2f} of the history mapped to the double debit speaks of one"
    again = adopt(lake, ledger, entries, source="plan.csv", actor="test")
    assert (again.ids, again.n_new, again.n_examples) == (done.ids, 0, 0)


def test_a_proposed_split_waits_is_taken_with_its_texts_and_a_refused_one_stays_away(both: tuple[Lake, Ledger]) -> None:
    lake, ledger = both
    first, second = largest(lake, ledger)[:2]
    texts = curate.texts_of(lake, ledger, first)[:5]

    def propose(fit: str, irritant: str) -> None:
        payload = {
            "irritant_ids": [irritant],
            "topics": [1],
            "fit": fit,
            "evidence": {"share": 0.5},
            "names": {"label_fr": f"Nouveau {irritant}"},
        }
        event = {
            "kind": "proposal.split",
            "subject": irritant,
            "payload": payload,
            "actor": "discover",
            "at": AT,
            "key": f"{fit}:{irritant}",
        }
        append_placed(ledger, event, [(text, irritant, "") for text in texts])

    propose("fit-1", first)
    propose("fit-1", second)
    assert counts(lake, ledger)[first] == counts(lake, ledger)[first], "a proposal moves nothing"
    one, two = curate.open_proposals(ledger)
    curate.take(ledger, one.event_id, actor="test", at=AT)
    curate.refuse(ledger, two.event_id, actor="test", at=AT)
    born = next(each for each in registry(ledger).irritants.values() if each.label_fr == f"Nouveau {first}")
    assert set(curate.texts_of(lake, ledger, born.irritant_id)) == set(texts)
    assert curate.open_proposals(ledger) == []
    propose("fit-2", second)
    assert curate.open_proposals(ledger) == [], "what was refused is not proposed again"
    with pytest.raises(LedgerError, match="no open proposal"):
        curate.take(ledger, two.event_id, actor="test", at=AT)
    assert [one.event_id for one in curate.refused_proposals(ledger)] == [two.event_id]
    curate.reopen(ledger, two.event_id, actor="test", at=AT)
    assert curate.refused_proposals(ledger) == []
    assert [one.irritant_ids for one in curate.open_proposals(ledger)] == [(second,)], "the newer one waits now"
    with pytest.raises(LedgerError, match="was not decided"):
        curate.reopen(ledger, two.event_id, actor="test", at=AT)
