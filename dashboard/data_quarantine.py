"""Quarantine: what was refused and why, without a word of it, and a second try once the cause was mended."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboard import data_queries
from dashboard.audit import noted
from dashboard.data_words import reason_name
from dashboard.data_work import carry_out, told
from dashboard.deciding import name_field, named
from dashboard.page import Page, explained, from_url, headline, picking, table, to_url
from dashboard.words import plain, plural
from insights.errors import LedgerError
from insights.ledger.inbox import backlog
from insights.steps.apart import DONE, RETRY, State
from insights.steps.quarantine import BATCHES

TOLD = "quarantine_told"
SEPARATOR = " · "
TALL_PX = 56  # two lines of text


def quarantine_part(page: Page) -> None:
    _ = page._
    found = page.rows(BATCHES)
    _summary(page, found)
    _last_told(page)
    _posted(page)
    if found.empty:
        st.markdown(_("Rows that cannot be read, or in which a name or number is still found, would wait here."))
        return
    keys = [f"{row.source}{SEPARATOR}{row.reason}" for row in found.itertuples()]
    from_url("batch", keys, keys[0])
    picking(
        _frame(page, found),
        "batch_table",
        "batch",
        keys,
        wide=_("Why, and what to mend"),
        wide_px=440,
        row_px=TALL_PX,
        raw=found,
    )
    st.selectbox(_("Refused rows of"), keys, key="batch")
    row = found.iloc[keys.index(str(to_url("batch", keys[0])))]
    _batch(page, str(row["source"]), str(row["reason"]), int(row["n"]))


def _summary(page: Page, found: pd.DataFrame) -> None:
    _, fmt = page._, page.fmt
    total = int(found["n"].sum())
    if not total:
        told_ = _("Nothing was refused: every row that came is in the lake.")
    else:
        worst = found.iloc[0]
        told_ = _("Most: {n} of **{source}**. {why} The first leave on {day}.").format(
            n=fmt.number(worst["n"]),
            source=plain(worst["source"]),
            why=plain(reason_name(_, worst["reason"])),
            day=fmt.day(found["expires_on"].min()),
        )
    definition = _("Rows that were read and could not be used. They are kept sealed for {days} days.").format(
        days=fmt.number(page.settings.quarantine_days)
    )
    headline(_("Rows in quarantine"), fmt.number(total), told_, help=explained(page, definition, n=total))


def _posted(page: Page) -> None:
    """Events that tools have posted and nobody has read yet."""
    _, fmt = page._, page.fmt
    waits = backlog(page.store.ledger)
    if waits.n_received and waits.oldest_received_at is not None:
        one = _("{n} posted event waits to be read, since {at}: is `voc intake` running?")
        many = _("{n} posted events wait to be read, the oldest since {at}: is `voc intake` running?")
        said = plural(waits.n_received, one, many, page.language)
        st.warning(said.format(n=fmt.number(waits.n_received), at=fmt.instant(waits.oldest_received_at)))


def _frame(page: Page, found: pd.DataFrame) -> pd.DataFrame:
    _, fmt = page._, page.fmt
    return pd.DataFrame(
        {
            _("Source"): found["source"],
            _("Rows"): [fmt.number(n) for n in found["n"]],
            _("Why, and what to mend"): [reason_name(_, reason) for reason in found["reason"]],
            _("Last seen"): [fmt.instant(at) for at in found["last_at"]],
            _("First leaves on"): [fmt.day(day) for day in found["expires_on"]],
        }
    )


def _batch(page: Page, source: str, reason: str, n: int) -> None:
    """One batch: its rows by place, and the buttons."""
    _, fmt = page._, page.fmt
    st.header(plain(f"{source}{SEPARATOR}{reason_name(_, reason)}"))
    rows = page.rows(data_queries.QUARANTINED, source=source, reason=reason)
    ids = list(rows["source_id"])
    line = _("{file}, line {n}")
    places = {row.source_id: line.format(file=row.file, n=row.line) for row in rows.itertuples()}
    name_field(page)
    can = named(page, "operate")
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    one, many = _("Retry this row"), _("Retry all {n}")
    label = plural(n, one, many, page.language).format(n=fmt.number(n))
    if left.button(label, type="primary", icon=":material/refresh:", disabled=not can, key="retry_batch"):
        _retry(page, source, reason, ())
    if n > 1:
        _one_row(page, right, source, reason, ids, places, can)
    st.caption(
        _("Mend the mapping, sources.yaml or the lexicon first. Rows that fail again stay, with today's reason.")
    )
    shown = pd.DataFrame(
        {
            _("Place"): [places[one] for one in ids],
            _("What was found"): rows["detail"],
            _("Seen"): [fmt.instant(at) for at in rows["seen_at"]],
            _("Leaves on"): [fmt.day(day) for day in rows["expires_on"]],
        }
    )
    table(
        shown, wide=_("What was found"), wide_px=460, rows=6, name=_("Refused rows"), raw=rows.drop(columns="source_id")
    )
    _sealed(page, source, reason, ids, places)


def _one_row(
    page: Page, where: Any, source: str, reason: str, ids: list[str], places: dict[str, str], can: bool
) -> None:
    _ = page._
    field, button = where.columns([2, 1], vertical_alignment="bottom")
    chosen = field.selectbox(_("Or one row first"), ids, format_func=places.__getitem__, key="retry_row")
    if button.button(_("Retry this row"), disabled=not can, key="retry_one"):
        _retry(page, source, reason, (str(chosen),))


def _retry(page: Page, source: str, reason: str, ids: tuple[str, ...]) -> None:
    st.session_state[TOLD] = carry_out(page, RETRY, source, "operate", extra=ids, reason=reason)
    st.rerun()


def _last_told(page: Page) -> None:
    """How the last retry ended, once."""
    state = st.session_state.pop(TOLD, None)
    if isinstance(state, State):
        told(page, state, outcome(page, state) if state.state == DONE else "")


def outcome(page: Page, state: State) -> str:
    """What a retry gave, as Markdown."""
    _, fmt = page._, page.fmt
    told_ = state.told
    through = _("**{through} of {asked}** rows got through, {new} of them new in the lake.").format(
        through=fmt.number(told_["n_through"]), asked=fmt.number(told_["n_asked"]), new=fmt.number(told_["n_new"])
    )
    if not told_["again"]:
        return through + " " + _("They are understood and counted at the next run.")
    why = SEPARATOR.join(f"{reason_name(_, reason)} ({fmt.number(n)})" for reason, n in told_["again"].items())
    return through + " " + _("The others stay: {why}").format(why=plain(why))


def _sealed(page: Page, source: str, reason: str, ids: list[str], places: dict[str, str]) -> None:
    """The raw row, for who may see what is personal; opening it is noted."""
    _ = page._
    if not page.may("privacy") or not ids:
        return
    with st.expander(_("Open a sealed row")):
        st.markdown(_("It holds personal data as it came. That you opened it is noted."))
        chosen = st.selectbox(_("Row"), ids, format_func=places.__getitem__, key="sealed_row")
        if not st.button(_("Open"), key="open_sealed"):
            return
        noted(page, "data", "verbatim", detail=f"quarantine {source} {reason}")
        found = page.store.whole_lake.read(data_queries.SEALED, source=source, source_id=str(chosen), reason=reason)
        try:
            st.code(
                page.store.ledger.keys.unseal(str(found["raw_encrypted"].iloc[0])), language="json", wrap_lines=True
            )
        except (LedgerError, IndexError):
            st.warning(_("This row cannot be opened any more."))
