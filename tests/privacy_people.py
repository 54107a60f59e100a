"""Two customers of a small company, held in every place the system writes: the tests of rights act on the first."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import insert

from insights.lake import Lake, open_lake
from insights.ledger import Ledger, open_ledger
from insights.ledger.schema import INBOX, STAGED
from insights.settings import Settings
from insights.sources.base import feedback_id

HER, HIM = "C0000001", "C00000012"  # one id begins the other
EMAIL, PHONE = "jeanne.martin@exemple.fr", "0639981247"
AT = datetime(2026, 10, 20, 9, tzinfo=UTC)
DAY = date(2026, 10, 31)
SHARED = "ma facture est incompréhensible ce mois"
OWN = "le technicien a cassé mon portail vert devant les voisins"
REVIEW = f"{SHARED}. Et {OWN}."
CALLED = "bonjour je rappelle pour le portail cassé par votre technicien mardi"


def sha(text: str) -> str:
    return f"sha-{text}"


def ids_of(customer: str) -> dict[str, str]:
    """Feedback ids of a customer: a review, a call, a post."""
    return {kind: feedback_id(kind, f"{kind}-{customer}-2026") for kind in ("review", "call", "post")}


def fill(lake: Lake, ledger: Ledger) -> None:
    """Both customers everywhere; several snapshots, some rows inlined and some in Parquet."""
    _crowd(lake)
    for customer, own in ((HER, OWN), (HIM, "votre application ne garde jamais mon mot de passe secret")):
        _customer(lake, customer, own)
        _ledger(ledger, lake, customer)
    lake.maintain(35)  # into Parquet; what follows lies in the catalog
    late = {"contact_id": f"late-{HER}", "customer_id": HER, "occurred_at": AT, "available_at": AT}
    with lake.write() as writer:
        writer.insert_new("contact", pd.DataFrame([late]))
        writer.execute("UPDATE feedback SET touchpoint = 'web' WHERE customer_id = $id", id=HER)
    _left_behind(lake, ledger)


def _crowd(lake: Lake) -> None:
    """Enough other rows that they are written as Parquet."""
    n = 60
    frame = pd.DataFrame({"feedback_id": [feedback_id("x", str(i)) for i in range(n)], "source": "x"})
    with lake.write() as writer:
        rows = frame.assign(source_id=[str(i) for i in range(n)], kind="review", occurred_at=AT, available_at=AT)
        writer.insert_new("feedback", rows.assign(verbatim=[f"avis ordinaire numéro {i}" for i in range(n)]))
        many = {"customer_id": [f"D{i:07d}" for i in range(n)], "as_of": DAY, "available_at": AT, "objection": False}
        writer.insert_new("customer_snapshot", pd.DataFrame(many))


def _customer(lake: Lake, customer: str, own: str) -> None:
    ids = ids_of(customer)
    shared: dict[str, Any] = {"occurred_at": AT, "available_at": AT, "customer_id": customer}
    said = {"review": f"{SHARED}. Et {own}.", "call": f"{CALLED} {customer}", "post": None}
    base = pd.DataFrame(
        [
            {"feedback_id": key, "source": kind, "source_id": f"{kind}-{customer}-2026", "kind": kind}
            | {"verbatim": said[kind], "language": "fr", "author_key": f"author-{customer}", "country": "FR"}
            | {"recontact": "yes", "anonymous": False, "retention_until": date(2029, 1, 1)}
            for kind, key in ids.items()
        ]
    ).assign(**shared)
    base.loc[base["kind"] == "post", "customer_id"] = None  # the same author, not linked
    clauses = [SHARED, own]
    mentions = pd.DataFrame(
        [
            {"mention_id": f"mention-{customer}-{n}", "feedback_id": ids["review"], "unit_no": n, "text": text}
            | {"text_sha": sha(text), "voice": "customer", "type": "complaint", "polarity": -0.8, "language": "fr"}
            for n, text in enumerate(clauses, start=1)
        ]
    ).assign(**shared)
    with lake.write() as writer:
        writer.insert_new("feedback", base)
        writer.insert_new("mention", mentions)
    with lake.write() as writer:
        turn = {"feedback_id": ids["call"], "turn_no": 1, "speaker": "customer", "text": f"{CALLED} {customer}"}
        writer.insert_new("turn", pd.DataFrame([turn]))
        score = {"question_id": "nps", "metric": "nps", "scale": "0-10", "value": 2.0, "feedback_id": ids["review"]}
        writer.insert_new("answer", pd.DataFrame([score | shared]))
        writer.insert_new("contact", pd.DataFrame([{"contact_id": f"contact-{customer}", "channel": "phone"} | shared]))
        sent = {"invitation_id": f"inv-{customer}", "customer_id": customer, "sent_at": AT, "available_at": AT}
        writer.insert_new("invitation", pd.DataFrame([sent | {"feedback_id": ids["review"]}]))
        picture = {
            "customer_id": customer,
            "as_of": DAY,
            "available_at": AT,
            "segment": "household",
            "objection": False,
        }
        writer.insert_new("customer_snapshot", pd.DataFrame([picture]))
        writer.insert_new(
            "churn_panel", pd.DataFrame([{"customer_id": customer, "t0": DAY, "irritants_90d": ["IR-1"]}])
        )
        reason = {"family": "text", "code": "n_leave_intent_30d", "contribution": 0.4, "values": {"value": 1}}
        scored = {"customer_id": customer, "scored_on": DAY, "index": 60.0, "rank": 1, "reasons": json.dumps([reason])}
        writer.insert_new("churn_score", pd.DataFrame([scored]))
        assigned = pd.DataFrame({"mention_id": mentions["mention_id"], "irritant_id": "IR-1", "confidence": 0.9})
        writer.insert_new("mention_irritant", assigned)
        vectors = pd.DataFrame({"text_sha": [sha(text) for text in clauses], "encoder_version": "e"})
        writer.insert_new("embedding", vectors.assign(vector=[np.ones(4, dtype=np.float32)] * 2))
        quote = {"publication_id": "digest-1", "item": f"quote-{customer}", "kind": "quote", "published_at": AT}
        told = json.dumps({"text": own, "mention_id": mentions["mention_id"][1]}, ensure_ascii=False)
        writer.insert_new("published", pd.DataFrame([quote | {"value": told, "mention_id": mentions["mention_id"][1]}]))


def _ledger(ledger: Ledger, lake: Lake, customer: str) -> None:
    email, phone = (EMAIL, PHONE) if customer == HER else ("paul.petit@exemple.fr", "0639981299")
    ledger.remember_identities([("email", email, customer), ("phone", phone, customer), ("name", "Martin", customer)])
    ids = ids_of(customer)
    for number, key in enumerate((ids["review"], ids["call"])):
        _case(ledger, customer, f"case{number}-{customer}", f"detractor:{key}", closed=number == 1)
    note_key = f"note:case.reached:{customer}"
    ledger.append("case.noted", f"case1-{customer}", {}, actor="adviser", at=AT, key=f"case.reached:{customer}")
    ledger.put_text(note_key, customer, f"a parlé du portail vert, {customer}")
    body = json.dumps({"email": email, "comment": f"Réponse brute de {customer}"})
    many = json.dumps([{"customer": HER, "text": "une réponse"}, {"customer": HIM, "text": "une autre réponse"}])
    row = {"source": "hook", "received_at": AT, "state": "done", "attempts": 1, "expires_on": DAY + timedelta(days=7)}
    with ledger.engine.begin() as connection:
        connection.execute(insert(INBOX).values(**row, event_key=f"one-{customer}", sealed=ledger.keys.seal(body)))
        if customer == HER:
            connection.execute(insert(INBOX).values(**row, event_key="many", sealed=ledger.keys.seal(many)))
        waits = {"feedback_id": feedback_id("hook", f"waiting-{customer}"), "source": "hook", "kind": "survey"}
        waits |= {"source_id": f"waiting-{customer}", "customer_id": customer, "occurred_at": AT.isoformat()}
        frames = {
            "feedback": [waits | {"verbatim": f"je patiente encore depuis lundi matin {customer}"}],
            "deleted": [],
        }
        connection.execute(
            insert(STAGED).values(inbox_id=7000 + len(customer), staged_at=AT, frames=json.dumps(frames))
        )
    raw = ledger.keys.seal(json.dumps({"client": customer, "note": "onze"}))
    bad = {"source": "crm", "source_id": f"f.csv:{customer}", "reason": "bad", "raw_encrypted": raw, "seen_at": AT}
    with lake.write() as writer:
        writer.insert_new("quarantine", pd.DataFrame([bad | {"expires_on": DAY + timedelta(days=30), "line": 2}]))


def _case(ledger: Ledger, customer: str, case_id: str, signal: str, *, closed: bool) -> None:
    opened = {
        "customer_id": customer,
        "reason": "detractor",
        "owner_team": "care",
        "promise": "48h",
        "signals": [signal],
    }
    steps: list[tuple[str, dict[str, Any]]] = [("opened", opened | {"due_at": AT.isoformat()})]
    if closed:
        steps += [
            ("assigned", {"assignee": "ines"}),
            ("reached", {}),
            ("resolved", {"outcome": "solved"}),
            ("closed", {}),
        ]
    for step, payload in steps:
        ledger.append(f"case.{step}", case_id, payload, actor="ines", at=AT, key=f"case.{step}:{case_id}:{signal}")


def _left_behind(lake: Lake, ledger: Ledger) -> None:
    """Her words as the name of an irritant, in a digest, in a mail, in a model and in a webhook file."""
    label = {"label_fr": f"« {OWN} »", "label_en": None, "keywords": ["portail"]}
    ledger.append("irritant.born", "IR-1", label, actor="policy", at=AT, key="born:IR-1")
    with lake.write() as writer:
        writer.insert_new("irritant", pd.DataFrame([{"irritant_id": "IR-1", **label, "status": "active"}]))
    settings = lake.settings
    for name, content in {
        "digests/digest-2026-10-26-all-fr.html": f"<p>Verbatim : <q>{OWN.replace('é', '&eacute;')}</q></p>",
        "digests/digest-2026-10-19-all-fr.html": "<p>Une autre semaine</p>",
        "webhooks/msg_1.json": json.dumps({"data": {"customer_id": HER}}),
        "webhooks/msg_2.json": json.dumps({"data": {"customer_id": HIM}}),
    }.items():
        path = settings.out_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    (settings.models_dir / "polarity").mkdir(parents=True)
    np.savez_compressed(settings.models_dir / "polarity" / "words.npz", words=np.array(["bonjour", OWN]))
    (settings.models_dir / "churn.json").write_text("{}", encoding="utf-8")


def copied(settings: Settings, folder: Path) -> Settings:
    """Settings of a copy of the company, with keys of its own."""
    for name in ("data", "keys"):
        shutil.copytree(settings.data_dir.parent / name, folder / name)
    moved_to = {"data_dir": folder / "data", "keys_dir": folder / "keys", "drop_dir": folder / "drop"}
    return settings.model_copy(update=moved_to)


@contextmanager
def moved(settings: Settings, folder: Path) -> Iterator[tuple[Lake, Ledger]]:
    """Lake and ledger of a copy."""
    own = copied(settings, folder)
    with open_lake(own) as lake, open_ledger(own) as ledger:
        yield lake, ledger
