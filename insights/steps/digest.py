"""The weekly digest: built from one snapshot, checked against the lake, written to files, sent when configured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from insights.digest import Digest, differences, published_rows, render, verify
from insights.digest.issue import Issue
from insights.digest.links import Links
from insights.digest.owners import MAIL, Owner, load_owners
from insights.errors import DeliveryError, SettingsError
from insights.i18n import LANGUAGES
from insights.lake import Lake
from insights.ledger import Ledger
from insights.outbox.mailed import REFUSED
from insights.outbox.smtp import Mail
from insights.settings import Settings
from insights.steps.digest_post import post_to_chats
from insights.steps.digest_replay import kept_rows, linked, rendered_again
from insights.steps.digest_week import Week, digest_of, read_week
from insights.steps.mailing import due_owners, links_of, post, send_mails
from insights.steps.pinned import Pins, pins_now
from insights.steps.run_log import StepReport, recorded
from insights.steps.sending import is_dry
from insights.steps.window import monday

QUOTED = """
SELECT m.mention_id, m.feedback_id, m.turn_no, m.start_char, m.text,
    CASE WHEN m.turn_no IS NULL THEN f.verbatim ELSE t.text END AS source
FROM mention m JOIN feedback f USING (feedback_id)
LEFT JOIN turn t ON t.feedback_id = m.feedback_id AND t.turn_no = m.turn_no
WHERE m.mention_id IN (SELECT unnest($ids::VARCHAR[])) ORDER BY m.mention_id
"""


CHANGED = "The rows of the table published that were sent under this name have been changed since."


@dataclass(frozen=True)
class Prepared:
    """The week's issues, computed and drawn; nothing is written or sent yet. `owners`: all of owners.yaml."""

    pins: Pins
    owners: Sequence[Owner]
    issues: Sequence[Issue]


def digest(
    lake: Lake, ledger: Ledger, *, run_id: str, dry_run: bool | None = None, owner_id: str | None = None
) -> StepReport:
    """Write the company's digest in both languages and one for each owner, and send theirs; one that fails its own check
    is not sent, and the step says so at its end. `owner_id`: this owner's alone, due or not."""
    dry = is_dry(ledger, lake.settings, dry_run)
    with recorded(lake, run_id, "digest") as report:
        release(lake, ledger, prepare(lake, ledger, owner_id), report, dry)
    return report


def prepare(lake: Lake, ledger: Ledger, owner_id: str | None = None) -> Prepared:
    """Every issue of the business day's week, from one snapshot. Raises SettingsError for an owner nobody knows."""
    settings, pins = lake.settings, pins_now(lake, ledger)
    owners = load_owners(settings.reference_dir / "owners.yaml")
    week = read_week(lake, ledger, owners, pins)
    issues = [] if owner_id else [_drawn(digest_of(week, settings, None, one), None, None) for one in LANGUAGES]
    for owner in _readers(ledger, settings, owners, pins, owner_id):
        made = digest_of(week, settings, owner, owner.language)
        issues.append(_drawn(made, owner, _links(settings, ledger, made, owner)))
    return Prepared(pins, owners, issues)


def _readers(
    ledger: Ledger, settings: Settings, owners: Sequence[Owner], pins: Pins, owner_id: str | None
) -> list[Owner]:
    if owner_id is None:
        return due_owners(ledger, settings, monday(pins.day))
    found = [one for one in owners if one.owner_id == owner_id]
    if not found:
        known = ", ".join(one.owner_id for one in owners)
        raise SettingsError(f"There is no owner {owner_id!r} in owners.yaml; there are: {known}.")
    return found


def _links(settings: Settings, ledger: Ledger, made: Digest, owner: Owner) -> Links | None:
    ids = [item.irritant_id for item in made.items]
    return links_of(settings, ledger.keys, made.publication_id, made.week, owner, ids)


def _drawn(made: Digest, owner: Owner | None, links: Links | None) -> Issue:
    return Issue(owner, made, render(made, links))


def release(lake: Lake, ledger: Ledger, prepared: Prepared, report: StepReport, dry: bool) -> None:
    """Check, keep, write and send. Raises DeliveryError naming the issues that failed, once the others are sent."""
    wrong = faults(lake, ledger, prepared)
    good = [issue for issue in prepared.issues if issue.digest.publication_id not in wrong]
    before = sent_before(ledger)
    fresh = [issue for issue in good if issue.digest.publication_id not in before]
    report.n_in, report.n_out = len(prepared.issues), _keep(lake, fresh)
    paths = [_write(lake.settings, issue) for issue in fresh]
    as_sent = [_as_sent(lake, ledger, issue) if issue not in fresh else issue for issue in good]
    wrong |= {issue.digest.publication_id: [CHANGED] for issue, sent in zip(good, as_sent, strict=True) if sent is None}
    report.note = {"written": str(paths[0])} if paths else {}
    owned = [issue for issue in as_sent if issue is not None and issue.owner is not None]
    report.note |= _sent(ledger, lake.settings, owned, dry)
    if wrong:
        report.note["failed_check"] = wrong
        told = "; ".join(f"{name}: {' '.join(found)}" for name, found in wrong.items())
        raise DeliveryError(f"The digest fails its own check and is not sent: {told}")
    if n_left := _left(report.note):
        raise DeliveryError(f"{n_left} digests could not be handed over yet: the next try sends them. {report.note}")


