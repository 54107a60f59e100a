"""Which signals open a callback case: one per customer and matter, danger first, proactive calls within capacity.

A signal ends as a new case, as one more signal of an open case, or as a refusal that says why.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from insights.calendar import Calendar
from insights.cases import decision as why_not
from insights.cases.config import Rule, Rules
from insights.cases.decision import Joined, NewCase, Opened, Refused
from insights.cases.matter import ORDER, belongs, led, matter_of, together, unknown_sender
from insights.cases.model import ANSWER, CANCELLED, COMPLAINT, MOMENT, RISK, Case, Signal
from insights.cases.moments import moment_draw
from insights.cases.plan import Filled, Planning, fill_day
from insights.cases.times import earlier, times_of

CASE_ID_LENGTH = 12
Found = list[tuple[Signal, Rule]]  # signals of one case, each with the rule that took it


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
    risks: Mapping[str, float] | None = None,
) -> Opened:
    """Decide on all signals at once; the order in which they come does not matter.

    `known`: cases by id (`fold_cases`). `customers`: CUSTOMER_SNAPSHOT rows, one per customer, newest picture; a
    column `recontact` (yes, no, not_asked: the customer's latest answer) binds proactive calls where it is there.
    `calendars`: by team of case_rules.yaml. Raises SettingsError when a team has none. `planning`: capacity of the teams,
    measured effect and hold-out; without it proactive calls are bound by the day's total alone and nobody is held out.
    `risks`: probability to leave by customer, for rules on a customer's own words that ask for it.
    """
    desk = _Desk(known, customers, rules, calendars, now.astimezone(UTC), planning or Planning(), risks or {})
    return desk.decide(signals)


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
        risks: Mapping[str, float],
    ) -> None:
        self.rules, self.calendars, self.now, self.planning = rules, calendars, now, planning
        self.known = list(known.values())
        self.seen = {signal_id for case in self.known for signal_id in case.signals}
        self.opened = Opened(now)
        self.customers, self.risks = customers, risks
        self.numbers: Counter[tuple[str, str]] = Counter()

    def decide(self, signals: Iterable[Signal]) -> Opened:
        groups = self._groups(sorted(signals, key=lambda s: (s.customer_id or "", s.at, s.signal_id)))
        waiting = []
        for family in ORDER:
            for customer, found in groups.get(family, []):
                waiting.append(self._place(customer, family, found))
        self._fill_capacity([case for case in waiting if case is not None])
        self._moments([found[0] for _, found in groups.get(MOMENT, [])])
        self.opened.cases.sort(key=lambda case: (case.position, case.due_at, -case.value_eur_year, case.case_id))
        return self.opened

    def _groups(self, ordered: list[Signal]) -> dict[str, list[tuple[str, Found]]]:
        """Fresh signals that a rule takes, those of one case together with the leading one first, by family."""
        taken = self._taken(ordered)
        leading = led([signal for signal, _ in taken])
        of: dict[tuple[str, str], list[Found]] = {}
        for signal, rule in sorted(taken, key=lambda pair: (pair[0].customer_id, pair[1].position)):
            family = rule.family
            if family == ANSWER:
                family = leading.get((signal.customer_id, signal.feedback_id), family)
            groups = of.setdefault((signal.customer_id, family), [])
            home = next((one for one in groups if together(signal, family, [other for other, _ in one])), None)
            if home is None:
                groups.append(home := [])
            home.append((signal, rule))
        by_family: dict[str, list[tuple[str, Found]]] = {}
        for (customer, family), groups in of.items():
            by_family.setdefault(family, []).extend((customer, found) for found in groups)
        return by_family

    def _taken(self, ordered: list[Signal]) -> Found:
        """Fresh signals that a rule takes; the others are refused with the reason."""
        self._look_up({signal.customer_id for signal in ordered})
        taken: Found = []
        for raw in ordered:
            if raw.signal_id not in self.seen:
                signal = self._completed(raw)
                rule, why = self._judge(signal)
                if rule is None:
                    self.opened.refused.append(Refused(signal, why))
                else:
                    taken.append((signal, rule))
        return taken

    def _look_up(self, wanted: set[str]) -> None:
        rows = self.customers[self.customers["customer_id"].isin(list(wanted))]
        self.profile: dict[str, dict[str, Any]] = {str(row["customer_id"]): row for row in rows.to_dict("records")}
        self.cases_of: dict[str, list[Case]] = {}
        for case in self.known:
            if case.customer_id in wanted or not case.customer_known:
                self.cases_of.setdefault(case.customer_id, []).append(case)
        self.busy = {customer for customer, cases in self.cases_of.items() if any(one.is_open for one in cases)}

    def _judge(self, signal: Signal) -> tuple[Rule | None, str]:
        """The rule that takes a signal, or None and why not."""
        profile = self.profile.get(signal.customer_id, {})
        rule = self.rules.rule_for(signal, self._value(signal))
        checks = [
            (not signal.customer_id, why_not.NO_CUSTOMER),
            (signal.anonymous, why_not.ANONYMOUS),
            (signal.recontact == "no" and (rule is None or rule.recontact_blocks), why_not.NO_RECONTACT),
            (signal.at > self.now, why_not.IN_THE_FUTURE),
            (signal.at < self.now - timedelta(days=self.rules.lookback_days), why_not.TOO_OLD),
            (rule is None, why_not.NO_RULE),
            (rule is not None and rule.objection_blocks and _true(profile.get("objection")), why_not.OBJECTION),
        ]
        if rule is not None and (rule.proactive or rule.family == MOMENT):
            checks += [
                (not profile, why_not.NOT_A_CUSTOMER),
                (_true(profile.get("leaving")), why_not.LEAVING),
                (profile.get("recontact") == "no", why_not.NO_RECONTACT),
            ]
        why = next((code for hit, code in checks if hit), "")
        return (None, why) if why else (rule, "")

    def _place(self, customer_id: str, family: str, found: Found) -> NewCase | None:
        """Join open cases or open one; a purely proactive case is returned to wait for capacity."""
        rest: Found = []
        joins: dict[str, tuple[Case, Found]] = {}
        homes: dict[str, Case] = {}  # by feedback: what else was said there follows its leading signal
        for signal, rule in found:
            home = homes.get(signal.feedback_id) if rule.family != family else None
            home = home or next((one for one in self.cases_of.get(customer_id, []) if belongs(signal, one)), None)
            homes |= {signal.feedback_id: home} if home else {}
            if home is None:
                rest.append((signal, rule))
            else:
                joins.setdefault(home.case_id, (home, []))[1].append((signal, rule))
        for home, joining in joins.values():
            self._join(home, joining)
        if not rest:
            return None
        proactive = all(rule.proactive for _, rule in rest)
        why = self._held_back(customer_id) if proactive else ""
        if why:
            self.opened.refused += [Refused(signal, why) for signal, _ in rest]
            return None
        case = self._new_case(customer_id, family, rest)
        if proactive:
            return case
        self._open(case)
        return None

    def _open(self, case: NewCase) -> None:
        self.busy.add(case.customer_id)
        self.opened.cases.append(case)

    def _join(self, case: Case, found: Found) -> None:
        """Each signal joins once; a second risk says nothing new. A higher rule, or an earlier legal day, raises the case."""
        has_risk = any(signal_id.startswith(f"{RISK}:") for signal_id in case.signals)
        for signal, rule in found:
            if signal.kind == RISK and has_risk:
                continue
            has_risk = has_risk or signal.kind == RISK
            raised = self._raised(case, signal, rule)
            changed: dict[str, Any] = {
                name: raised[name] for name in ("reason", "owner_team", "legal") if name in raised
            }
            for name in ("due_at", "resolve_by"):
                if name in raised:
                    changed[name] = datetime.fromisoformat(raised[name])
            case = replace(case, **changed)
            self.opened.joined.append(Joined(case.case_id, signal, self.now, raised))

    def _raised(self, case: Case, signal: Signal, rule: Rule) -> dict[str, Any]:
        """What a signal changes in the case it joins; due times only ever come earlier."""
        higher = rule.position < self.rules.position(case.reason) and case.waits_for_contact
        if not higher and rule.family != COMPLAINT:
            return {}
        times = times_of(rule, signal, self.rules, self.calendars, self.now)
        end = min(filter(None, (case.resolve_by, times.resolve_by)), default=None)
        ends = {"resolve_by": end.isoformat()} if end else {}
        if higher:
            due = min(case.due_at, times.due_at)
            team = rule.team_of(signal.segment)
            raised = {"reason": rule.reason, "owner_team": team, "promise": rule.promise, "due_at": due.isoformat()}
            return raised | ends
        if not earlier(case.legal, times.legal):
            return {}
        due = min(case.due_at, times.due_at)
        return {"legal": dict(times.legal), **ends} | ({"due_at": due.isoformat()} if due < case.due_at else {})

    def _new_case(self, customer_id: str, family: str, found: Found) -> NewCase:
        signals = tuple(signal for signal, _ in found)
        signal, rule = min(found, key=lambda pair: (pair[1].position, pair[0].at))
        times = times_of(rule, signal, self.rules, self.calendars, self.now)
        before = sum(case.opened_as == family for case in self.cases_of.get(customer_id, []))
        self.numbers[customer_id, family] += 1
        return NewCase(
            case_id=case_id(customer_id, signals[0].signal_id),
            customer_id=customer_id,
            reason=rule.reason,
            owner_team=rule.team_of(signal.segment),
            promise=rule.promise,
            opened_at=self.now,
            due_at=times.due_at,
            waiting_since=min(one.at for one in signals),
            signals=signals,
            value_eur_year=max(one.value_eur_year for one in signals),
            segment=signal.segment,
            language=signal.language,
            number=before + self.numbers[customer_id, family],
            position=rule.position,
            family=family,
            matter=matter_of(signal),
            resolve_by=times.resolve_by,
            legal=times.legal,
        )

    def _moments(self, waiting: list[tuple[Signal, Rule]]) -> None:
        """Service contacts of the day: soonest first, each moment within its limit, nobody with a case open."""
        limits = {one.moment: one for one in self.rules.moments}
        left = {name: one.daily_limit - self._opened_today(name) for name, one in limits.items()}
        for signal, rule in sorted(waiting, key=lambda pair: (pair[0].by or self.now, moment_draw(pair[0]))):
            why = why_not.CASE_OPEN if signal.customer_id in self.busy else ""
            team = limits[signal.matter].team if signal.matter in limits else None
            own = replace(rule, team=team, teams_by_segment={}) if team else rule
            works = self._works_today(own.team_of(signal.segment))
            why = why or (why_not.CAPACITY if left.get(signal.matter, 0) <= 0 or not works else "")
            if why:
                self.opened.refused.append(Refused(signal, why))
                continue
            left[signal.matter] -= 1
            self._open(self._new_case(signal.customer_id, MOMENT, [(signal, own)]))

    def _works_today(self, team: str) -> bool:
        """A service contact opens only on a day on which somebody can make it."""
        calendar = self.calendars.get(team)
        return calendar is not None and bool(
            calendar.intervals(self.now.astimezone(ZoneInfo(calendar.timezone)).date())
        )

    def _opened_today(self, moment: str) -> int:
        day = self.now.date()
        return sum(one.family == MOMENT and one.matter == moment and one.opened_at.date() == day for one in self.known)

    def _held_back(self, customer_id: str) -> str:
        """Why a proactive call is not made today; empty when it may be."""
        if customer_id in self.busy:
            return why_not.CASE_OPEN
        quiet_until = self.now - timedelta(days=self.rules.quiet_days)
        called = [case for case in self.cases_of.get(customer_id, []) if case.state != CANCELLED]
        ended = [case.closed_at or case.resolved_at or case.opened_at for case in called]
        if any(at > quiet_until for at in ended):
            return why_not.QUIET
        barred, profile = self.planning.barred, self.profile.get(customer_id, {})
        return barred(customer_id, profile, self.cases_of.get(customer_id, ())) if barred else ""

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
                self._open(self._planned(one))

    def _planned(self, one: Filled) -> NewCase:
        case = one.case
        due = self.rules.promises[case.promise].due_at(self.now, self.calendars[one.team])
        return replace(case, owner_team=one.team, due_at=due, plan=one.plan)

    def _value(self, signal: Signal) -> float:
        found = self.profile.get(signal.customer_id, {}).get("margin_eur_year")
        return signal.value_eur_year or (0.0 if found is None or pd.isna(found) else float(found))

    def _completed(self, signal: Signal) -> Signal:
        """The signal with value, segment and language filled in from the CRM picture."""
        profile = self.profile.get(signal.customer_id, {})
        return replace(
            signal,
            customer_id=signal.customer_id or unknown_sender(signal),
            risk=signal.risk if signal.risk is not None else self.risks.get(signal.customer_id),
            value_eur_year=self._value(signal),
            segment=signal.segment or _text(profile.get("segment")),
            language=signal.language or _text(profile.get("preferred_language")),
        )


def _true(value: Any) -> bool:
    return False if value is None or pd.isna(value) else bool(value)


def _text(value: Any) -> str | None:
    return None if value is None or pd.isna(value) else str(value)
