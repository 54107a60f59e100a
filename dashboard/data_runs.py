"""Runs: what failed or is late and what to do, what runs now, and every step's last run."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pandas as pd
import streamlit as st

from dashboard import data_queries
from dashboard.data_words import step_name
from dashboard.format import DASH, missing
from dashboard.guard import empty
from dashboard.page import Page, explained, headline, table
from dashboard.words import plain, plural
from insights.steps.under_way import RUNNING, UnderWay, under_way

HOURS = {
    "ingest": 1,
    "enrich": 2,
    "score": 48,
    "prioritize": 48,
    "prove": 48,
    "govern": 48,
    "discover": 336,
    "digest": 336,
}
AT_MOST = 0.95  # of a progress bar that only knows the usual time


def runs_part(page: Page) -> None:
    _ = page._
    steps = page.rows(data_queries.STEPS)
    now = under_way(page.settings)
    if steps.empty and not now:
        empty(_("Nothing has run yet."), _("Run `voc run` once, or `voc serve` to keep all schedules."))
        return
    stopped = [one for one in now if one.state != RUNNING]
    late = _late(page, steps)
    refused = _refused_files(page)
    _summary(page, steps, stopped, late, len(refused))
    for one in now:
        (_running if one.state == RUNNING else _failed)(page, one, steps)
    _refused(page, refused)
    _last_runs(page, steps)
    with st.expander(_("Detail")):
        _all_runs(page)


def _late(page: Page, steps: pd.DataFrame) -> list[str]:
    """Steps that have not ended well for twice as long as their schedule; none where the date is pinned."""
    if page.settings.as_of is not None:
        return []
    now = datetime.now(UTC)
    return [
        str(step)
        for step, at in zip(steps["step"], steps["last_at"], strict=True)
        if step in HOURS and now - pd.Timestamp(at).to_pydatetime(warn=False) > timedelta(hours=HOURS[step])
    ]


def _summary(page: Page, steps: pd.DataFrame, stopped: list[UnderWay], late: list[str], n_refused: int) -> None:
    _, fmt = page._, page.fmt
    if stopped:
        told = _("**{step} did not end**: what to do stands below.").format(step=plain(step_name(_, stopped[0].step)))
    elif late:
        names = ", ".join(step_name(_, step) for step in late)
        told = _("**Late: {steps}.** Is `voc serve` running? Start it again, or run `voc run` once.").format(
            steps=plain(names)
        )
    elif n_refused:
        one = _("Every step ended well, and **{n} file was refused**: mend it, it is named below.")
        many = _("Every step ended well, and **{n} files were refused**: mend them, they are named below.")
        told = plural(n_refused, one, many, page.language).format(n=fmt.number(n_refused))
    else:
        told = _("Every step ended well at its last run: nothing to do.")
    bad = {one.step for one in stopped} | set(late)
    total = {*steps["step"], *bad}
    definition = _("Steps whose last run ended well and in time, of all that ever ran.")
    headline(
        _("Steps in order"),
        _("{n} of {all}").format(n=fmt.number(len(total) - len(bad)), all=fmt.number(len(total))),
        told,
        help=explained(page, definition, n=len(total)),
    )


def _running(page: Page, one: UnderWay, steps: pd.DataFrame) -> None:
    """A step that runs now: since when, beside its usual time."""
    _, fmt = page._, page.fmt
    elapsed = (datetime.now(UTC) - one.started_at).total_seconds()
    usual = steps.loc[steps["step"] == one.step, "usual_seconds"]
    name = step_name(_, one.step)
    if usual.empty or not usual.iloc[0] > 0:
        st.info(_("Runs now: {step}, for {age}.").format(step=name, age=fmt.duration(elapsed)), icon=":material/sync:")
        return
    said = _("Runs now: {step}, for {age}; usually {usual}.")
    text = said.format(step=name, age=fmt.duration(elapsed), usual=fmt.duration(float(usual.iloc[0])))
    st.progress(min(AT_MOST, elapsed / float(usual.iloc[0])), text=plain(text))


def _failed(page: Page, one: UnderWay, _steps: pd.DataFrame) -> None:
    _, fmt = page._, page.fmt
    said = _("**{step}** did not end at its try of {at}. {advice} What ended well before stays as it was.")
    text = said.format(
        step=plain(step_name(_, one.step)), at=fmt.instant(one.started_at), advice=advice(page, one.error)
    )
    st.error(text, icon=":material/error:")


def advice(page: Page, error: str) -> str:
    """What to do after an error of this class; an empty one is a run that was interrupted."""
    _ = page._
    return {
        "": _("It was interrupted: run it again, it goes on where it stopped."),
        "SettingsError": _("A setting or reference file is wrong: `voc doctor` names it."),
        "SourceError": _("A file or mapping cannot be read: see the refused files below."),
        "RowError": _("A file or mapping cannot be read: see the refused files below."),
        "ContractError": _("The data break a rule: see the part Checks."),
        "LakeError": _("The lake could not be written: is the disk full, or another run at work? Run it again."),
        "LedgerError": _("The ledger did not answer: `voc doctor` shows why. Then run it again."),
        "ModelError": _("A model could not be fitted or loaded: the log of the run names it. Run it again."),
        "DeliveryError": _("A message could not be sent: check the mail server or the address, then run it again."),
        "MissingExtraError": _("Something is not installed: the log of the run names it."),
    }.get(error, _("The log of the run names the cause: send it to your administrator, then run it again."))


def _refused_files(page: Page) -> dict[str, tuple[str, str, str]]:
    """Source, time and reason by file: those that were refused and have not been read since."""
    runs = page.rows(data_queries.REFUSED)
    if runs.empty:
        return {}
    read_since = set(page.rows(data_queries.INGESTED, since=runs["started_at"].min())["file"])
    found: dict[str, tuple[str, str, str]] = {}
    for at, note in zip(runs["started_at"], runs["note"], strict=True):
        for one in json.loads(note)["refused"]:
            if one["file"] not in read_since:
                found.setdefault(one["file"], (one["source"], page.fmt.instant(at), one["why"]))
    return found


def _refused(page: Page, found: dict[str, tuple[str, str, str]]) -> None:
    _ = page._
    if not found:
        return
    st.header(_("Files refused"))
    st.markdown(_("None of their rows was read. Mend the file or its mapping: the next run reads it by itself."))
    frame = pd.DataFrame(
        {
            _("File"): list(found),
            _("Source"): [one[0] for one in found.values()],
            _("Refused at"): [one[1] for one in found.values()],
            _("Why"): [one[2] for one in found.values()],
        }
    )
    table(frame, wide=_("Why"), wide_px=520, name=_("Files refused"))


def _last_runs(page: Page, steps: pd.DataFrame) -> None:
    _, fmt = page._, page.fmt
    st.header(_("Last run of each step"))
    frame = pd.DataFrame(
        {
            _("Step"): [step_name(_, step) for step in steps["step"]],
            _("Started"): [fmt.instant(at) for at in steps["last_at"]],
            _("Took"): [DASH if missing(value) else fmt.duration(float(value)) for value in steps["seconds"]],
            _("Rows in"): [fmt.number(n) for n in steps["n_in"]],
            _("Rows out"): [fmt.number(n) for n in steps["n_out"]],
            _("Runs"): [fmt.number(n) for n in steps["n_runs"]],
        }
    )
    table(frame, rows=16, name=_("Last run of each step"), raw=steps)


def _all_runs(page: Page) -> None:
    _, fmt = page._, page.fmt
    runs = page.rows(data_queries.RUNS)
    frame = pd.DataFrame(
        {
            _("Step"): [step_name(_, step) for step in runs["step"]],
            _("Started"): [fmt.instant(at) for at in runs["started_at"]],
            _("Seconds"): [fmt.number(value, 1) for value in runs["seconds"]],
            _("Rows in"): [fmt.number(n) for n in runs["n_in"]],
            _("Rows out"): [fmt.number(n) for n in runs["n_out"]],
            _("Set aside"): [fmt.number(n) for n in runs["n_quarantined"]],
            _("Memory (MB)"): [fmt.number(n) for n in runs["peak_memory_mb"]],
            _("Run"): runs["run_id"],
        }
    )
    table(frame, name=_("Runs"), raw=runs)
