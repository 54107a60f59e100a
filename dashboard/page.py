"""What every page shares: language, data-as-of line, empty and error states. A page is a file with `render(page)`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboard import queries
from dashboard.data import Store, open_store
from dashboard.format import Format, known
from dashboard.words import Translate, plain
from insights.contracts import UNCLASSIFIED
from insights.i18n import LANGUAGES, translator
from insights.irritants.registry import EMERGING, Registry
from insights.settings import Settings, default_settings

ROW_PX = 35  # Streamlit's own
KEYWORDS = 4
MONTH = 28  # days: four whole weeks, so that Mondays weigh the same in every window


@dataclass(frozen=True)
class Page:
    """All that a view needs to draw itself."""

    store: Store
    language: str

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
    page = Page(open_store(default_settings()), language())
    _as_of_line(page)
    with st.spinner(page._("Reading the data…")):
        render(page)


def headline(label: str, figure: str, sentence: str, link: Callable[[], object] | None = None) -> None:
    """One figure and one sentence: the first thing on every page. `sentence` is Markdown, data in it escaped."""
    with st.container(border=True):
        left, right = st.columns([3, 9], vertical_alignment="center")
        left.metric(label, figure)
        with right:
            st.markdown(sentence)
            if link:
                link()


def table(
    frame: pd.DataFrame,
    *,
    wide: str | None = None,
    wide_px: int = 300,
    rows: int = 10,
    row_px: int = ROW_PX,
    **options: Any,
) -> None:
    """A table as high as its rows (at most `rows` of them), with room for the long column `wide`.

    In rows higher than usual (`row_px`) long texts wrap.
    """
    config = {wide: st.column_config.TextColumn(width=wide_px)} if wide else {}
    config |= options.pop("column_config", {})
    height = row_px * min(len(frame), rows) + ROW_PX + 3
    options |= {"row_height": row_px} if row_px != ROW_PX else {}
    st.dataframe(frame, hide_index=True, height=height, column_config=config, **options)


def picking(frame: pd.DataFrame, key: str, target: str, ids: Sequence[str], **options: Any) -> None:
    """A table where choosing a row sets the widget `target` to that row's id."""

    def picked() -> None:
        rows = st.session_state[key]["selection"]["rows"]
        if rows:
            st.session_state[target] = ids[rows[0]]

    table(frame, key=key, on_select=picked, selection_mode="single-row", **options)


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
    st.caption(plain(" · ".join(parts)))
    if page.store.problem:
        st.warning(_("The data cannot be read at the moment: you see the last ones that could."))
    if page.today != page.settings.business_day():
        ended = _("These data end on {day}: every period on these pages ends on that day.")
        st.info(ended.format(day=fmt.day(page.today)), icon=":material/history:")
