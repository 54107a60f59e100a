"""The one rewriting of the ledger that is allowed: an erased person leaves, and the folds of events still work.

Notes, identities, names, raw posts and waiting rows are deleted. Events stay, with a pseudonym in the place of every
id of the person and of their words; only cases still open go as a whole, as nobody can be called any more.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.engine import Connection

from insights.cases import fold_cases
from insights.cases.model import UNKNOWN
from insights.errors import LedgerError
from insights.keys import KeyRing
from insights.ledger import Ledger
from insights.ledger.identity import BATCH
from insights.ledger.schema import EVENT, EVENT_TEXT, IDENTITY, INBOX, NAME, PLACEMENT, READING, STAGED
from insights.privacy.decode import leaves
from insights.privacy.held import Held, speaks_of
from insights.privacy.lake_rows import without
from insights.privacy.terms import WORDS, Term

ACTOR = "privacy"


def pseudonym(keys: KeyRing, text: str) -> str:
    """What stands in the ledger for an erased id: the same for the same id, and nobody's without the key."""
    return f"erased-{keys.lasting_hash(f'pseudonym:{text}')[:16]}"


def erase_ledger_rows(ledger: Ledger, held: Held, terms: Sequence[Term], *, dry_run: bool = False) -> dict[str, int]:
    """Rows deleted or rewritten by table, in one transaction; `dry_run` only counts."""
    open_cases = _open_cases(ledger, held)
    done: Counter[str] = Counter()
    with ledger.engine.connect() as connection, connection.begin() as transaction:
        done["event_text"] = _notes(connection, held) + _comments(connection, held, terms, ledger.keys)
        if held.until is None:
            for table in (IDENTITY, NAME):
                statement = delete(table).where(table.c.customer_id == held.customer_id)
                done[table.name] = connection.execute(statement).rowcount
        done["placement"] = _placements(connection, held)
        done["inbox"] = _inbox(connection, held, terms, ledger.keys)
        done["staged"] = _staged(connection, held, terms, ledger.keys)
        done["case_open"] = _drop_cases(connection, open_cases)
        done["event"] = _events(connection, held, terms, ledger.keys)
        done["reading"] = _readings(connection, held, terms, ledger.keys)
        if dry_run:
            transaction.rollback()
    if not dry_run:
        ledger.forget_seen()
    return {name: n for name, n in done.items() if n}


def _open_cases(ledger: Ledger, held: Held) -> list[str]:
    cases = fold_cases(ledger.events(("case.",))).values()
    theirs = [case for case in cases if case.customer_id in _called(held) and case.is_open]
    return [case.case_id for case in theirs if held.until is None or case.opened_at.date() <= held.until]


def _called(held: Held) -> list[str]:
    """What a case can call the person: their id, or a message of theirs whose sender was unknown then."""
    return [held.customer_id, *(f"{UNKNOWN}{one}" for one in held.feedback_ids)]


def _notes(connection: Connection, held: Held) -> int:
    keys: list[str] = []
    names = _called(held)
    for start in range(0, len(names), BATCH):
        query = select(EVENT_TEXT.c.text_key).where(EVENT_TEXT.c.customer_id.in_(names[start : start + BATCH]))
        keys += [str(key) for key in connection.execute(query).scalars()]
    if held.until is not None:
        old = select(EVENT.c.idempotency_key).where(EVENT.c.at < _after(held.until))
        known = {f"note:{key}" for key in connection.execute(old).scalars()}
        keys = [key for key in keys if key.partition("#")[0] in known]
    for key in keys:
        connection.execute(delete(EVENT_TEXT).where(EVENT_TEXT.c.text_key == key))
    return len(keys)


def _comments(connection: Connection, held: Held, terms: Sequence[Term], keys: KeyRing) -> int:
    """Words of colleagues' comments that speak of the person: they are redacted, and this is for what slipped through."""
    ours = EVENT_TEXT.c.customer_id.startswith("comment:", autoescape=True)
    columns = (EVENT_TEXT.c.text_key, EVENT_TEXT.c.customer_id, EVENT_TEXT.c.sealed)
    n_done = 0
    for key, owner, sealed in connection.execute(select(*columns).where(ours)).all():
        words = keys.unseal_for(owner, sealed)
        if words and speaks_of(words, terms, held.identities, keys):
            n_done += connection.execute(delete(EVENT_TEXT).where(EVENT_TEXT.c.text_key == key)).rowcount
    return n_done


def _placements(connection: Connection, held: Held) -> int:
    """Hashes of what only this person said leave the corrections of the registry."""
    n_done, shas = 0, list(held.text_shas)
    for start in range(0, len(shas), BATCH):
        of_them = PLACEMENT.c.text_sha.in_(shas[start : start + BATCH])
        n_done += connection.execute(delete(PLACEMENT).where(of_them)).rowcount
    return n_done


def _inbox(connection: Connection, held: Held, terms: Sequence[Term], keys: KeyRing) -> int:
    """Raw posts that speak of the person; of a post that holds several records only theirs are taken out."""
    n_done = 0
    for inbox_id, sealed in connection.execute(select(INBOX.c.inbox_id, INBOX.c.sealed)).all():
        raw = _opened(keys, sealed)
        if not _theirs(raw, held, terms, keys):
            continue
        left = _others(raw, held, terms, keys)
        this = INBOX.c.inbox_id == inbox_id
        if left:
            connection.execute(update(INBOX).where(this).values(sealed=keys.seal(left)))
        else:
            connection.execute(delete(INBOX).where(this))
        n_done += 1
    return n_done


