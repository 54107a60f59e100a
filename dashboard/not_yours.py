"""A page that a reader's role does not open, asked for by its address or a link: which, and the right it needs."""

from __future__ import annotations

from collections.abc import Callable

from dashboard.guard import empty
from dashboard.menu import PAGES, Entry, capability_name, role_name, roles_with, title
from dashboard.words import Translate, plain
from insights.access import Viewer


def closed(viewer: Viewer) -> list[Entry]:
    """The pages this reader may not open. They have an address all the same: it says why."""
    return [entry for entry in PAGES if not viewer.may(entry.needs)]


def drawn_for(viewer: Viewer, shown: str, run: Callable[[], None], _: Translate) -> Callable[[], None]:
    """What to draw of the page with the title `shown`: `run`, or the sentence that refuses it."""
    refused = next((entry for entry in closed(viewer) if title(_, entry.name) == shown), None)
    return run if refused is None else lambda: _refuse(_, viewer, refused)


def _refuse(_: Translate, viewer: Viewer, entry: Entry) -> None:
    what = _("Your role, {role}, does not open the page “{page}”.")
    hint = _("It needs the right to {right}, which these roles have: {roles}. Ask your administrator if you need it.")
    empty(
        plain(what.format(role=role_name(_, viewer.role), page=title(_, entry.name))),
        plain(hint.format(right=capability_name(_, entry.needs), roles=roles_with(_, entry.needs))),
    )
