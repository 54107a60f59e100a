"""What every page shares: language, data-as-of line, empty and error states. A page is a file with `render(page)`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboard import queries
from dashboard.data import Store, open_store
from dashboard.download import downloads
from dashboard.format import DASH, Format, known
from dashboard.guard import safely
from dashboard.identity import current
from dashboard.menu import BY_NAME
from dashboard.menu import title as page_title
from dashboard.sharing import copy_link
from dashboard.timing import drawing
from dashboard.words import Translate, plain
from insights.access import Capability, Viewer, at_home
from insights.contracts import UNCLASSIFIED
from insights.i18n import LANGUAGES, translator
from insights.irritants.registry import EMERGING, Registry
from insights.settings import Settings, default_settings

ROW_PX = 35  # Streamlit's own
KEYWORDS = 4
MONTH = 28  # days: four whole weeks, so that Mondays weigh the same in every window
DRAWN = "page_drawn"


@dataclass(frozen=True)
class Page:
    """All that a view needs to draw itself."""

    store: Store
    language: str
    viewer: Viewer = field(default_factory=at_home)
    name: str = ""  # as in dashboard/menu.py

    @property
    def title(self) -> str:
        """What the page is called in the reader's language."""
        return page_title(self._, self.name) if self.name in BY_NAME else self._("All pages")

    def may(self, capability: Capability) -> bool:
        """Whether the reader may do this. Buttons that need it are shown disabled, with why."""
        return self.viewer.may(capability)

    @property
    def settings(self) -> Settings:
        return self.store.settings

    @property
    def _(self) -> Translate:
        return translator(self.language)

    @cached_property
    def fmt(self) -> Format:
        return Format(self.language, self.settings.timezone)

    @cached_property
    def now(self) -> datetime:
        return self.settings.business_now()

    @property
    def today(self) -> date:
        """Last day of every window: the business day, or the last day of data that ended long before it."""
        return self.store.day

    @cached_property
    def registry(self) -> Registry:
        return self.store.registry

    def day_start(self, day: date) -> datetime:
        """Instant at which a day begins in the zone of the settings."""
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.settings.timezone))

    def window(self, days: int = MONTH) -> dict[str, datetime]:
        """`since`, `middle`, `until`: the last `days` days, today included, and as many before them."""
        until = self.today + timedelta(days=1)
        return {
            "since": self.day_start(until - timedelta(days=2 * days)),
            "middle": self.day_start(until - timedelta(days=days)),
            "until": self.day_start(until),
        }

    def rows(self, sql: str, **params: Any) -> Any:
        return self.store.rows(sql, **params)

    def label(self, irritant_id: str) -> str:
        """Name of an irritant in the reader's language; the other language's name carries its mark."""
        if irritant_id == UNCLASSIFIED:
            return self._("Unclassified")
        found = self.registry.irritants.get(self.registry.resolve(irritant_id))
        name, borrowed = found.label(self.language) if found else (irritant_id, None)
        if (
            found and name == found.irritant_id and found.keywords
        ):  # nobody has named it yet: the words that set it apart
            return ", ".join(found.keywords[:KEYWORDS])
        return f"{name} ({borrowed.upper()})" if borrowed else name

    def label_and_age(self, irritant_id: str) -> str:
        """The name, marked while the irritant is new."""
        found = self.registry.irritants.get(irritant_id)
        name = self.label(irritant_id)
        return self._("{label} (new)").format(label=name) if found and found.status == EMERGING else name

    def owner(self, irritant_id: str) -> str | None:
        """Who owns an irritant; None when nobody does."""
        found = self.registry.irritants.get(irritant_id)
        owner = getattr(found, "owner", None)
        return str(owner) if known(owner) else None

    def team(self, team_id: str) -> str:
        """Name of a team in the reader's language."""
        team = self.store.teams.get(team_id)
        return team.name(self.language) if team else team_id

    def crm_url(self, customer_id: str) -> str | None:
        """Address of a customer in the CRM; None when `crm_url_template` is not set."""
        template = self.settings.crm_url_template
        return template.replace("{customer_id}", quote(customer_id, safe="")) if template else None

    def from_local(self, wall: datetime) -> datetime:
        """A wall-clock time typed by the reader, as an instant."""
        return wall.replace(tzinfo=ZoneInfo(self.settings.timezone)).astimezone(UTC)


def language() -> str:
    """The reader's language: the switch of the sidebar."""
    chosen = st.session_state.get("language")
    return chosen if chosen in LANGUAGES else "fr"


def show(render: Callable[[Page], None]) -> None:
    """Draw one page under its data-as-of line. Errors are told by `dashboard/guard.py`."""
    viewer = current()
    name = Path(render.__code__.co_filename).stem
    settings = default_settings()
    with drawing(name, settings.page_log_ms) as timed:
        page = Page(open_store(settings, viewer.rights), language(), viewer, name)
        timed.snapshot = page.store.snapshot
        st.session_state[DRAWN] = page
        _as_of_line(page)
        with st.spinner(page._("Reading the data…")):
            render(page)


