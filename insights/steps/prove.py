"""Prove: every action is read on each of its declared measures; the ledger of fixes keeps them all, failures too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

import pandas as pd

from insights.actions.model import AFTER_CONTACT, CONTACTS, NONE, RANDOM, Action, begun
from insights.digest.owners import plain
from insights.errors import VocError
from insights.irritants.registry import Registry
from insights.lake import Lake
from insights.ledger import Ledger
from insights.proof import readings
from insights.proof.known import KnownEvent, known_paths, load_known
from insights.proof.series import Known, look_on
from insights.proof.verdict import COMPARED, FEW, NO_DATA, TOO_EARLY, Reading, judged
from insights.steps import proof_rows as rows_of
from insights.steps.actions import book
from insights.steps.changed import FINGERPRINT, fingerprint, unchanged
from insights.steps.fix_rows import COSTS, fix_rows, placebo_rows, week_rows
from insights.steps.resolved import registry, seen
from insights.steps.run_log import StepReport, recorded
from insights.steps.window import analysis_day

READS = ("mention", "mention_irritant", "feedback", "contact", "answer", "priority")
RULES = "prove-5"  # raise it when the same rows give other verdicts: they are then read anew on the same day
FEWEST_WEEKS = 2  # the first is left out
UNREADABLE = (VocError, LookupError, ValueError, ArithmeticError)  # one action's own trouble: the others go on


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
        """Labels of each living irritant, in plain words: its keywords are too many things for an event to move."""
        return {
            one.irritant_id: plain(" ".join(text for text in (one.label_fr, one.label_en) if text))
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
    """Read every action that has begun, dropped since or not, and rewrite the ledger of fixes."""
    with recorded(lake, run_id, "prove") as report:
        actions = book(ledger)
        known = registry(ledger)
        paths = known_paths(lake.settings.reference_dir, lake.settings.data_dir)
        costs = lake.settings.reference_dir / COSTS
        extra = {
            "actions": actions.version,
            "registry": known.version,
            "events": "".join(path.read_text(encoding="utf-8") for path in paths),
            "costs": costs.read_text(encoding="utf-8") if costs.is_file() else "",
            "factor": lake.settings.portfolio_factor,
            "rules": RULES,
        }
        read = fingerprint(lake, READS, extra)
        report.note[FINGERPRINT] = read
        if unchanged(lake, "prove", read):
            report.note["said"] = "nothing new since the last run"
            return report
        live = [
            replace(one, irritant_id=known.resolve(one.irritant_id)) for one in actions.actions.values() if begun(one)
        ]
        evidence = Evidence(lake, ledger, known, live, load_known(*paths), analysis_day(lake))
        told = [(one, judged(_readings(evidence, one, report))) for one in live]
        with lake.write() as writer:
            writer.replace("fix", fix_rows(lake, told, evidence.today, evidence.mentions))
            writer.replace("fix_week", week_rows(told))
            writer.replace("fix_placebo", placebo_rows(told))
        report.n_in, report.n_out = len(live), sum(len(found) for _, found in told)
        report.note["verdicts"] = [
            f"{one.action_id} {each.measure} {each.verdict}" for one, found in told for each in found
        ]
    return report


def _readings(evidence: Evidence, action: Action, report: StepReport) -> list[Reading]:
    """The readings of one action; a measure that cannot be read is told in the report and stops no other."""
    found = []
    for measure in action.measures:
        try:
            found.append(_read(evidence, action, measure))
        except UNREADABLE as error:
            blank = readings.start(measure, readings.method_of(action.comparison.kind), action.plan, evidence.today)
            found.append(replace(blank, reason=NO_DATA))
            report.note.setdefault("unreadable", []).append(f"{action.action_id} {measure}: {error!r}")
    return found


def read_action(evidence: Evidence, action: Action) -> list[Reading]:
    """One reading for each declared measure, in their order, not judged yet."""
    return [_read(evidence, action, measure) for measure in action.measures]


def _read(evidence: Evidence, action: Action, measure: str) -> Reading:
    declared = action.comparison
    first = readings.start(measure, readings.method_of(declared.kind), action.plan, evidence.today)
    look = look_on(action.plan, evidence.today) if action.plan else None
    if first.verdict == TOO_EARLY or look is None:
        return first
    if measure in AFTER_CONTACT:
        return _read_units(evidence, action, first, look)
    rows = rows_of.scoped(evidence.contacts if measure == CONTACTS else evidence.mentions, action)
    rows = rows[pd.to_datetime(rows["week"]).dt.date < look]
    if rows["week"].nunique() < FEWEST_WEEKS:
        return replace(first, reason=FEW)
    if declared.kind != NONE and rows_of.has_dimension(measure, declared.dimension):
        return _read_groups(evidence, action, first, rows, look)
    return _read_series(evidence, action, replace(first, method="series"), rows, look)


def _read_groups(evidence: Evidence, action: Action, first: Reading, rows: pd.DataFrame, look: date) -> Reading:
    """Groups declared beforehand: units drawn by their log rates, chosen ones as one pair with placebos."""
    assert action.plan is not None
    keys = action.reasons if first.measure == CONTACTS else (action.irritant_id,)
    if action.comparison.kind == RANDOM:
        units, n = rows_of.unit_rates(rows, keys, action, look)
        return readings.by_units(first, units, evidence.lake.settings.seed, n)
    irritants, reasons = evidence.others_with_actions(action)
    week, pairs = rows_of.pairs(rows, keys, action, reasons if first.measure == CONTACTS else irritants)
    if not pairs:
        return replace(first, method=COMPARED, reason=NO_DATA)
    return readings.by_groups(first, action.action_id, action.plan, week, pairs)


def _read_series(evidence: Evidence, action: Action, first: Reading, rows: pd.DataFrame, look: date) -> Reading:
    """Before and after, with placebo dates."""
    assert action.plan is not None
    irritants, reasons = evidence.others_with_actions(action)
    if first.measure == CONTACTS:
        series = rows_of.contact_series(rows, action, reasons, evidence.events_for_reasons(action))
        key = action.action_id
    else:
        known = rows_of.known_of(evidence.events, evidence.irritant_words)
        series, key = rows_of.mention_series(rows, action.irritant_id, irritants, known), action.irritant_id
    if key not in series:
        return replace(first, reason=FEW)
    return readings.by_series(first, key, action.plan, series, look)


def _read_units(evidence: Evidence, action: Action, first: Reading, look: date) -> Reading:
    """What followed a contact, by unit."""
    until = min(evidence.until, datetime(look.year, look.month, look.day, tzinfo=evidence.until.tzinfo))
    rows = rows_of.scoped(rows_of.followed(evidence.lake, action.reasons, until), action)
    if rows.empty:
        return replace(first, reason=FEW)
    if not rows_of.group_column(rows, action.comparison.dimension):
        return replace(first, reason=NO_DATA)
    found = rows_of.units(rows, action, first.measure, until)
    return readings.by_units(first, found, evidence.lake.settings.seed)
