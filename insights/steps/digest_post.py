"""Hand the digests of owners who read them in Slack or Teams to their channels."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from insights.digest.chat import slack_body, teams_body
from insights.digest.issue import Issue
from insights.digest.owners import unreachable
from insights.errors import SettingsError
from insights.ledger import Ledger
from insights.outbox import endpoint as kinds
from insights.outbox.endpoints import Directory, load_directory
from insights.outbox.posts import ChatPost, send_posts
from insights.settings import Settings
from insights.steps.mailing import links_of

BODY = {kinds.SLACK: slack_body, kinds.TEAMS: teams_body}


def post_to_chats(ledger: Ledger, settings: Settings, issues: Sequence[Issue], dry: bool) -> dict[str, Any]:
    """The step's note of what was posted; empty without such owners. Raises SettingsError for an endpoint that is not
    there."""
    if not issues:
        return {}
    directory = load_directory(settings, dry_run=dry)
    owners = [issue.owner for issue in issues if issue.owner is not None]
    if wrong := unreachable(owners, {name: one.kind for name, one in directory.endpoints.items()}):
        raise SettingsError(f"owners.yaml: {wrong[0]}. Enable it in endpoints.yaml, or change `by`.")
    posts = [_post(ledger, settings, directory, issue) for issue in issues]
    report = send_posts(ledger, posts, datetime.now(UTC), dry_run=dry, out_dir=settings.out_dir)
    if dry:
        return {"chat": f"{len(report.files)} posts written to files, none sent (dry run)"}
    counts = {
        f"posts_{name}": len(getattr(report, name)) for name in ("accepted", "again", "already", "held", "failed")
    }
    return {**counts, "why_not_posted": report.failed}


def _post(ledger: Ledger, settings: Settings, directory: Directory, issue: Issue) -> ChatPost:
    made, owner = issue.digest, issue.owner
    assert owner is not None
    ids = [item.irritant_id for item in made.items]
    links = links_of(settings, ledger.keys, made.publication_id, made.week, owner, ids)
    endpoint = directory.named(owner.endpoint)
    return ChatPost(made.publication_id, made.week, owner.owner_id, endpoint, BODY[owner.by](made, links))
