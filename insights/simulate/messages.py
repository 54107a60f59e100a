"""E-mails and forms, formal complaints among them: three to seven clauses, a subject, sometimes a signature."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from insights.simulate import calendar
from insights.simulate.compose import About, Piece, Writer
from insights.simulate.contacts import EMAIL, FORM, Contacts, evenly
from insights.simulate.customers import PRODUCTS, Ints
from insights.simulate.personal import names
from insights.simulate.slots import Filler
from insights.simulate.state import World
from insights.simulate.surveys import moment
from insights.simulate.truth import Truth

SOURCE = "lumarelle_messages"
PII_SHARE = 0.27
SUBJECTS = {
    "Facturation": "bill",
    "Paiement": "pay",
    "Contrat": "move",
    "Raccordement": "tech",
    "Prix & offres": "price",
    "Solidarité": "pay",
}


def pick_rows(made: Contacts, count: int, rng: np.random.Generator) -> Ints:
    """Rows kept: every formal complaint written by mail or form, and a sample of the rest up to `count`."""
    written = (made.channel == EMAIL) | (made.channel == FORM)
    formal = np.flatnonzero(written & made.formal)
    rest = evenly(rng, made, np.flatnonzero(written & ~made.formal), max(0, count - len(formal)))
    return np.sort(np.concatenate([formal, rest])[: max(count, 1)])


def records(
    world: World, made: Contacts, rows: Ints, writer: Writer, truth: Truth, prefix: str
) -> Iterator[dict[str, Any]]:
    """Records of messages.jsonl for these rows of contacts."""
    rng, pop = writer.rng, world.pop
    ids = pop.ids()
    sent = made.day[rows] * calendar.DAY_S + made.second[rows]
    sent_at, received_at = calendar.stamps(sent), calendar.stamps(sent + 15 + made.customer[rows] % 90)
    for number, row in enumerate(rows.tolist()):
        i, k1 = int(made.customer[row]), int(made.k1[row])
        message_id = f"{prefix}M{number + 1:07d}"
        subject, body, pieces = _write(world, made, row, writer)
        truth.text(SOURCE, message_id, pieces)
        unknown = rng.random() < 0.10
        record: dict[str, Any] = {
            "message_id": message_id,
            "kind": "ticket" if made.formal[row] or made.channel[row] == FORM else "mail",
            "contact_id": f"{prefix}K{row + 1:08d}",
            "customer_id": None if unknown else ids[i],
        }
        if unknown:
            record["from_email"] = pop.person(i).email
        formal = bool(made.formal[row])
        yield record | {
            "received_at": received_at[number],
            "sent_at": sent_at[number],
            "subject": subject,
            "body": body,
            "touchpoint": world.catalogue[k1].touchpoint if k1 >= 0 else "E-mail",
            "journey_stage": "Réclamation" if formal else world.catalogue[k1].stage if k1 >= 0 else "Vie du contrat",
            "product": PRODUCTS[pop.product[i]],
            "segment": "small_business" if pop.business[i] else "household",
            "region": names().regions[pop.region[i]],
            "formal_complaint": formal,
        }


def _write(world: World, made: Contacts, row: int, writer: Writer) -> tuple[str, str, list[Piece]]:
    rng, pop = writer.rng, world.pop
    i, day, k1 = int(made.customer[row]), int(made.day[row]), int(made.k1[row])
    register = writer.register("mail", pop.age[i] >= 3, bool(pop.business[i]), bool(pop.english[i]))
    irritants = tuple(int(k) for k in (made.k1[row], made.k2[row], made.k3[row]) if k >= 0)
    severe = k1 >= 0 and world.catalogue[k1].id == "IRR-27"
    about = About(
        irritants=irritants,
        leave=bool(made.leave[row]),
        happy=not irritants and rng.random() < 0.35,
        urgency=rng.random() < (0.2 if severe else 0.003),
        **moment(world, day, k1),
    )
    filler = Filler(rng, pop.person(i), day)
    n = rng.choices((3, 4, 5, 6, 7), (0.36, 0.3, 0.18, 0.1, 0.06))[0]
    if not irritants:
        n = rng.choices((1, 2, 3), (0.3, 0.45, 0.25))[0]
    pieces = writer.clauses(n, register, filler, about, rng.random() < PII_SHARE)
    body, pieces = writer.join(pieces, register, filler, about, 0.8, 0.7)
    theme = SUBJECTS.get(world.catalogue[k1].theme, "other") if k1 >= 0 else "other"
    key = "en" if register == "en" else theme
    lines = writer.bank.lines["subject"][key]
    return filler.fill(lines[int(rng.random() * len(lines))], "cou"), body, pieces
