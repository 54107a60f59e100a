"""What is held on one person: their feedback and what hangs on it, in the lake and waiting in the ledger."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from insights.contracts import TABLES, Table
from insights.errors import LedgerError
from insights.keys import KeyRing, keyed_hash
from insights.lake import Lake
from insights.ledger import Ledger
from insights.ledger.schema import INBOX, STAGED
from insights.privacy.decode import leaves
from insights.privacy.terms import MIN_SOURCE_ID, Term, ids_of, texts_in, words_of

MADE_OF_IDS = frozenset({"tombstone"})  # erased feedback is kept away by the erasure log instead
DAYS = ("occurred_at", "sent_at", "as_of", "learned_on", "t0", "scored_on", "available_at")
EMAIL = re.compile(r"[^\s\"'<>,;:()\[\]]+@[^\s\"'<>,;:()\[\]]+\.[A-Za-z]{2,}")
PHONE = re.compile(r"\+?\(?\d[\d\s().-]{6,18}\d")
THEIRS = """
SELECT feedback_id, source_id, verbatim FROM feedback
WHERE feedback_id IN (SELECT unnest($more::VARCHAR[])) OR (
    ($until IS NULL OR CAST(occurred_at AS DATE) <= $until) AND (
        customer_id = $customer
        OR author_key IN (SELECT author_key FROM feedback WHERE customer_id = $customer AND author_key IS NOT NULL)
        OR feedback_id IN (SELECT feedback_id FROM invitation WHERE customer_id = $customer)))
ORDER BY feedback_id
"""
OWN_TEXTS = """
SELECT DISTINCT text_sha FROM mention m WHERE feedback_id IN (SELECT unnest($ids::VARCHAR[])) AND text_sha NOT IN (
    SELECT text_sha FROM mention WHERE feedback_id NOT IN (SELECT unnest($ids::VARCHAR[])) AND text_sha IS NOT NULL)
ORDER BY text_sha
"""


@dataclass(frozen=True)
class Held:
    """Ids and texts of one person. `until`: only what is dated on or before that day; None for everything."""

    customer_id: str
    until: date | None
    feedback_ids: tuple[str, ...]
    source_ids: tuple[str, ...]
    mention_ids: tuple[str, ...]
    text_shas: tuple[str, ...]
    identities: tuple[tuple[int, str], ...]
    texts: tuple[str, ...]

    def params(self) -> dict[str, Any]:
        """Parameters of the conditions of `of_person`."""
        return {
            "customer": self.customer_id,
            "until": self.until,
            "ids": list(self.feedback_ids),
            "mentions": list(self.mention_ids),
            "shas": list(self.text_shas),
        }

    def terms(self, lake: Lake, ledger: Ledger) -> list[Term]:
        """What a search must find before, and must not find after."""
        found = [Term(self.customer_id, "id")] if self.until is None else []
        found += ids_of(self.feedback_ids) + ids_of(self.mention_ids) + ids_of(self.text_shas)
        found += ids_of(self.source_ids, MIN_SOURCE_ID)
        if self.until is None:
            found += ids_of(one for _, one in self.identities)
        words = words_of(lake, self.texts, self.feedback_ids)
        others = [text for text in raw_texts(lake, ledger) if not speaks_of(text, found, self.identities, ledger.keys)]
        found += [term for term in words if not any(term.exact.search(text) for text in others)]
        return list(dict.fromkeys(found))


def find(lake: Lake, ledger: Ledger, customer_id: str, *, until: date | None = None, more: Iterable[str] = ()) -> Held:
    """Everything held on a customer. `more`: feedback ids known to be theirs from elsewhere."""
    feedback = lake.read(THEIRS, customer=customer_id, until=until, more=list(more))
    waiting = list(staged_rows(ledger, customer_id, until))
    ids = tuple(dict.fromkeys([*feedback["feedback_id"], *(row["feedback_id"] for row in waiting)]))
    mentions = lake.read(
        "SELECT mention_id, text FROM mention WHERE feedback_id IN (SELECT unnest($ids::VARCHAR[]))", ids=ids
    )
    turns = lake.read("SELECT text FROM turn WHERE feedback_id IN (SELECT unnest($ids::VARCHAR[]))", ids=ids)
    said = texts_in(feedback, "verbatim") + texts_in(mentions, "text") + texts_in(turns, "text")
    said += [str(row["verbatim"]) for row in waiting if row.get("verbatim")]
    return Held(
        customer_id,
        until,
        ids,
        tuple(dict.fromkeys([*feedback["source_id"].dropna(), *(row["source_id"] for row in waiting)])),
        tuple(sorted(mentions["mention_id"])),
        tuple(lake.read(OWN_TEXTS, ids=ids)["text_sha"].dropna()),
        tuple(sorted(ledger.identity_hashes(customer_id))),
        tuple(dict.fromkeys(said)),
    )


def of_person(table: Table) -> str | None:
    """SQL condition for the person's rows of a table, with the parameters of `Held.params`; None: it holds no person."""
    columns, parts = set(table.column_names), []
    if table.name in MADE_OF_IDS:
        return "feedback_id IN (SELECT unnest($ids::VARCHAR[]))"
    if "customer_id" in columns:
        days = [f'CAST("{name}" AS DATE)' for name in DAYS if name in columns]
        dated = f"coalesce({', '.join(days)})" if days else "NULL"
        parts.append(f"(customer_id = $customer AND ($until IS NULL OR {dated} <= $until))")
    if "feedback_id" in columns:
        parts.append("feedback_id IN (SELECT unnest($ids::VARCHAR[]))")
    if "mention_id" in columns:
        parts.append("mention_id IN (SELECT unnest($mentions::VARCHAR[]))")
    if table.name in ("embedding", "irritant_example"):
        parts.append("text_sha IN (SELECT unnest($shas::VARCHAR[]))")
    if table.name == "weak_signal":  # the next discovery draws it anew
        parts.append("list_has_any(text_shas, $shas::VARCHAR[])")
    return " OR ".join(parts) or None


