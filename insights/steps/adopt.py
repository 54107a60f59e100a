"""Adopt a company's code frame: its causes become irritants with lasting ids, and what customers said is mapped to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from insights.contracts import UNCLASSIFIED
from insights.irritants import edit
from insights.irritants.frame import Entry
from insights.irritants.match import MERGE
from insights.irritants.registry import Registry
from insights.lake import Lake
from insights.language import detect
from insights.ledger import Ledger
from insights.mentions.text import fold, text_sha
from insights.steps.assigning import MEMBERS, OPEN_ROWS, alone, assign_new, keep, kept_rows, refit, stacked
from insights.steps.curate import PROPOSED, record
from insights.steps.mapping import keep_map
from insights.steps.redacting import redactor_for
from insights.steps.resolved import registry, seen
from insights.steps.tabling import irritant_rows
from insights.topics.encoder import encoder_for

MOSTLY = 0.6  # share of a discovered irritant's texts that lie with one imported cause: then they are proposed as one
LANGUAGES = ("fr", "en")
WAIT_SECONDS = 600  # for a discovery that fits the assigner
APART = "SELECT irritant_id, neighbour_id, said_here, said_there FROM irritant WHERE neighbour_id IS NOT NULL"


@dataclass(frozen=True)
class Adopted:
    """What an import did. `ids`: irritant of each entry, in order. `without_example`: known by their label alone."""

    ids: tuple[str, ...]
    n_new: int
    n_known: int
    n_examples: int
    n_assigned: int
    n_proposed: int
    without_example: tuple[str, ...]

    def sentences(self) -> list[str]:
        """For people."""
        said = [
            f"{len(self.ids)} causes: {self.n_new} new irritants, {self.n_known} known already by their name.",
            f"{self.n_examples} examples kept (redacted); {self.n_assigned} mentions of the past assigned.",
        ]
        if self.n_proposed:
            said.append(
                f"{self.n_proposed} irritants found earlier look like imported ones: `voc irritants proposals`."
            )
        if self.without_example:
            named = ", ".join(self.without_example[:5])
            said.append(f"Known by their label and definition only (add examples): {named}.")
        return said


def adopt(lake: Lake, ledger: Ledger, entries: Sequence[Entry], *, source: str, actor: str) -> Adopted:
    """Register the entries of a code frame and map the history; importing the same frame again changes nothing.

    A cause that has the name of a living irritant is that irritant. Order of writing: the ledger's events, the examples,
    the assigner, the assignments; a crash in between is finished by importing again.
    """
    at = lake.settings.business_now()
    before = registry(ledger)
    ids = tuple(_register(ledger, entry, source, actor, at) for entry in entries)
    examples = _examples(lake, ledger, entries, ids, source, at)
    apart = {str(row.pop("irritant_id")): row for row in lake.read(APART).to_dict("records")}
    with lake.write() as writer:
        n_examples = writer.insert_new("irritant_example", examples)
        writer.replace("irritant", irritant_rows(registry(ledger), apart))
    assigned = _map_history(lake, ledger)
    named = {one for one in ids if one not in before.irritants}
    after = registry(ledger)
    own = {one for one in ids if after.irritants[one].lineage.startswith(f"imported from {source}")}
    return Adopted(
        ids,
        len(named),
        len(set(ids)) - len(named),
        n_examples,
        assigned,
        _propose_merges(lake, ledger, before, own, source, at),
        tuple(entry.name for entry in entries if not entry.examples),
    )


def _register(ledger: Ledger, entry: Entry, source: str, actor: str, at: datetime) -> str:
    known = registry(ledger)
    if found := _named(known, entry):
        return found
    theme = _theme(ledger, entry.theme, actor, at) if entry.theme else None
    draft = edit.create(
        registry(ledger),
        label_fr=entry.label_fr,
        label_en=entry.label_en,
        definition=entry.definition,
        owner=entry.owner,
        parent=theme,
        lineage=f"imported from {source}" + (f", code {entry.code}" if entry.code else ""),
        label_source="code_frame",
    )
    record(ledger, [draft], actor=actor, at=at)
    return draft.subject


def _named(known: Registry, entry: Entry) -> str | None:
    """The living irritant that has one of the entry's names."""
    wanted = {
        name: fold(value) for name, value in (("label_fr", entry.label_fr), ("label_en", entry.label_en)) if value
    }
    for one in known.living():
        if any(fold(getattr(one, name) or "") == value for name, value in wanted.items()):
            return one.irritant_id
    return None


