"""Erasure from the page: the consequence named, the id typed again, every step shown, and the receipt handed out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.audit import noted
from dashboard.data_work import carry_out, forget_what_was_read, told
from dashboard.deciding import author
from dashboard.page import Page, table
from dashboard.words import plain
from insights.privacy.erase import Preview
from insights.steps import apart
from insights.steps.apart import ERASE, State

ENDED = "erasure_ended"
OF_THE_PERSON = ("person_found", "person_held", "person_copy", "person_typed", "erase_confirm", "erase_extra")
SHOWN = 50


def erasure(page: Page, customer: str, held: Preview, can: bool) -> None:
    """What would leave, the confirmation, and the work itself."""
    _, fmt = page._, page.fmt
    st.header(_("Erase this person"))
    consequence = _(
        "**{n} rows and {files} files leave for good**, in every store and every old version of them. Open callbacks are "
        "dropped, nobody can be called, and no backup of this program brings the person back. This cannot be undone. "
        "It takes from some seconds to a minute or two."
    ).format(n=fmt.number(sum(held.lake.values()) + sum(held.ledger.values())), files=fmt.number(len(held.files)))
    st.warning(consequence, icon=":material/delete_forever:")
    extra = st.text_input(
        _("Also search for (e-mail, telephone, names; separated by commas)"),
        key="erase_extra",
        help=_("We hold only keyed hashes of these: typed here they are looked for in every text, and kept nowhere."),
    )
    checked = st.checkbox(_("I have checked who asks, outside this program."), key="erase_checked")
    typed = st.text_input(_("Type the customer id again: {customer}").format(customer=customer), key="erase_confirm")
    ready = can and checked and typed.strip() == customer
    if st.button(
        _("Erase for good"), type="primary", icon=":material/delete_forever:", disabled=not ready, key="erase"
    ):
        _erase(page, customer, tuple(part.strip() for part in extra.split(",") if part.strip()))


def _erase(page: Page, customer: str, extra: tuple[str, ...]) -> None:
    author(page, "privacy")  # refused before anything is noted
    noted(page, "data", "erasure", customer)
    state = carry_out(page, ERASE, customer, "privacy", extra=extra)
    st.session_state[ENDED] = state
    if state.told.get("complete"):
        for key in OF_THE_PERSON:
            st.session_state.pop(key, None)
        st.query_params.pop("customer", None)
    st.rerun()


def ended_unseen(page: Page) -> None:
    """An erasure that ended after its page was closed: what pages keep in memory goes now, its receipt is shown."""
    for path in apart.ended(page.settings, ERASE):
        st.session_state[ENDED] = apart.state(path)
        apart.forget(path)
        forget_what_was_read(page)


def last_receipt(page: Page) -> None:
    """How the last erasure of this session ended, with its receipt to keep."""
    state = st.session_state.get(ENDED)
    if not isinstance(state, State):
        return
    with st.container(border=True):
        receipt = read_receipt(Path(str(state.told.get("receipt", ""))))
        if receipt is None:
            told(page, state, page._("Erased; the receipt is no longer there."))
            st.session_state.pop(ENDED)
            return
        (st.success if receipt["proven"] else st.error)(verdict(page, receipt))
        st.markdown("\n".join(f"- {line}" for line in sentences(page, receipt)))
        _download(page, Path(str(state.told["receipt"])), "receipt_now")
        if st.button(page._("Close"), key="close_receipt"):
            st.session_state.pop(ENDED)
            st.rerun()


def read_receipt(path: Path) -> dict[str, Any] | None:
    """A receipt as written; None where there is none."""
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None


def verdict(page: Page, receipt: dict[str, Any]) -> str:
    """Whether it is done and proven, as Markdown."""
    _ = page._
    if receipt["proven"]:
        return _("**Erased, and proven**: all that was found before is found nowhere now.")
    if receipt["complete"]:
        return _(
            "**Erased, not proven**: the control search before had not found everything, so nothing is claimed. Keep the "
            "receipt and tell your administrator."
        )
    places = plain(", ".join(receipt["after"]["places"]))
    return _("**Not complete**: something is still found in {places}. Erase again.").format(places=places)


def sentences(page: Page, receipt: dict[str, Any]) -> list[str]:
    """What the receipt says, in the reader's language; no id and no word of the person stands in it."""
    _, fmt = page._, page.fmt
    control, after = receipt["control"], receipt["after"]
    lines = [
        _("{lake} rows left the lake, {ledger} the ledger, {files} files were deleted.").format(
            lake=fmt.number(sum(receipt["lake"].values())),
            ledger=fmt.number(sum(receipt["ledger"].values())),
            files=fmt.number(receipt["n_files"]),
        ),
        _("Control search before: {found} of {all} terms found.").format(
            found=fmt.number(control["n_found"]), all=fmt.number(control["n_required"])
        ),
        _("Search after: {found} of {all} terms found, in {values} values of {files} files of the lake.").format(
            found=fmt.number(after["n_found"]),
            all=fmt.number(after["n_terms"]),
            values=fmt.number(after["read"].get("values", 0)),
            files=fmt.number(after["read"].get("parquet_files", 0)),
        ),
        _("Figures that counted this person are computed anew at the next run."),
    ]
    return lines + [plain(line) for line in receipt.get("warnings", [])]


def past_erasures(page: Page) -> None:
    """Receipts of this installation, the newest first: pseudonyms and counts."""
    _, fmt = page._, page.fmt
    folder = page.settings.out_dir / "erasures"
    paths = sorted(folder.glob("*.json"), reverse=True)[:SHOWN] if folder.is_dir() else []
    if not paths:
        return
    found = {path: read_receipt(path) or {} for path in paths}
    with st.expander(_("Past erasures ({n})").format(n=fmt.number(len(paths)))):
        frame = pd.DataFrame(
            {
                _("Asked"): [fmt.instant(one["requested_at"]) for one in found.values()],
                _("Pseudonym"): [one["customer"] for one in found.values()],
                _("Complete"): [_("✓ yes") if one["complete"] else _("⚠ no") for one in found.values()],
                _("Proven"): [_("✓ yes") if one["proven"] else _("⚠ no") for one in found.values()],
            }
        )
        table(frame, name=_("Past erasures"))
        chosen = st.selectbox(_("Receipt"), paths, format_func=lambda path: path.stem, key="receipt")
        _download(page, chosen, "receipt_past")


def _download(page: Page, path: Path, key: str) -> None:
    st.download_button(
        page._("Download the receipt (JSON)"),
        path.read_text(encoding="utf-8"),
        file_name=path.name,
        mime="application/json",
        icon=":material/download:",
        key=key,
    )