def params_for(condition: str, held: Held) -> dict[str, Any]:
    """The parameters a condition names: DuckDB refuses one that is not used."""
    return {name: value for name, value in held.params().items() if f"${name}" in condition}


def counts(lake: Lake, held: Held) -> dict[str, int]:
    """Rows of the person by table, those without any left out."""
    found = {}
    for table in TABLES:
        condition = of_person(table)
        if condition:
            query = f'SELECT count(*) FROM "{table.name}" WHERE {condition}'
            found[table.name] = int(lake.scalar(query, **params_for(condition, held)))
    return {name: n for name, n in found.items() if n}


def staged_rows(ledger: Ledger, customer_id: str, until: date | None = None) -> Iterator[Mapping[str, Any]]:
    """Feedback rows of a customer that wait in the ledger for the lake's next commit."""
    with ledger.engine.connect() as connection:
        frames = [json.loads(found) for found in connection.execute(select(STAGED.c.frames)).scalars()]
    for frame in frames:
        for row in frame.get("feedback", ()):
            day = str(row.get("occurred_at") or "")[:10]
            if row.get("customer_id") == customer_id and (until is None or day <= until.isoformat()):
                yield row


def raw_texts(lake: Lake, ledger: Ledger) -> Iterator[str]:
    """What is not in the lake's tables to read yet: waiting rows, raw posts, rows set aside, each as one text."""
    with ledger.engine.connect() as connection:
        for stored in connection.execute(select(STAGED.c.frames)).scalars():
            yield from ("\n".join(leaves(json.dumps(row))) for row in json.loads(stored).get("feedback", ()))
        sealed = [str(one) for one in connection.execute(select(INBOX.c.sealed)).scalars()]
    sealed += list(lake.read("SELECT raw_encrypted FROM quarantine")["raw_encrypted"].dropna())
    yield from (in_full(ledger.keys, one) for one in sealed)


def in_full(keys: KeyRing, sealed: str) -> str:
    """A sealed text and, where it is JSON, every text in it as people wrote it; empty when the key does not fit."""
    try:
        text = keys.unseal(sealed)
    except LedgerError:
        return ""
    return "\n".join([text, *leaves(text)])


def speaks_of(text: str, terms: Sequence[Term], identities: Iterable[tuple[int, str]], keys: KeyRing) -> bool:
    """Whether a raw text holds one of the terms, or an e-mail or phone whose keyed hash is the person's."""
    if any(term.exact.search(text) for term in terms):
        return True
    wanted, versions = set(identities), keys.identity_versions()
    values = {match[0] for rule in (EMAIL, PHONE) for match in rule.finditer(text)}
    spelled = values | {re.sub(r"[\s().-]", "", value) for value in values}
    return any((number, keyed_hash(key, value)) in wanted for value in spelled for number, key in versions.items())
