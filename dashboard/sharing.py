"""The link of a view: its page and filters, so that a colleague opens the same one, and the button that copies it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import streamlit as st

if TYPE_CHECKING:
    from dashboard.page import Page

OWN = ("role",)  # of the one who sends it, not of the view
LANGUAGE = "lang"


def query(page: Page) -> list[tuple[str, str]]:
    """What the address says of the view, the language included: a link opens in the language it was sent in."""
    told = [
        (name, value)
        for name in sorted(st.query_params)
        if name not in (*OWN, LANGUAGE)
        for value in st.query_params.get_all(name)
    ]
    return [*told, (LANGUAGE, page.language)]


def link(page: Page) -> str:
    """The full address of this view; a path where the address of the dashboard is not known."""
    here = urlsplit(st.context.url or "")
    base = here.path.rsplit("/", 1)[0] if here.path.rstrip("/").endswith(page.name) else here.path.rstrip("/")
    return f"{here.scheme}://{here.netloc}{base}/{page.name}?{urlencode(query(page))}".removeprefix("://")


def said_filters(page: Page) -> str:
    """`weeks = 13 · brands = Nord`, as in the address; empty without filters."""
    return " · ".join(f"{name} = {value}" for name, value in query(page) if name != LANGUAGE)


HTML = '<button type="button"></button><span role="status"></span>'
CSS = """
button { font: inherit; font-size: .875rem; color: var(--st-link-color); background: none; border: 0; padding: .25rem .5rem;
  border-radius: var(--st-base-radius); cursor: pointer; text-decoration: underline; white-space: nowrap; }
button:hover { background: var(--st-secondary-background-color); }
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
span { font-size: .875rem; color: var(--st-text-color); }
input { font: inherit; font-size: .875rem; width: 22rem; max-width: 60vw; }
"""
# the address as it stands at the click: widgets rewrite it without drawing this anew
JS = """
export default function ({ data, parentElement }) {
  const button = parentElement.querySelector("button");
  const told = parentElement.querySelector("span");
  button.textContent = data.label;
  button.onclick = async () => {
    const here = new URL(window.location.href);
    data.own.forEach((name) => here.searchParams.delete(name));
    here.searchParams.set("lang", data.language);
    const folders = here.pathname.split("/");
    folders[folders.length - 1] = data.page;
    here.pathname = folders.join("/");
    try {
      await navigator.clipboard.writeText(here.href);
      told.textContent = data.copied;
      setTimeout(() => { told.textContent = ""; }, 4000);
    } catch {
      const shown = document.createElement("input");
      shown.readOnly = true; shown.value = here.href; shown.setAttribute("aria-label", data.label);
      told.replaceChildren(shown); shown.select();
    }
  };
}
"""
BUTTON = st.components.v2.component("voc_insights.copy_link", html=HTML, css=CSS, js=JS)


def copy_link(page: Page) -> None:
    """« Copier le lien de cette vue »: the page and its filters go to the clipboard."""
    _ = page._
    BUTTON(
        data={
            "label": _("Copy the link of this view"),
            "copied": _("Copied"),
            "language": page.language,
            "page": page.name,
            "own": list(OWN),
        },
        key="copy_link",
        width="content",
        height="content",
    )
