"""A digest as it left the house, put together again from the rows of `published` alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd

from insights.digest.links import Links
from insights.digest.owners import load_owners
from insights.digest.published import PAGES, Replayed, replayed
from insights.errors import LakeError
from insights.lake import Lake
from insights.ledger import Ledger
from insights.outbox.smtp import Mail, build_message
from insights.settings import Settings
from insights.steps.mailing import links_of

ROWS = "SELECT * FROM published WHERE publication_id = $of ORDER BY item"
SOME = """
SELECT DISTINCT publication_id FROM published WHERE item = $pages ORDER BY publication_id DESC LIMIT 5
"""


@dataclass(frozen=True)
class Written:
    """A replayed digest and its files: html, text, mail."""

    replayed: Replayed
    files: tuple[Path, ...]

    def sentence(self) -> str:
        """What was found, for a person."""
        one = self.replayed
        told = f"{one.publication_id}: {', '.join(map(str, self.files))}. "
        if not self.honest:
            return told + "It is NOT what was sent: rows of the table published were changed since."
        if one.gone:
            return (
                f"{told}{len(one.gone)} quote(s) were taken out since it was sent, and the page says so in their place."
            )
        if not one.same:
            return (
                told
                + "Words that named a person were taken out since it was sent, and the page says so in their place."
            )
        if not one.exact:
            return told + (
                "These are the words and pictures that were sent; its links are others, or cannot be made again: keys, "
                "VOC_PUBLIC_URL or the reader's address have changed."
            )
        return told + "These are the bytes that were sent."

    @property
    def honest(self) -> bool:
        """What stands there is what was sent, save what an erasure has taken."""
        return not self.replayed.changed


def kept_rows(lake: Lake, publication_id: str) -> pd.DataFrame:
    """PUBLISHED rows of one publication, empty where there are none."""
    return lake.read(ROWS, of=publication_id)


def rendered_again(rows: pd.DataFrame, links: Links | None) -> Replayed:
    """The digest of these rows. Raises ContractError where its pages were not kept."""
    return replayed(rows, links)


def linked(settings: Settings, ledger: Ledger, rows: pd.DataFrame) -> Links | None:
    """The links that stood in it: they are made again, never kept. None where it had none, or can have none now."""
    before = replayed(rows)
    owners = {one.owner_id: one for one in load_owners(settings.reference_dir / "owners.yaml")}
    if not before.rendered.skeleton.has_links or before.owner_id not in owners:
        return None
    values = [json.loads(value) for item, value in zip(rows["item"], rows["value"], strict=True) if _is_irritant(item)]
    ids = [str(value["irritant_id"]) for value in values]
    owner = owners[before.owner_id]
    return links_of(settings, ledger.keys, before.publication_id, before.week, owner, ids)


def _is_irritant(item: str) -> bool:
    return item.startswith("irritant.") and item.count(".") == 1


def replay(lake: Lake, ledger: Ledger, publication_id: str) -> Written:
    """Write a digest again as it was sent. Raises LakeError where nothing is kept under this id."""
    rows = kept_rows(lake, publication_id)
    if rows.empty:
        some = ", ".join(lake.read(SOME, pages=PAGES)["publication_id"]) or "none"
        raise LakeError(f"Nothing was published as {publication_id!r}. The newest digests kept: {some}.")
    links = linked(lake.settings, ledger, rows)
    found = rendered_again(rows, links)
    folder = lake.settings.out_dir / "digests" / "replay"
    folder.mkdir(parents=True, exist_ok=True)
    files = tuple(folder / f"{publication_id}{suffix}" for suffix in (".html", ".txt", ".eml"))
    files[0].write_text(found.rendered.standalone_html(), encoding="utf-8")
    files[1].write_text(found.rendered.text, encoding="utf-8")
    files[2].write_bytes(_mail(found, links, rows["published_at"].iloc[0].to_pydatetime(), lake.settings))
    return Written(found, files)


def _mail(found: Replayed, links: Links | None, at: datetime, settings: Settings) -> bytes:
    """The mail; its body is that of the one sent, its head names no recipient: addresses are not kept."""
    page = found.rendered
    mail = Mail(
        found.publication_id, found.week, found.owner_id, "undisclosed-recipients:;", page.subject, page.html, page.text,
        page.images, found.language, links.unsubscribe if links else "",
    )  # fmt: skip
    return build_message(mail, settings.mail_from, at).as_bytes()