def headline(
    label: str, figure: str, sentence: str, link: Callable[[], object] | None = None, *, help: str | None = None
) -> None:
    """One figure and one sentence: the first thing on every page. `sentence` is Markdown, data in it escaped.

    `help`: what `explained` gives, one hover or one key away from the figure.
    """
    with st.container(border=True):
        left, right = st.columns([3, 9], vertical_alignment="center")
        left.metric(label, figure, help=help)
        with right:
            st.markdown(sentence)
            if link:
                link()


def explained(
    page: Page,
    definition: str,
    *,
    n: int | str | None = None,
    interval: str | None = None,
    as_of: date | datetime | None = None,
) -> str:
    """Markdown of what stands behind a figure: definition, n, interval, date (default: the last day of the data)."""
    _ = page._
    told = {
        _("n"): n if isinstance(n, str) else page.fmt.number(n),
        _("Interval"): interval or DASH,
        _("As of"): page.fmt.day(as_of or page.today),
    }
    return "\n\n".join(
        [definition, *(f"**{name}**: {plain(text)}" for name, text in told.items() if text and text != DASH)]
    )


def figure(
    page: Page,
    label: str,
    value: str,
    *,
    definition: str,
    n: int | str | None = None,
    interval: str | None = None,
    as_of: date | datetime | None = None,
    where: Any = st,
    **options: Any,
) -> None:
    """A figure with all that `explained` says of it one hover, or one key, away."""
    where.metric(label, value, help=explained(page, definition, n=n, interval=interval, as_of=as_of), **options)


def table(
    frame: pd.DataFrame,
    *,
    wide: str | None = None,
    wide_px: int = 300,
    rows: int = 10,
    row_px: int = ROW_PX,
    name: str | None = None,
    raw: pd.DataFrame | None = None,
    definitions: Mapping[str, str] | None = None,
    export: bool = True,
    **options: Any,
) -> None:
    """A table as high as its rows (at most `rows` of them), with room for the long column `wide`, and its downloads.

    In rows higher than usual (`row_px`) long texts wrap. Files are called `name` (default: the page's title) and hold
    `raw`, the same rows typed (default: what is shown); without `export` there are none.
    """
    config = {wide: st.column_config.TextColumn(width=wide_px)} if wide else {}
    config |= options.pop("column_config", {})
    height = row_px * min(len(frame), rows) + ROW_PX + 3
    options |= {"row_height": row_px} if row_px != ROW_PX else {}
    page = st.session_state.get(DRAWN)
    if isinstance(page, Page):
        options.setdefault("alt", name or f"{page.title} ({', '.join(str(one) for one in frame.columns[:3])})")
    st.dataframe(frame, hide_index=True, height=height, column_config=config, **options)
    if export and isinstance(page, Page):
        downloads(frame, name or page.title, page, raw=raw, definitions=definitions, key=options.get("key"))


def picking(frame: pd.DataFrame, key: str, target: str, ids: Sequence[str], **options: Any) -> None:
    """A table where choosing a row sets the widget `target` to that row's id."""

    def picked() -> None:
        rows = st.session_state[key]["selection"]["rows"]
        if rows:
            st.session_state[target] = ids[rows[0]]

    table(frame, key=key, on_select=safely(picked), selection_mode="single-row", **options)


def from_url(key: str, options: Sequence[Any], default: Any) -> None:
    """Start the widget `key` from the URL; a value that is not offered (any more) falls back to `default`."""
    many = isinstance(default, list)
    current = st.session_state.get(key, st.query_params.get_all(key))
    wanted = [value for value in (current if isinstance(current, list) else [current]) if value in options]
    st.session_state[key] = (wanted or default) if many else (wanted[0] if wanted else default)


def to_url(key: str, default: Any) -> Any:
    """Write the widget's value into the URL, so that the view can be sent to a colleague; returns the value."""
    value = st.session_state[key]
    if value == default and key in st.query_params:
        del st.query_params[key]
    elif value != default:
        st.query_params[key] = value
    return value


def text_from_url(key: str) -> None:
    """Start a text field from the URL."""
    if key not in st.session_state:
        st.session_state[key] = st.query_params.get(key, "")


def text_to_url(key: str) -> str:
    """Write a text field into the URL, without the blanks around it; returns the text."""
    text = str(st.session_state[key] or "").strip()
    if text:
        st.query_params[key] = text
    else:
        st.query_params.pop(key, None)
    return text


def _as_of_line(page: Page) -> None:
    """« Données au 31/10/2026, instantané n° 42 », and whether the date is pinned."""
    _, fmt = page._, page.fmt
    fresh = page.rows(queries.FRESHNESS, until=page.window()["until"]).iloc[0]
    parts = [
        _("Data as of {day}, snapshot no. {snapshot}").format(
            day=fmt.day(fresh["last_at"]), snapshot=page.store.snapshot
        )
    ]
    if page.settings.as_of is not None:
        parts.append(_("pinned demonstration date: {day}").format(day=fmt.day(page.settings.as_of)))
    with st.container(horizontal=True, vertical_alignment="center", key="as_of"):
        st.caption(plain(" · ".join(parts)), width="content")
        copy_link(page)
    if page.store.problem:
        st.warning(_("The data cannot be read at the moment: you see the last ones that could."))
    if page.today != page.settings.business_day():
        ended = _("These data end on {day}: every period on these pages ends on that day.")
        st.info(ended.format(day=fmt.day(page.today)), icon=":material/history:")
