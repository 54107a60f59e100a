"""Prove: every action is read on each of its declared measures; the ledger of fixes keeps them all, failures too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

import pandas as pd

from insights.actions.model import AFTER_CONTACT, CONTACTS, DROPPED, NONE, Action
from insights.digest.owners import plain
from insights.irritants.registry import Registry
from insights.lake import Lake
from insights.ledger import Ledger
from insights.proof import readings
from insights.proof.known import KnownEvent, load_known
from insights.proof.series import Known
from insights.proof.verdict import FEW, TOO_EARLY, Reading, judged
from insights.steps import proof_rows as rows_of
from insights.steps.actions import book
from insights.steps.changed import FINGERPRINT, fingerprint, unchanged
from insights.steps.fix_rows import fix_rows, placebo_rows, week_rows
from insights.steps.resolved import registry, seen
from insights.steps.run_log import StepReport, recorded
from insights.steps.window import analysis_day

READS = ("mention", "mention_irritant", "feedback", "contact", "answer", "priority")
KNOWN_EVENTS = "known_events.yaml"


@dataclass(frozen=True)
class Evidence:
    """What the lake holds up to the last whole week, read when it is first asked for."""

    lake: Lake
    ledger: Ledger
    known: Registry
    actions: Sequence[Action]
    events: Sequence[KnownEvent]
    today: date

    @cached_property
    def until(self) -> datetime:
        return rows_of.last_moment(self.lake, self.today)

    @cached_property
    def contacts(self) -> pd.DataFrame:
        return rows_of.contact_weeks(self.lake, self.until)

    @cached_property
    def mentions(self) -> pd.DataFrame:
        return rows_of.mention_weeks(seen(self.lake, self.ledger, self.known), self.until)

    @cached_property
    def irritant_words(self) -> dict[str, str]:
        """Labels and keywords of each living irritant, in plain words."""
        return {
            one.irritant_id: plain(" ".join([*(text for text in (one.label_fr, one.label_en) if text), *one.keywords]))
            for one in self.known.living()
        }

    def others_with_actions(self, action: Action) -> tuple[list[str], list[str]]:
        """Irritants and contact reasons that another action works on: no placebos."""
        others = [one for one in self.actions if one.action_id != action.action_id]
        return [one.irritant_id for one in others], sorted({reason for one in others for reason in one.reasons})

    def events_for_reasons(self, action: Action) -> list[Known]:
        """Known events in words of contact reasons; those of the action's own reasons or irritant move its series."""
        words = {reason: plain(reason) for reason in self.contacts["key"].unique()}
        own = {action.action_id: self.irritant_words.get(action.irritant_id, "")}
        found = []
        for one in rows_of.known_of(self.events, {**words, **own}):
            mine = set(one.irritants) & set(action.reasons)
            found.append(replace(one, irritants=(*one.irritants, action.action_id)) if mine else one)
        return found


def prove(lake: Lake, ledger: Ledger, *, run_id: str) -> StepReport:
    """Read every action that was not dropped and rewrite the ledger of fixes."""
    with recorded(lake, run_id, "prove") as report:
        actions = book(ledger)
        known = registry(ledger)
        path = lake.settings.reference_dir / KNOWN_EVENTS
        extra = {
            "actions": actions.version,
            "registry": known.version,
            "events": path.read_text() if path.is_file() else "",
        }
        read = fingerprint(lake, READS, extra)
        report.note[FINGERPRINT] = read
        if unchanged(lake, "prove", read):
            report.note["said"] = "nothing new since the last run"
            return report
        live = [
            replace(one, irritant_id=known.resolve(one.irritant_id))
            for one in actions.actions.values()
            if one.state != DROPPED
        ]
        evidence = Evidence(lake, ledger, known, live, load_known(path), analysis_day(lake))
        told = [(one, judged(read_action(evidence, one))) for one in live]
        with lake.write() as writer:
            writer.replace("fix", fix_rows(lake, told, evidence.today))
            writer.replace("fix_week", week_rows(told))
            writer.replace("fix_placebo", placebo_rows(told))
        report.n_in, report.n_out = len(live), sum(len(found) for _, found in told)
        report.note["verdicts"] = [
            f"{one.action_id} {each.measure} {each.verdict}" for one, found in told for each in found
        ]
    return report


def read_action(evidence: Evidence, action: Action) -> list[Reading]:
    """One reading for each declared measure, in their order, not judged yet."""
    return [_read(evidence, action, measure) for measure in action.measures]


def _read(evidence: Evidence, action: Action, measure: str) -> Reading:
    declared = action.comparison
    first = readings.start(measure, readings.method_of(declared.kind), action.plan, evidence.today)
    if first.verdict == TOO_EARLY or action.plan is None:
        return first
    if measure in AFTER_CONTACT:
        return _read_units(evidence, action, first)
    rows = rows_of.scoped(evidence.contacts if measure == CONTACTS else evidence.mentions, action)
    if rows.empty:
        return replace(first, reason=FEW)
    if declared.kind != NONE and rows_of.has_dimension(measure, declared.dimension):
        keys = action.reasons if measure == CONTACTS else (action.irritant_id,)
        return readings.by_groups(first, action.plan, *rows_of.pair(rows, keys, action))
    irritants, reasons = evidence.others_with_actions(action)
    if measure == CONTACTS:
        series = rows_of.contact_series(rows, action, reasons, evidence.events_for_reasons(action))
        key = action.action_id
    else:
        known = rows_of.known_of(evidence.events, evidence.irritant_words)
        series, key = rows_of.mention_series(rows, action.irritant_id, irritants, known), action.irritant_id
    if key not in series:
        return replace(first, reason=FEW)
    return readings.by_series(replace(first, method="series"), key, action.plan, series, evidence.today)


def _read_units(evidence: Evidence, action: Action, first: Reading) -> Reading:
    rows = rows_of.scoped(rows_of.followed(evidence.lake, action.reasons, evidence.until), action)
    if rows.empty:
        return replace(first, reason=FEW)
    found = rows_of.units(rows, action, first.measure, evidence.until)
    return readings.by_units(first, found, evidence.lake.settings.seed)
