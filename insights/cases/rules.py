"""Which signals open a callback case: one open case per customer, urgency first, proactive calls within capacity.

A signal ends as a new case, as one more signal of an open case, or as a refusal that says why.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from insights.calendar import Calendar
from insights.cases import decision as why_not
from insights.cases.config import Rule, Rules
from insights.cases.decision import Joined, NewCase, Opened, Refused
from insights.cases.model import RISK, Case, Signal
from insights.cases.plan import Filled, Planning, fill_day
from insights.errors import SettingsError

CASE_ID_LENGTH = 12


def case_id(customer_id: str, signal_id: str) -> str:
    """Short sha of the customer and the first signal."""
    return hashlib.sha256(f"{customer_id}\n{signal_id}".encode()).hexdigest()[:CASE_ID_LENGTH]


def open_cases(
    signals: Iterable[Signal],
    known: Mapping[str, Case],
    customers: pd.DataFrame,
    *,
    rules: Rules,
    calendars: Mapping[str, Calendar],
    now: datetime,
    planning: Planning | None = None,
) -> Opened:
    """Decide on all signals at once; the order in which they come does not matter.

    `known`: cases by id (`fold_cases`). `customers`: CUSTOMER_SNAPSHOT rows, one per customer, newest picture; a
    column `recontact` (yes, no, not_asked: the customer's latest answer) binds proactive calls where it is there.
    `calendars`: by team of case_rules.yaml. Raises SettingsError when a team has none. `planning`: capacity of the teams,
    measured effect and hold-out; without it proactive calls are bound by the day's total alone and nobody is held out.
    """
    return _Desk(known, customers, rules, calendars, now.astimezone(UTC), planning or Planning()).decide(signals)


class _Desk:
    """The state of one decision; use `open_cases`."""

    def __init__(
        self,
        known: Mapping[str, Case],
        customers: pd.DataFrame,
        rules: Rules,
        calendars: Mapping[str, Calendar],
        now: datetime,
        planning: Planning,
    ) -> None:
        self.rules, self.calendars, self.now, self.planning = rules, calendars, now, planning
        self.known = list(known.values())
        self.seen = {signal_id for case in self.known for signal_id in case.signals}
        self.opened = Opened(now)
        self.customers = customers

    def decide(self, signals: Iterable[Signal]) -> Opened:
        ordered = sorted(signals, key=lambda s: (s.customer_id or "", s.at, s.signal_id))
        self._look_up({signal.customer_id for signal in ordered})
        groups: dict[str, list[tuple[Signal, Rule]]] = {}
        for signal in ordered:
            if signal.signal_id in self.seen:
                continue
            rule, why = self._judge(signal)
            if rule is None:
                self.opened.refused.append(Refused(signal, why))
            else:
                groups.setdefault(signal.customer_id, []).append((self._completed(signal), rule))
        proactive = [self._place(customer, found) for customer, found in groups.items()]
        self._fill_capacity([case for case in proactive if case is not None])
        self.opened.cases.sort(key=lambda case: (case.position, case.due_at, -case.value_eur_year, case.case_id))
        return self.opened

    def _look_up(self, wanted: set[str]) -> None:
        rows = self.customers[self.customers["customer_id"].isin(list(wanted))]
        self.profile: dict[str, dict[str, Any]] = {str(row["customer_id"]): row for row in rows.to_dict("records")}
        self.cases_of: dict[str, list[Case]] = {}
        for case in self.known:
            if case.customer_id in wanted:
                self.cases_of.setdefault(case.customer_id, []).append(case)

    def _judge(self, signal: Signal) -> tuple[Rule | None, str]:
        """The rule that takes a signal, or None and why not."""
        profile = self.profile.get(signal.customer_id, {})
        rule = self.rules.rule_for(signal, self._value(signal))
        checks = [
            (not signal.customer_id, why_not.NO_CUSTOMER),
            (signal.anonymous, why_not.ANONYMOUS),
            (signal.recontact == "no", why_not.NO_RECONTACT),
            (signal.at > self.now, why_not.IN_THE_FUTURE),
            (signal.at < self.now - timedelta(days=self.rules.lookback_days), why_not.TOO_OLD),
            (rule is None, why_not.NO_RULE),
            (rule is not None and rule.objection_blocks and _true(profile.get("objection")), why_not.OBJECTION),
        ]
        if rule is not None and rule.proactive:
            checks += [
                (not profile, why_not.NOT_A_CUSTOMER),
                (_true(profile.get("leaving")), why_not.LEAVING),
                (profile.get("recontact") == "no", why_not.NO_RECONTACT),
            ]
        why = next((code for hit, code in checks if hit), "")
        return (None, why) if why else (rule, "")

    def _place(self, customer_id: str, found: list[tuple[Signal, Rule]]) -> NewCase | None:
        """Join the customer's open case or open one; a purely proactive case is returned to wait for capacity."""
        current = next((case for case in self.cases_of.get(customer_id, []) if case.is_open), None)
        if current is not None:
            self._join(current, found)
            return None
        case = self._new_case(customer_id, found)
        if not all(rule.proactive for _, rule in found):
            self.opened.cases.append(case)
            return None
        why = self._held_back(customer_id)
        if why:
            self.opened.refused += [Refused(signal, why) for signal, _ in found]
            return None
        return case

    def _join(self, case: Case, found: list[tuple[Signal, Rule]]) -> None:
        """Each signal joins once; a second risk says nothing new. A higher rule raises the case."""
        has_risk = any(signal_id.startswith(f"{RISK}:") for signal_id in case.signals)
        for signal, rule in found:
            if signal.kind == RISK and has_risk:
                continue
            has_risk = has_risk or signal.kind == RISK
            raised: dict[str, Any] = {}
            if rule.position < self.rules.position(case.reason) and case.waits_for_contact:
                due = min(case.due_at, self._due(rule, signal))
                team = rule.team_of(signal.segment)
                raised = {"reason": rule.reason, "owner_team": team, "promise": rule.promise, "due_at": due.isoformat()}
                case = replace(case, reason=rule.reason, owner_team=team, due_at=due)
            self.opened.joined.append(Joined(case.case_id, signal, self.now, raised))

    def _new_case(self, customer_id: str, found: list[tuple[Signal, Rule]]) -> NewCase:
        signals = tuple(signal for signal, _ in found)
        signal, rule = min(found, key=lambda pair: (pair[1].position, pair[0].at))
        return NewCase(
            case_id=case_id(customer_id, signals[0].signal_id),
            customer_id=customer_id,
            reason=rule.reason,
            owner_team=rule.team_of(signal.segment),
            promise=rule.promise,
            opened_at=self.now,
            due_at=self._due(rule, signal),
            waiting_since=min(one.at for one in signals),
            signals=signals,
            value_eur_year=max(one.value_eur_year for one in signals),
            segment=signal.segment,
            language=signal.language,
            number=len(self.cases_of.get(customer_id, [])) + 1,
            position=rule.position,
        )

    def _held_back(self, customer_id: str) -> str:
        """Why a proactive call is not made today; empty when it may be."""
        quiet_until = self.now - timedelta(days=self.rules.quiet_days)
        ended = [case.closed_at or case.resolved_at or case.opened_at for case in self.cases_of.get(customer_id, [])]
        return why_not.QUIET if any(at > quiet_until for at in ended) else ""

    def _fill_capacity(self, waiting: list[NewCase]) -> None:
        """Proactive calls of the day, after the answers we owe."""
        filled = fill_day(
            waiting,
            self.known,
            list(self.opened.cases),
            rules=self.rules,
            calendars=self.calendars,
            planning=self.planning,
            now=self.now,
        )
        for one in filled:
            if one.why:
                self.opened.refused += [Refused(signal, one.why, one.plan) for signal in one.case.signals]
            else:
                self.opened.cases.append(self._planned(one))

    def _planned(self, one: Filled) -> NewCase:
        case = one.case
        due = self.rules.promises[case.promise].due_at(self.now, self.calendars[one.team])
        return replace(case, owner_team=one.team, due_at=due, plan=one.plan)

    def _due(self, rule: Rule, signal: Signal) -> datetime:
        team = rule.team_of(signal.segment)
        if team not in self.calendars:
            raise SettingsError(f"Team {team!r} of rule {rule.reason!r} has no calendar in data/reference/teams.yaml.")
        start = signal.at if self.rules.promise_starts == "signal" and not rule.proactive else self.now
        return self.rules.promises[rule.promise].due_at(start, self.calendars[team])

    def _value(self, signal: Signal) -> float:
        found = self.profile.get(signal.customer_id, {}).get("margin_eur_year")
        return signal.value_eur_year or (0.0 if found is None or pd.isna(found) else float(found))

    def _completed(self, signal: Signal) -> Signal:
        """The signal with value, segment and language filled in from the CRM picture."""
        profile = self.profile.get(signal.customer_id, {})
        return replace(
            signal,
            value_eur_year=self._value(signal),
            segment=signal.segment or _text(profile.get("segment")),
            language=signal.language or _text(profile.get("preferred_language")),
        )


def _true(value: Any) -> bool:
    return False if value is None or pd.isna(value) else bool(value)


def _text(value: Any) -> str | None:
    return None if value is None or pd.isna(value) else str(value)
