"""Data and privacy: are the data fresh and sound, what was refused, and the rights of the people they are about."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard import data_parts as parts
from dashboard.data_audit import audit_part
from dashboard.data_checks import checks_part
from dashboard.data_fresh import fresh_part
from dashboard.data_person import person_part
from dashboard.data_quality import quality_part
from dashboard.data_quarantine import quarantine_part
from dashboard.data_retention import retention_part
from dashboard.data_runs import runs_part
from dashboard.page import Page, from_url, show, to_url

DRAW: dict[str, Callable[[Page], None]] = {
    parts.FRESH: fresh_part,
    parts.QUALITY: quality_part,
    parts.RUNS: runs_part,
    parts.QUARANTINE: quarantine_part,
    parts.CHECKS: checks_part,
    parts.PERSON: person_part,
    parts.RETENTION: retention_part,
    parts.AUDIT: audit_part,
}


def render(page: Page) -> None:
    _ = page._
    offered, first = parts.offered(page.viewer), parts.first(page.viewer)
    from_url("part", offered, first)
    st.segmented_control(
        _("Part of the page"),
        offered,
        key="part",
        format_func=lambda part: parts.title(_, part),
        required=True,
        label_visibility="collapsed",
    )
    DRAW[str(to_url("part", first))](page)


if __name__ == "__main__":
    show(render)