def _theirs(raw: str, held: Held, terms: Sequence[Term], keys: KeyRing) -> bool:
    return speaks_of("\n".join([raw, *leaves(raw)]), terms, held.identities, keys)


def _others(raw: str, held: Held, terms: Sequence[Term], keys: KeyRing) -> str:
    """The records of a posted list that are not the person's, as JSON; empty when the post is one record."""
    try:
        records = json.loads(raw)
    except ValueError:
        return ""
    if not isinstance(records, list):
        return ""
    left = [one for one in records if not _theirs(json.dumps(one, ensure_ascii=False), held, terms, keys)]
    return json.dumps(left, ensure_ascii=False) if left else ""


def _opened(keys: KeyRing, sealed: str) -> str:
    try:
        return keys.unseal(sealed)
    except LedgerError:
        return ""


def _staged(connection: Connection, held: Held, terms: Sequence[Term], keys: KeyRing) -> int:
    """Waiting rows of the person; an event of nobody else's goes whole, its raw post too."""
    n_done = 0
    for row in connection.execute(select(STAGED)).all():
        frames = json.loads(row.frames)
        ids = {*held.feedback_ids, *held.mention_ids}
        ids |= {one["mention_id"] for one in frames.get("mention", ()) if one["feedback_id"] in ids}
        kept = {
            table: [one for one in rows if not _row_of(one, ids) and not _sealed_of(one, held, terms, keys)]
            for table, rows in frames.items()
        }
        if kept == frames:
            continue
        if any(kept.get(table) for table in ("feedback", "quarantine", "deleted")):
            told = update(STAGED).where(STAGED.c.staged_id == row.staged_id)
            connection.execute(told.values(frames=json.dumps(kept)))
        else:
            connection.execute(delete(STAGED).where(STAGED.c.staged_id == row.staged_id))
            connection.execute(delete(INBOX).where(INBOX.c.inbox_id == row.inbox_id))
        n_done += 1
    return n_done


def _row_of(row: Any, ids: set[str]) -> bool:
    if isinstance(row, str):  # the id of a feedback deleted at its source
        return row in ids
    return row.get("feedback_id") in ids or row.get("mention_id") in ids


def _sealed_of(row: Any, held: Held, terms: Sequence[Term], keys: KeyRing) -> bool:
    sealed = row.get("raw_encrypted") if isinstance(row, Mapping) else None
    return bool(sealed) and _theirs(_opened(keys, str(sealed)), held, terms, keys)


def _drop_cases(connection: Connection, case_ids: Sequence[str]) -> int:
    for case_id in case_ids:
        connection.execute(delete(EVENT).where(EVENT.c.subject == case_id, EVENT.c.kind.startswith("case.")))
    return len(case_ids)


def _events(connection: Connection, held: Held, terms: Sequence[Term], keys: KeyRing) -> int:
    ids = _ids(held, terms)
    words = [term for term in terms if term.kind == WORDS]
    query = select(EVENT.c.event_id, EVENT.c.subject, EVENT.c.payload, EVENT.c.idempotency_key)
    if held.until is not None:
        query = query.where(EVENT.c.at < _after(held.until))
    n_done = 0
    for row in connection.execute(query).all():
        near = [term for term in ids if any(term.text in cell for cell in row[1:])]
        payload = without(_named(json.loads(row.payload), near, keys), words)
        told = {
            "subject": _named(row.subject, near, keys),
            "payload": json.dumps(payload, ensure_ascii=False, sort_keys=True),
            "idempotency_key": _named(row.idempotency_key, near, keys),
        }
        if tuple(told.values()) != (row.subject, _same_form(row.payload), row.idempotency_key):
            connection.execute(update(EVENT).where(EVENT.c.event_id == row.event_id).values(**told))
            n_done += 1
    return n_done


def _ids(held: Held, terms: Sequence[Term]) -> list[Term]:
    found = [term for term in terms if term.kind != WORDS and term.required]
    return found if held.until is None else [*found, Term(held.customer_id, "id")]


def _readings(connection: Connection, held: Held, terms: Sequence[Term], keys: KeyRing) -> int:
    """The audit log keeps that somebody read, under the pseudonym that events carry."""
    query = select(READING.c.reading_id, READING.c.customer_id, READING.c.detail)
    if held.until is not None:
        query = query.where(READING.c.at < _after(held.until))
    ids, n_done = _ids(held, terms), 0
    for row in connection.execute(query.where(or_(READING.c.customer_id.is_not(None), READING.c.detail != ""))).all():
        mine = row.customer_id == held.customer_id
        customer_id = pseudonym(keys, held.customer_id) if mine else _named(row.customer_id, ids, keys)
        told = {"customer_id": customer_id, "detail": _named(row.detail, ids, keys)}
        if tuple(told.values()) != (row.customer_id, row.detail):
            connection.execute(update(READING).where(READING.c.reading_id == row.reading_id).values(**told))
            n_done += 1
    return n_done


def _same_form(payload: str) -> str:
    return json.dumps(json.loads(payload), ensure_ascii=False, sort_keys=True)


def _named(value: Any, terms: Sequence[Term], keys: KeyRing) -> Any:
    """The value with a pseudonym in the place of each id."""
    if isinstance(value, str):
        for term in terms:
            value = term.exact.sub(pseudonym(keys, term.text), value)
        return value
    if isinstance(value, Mapping):
        return {_named(key, terms, keys): _named(inner, terms, keys) for key, inner in value.items()}
    if isinstance(value, list):
        return [_named(one, terms, keys) for one in value]
    return value


def _after(day: date) -> Any:
    from datetime import UTC, datetime, time, timedelta

    return datetime.combine(day + timedelta(days=1), time(), tzinfo=UTC)
