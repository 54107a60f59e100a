"""Verbatims: find what customers said, by words and by meaning, and read it whole."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import words
from dashboard.download import downloads
from dashboard.guard import empty
from dashboard.page import Page, explained, from_url, headline, show, text_from_url, text_to_url, to_url
from dashboard.searching import DEEP, WAYS, Search, finder_of, not_indexed, search, warm
from dashboard.verbatim_cards import Found, cards, fetch, irritant_link, rows_of
from dashboard.verbatim_filters import verbatim_filters
from dashboard.verbatim_reading import reading
from dashboard.words import plain, plural
from insights.search import Query, Ranked, parse

PAGE_SIZE = 10


def render(page: Page) -> None:
    warm(page)
    opened = st.query_params.get("feedback")
    if opened:
        reading(page, opened, parse(st.query_params.get("q", "")))
        return
    text, way = _box(page)
    head = st.container()
    kept = verbatim_filters(page)
    found = search(page, text, way, kept)
    _problems(page, found)
    if not len(found.ranked.keys):
        _nothing(page, found, bool(kept))
        return
    start = PAGE_SIZE * (_page_no(found, text, way, kept) - 1)
    shown = fetch(page, found.ranked.first(PAGE_SIZE, start))
    with head:
        _headline(page, found, shown)
    cards(page, shown, found.query if found.n_words is not None else Query(found.query.text))
    _pages(found, text, way, kept)
    _below(page, found)


def _box(page: Page) -> tuple[str, str]:
    """The search box and the way to search."""
    _ = page._
    left, right = st.columns([7, 4], vertical_alignment="bottom")
    text_from_url("q")
    left.text_input(
        _("Search what customers say"),
        key="q",
        placeholder=_('for example: promised callback "never called" -app'),
        help=_("French or English finds both. Quotes keep words together; a minus before a word leaves it out."),
    )
    ways = {"both": _("Both"), "words": _("Words"), "meaning": _("Meaning")}
    from_url("way", WAYS, "both")
    right.segmented_control(_("Search by"), WAYS, key="way", format_func=ways.__getitem__, required=True)
    return text_to_url("q"), str(to_url("way", "both"))


def _headline(page: Page, found: Search, shown: Found) -> None:
    _, fmt = page._, page.fmt
    most = shown.most()
    sentence = _sentence(page, found)
    if most and most[1] > 1:
        sentence += " " + _("{n} of the {all} shown carry **{label}**: see whether it grows.").format(
            n=fmt.number(most[1]), all=fmt.number(len(shown.rows)), label=plain(page.label(most[0]))
        )
    link = (lambda: irritant_link(page, most[0])) if most else None
    n = found.ranked.n_all if found.n_words is None else found.n_words
    label = _("Verbatims") if not found.query.meaning or found.n_words is not None else _("Nearest in meaning")
    meant = _("Feedback with words, of customers, under the filters, that says what is searched.")
    headline(label, fmt.number(n), sentence, link, help=explained(page, meant, n=fmt.number(n)))


def _sentence(page: Page, found: Search) -> str:
    """What the list is."""
    _, fmt, said = page._, page.fmt, plain(found.query.text)
    if not found.query.text:
        return _("The newest first. Type what you look for, or keep one irritant below.")
    if found.n_words is None:
        return _("The nearest in meaning to **{query}**, in French and in English.").format(query=said)
    n = found.n_words
    if found.all_words:
        one, many = _("**{n} verbatim** says **{query}**."), _("**{n} verbatims** say **{query}**.")
    else:
        one = _("**{n} verbatim** says one of the words of **{query}**.")
        many = _("**{n} verbatims** say one of the words of **{query}**; few say them all.")
    told = plural(n, one, many, page.language).format(n=fmt.number(n), query=said)
    if found.n_near:
        told += " " + _("The {near} nearest in meaning are ranked with them.").format(near=fmt.number(found.n_near))
    return told


def _problems(page: Page, found: Search) -> None:
    """A search index that is missing or behind."""
    _ = page._
    if not found.indexed or finder_of(page.settings) is None:
        told = _("The search index is missing: the search reads every verbatim, by words only, and takes longer.")
        st.warning(told + " " + _("It is made again by the next run, or now by `voc index`."))
    elif n := not_indexed(page):
        told = plural(
            n,
            _("{n} newer verbatim is searched by words only until the next run."),
            _("{n} newer verbatims are searched by words only until the next run."),
            page.language,
        )
        st.caption(told.format(n=page.fmt.number(n)))


def _nothing(page: Page, found: Search, filtered: bool) -> None:
    _ = page._
    hints = [_("Take a filter away or choose a longer period.")] if filtered else []
    hints += [_("Search by meaning, or with fewer words.")] if found.query.text else []
    hints += [] if hints else [_("Run `voc ingest` and then `voc run` on your own files.")]
    empty(_("No verbatim says this."), " ".join(hints))


def _key(text: str, way: str, kept: object) -> str:
    return f"page_{abs(hash((text, way, str(kept))))}"  # another search starts again on its first page


def _page_no(found: Search, text: str, way: str, kept: object) -> int:
    last = -(-len(found.ranked.keys) // PAGE_SIZE)
    return min(int(st.session_state.get(_key(text, way, kept), 1)), last)


def _pages(found: Search, text: str, way: str, kept: object) -> None:
    if len(found.ranked.keys) > PAGE_SIZE:
        st.pagination(-(-len(found.ranked.keys) // PAGE_SIZE), key=_key(text, way, kept))


def _below(page: Page, found: Search) -> None:
    """The file of the result, and how the search works."""
    _, fmt = page._, page.fmt
    if page.may("export") and st.toggle(_("Prepare the file of this result"), key="export_result"):
        frame = _file(page, found.ranked)
        downloads(frame, _("Verbatims"), page, key="verbatims")
    with st.expander(_("Detail")):
        finder = finder_of(page.settings)
        told = [
            _("By words: case, accents and endings do not matter; the rank is BM25, the newest first among equals."),
            _(
                "By meaning: clauses that complain or suggest have a vector; the nearest ones are found in French and "
                "English alike. Praise and neutral clauses are found by words only."
            ),
            _("Both: the two rankings are merged (reciprocal rank). At most {n} verbatims are listed.").format(
                n=fmt.number(DEEP)
            ),
        ]
        if finder is not None:
            told.append(_("{n} verbatims are in the search index.").format(n=fmt.number(finder.n_docs)))
        st.markdown("\n".join(f"- {line}" for line in told))


def _file(page: Page, ranked: Ranked) -> pd.DataFrame:
    """The result as a table, in the order of its rank; without customers for readers who may not open them."""
    _ = page._
    rows = rows_of(page, ranked)
    frame = pd.DataFrame(
        {
            _("Date"): rows["occurred_at"],
            _("Kind"): [words.kind(_, code) for code in rows["kind"]],
            _("Channel"): [words.channel(_, code) for code in rows["channel"]],
            _("Product"): rows["product"],
            _("Region"): rows["region"],
            _("Language"): rows["language"],
            _("Verbatim"): rows["verbatim"],
            _("Feedback"): rows["feedback_id"],
        }
    )
    return frame.assign(**{_("Customer"): rows["customer_id"]}) if page.may("customers") else frame


if __name__ == "__main__":
    show(render)