def _theme(ledger: Ledger, name: str, actor: str, at: datetime) -> str:
    known = registry(ledger)
    for one in known.themes.values():
        if fold(name) in {fold(one.label_fr or ""), fold(one.label_en or "")}:
            return one.theme_id
    language = detect([name], default="fr")[0]
    draft = edit.theme(known, **{"label_en" if language == "en" else "label_fr": name})
    record(ledger, [draft], actor=actor, at=at)
    return draft.subject


def _examples(
    lake: Lake, ledger: Ledger, entries: Sequence[Entry], ids: Sequence[str], source: str, at: datetime
) -> pd.DataFrame:
    """Rows of `irritant_example`: each example redacted; label and definition stand in where there is none."""
    said = [(one, text) for entry, one in zip(entries, ids, strict=True) for text in _texts(entry)]
    texts = [text for _, text in said]
    languages = [one if one in LANGUAGES else "fr" for one in detect(texts, default="fr")]
    with redactor_for(ledger, lake.settings) as redactor:
        clean = [one.text for one in redactor.redact(texts, languages)]
    rows = [
        {"irritant_id": one, "text_sha": text_sha(text), "text": text, "language": language, "source": source}
        for (one, _), text, language in zip(said, clean, languages, strict=True)
        if text
    ]
    return pd.DataFrame(rows).drop_duplicates(["irritant_id", "text_sha"]).assign(added_at=pd.Timestamp(at))


def _texts(entry: Entry) -> list[str]:
    """Examples; without any, the labels and the definition say what the cause is."""
    if entry.examples:
        return list(entry.examples)
    return [text for text in (entry.label_fr, entry.label_en, entry.definition) if text]


def _map_history(lake: Lake, ledger: Ledger) -> int:
    """Fit the assigner with the examples; what had no irritant is looked at again."""
    with alone(lake.settings, WAIT_SECONDS):
        known = registry(ledger)
        assigner = refit(lake, ledger)
        if assigner is None:
            return 0
        keep(lake, ledger, assigner, known.version)
        keep_map(lake.settings, assigner, known)
        with lake.write() as writer:
            writer.execute(OPEN_ROWS, open=[UNCLASSIFIED, *sorted(known.unborn)], kept=kept_rows(writer, ledger))
        assign_new(lake)
    return int(lake.scalar("SELECT count(*) FROM mention_irritant WHERE irritant_id <> $none", none=UNCLASSIFIED))


def _propose_merges(lake: Lake, ledger: Ledger, before: Registry, named: set[str], source: str, at: datetime) -> int:
    """Propose to merge irritants found earlier into the imported cause most of their texts lie with."""
    encoder = encoder_for(lake.settings.encoder, lake.settings.threads).version
    members = seen(lake, ledger).read(MEMBERS, encoder=encoder)
    members = members[members["irritant_id"].isin(set(before.irritants) - named)]
    assigner = refit(lake, ledger, members.head(0))
    if assigner is None or members.empty:
        return 0
    nearest, _ = assigner.assign(stacked(members["vector"]), list(members["language"]))
    events = []
    for irritant, rows in members.assign(nearest=nearest).groupby("irritant_id"):
        into, n_texts = Counter(rows["nearest"]).most_common(1)[0]
        if into in named and n_texts >= MOSTLY * len(rows):
            share = {"share_of_irritant": n_texts / len(rows), "shared_texts": float(n_texts)}
            events.append(_proposal(str(irritant), str(into), share, source, at))
    return ledger.append_many(events)


def _proposal(irritant: str, into: str, evidence: Mapping[str, float], source: str, at: datetime) -> dict[str, object]:
    fit = f"import of {source}"
    payload = {
        "irritant_ids": [irritant, into],
        "evidence": dict(evidence),
        "fit": fit,
        "score": evidence["share_of_irritant"],
    }
    kind = f"{PROPOSED}{MERGE}"
    return {
        "kind": kind, "subject": irritant, "payload": payload, "actor": "import", "at": at, "key": f"{kind}:{irritant}:{into}:{fit}"
    }  # fmt: skip
