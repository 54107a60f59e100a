"""Everything held on one person, for the person: as data (JSON) and as a page to read (HTML)."""

from __future__ import annotations

import html
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import select

from insights.churn.reasons import sentence
from insights.contracts import BY_NAME, TABLES, UNCLASSIFIED
from insights.errors import LedgerError
from insights.irritants.registry import fold
from insights.lake import Lake
from insights.ledger import Ledger
from insights.ledger.schema import EVENT_TEXT, IDENTITY, INBOX, NAME, READING
from insights.privacy.decode import leaves
from insights.privacy.held import DAYS, Held, find, of_person, params_for, speaks_of, staged_rows
from insights.privacy.lake_rows import quarantined
from insights.privacy.log import dated
from insights.privacy.objection import objectors
from insights.privacy.terms import Term
from insights.retention import Policy, load_policy

LEFT_OUT = frozenset(
    {"embedding", "tombstone", "irritant_example"}
)  # made from the texts beside them; ids of what is gone
TITLES = {
    "feedback": "Ce que vous nous avez dit",
    "answer": "Vos notes",
    "turn": "Vos appels et discussions, tour par tour",
    "mention": "Ce que nous en avons compris, phrase par phrase",
    "mention_irritant": "Les causes d'insatisfaction reconnues dans vos phrases",
    "invitation": "Les enquêtes que nous vous avons envoyées, ou non",
    "contact": "Vos contacts avec nous",
    "customer_snapshot": "Votre fiche client, mois par mois",
    "churn_event": "Votre départ",
    "response_weight": "Le poids de vos réponses dans nos scores",
    "churn_panel": "Les faits calculés à chaque fin de mois",
    "churn_score": "Le risque de départ estimé, et pourquoi",
    "published": "Vos phrases citées dans nos synthèses",
    "events": "Les décisions et promesses vous concernant",
    "notes": "Les notes de nos conseillers",
    "raw_posts": "Vos réponses telles que reçues, gardées quelques jours",
    "quarantine": "Vos réponses mises de côté, faute d'avoir pu les lire",
    "waiting": "Vos réponses en cours d'enregistrement",
    "readings": "Quand votre fiche a été ouverte par nos équipes",
    "links": "Les empreintes qui nous permettent de vous reconnaître",
}


def export_person(lake: Lake, ledger: Ledger, customer_id: str, language: str = "fr") -> dict[str, Any]:
    """All tables, events, notes and raw posts of a customer. Raises LedgerError when nothing is held."""
    held = find(lake, ledger, customer_id)
    terms = held.terms(lake, ledger)
    policy = load_policy(lake.settings)
    parts: dict[str, list[dict[str, Any]]] = {}
    for table in TABLES:
        condition = of_person(table)
        if condition and table.name not in LEFT_OUT:
            rows = lake.read(
                f'SELECT * FROM "{table.name}" WHERE {condition} ORDER BY ALL', **params_for(condition, held)
            )
            parts[table.name] = [_plain(row, table.name, policy) for row in rows.to_dict("records")]
    labels = fold(ledger.events(("irritant.",))).labels(language)
    _name_irritants(parts, labels)
    _tell_reasons(parts.get("churn_score", []), labels, language)
    parts |= _of_ledger(ledger, held, terms)
    parts["quarantine"] = _quarantine(lake, ledger, held, terms)
    found = {name: rows for name, rows in parts.items() if rows}
    if not found:
        raise LedgerError(f"Nothing is held on customer {customer_id}: check the id.")
    if read := _read_by(ledger, customer_id):
        found["readings"] = read
    return {
        "customer_id": customer_id,
        "company": lake.settings.company,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "objected_to_scoring": customer_id in objectors(ledger) or _crm_objection(found),
        "n_vectors": len(held.text_shas),
        "held": found,
    }


def _read_by(ledger: Ledger, customer_id: str) -> list[dict[str, Any]]:
    """When and on which page the person was looked at; not by whom (CJEU C-579/21)."""
    query = select(READING.c.at, READING.c.page, READING.c.what).where(READING.c.customer_id == customer_id)
    with ledger.engine.connect() as connection:
        rows = connection.execute(query.order_by(READING.c.at)).all()
    return [{"at": _value(row.at), "page": row.page, "what": row.what} for row in rows]


def _plain(row: Mapping[Any, Any], table: str, policy: Policy) -> dict[str, Any]:
    """A row without empty cells, in JSON values, with the last day it is kept."""
    told = {str(name): _value(cell) for name, cell in row.items() if not _empty(cell)}
    kept = _kept_until(row, table, policy)
    return told | ({"kept_until": kept} if kept else {})


def _kept_until(row: Mapping[Any, Any], table: str, policy: Policy) -> str | None:
    if table not in {rule.table for rule in policy.rules} or table == "feedback":
        return None
    days = [dated(row[name]) for name in DAYS if name in BY_NAME[table].column_names]
    start = next((day for day in days if day), None) or dated(row.get("published_at"))
    return str(start + timedelta(days=policy.of_table(table).days)) if start else None


def _empty(cell: Any) -> bool:
    return cell is None or (not hasattr(cell, "__len__") and bool(pd.isna(cell)))


def _value(cell: Any) -> Any:
    if isinstance(cell, str | bool | int | float):
        return cell
    if hasattr(cell, "tolist"):
        return cell.tolist()
    return str(cell)


