"""Tell colleagues who were called in comments; the delivery of the same run takes it to them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from insights.comments.book import ACTION, Comment
from insights.comments.people import Person
from insights.errors import SettingsError
from insights.i18n import LANGUAGES
from insights.irritants.registry import Registry
from insights.ledger import Ledger
from insights.outbox.endpoints import Directory, load_directory
from insights.outbox.mentions import Call, tell_mentioned
from insights.outbox.messages import Told
from insights.settings import Settings
from insights.steps import actions, comments
from insights.steps.resolved import registry

MOST_AGE = timedelta(days=7)  # a call that nobody was told by then is found in the application


def tell_all_mentioned(ledger: Ledger, settings: Settings, dry_run: bool) -> Told:
    """Queue the calls of the last week for those who can be told outside. A mistake in endpoints.yaml tells nobody here:
    the delivery of the same run stops at it and says it."""
    known = comments.book(ledger)
    since = settings.business_now() - MOST_AGE
    fresh = [one for one in known.comments.values() if not one.deleted and (one.edited_at or one.at) >= since]
    if not any(one.called for one in fresh):
        return Told()
    try:
        directory = load_directory(settings, dry_run=dry_run)
    except SettingsError:
        return Told()
    out_dir = Path(settings.out_dir)
    calls = calls_of(ledger, settings, directory, fresh)
    return tell_mentioned(ledger, calls, directory, datetime.now(UTC), dry_run=dry_run, out_dir=out_dir)


def calls_of(ledger: Ledger, settings: Settings, directory: Directory, fresh: list[Comment]) -> list[Call]:
    """One call for each colleague in each comment, who wrote it left out."""
    people = comments.people(ledger, settings, directory)
    known, titles = registry(ledger), {one: held.title for one, held in actions.book(ledger).actions.items()}
    return [
        Call(one.comment_id, people.get(name, Person(name)), one.by, one.about, one.about_id, _label(one, known, titles), one.at)
        for one in fresh
        for name in one.called
        if name != one.by
    ]  # fmt: skip


def _label(one: Comment, known: Registry, titles: dict[str, str]) -> dict[str, str]:
    """What a comment is about, by language."""
    if one.about == ACTION:
        return dict.fromkeys(LANGUAGES, titles.get(one.about_id, one.about_id))
    found = known.irritants.get(known.resolve(one.about_id))
    return {language: found.label(language)[0] if found else one.about_id for language in LANGUAGES}
