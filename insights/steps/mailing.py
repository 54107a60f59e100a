"""Who gets this week's digest by mail, with which links, and the hand-over of the mails to the relay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from insights.answers import frequency, is_due
from insights.digest.links import Links, links_for
from insights.digest.owners import Owner, load_owners
from insights.errors import LedgerError, SettingsError
from insights.keys import KeyRing
from insights.ledger import Ledger
from insights.outbox.bounces import Bounce, read_bounces
from insights.outbox.endpoints import relay_of
from insights.outbox.mailed import BOUNCED, RESUMED, Mailed, Post, fold_mailed, subject_of
from insights.outbox.record import ACTOR
from insights.outbox.smtp import Mail, MailReport, send_digests
from insights.settings import Settings
from insights.steps.answers import answers

KINDS = ("digest.",)
OWNERS = "owners.yaml"
COUNTED = ("accepted", "again", "already", "held", "failed", "bounced")


def owners_of(settings: Settings) -> list[Owner]:
    """The owners of owners.yaml. Raises SettingsError."""
    return load_owners(settings.reference_dir / OWNERS)


def post(ledger: Ledger) -> Post:
    """What became of every digest, at this ledger version."""
    return fold_mailed(ledger.events(KINDS))


def mark_of(keys: KeyRing, address: str) -> str:
    """Keyed hash that stands for an address in the ledger."""
    return keys.lasting_hash(f"mail:{address}")[:32]


def due_owners(ledger: Ledger, settings: Settings, week: date) -> list[Owner]:
    """Owners who get the issue of a week: by what they asked for, else by owners.yaml; dead addresses left out."""
    sent, wishes = post(ledger), answers(ledger).wishes
    return [
        one
        for one in owners_of(settings)
        if is_due(frequency(wishes, one.owner_id, one.digest), week, sent.last_week(one.owner_id))
        and not sent.suppressed(one.owner_id, mark_of(ledger.keys, one.email))
    ]


def suppressed(ledger: Ledger, settings: Settings) -> list[Owner]:
    """Owners whose address came back for good twice: they get nothing until it changes, or somebody resumes it."""
    sent = post(ledger)
    return [one for one in owners_of(settings) if sent.suppressed(one.owner_id, mark_of(ledger.keys, one.email))]


def links_of(
    settings: Settings, keys: KeyRing, publication_id: str, week: date, owner: Owner, irritant_ids: Sequence[str]
) -> Links | None:
    """Links of one owner's issue, the same each time it is made; None without VOC_PUBLIC_URL.

    Raises SettingsError for an address that would carry them in clear.
    """
    if not settings.public_url.strip():
        return None
    _encrypted(settings.public_url)
    return links_for(
        settings.public_url, publication_id, owner.owner_id, owner.email, irritant_ids, keys.link_versions(), week,
        settings.answer_days,
    )  # fmt: skip


def send_mails(ledger: Ledger, settings: Settings, mails: Sequence[Mail], dry: bool) -> dict[str, Any]:
    """Hand the mails to the relay, or write them as files on a dry run; returns the step's note."""
    if not settings.smtp_host and not dry:
        return {"mail": "no relay configured (VOC_SMTP_HOST)"}
    marked = [replace(one, mark=mark_of(ledger.keys, one.address)) for one in mails]
    report: MailReport = send_digests(
        ledger, relay_of(settings), marked, datetime.now(UTC), dry_run=dry, out_dir=settings.out_dir
    )
    if dry:
        return {"mail": f"{len(report.files)} mails written to files, none sent (dry run)"}
    counts: dict[str, Any] = {name: len(getattr(report, name)) for name in COUNTED}
    silent = [one.owner_id for one in suppressed(ledger, settings)]
    return {**counts, "why": report.failed} | ({"suppressed": silent} if silent else {})


def take_bounces(ledger: Ledger, path: Path, at: datetime) -> dict[str, int]:
    """Record the delivery reports of a file, folder or maildir, each once: mails read, bounces new, known, foreign."""
    sent = post(ledger).by_message_id()
    counts = {"mails": 0, "hard": 0, "soft": 0, "known": 0, "foreign": 0}
    for _name, found in read_bounces(path):
        counts["mails"] += 1
        for bounce in found:
            mail = sent.get(bounce.message_id)
            counts["foreign" if mail is None else _record(ledger, mail, bounce, at)] += 1
    return counts


def _record(ledger: Ledger, mail: Mailed, bounce: Bounce, at: datetime) -> str:
    subject = subject_of(mail.week, mail.recipient_id)
    told = {"message_id": bounce.message_id, "status": bounce.status, "hard": bounce.hard, "via": "dsn"}
    told |= {"mark": mail.mark}
    new = ledger.append(BOUNCED, subject, told, actor=ACTOR, at=at, key=f"{subject}:bounced")
    return ("hard" if bounce.hard else "soft") if new else "known"


def resume(ledger: Ledger, settings: Settings, recipient_id: str, *, actor: str, at: datetime) -> None:
    """Send to a recipient's address again. Raises LedgerError for one that is not suppressed."""
    if recipient_id not in [one.owner_id for one in suppressed(ledger, settings)]:
        raise LedgerError(f"{recipient_id!r} is not suppressed: `voc mailing sent` shows who is.")
    key = f"{RESUMED}:{recipient_id}:{ledger.version()}"
    ledger.append(RESUMED, f"recipient:{recipient_id}", {"recipient_id": recipient_id}, actor=actor, at=at, key=key)


def _encrypted(url: str) -> None:
    parts = urlsplit(url.strip())
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and _is_local(parts.hostname or ""):
        return
    raise SettingsError(f"VOC_PUBLIC_URL ({url}) must begin with https://: its links let people answer in a name.")


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