def _name_irritants(parts: Mapping[str, list[dict[str, Any]]], labels: Mapping[str, str]) -> None:
    known = {**labels, UNCLASSIFIED: "non classé"}
    for row in parts.get("mention_irritant", []):
        row["irritant"] = known.get(row["irritant_id"], row["irritant_id"])
    for row in parts.get("churn_panel", []):
        row["irritants"] = [known.get(one, one) for one in row.get("irritants_90d", [])]


def _tell_reasons(scores: list[dict[str, Any]], labels: Mapping[str, str], language: str) -> None:
    for row in scores:
        told = json.loads(row.get("reasons") or "[]")
        row["reasons_in_words"] = [sentence(reason, language, labels) for reason in told]


def _crm_objection(parts: Mapping[str, list[dict[str, Any]]]) -> bool:
    pictures = sorted(parts.get("customer_snapshot", []), key=lambda row: str(row.get("as_of")))
    return bool(pictures and pictures[-1].get("objection"))


def _of_ledger(ledger: Ledger, held: Held, terms: list[Term]) -> dict[str, list[dict[str, Any]]]:
    keys = ledger.keys
    return {
        "events": list(_events(ledger, held)),
        "notes": list(_notes(ledger, held.customer_id)),
        "raw_posts": [
            {"source": source, "received_at": str(at), "body": raw}
            for source, at, raw in _bodies(ledger)
            if speaks_of("\n".join([raw, *leaves(raw)]), terms, held.identities, keys)
        ],
        "waiting": [dict(row) for row in staged_rows(ledger, held.customer_id)],
        "links": list(_links(ledger, held.customer_id)),
    }


def _events(ledger: Ledger, held: Held) -> Iterator[dict[str, Any]]:
    ids = {held.customer_id, *held.feedback_ids, *held.mention_ids}
    cases = set()
    for event in ledger.events():
        cells = {event.subject, *leaves(json.dumps(dict(event.payload)))}
        parts = cells | {part for cell in cells for part in cell.split(":")}
        if ids & parts or event.subject in cases:
            cases |= {event.subject} if event.kind.startswith("case.") else set()
            yield {"at": event.at.isoformat(), "what": event.kind, "subject": event.subject, **dict(event.payload)}


def _notes(ledger: Ledger, customer_id: str) -> Iterator[dict[str, Any]]:
    query = select(EVENT_TEXT.c.text_key).where(EVENT_TEXT.c.customer_id == customer_id).order_by(EVENT_TEXT.c.text_key)
    with ledger.engine.connect() as connection:
        keys = [str(key) for key in connection.execute(query).scalars()]
    yield from ({"note": key, "text": ledger.text(key)} for key in keys)


def _bodies(ledger: Ledger) -> Iterator[tuple[str, datetime, str]]:
    with ledger.engine.connect() as connection:
        rows = connection.execute(select(INBOX.c.source, INBOX.c.received_at, INBOX.c.sealed)).all()
    for source, at, sealed in rows:
        try:
            yield str(source), at, ledger.keys.unseal(sealed)
        except LedgerError:
            continue


def _links(ledger: Ledger, customer_id: str) -> Iterator[dict[str, Any]]:
    with ledger.engine.connect() as connection:
        kinds = connection.execute(select(IDENTITY.c.kind).where(IDENTITY.c.customer_id == customer_id)).scalars()
        found = Counter(str(kind) for kind in kinds)
        n_names = len(connection.execute(select(NAME.c.name_hash).where(NAME.c.customer_id == customer_id)).all())
    yield from ({"kind": kind, "n_hashes": n} for kind, n in sorted(found.items()))
    if n_names:
        yield {"kind": "name", "n_hashes": n_names}


def _quarantine(lake: Lake, ledger: Ledger, held: Held, terms: list[Term]) -> list[dict[str, Any]]:
    theirs = {tuple(row) for row in quarantined(lake, held, terms, ledger.keys).itertuples(index=False, name=None)}
    rows = lake.read("SELECT source, source_id, reason, file, expires_on, raw_encrypted FROM quarantine")
    return [
        {
            "source": row.source, "reason": row.reason, "file": row.file, "kept_until": str(row.expires_on)[:10],
            "row": ledger.keys.unseal(row.raw_encrypted),
        }
        for row in rows.itertuples()
        if (row.source, row.source_id, row.reason) in theirs
    ]  # fmt: skip


def as_html(export: Mapping[str, Any]) -> str:
    """The export as one page in French, without any outside resource."""
    parts = [
        "<!doctype html><html lang='fr'><meta charset='utf-8'><title>Vos données</title>",
        "<style>body{font:16px sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
        "dl{border-left:3px solid #999;padding-left:1rem}dt{font-weight:bold}dd{margin:0 0 .3rem 1rem}</style>",
        f"<h1>Vos données chez {html.escape(str(export['company']))}</h1>",
        f"<p>Client {html.escape(str(export['customer_id']))}, établi le {html.escape(str(export['made_at'])[:10])}. "
        f"Opposition à l'estimation du risque : {'oui' if export['objected_to_scoring'] else 'non'}. "
        f"Empreintes numériques de vos phrases (vecteurs) : {export['n_vectors']}.</p>",
    ]
    for name, rows in export["held"].items():
        parts.append(f"<h2>{html.escape(TITLES.get(name, name))} ({len(rows)})</h2>")
        parts += [_entry(row) for row in rows]
    return "\n".join([*parts, "</html>"])


def _entry(row: Mapping[str, Any]) -> str:
    cells = "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(_said(cell))}</dd>" for name, cell in row.items())
    return f"<dl>{cells}</dl>"


def _said(cell: Any) -> str:
    return cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False, default=str)
