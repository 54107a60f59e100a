"""One portfolio from beginning to end: simulated, written to the exports, with its truth."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import numpy as np
import pyarrow as pa

from insights.simulate import (
    calendar,
    calls,
    contacts,
    crm,
    customers,
    employee,
    messages,
    pictures,
    social,
    surveys,
    truth,
    world,
)
from insights.simulate.bank import irritants, load
from insights.simulate.compose import Writer
from insights.simulate.contacts import Contacts
from insights.simulate.customers import Bools, Population
from insights.simulate.invitations import Invitations
from insights.simulate.plan import Plan
from insights.simulate.sink import Sink
from insights.simulate.state import World
from insights.simulate.truth import Truth

REFUSED_SHARE = 0.012  # calls exported although their recording was refused, on top of the kept ones
HOLDOUT_SHARE = 0.10
INVITATION_COLUMNS = (
    "invitation_id", "customer_id", "survey", "channel", "touchpoint", "sent_at", "suppressed_reason", "response_id",
    "received_at",
)  # fmt: skip
CONTACT_COLUMNS = (
    "contact_id", "customer_id", "channel", "team", "site", "site_country", "touchpoint", "reason", "wait_seconds",
    "duration_seconds", "transferred", "abandoned", "occurred_at", "received_at",
)  # fmt: skip
DEPARTURE_COLUMNS = ("customer_id", "learned_on", "effective_on", "cause", "reason", "received_at")


def trained_teams(seed: int) -> Bools:
    """Twelve of the twenty-four teams, drawn at random: action C."""
    out = np.zeros(contacts.N_TEAMS, dtype=bool)
    out[np.random.default_rng([seed, 777]).permutation(contacts.N_TEAMS)[: contacts.N_TEAMS // 2]] = True
    return out


class Block:
    """One portfolio, simulated and written."""

    def __init__(
        self, plan: Plan, seed: int, block: int, first: int, size: str, sink: Sink, tell: Callable[[str], None]
    ) -> None:
        self.plan, self.seed, self.block, self.first, self.size = plan, seed, block, first, size
        self.sink, self.tell = sink, tell
        self.prefix = "" if size != "large" else f"B{block:04d}"
        self.truth = Truth()

    def rng(self, stage: int) -> np.random.Generator:
        """Generator of one stage: independent of what other stages draw."""
        return np.random.default_rng([self.seed, self.block, stage])

    def writer(self, stage: int) -> Writer:
        """Writer of texts of one stage."""
        return Writer(load(), irritants(), Random(self.seed * 1_000_003 + self.block * 101 + stage))

    def write(self) -> int:
        """Simulate and write everything; the number of customers."""
        self.tell("customers")
        pop = customers.build(self.plan, self.rng(1), self.first)
        self.tell("two years, week after week")
        state = world.simulate(pop, self.plan, trained_teams(self.seed), self.rng(2))
        made, urgent, planted = self._contacts(state)
        sent = self._invitations(state, made)
        self.tell("survey answers")
        self._surveys(state, sent, made)
        self.tell("calls and chats")
        abandoned = self._transcripts(state, made, urgent, planted, sent)
        self.tell("messages, posts, reviews")
        self._messages(state, made)
        self._public()
        self.tell("CRM pictures and truth")
        self._crm(state, made, abandoned)
        self._truth(state, made, sent)
        self.sink.summary.n_customers += pop.n
        self.sink.summary.n_chosen_departures += int((state.cause == 0).sum())
        return pop.n

    def _contacts(self, state: World) -> tuple[Contacts, dict[int, str], list[int]]:
        """Contacts in time order with the planted ones; (contacts, urgent rows, rows that must be transcripts)."""
        made = Contacts.join([*state.contacts, _planted(state, self.rng(3))])
        inside = made.day * calendar.DAY_S + made.second < calendar.last_second() - 2_700
        position = np.arange(len(made))
        order = np.lexsort((position, made.second, made.day))
        order = order[inside[order]]
        self.order = np.full(len(made), -1)
        self.order[order] = np.arange(len(order))
        outage, baby = self.order[len(made) - 2], self.order[len(made) - 1]
        made = made.take(order)
        evening = _outage_calls(state, made)
        return made, {int(baby): "infant"}, sorted({int(outage), int(baby), *evening})

    def _invitations(self, state: World, made: Contacts) -> Invitations:
        """Invitations in time order, pointing at contacts in time order."""
        sent = Invitations.join(state.invitations)
        sent.contact = np.where(sent.contact >= 0, self.order[sent.contact], -1)
        keep = sent.at < calendar.last_second()
        day = sent.at // calendar.DAY_S
        keep &= day <= state.effective_on[sent.customer]
        keep &= (sent.survey != 1) | (sent.contact >= 0)
        sent = sent.take(keep)
        return sent.take(np.lexsort((np.arange(len(sent)), sent.at)))

    def _surveys(self, state: World, sent: Invitations, made: Contacts) -> None:
        answers = surveys.Answers(state, sent, made, self.rng(4))
        done = self.sink.summary.counts
        first_response = 1 + done.get("exports/survey/responses.jsonl", 0)
        first_invitation = 1 + done.get("exports/survey/invitations.csv", 0)
        told = surveys.Responses(state, sent, answers, made, self.writer(5), self.truth)
        records = told.records(first_response, first_invitation)
        self.sink.summary.n_items += self.sink.jsonl("exports/survey/responses.jsonl", records)
        rows = surveys.invitation_rows(state, sent, told.linked, first_invitation)
        self.sink.csv("exports/survey/invitations.csv", INVITATION_COLUMNS, rows)
        self.scores = answers.truth_rows

    def _transcripts(
        self, state: World, made: Contacts, urgent: dict[int, str], planted: list[int], sent: Invitations
    ) -> Bools:
        rng = self.rng(6)
        surveyed = np.zeros(len(made), dtype=bool)
        surveyed[sent.contact[(sent.contact >= 0) & (sent.reason == 0)]] = True
        abandoned = _abandoned(made, surveyed, planted, rng)
        n_refused = max(1, round(self.plan.n_calls * REFUSED_SHARE))
        rows = calls.pick_rows(made, contacts.PHONE, self.plan.n_calls + n_refused, planted, abandoned, rng)
        free = [row for row in rows if row not in planted]
        refused = frozenset(rng.permutation(free)[:n_refused].tolist())
        chats = calls.pick_rows(made, contacts.CHAT, self.plan.n_chats, [], np.zeros(len(made), dtype=bool), rng)
        records = calls.transcripts(
            state, made, sorted(rows + chats), self.writer(7), self.truth, urgent, refused, self.prefix
        )
        self.sink.summary.n_items += self.sink.jsonl("exports/calls/transcripts.jsonl", records) - len(refused)
        return abandoned

    def _messages(self, state: World, made: Contacts) -> None:
        rows = messages.pick_rows(made, self.plan.n_messages, self.rng(8))
        records = messages.records(state, made, rows, self.writer(9), self.truth, self.prefix)
        self.sink.summary.n_items += self.sink.jsonl("exports/messages/messages.jsonl", records)

    def _public(self) -> None:
        rng, writer = self.rng(10), self.writer(11)
        public = social.Public(irritants(), writer, self.truth, self.prefix)
        planned = social.posts(self.plan, irritants(), rng)
        graded = social.reviews(self.plan, irritants(), rng)
        self.sink.jsonl("exports/social/posts.jsonl", public.posts(planned))
        self.sink.jsonl("exports/social/posts.jsonl", public.reviews(graded))
        self.sink.summary.n_items += len(planned) + len(graded)
        comments = employee.records(
            self.plan.n_employee, irritants(), self.writer(12), self.truth, self.rng(13), self.prefix
        )
        self.sink.summary.n_items += self.sink.jsonl("exports/employee/comments.jsonl", comments)

    def _crm(self, state: World, made: Contacts, abandoned: Bools) -> None:
        monthly = pictures.Pictures(state, self.rng(14))
        for number, on in enumerate(calendar.MONTH_ENDS):
            self.sink.parquet(f"exports/crm/customers_{on.isoformat()}.parquet", monthly.table(number))
            present = monthly.present(number) & (state.learned_on > calendar.day_of(on))
            self.sink.parquet("truth/hazards.parquet", truth.hazard_table(state, present, number))
        self.sink.csv("exports/churn/departures.csv", DEPARTURE_COLUMNS, crm.departures_rows(state, self.rng(15)))
        rows = crm.contact_rows(state, made, abandoned, self.rng(16), self.prefix)
        self.sink.csv("exports/contacts/contacts.csv", CONTACT_COLUMNS, rows)

    def _truth(self, state: World, made: Contacts, sent: Invitations) -> None:
        spoke = np.full(state.pop.n, calendar.N_DAYS * 10)
        np.minimum.at(spoke, made.customer, made.day)
        told = sent.take(sent.answered)
        np.minimum.at(spoke, told.customer, told.answered_at // calendar.DAY_S)
        silent = (state.cause >= 0) & (spoke >= state.learned_on)
        holdout = self.rng(17).random(state.pop.n) < HOLDOUT_SHARE
        self.sink.parquet("truth/customers.parquet", truth.customer_table(state, silent, holdout))
        for name, schema, data in (
            ("clauses", truth.CLAUSES, self.truth.clauses),
            ("pii", truth.PII, self.truth.pii),
            ("responses", truth.RESPONSES, self.truth.responses),
        ):
            self.sink.parquet(f"truth/{name}.parquet", pa.table(data, schema=schema))
        by_name = {name: [row[i] for row in self.scores] for i, name in enumerate(truth.SCORES.names)}
        self.sink.parquet("truth/scores.parquet", pa.table(by_name, schema=truth.SCORES))


def _planted(state: World, rng: np.random.Generator) -> Contacts:
    """Two calls the demo needs: the first to speak of the outage; a newborn without heating on the last day."""
    index = {irritant.id: column for column, irritant in enumerate(state.catalogue)}
    day = calendar.day_of(calendar.OUTAGE_ON)
    last = calendar.N_DAYS - 1
    here = _anybody(state.pop, state, day, rng, np.ones(state.pop.n, dtype=bool))
    poor = _anybody(state.pop, state, last, rng, state.pop.low_income & (state.pop.age <= 1))
    return Contacts(
        customer=np.array([here, poor]),
        day=np.array([day, last]),
        second=np.array([calendar.OUTAGE_FIRST_CALL_S, 11 * 3_600 + 720]),
        channel=np.array([contacts.PHONE, contacts.PHONE]),
        k1=np.array([index["IRR-16"], index["IRR-27"]]),
        k2=np.array([-1, -1]),
        k3=np.array([-1, -1]),
        team=np.array([10, contacts.SOLIDARITY_TEAMS[0]]),
        solved=np.array([False, False]),
        leave=np.array([False, False]),
        repeat=np.array([False, False]),
        formal=np.array([False, False]),
    )


def _anybody(pop: Population, state: World, day: int, rng: np.random.Generator, wanted: Bools) -> int:
    """A customer under contract on a day, of the wanted kind when there is one; never an English speaker."""
    here = (pop.arrival < day - 30) & (state.learned_on > day) & ~pop.business & ~pop.english
    rows = np.flatnonzero(here & wanted)
    return int(rng.choice(rows if len(rows) else np.flatnonzero(here)))


def _outage_calls(state: World, made: Contacts) -> list[int]:
    """Calls about the outage on its evening, all kept as transcripts (at most eight)."""
    index = next(column for column, row in enumerate(state.catalogue) if row.id == "IRR-16")
    rows = (made.day == calendar.day_of(calendar.OUTAGE_ON)) & (made.k1 == index) & (made.channel == contacts.PHONE)
    return [int(row) for row in np.flatnonzero(rows)[:8]]


def _abandoned(made: Contacts, surveyed: Bools, planted: list[int], rng: np.random.Generator) -> Bools:
    """Calls hung up before an answer: 9 % of calls, more in January, never one with a survey or a transcript."""
    phone = made.channel == contacts.PHONE
    busy = np.where(calendar.MONTH[made.day] == 1, 1.8, np.where(np.isin(calendar.MONTH[made.day], (2, 9)), 1.3, 0.9))
    weight = phone * ~surveyed * busy
    weight[planted] = 0
    chance = 0.09 * phone.sum() * weight / max(weight.sum(), 1e-9)
    return np.asarray(rng.random(len(made)) < np.minimum(chance, 0.9))