def _left(note: Mapping[str, Any]) -> int:
    """Digests that a further try can bring over: in doubt too young to be sent again, or refused for now."""
    waits = sum(int(note.get(name, 0)) for name in ("held", "failed", "posts_held", "posts_failed"))
    return waits - int(note.get("bounced", 0))


def faults(lake: Lake, ledger: Ledger, prepared: Prepared) -> dict[str, list[str]]:
    """Problems by publication. Each quote is found again in the lake as it is now; each value is computed again from the
    snapshot, and from the lake as it is now where something was written since."""
    pins, settings = prepared.pins, lake.settings
    again = {f"in snapshot {pins.snapshot_id}": read_week(lake, ledger, prepared.owners, pins)}
    if (now := lake.snapshot_id()) != pins.snapshot_id:
        again["in the lake now"] = read_week(lake, ledger, prepared.owners, replace(pins, snapshot_id=now))
    found = {issue.digest.publication_id: _faults_of(lake, settings, issue, again) for issue in prepared.issues}
    return {name: problems for name, problems in found.items() if problems}


def _faults_of(lake: Lake, settings: Settings, issue: Issue, again: Mapping[str, Week]) -> list[str]:
    problems = check(lake, issue.digest)
    for where, week in again.items():
        problems += differences(issue.digest, digest_of(week, settings, issue.owner, issue.digest.language), where)
    return problems


def check(lake: Lake, made: Digest) -> list[str]:
    """Problems of a digest's quotes: each is read again from the lake by its id."""
    return verify(made, lake.read(QUOTED, ids=[quote.mention_id for quote in made.quotes]))


def compose(lake: Lake, ledger: Ledger, language: str) -> Digest:
    """The company's digest of the business day's week in one language; nothing is written."""
    owners = load_owners(lake.settings.reference_dir / "owners.yaml")
    return digest_of(read_week(lake, ledger, owners, pins_now(lake, ledger)), lake.settings, None, language)


def sent_before(ledger: Ledger) -> set[str]:
    """Publications that were handed over once, or may have been: what they said stays."""
    return {one.publication_id for one in post(ledger).mails.values() if one.state != REFUSED}


def _keep(lake: Lake, issues: Sequence[Issue]) -> int:
    """Keep what the issues say in `published`, in the place of what a run before said that sent nothing."""
    n_rows = 0
    with lake.write() as writer:
        for issue in issues:
            rows, of = published_rows(issue.digest, issue.rendered), {"of": issue.digest.publication_id}
            n_rows += writer.replace("published", rows, "publication_id = $of", of)
    return n_rows


def _as_sent(lake: Lake, ledger: Ledger, issue: Issue) -> Issue | None:
    """The issue as it was handed over the first time, where that is kept; None where the rows were changed since."""
    rows = kept_rows(lake, issue.digest.publication_id)
    if rows.empty:
        return issue
    again = rendered_again(rows, linked(lake.settings, ledger, rows))
    return None if again.changed else replace(issue, rendered=again.rendered)


def _folder(settings: Settings) -> Path:
    return settings.out_dir / "digests"


def _write(settings: Settings, issue: Issue) -> Path:
    folder = _folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{issue.digest.publication_id}.html"
    path.write_text(issue.rendered.standalone_html(), encoding="utf-8")
    path.with_suffix(".txt").write_text(issue.rendered.text, encoding="utf-8")
    return path


def last_digest(settings: Settings) -> list[Path]:
    """Files of the company's newest digest, in both languages."""
    found = sorted(_folder(settings).glob("digest-*-all-*.html"))
    newest = max((path.name[: len("digest-0000-00-00")] for path in found), default="")
    return [path for path in found if newest and path.name.startswith(newest)]


def _sent(ledger: Ledger, settings: Settings, issues: Sequence[Issue], dry: bool) -> dict[str, Any]:
    """Hand the mails to the relay and the others to their chats, or write them as files on a dry run."""
    by_mail = [_mail(settings, ledger, one) for one in issues if one.owner is not None and one.owner.by == MAIL]
    by_chat = [one for one in issues if one.owner is not None and one.owner.by != MAIL]
    return send_mails(ledger, settings, by_mail, dry) | post_to_chats(ledger, settings, by_chat, dry)


def _mail(settings: Settings, ledger: Ledger, issue: Issue) -> Mail:
    made, rendered, owner = issue.digest, issue.rendered, issue.owner
    assert owner is not None
    links = _links(settings, ledger, made, owner)
    return Mail(
        made.publication_id, made.week, owner.owner_id, owner.email, rendered.subject, rendered.html, rendered.text,
        rendered.images, made.language, links.unsubscribe if links else "",
    )  # fmt: skip
