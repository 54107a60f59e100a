"""The survey tool's exports: invitations (sent or suppressed) and responses with scores and comments."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import numpy as np

from insights.simulate import calendar, scores
from insights.simulate.compose import About, Writer
from insights.simulate.contacts import SOLIDARITY_TEAMS, TEAMS, Contacts
from insights.simulate.customers import PRODUCTS, Bools, Floats, Ints
from insights.simulate.invitations import POST_CALL, REASONS, RELATIONAL, SURVEYS, Invitations
from insights.simulate.personal import names
from insights.simulate.slots import Filler
from insights.simulate.state import World
from insights.simulate.truth import Truth

SOURCE = "lumarelle_survey"
CHANNEL = ("email", "sms", "app", "email", "email")
TOUCHPOINT = (None, "Téléphone", "Espace client", "Souscription", "Courrier")
STAGE = ("Vie du contrat", "Assistance", "Vie du contrat", "Accueil", "Réclamation")
N_CLAUSES = (0.44, 0.78, 0.94)  # cumulated shares of 1, 2, 3 clauses; 4 beyond
PII_SHARE = 0.08
CONTRADICTS = 0.06
ANONYMOUS, BY_MAIL, NO_RECONTACT = 0.04, 0.104, 0.132  # shares of answers


def moment(world: World, day: int, k1: int) -> dict[str, bool]:
    """What the date makes sayable."""
    day = min(max(day, 0), calendar.N_DAYS - 1)
    outage = day == calendar.day_of(calendar.OUTAGE_ON) and k1 >= 0 and world.catalogue[k1].id == "IRR-16"
    debit = 0 <= day - calendar.day_of(calendar.DOUBLE_DEBIT_ON) < 4 and k1 >= 0 and world.catalogue[k1].id == "IRR-06"
    return {
        "winter": bool(calendar.WINTER[day]),
        "incident": outage or debit,
        "after_notice": day >= calendar.day_of(calendar.PRICE_NOTICE_ON),
    }


class Answers:
    """Latent scores of everybody who was asked, calibrated, then read by row of invitations."""

    def __init__(self, world: World, sent: Invitations, calls: Contacts, rng: np.random.Generator) -> None:
        self.value = np.full(len(sent), np.nan)
        self.truth_rows: list[tuple[Any, ...]] = []
        for code, survey in enumerate(SURVEYS):
            rows = np.flatnonzero((sent.survey == code) & (sent.reason == 0))
            if code == RELATIONAL:
                self._waves(world, sent, rows, rng)
            elif len(rows):
                self.value[rows] = self._transactional(world, sent.take(rows), calls, survey, rng)
        self.ces = np.zeros(len(sent), dtype=np.int64)
        for code in (1, 2):
            rows = np.flatnonzero((sent.survey == code) & (sent.reason == 0))
            self.ces[rows] = scores.ces(rng, self.value[rows])

    def _waves(self, world: World, sent: Invitations, rows: Ints, rng: np.random.Generator) -> None:
        for wave, target in zip(world.waves, calendar.WAVE_NPS, strict=True):
            mine = rows[np.abs(sent.at[rows] // calendar.DAY_S - wave.day) < 10]
            answered = np.isin(wave.customer, sent.customer[mine[sent.answered[mine]]])
            base = scores.expected(world.pop, world.catalogue, wave.customer, wave.k1, wave.k2, wave.solved, wave.leave)
            final = scores.calibrate_wave(world.pop, wave, scores.latent(rng, base, wave.k1, answered), target)
            by_customer = np.full(world.pop.n, np.nan)
            by_customer[wave.customer] = final
            self.value[mine] = by_customer[sent.customer[mine]]
            self._wave_truth(world, wave.day, wave.customer, final)

    def _wave_truth(self, world: World, day: int, who: Ints, final: Floats) -> None:
        given = scores.whole(final)
        business = world.pop.business[who]
        tenure = np.searchsorted(scores.TENURE_EDGES, day - world.pop.arrival[who])
        groups: list[tuple[str, Bools]] = [
            ("all", np.ones(len(who), dtype=bool)),
            ("household", ~business),
            ("small_business", business),
            *((name, ~business & (tenure == t)) for t, name in enumerate(("0-3", "4-14", "15-36", "37+"))),
        ]
        for name, rows in groups:
            if rows.any():
                part, n = given[rows], int(rows.sum())
                shares = float((part >= 9).mean()), float((part <= 6).mean())
                self.truth_rows.append((calendar.date_of(day), "nps", name, n, *shares, scores.nps_of(part)))

    def _transactional(
        self, world: World, sent: Invitations, calls: Contacts, survey: str, rng: np.random.Generator
    ) -> Floats:
        base = scores.expected(world.pop, world.catalogue, sent.customer, sent.k1, sent.k2, sent.solved, sent.leave)
        raw = scores.latent(rng, base, sent.k1)
        day = sent.at // calendar.DAY_S
        team = np.where(sent.contact >= 0, calls.team[sent.contact], 0)
        known = sent.contact >= 0
        care = known & np.isin(team, SOLIDARITY_TEAMS)
        lifted = known & world.demand.trained[team] & (sent.k1 == 0) & (day >= calendar.day_of(calendar.ACTION_C_ON))
        final = scores.calibrate_csat(raw, day, care, lifted, survey)
        top = scores.csat(final) >= 4
        month = calendar.PICTURE_OF_DAY[np.clip(day, 0, calendar.N_DAYS - 1)]
        for m in np.unique(month):
            rows = month == m
            share = float(top[rows].mean())
            end = calendar.MONTH_ENDS[m]
            self.truth_rows.append((end, f"csat_{survey}", "all", int(rows.sum()), share, 1 - share, share))
        return final


def invitation_rows(world: World, sent: Invitations, response_ids: list[str], first: int) -> dict[str, list[Any]]:
    """Columns of invitations.csv, in time order."""
    at = calendar.stamps(sent.at)
    later = calendar.stamps(np.minimum(sent.at + 30, calendar.last_second()))
    ids = world.pop.ids()
    return {
        "invitation_id": [f"I{first + n:08d}" for n in range(len(sent))],
        "customer_id": [ids[i] for i in sent.customer],
        "survey": [SURVEYS[s] for s in sent.survey],
        "channel": [CHANNEL[s] for s in sent.survey],
        "touchpoint": [TOUCHPOINT[s] or "" for s in sent.survey],
        "sent_at": [stamp if reason == 0 else "" for stamp, reason in zip(at, sent.reason, strict=True)],
        "suppressed_reason": [REASONS[reason] for reason in sent.reason],
        "response_id": response_ids,
        "received_at": later,
    }


class Responses:
    """Writes the records of responses.jsonl from calibrated answers."""

    def __init__(
        self, world: World, sent: Invitations, answers: Answers, calls: Contacts, writer: Writer, truth: Truth
    ) -> None:
        self.world, self.sent, self.answers, self.calls = world, sent, answers, calls
        self.writer, self.truth, self.rng = writer, truth, writer.rng
        self.linked = [""] * len(sent)  # response ids the invitations may show: an anonymous answer is never linked

    def records(self, first_id: int, first_invitation: int) -> Iterator[dict[str, Any]]:
        """One record per answer, in the order of the invitations; ids are numbered from the given ones."""
        ids, sent = self.world.pop.ids(), self.sent
        replied = np.flatnonzero(sent.answered)
        submitted = calendar.stamps(sent.answered_at[replied])
        received = calendar.stamps(sent.answered_at[replied] + 45)
        for number, row in enumerate(replied.tolist()):
            i = int(sent.customer[row])
            response_id = f"R{first_id + number:08d}"
            comment, contradicts = self._words(row, response_id)
            anonymous = self.rng.random() < ANONYMOUS
            by_mail = not anonymous and self.rng.random() < BY_MAIL
            self.linked[row] = "" if anonymous else response_id
            record: dict[str, Any] = {
                "response_id": response_id,
                "invitation_id": None if anonymous or by_mail else f"I{first_invitation + row:08d}",
                "survey": SURVEYS[sent.survey[row]],
                "customer_id": None if anonymous or by_mail else ids[i],
            }
            if by_mail:
                record["email"] = self.world.pop.person(i).email
            times = {"submitted_at": submitted[number], "received_at": received[number]}
            yield record | times | self._context(row) | self._said(row, comment, contradicts, anonymous)

    def _words(self, row: int, response_id: str) -> tuple[str | None, bool]:
        """The comment and whether the score contradicts it; the truth is recorded."""
        i, k1 = int(self.sent.customer[row]), int(self.sent.k1[row])
        value = float(self.answers.value[row])
        told = _comment(self.world, self.writer, self.truth, response_id, self.sent, row, value)
        irritant = self.world.catalogue[k1].id if k1 >= 0 else None
        self.truth.response(response_id, self.world.pop.ids()[i], round(value, 3), told[1], irritant)
        return told

    def _context(self, row: int) -> dict[str, Any]:
        """What the survey tool knows of the moment and of the customer."""
        pop, survey = self.world.pop, int(self.sent.survey[row])
        i, contact = int(self.sent.customer[row]), int(self.sent.contact[row])
        day = int(self.sent.answered_at[row]) // calendar.DAY_S
        return {
            "channel": CHANNEL[survey],
            "touchpoint": TOUCHPOINT[survey],
            "journey_stage": _stage(self.world, survey, i, int(self.sent.k1[row]), day, self.rng),
            "product": PRODUCTS[pop.product[i]],
            "segment": "small_business" if pop.business[i] else "household",
            "region": names().regions[pop.region[i]],
            "agent_team": TEAMS[self.calls.team[contact]] if contact >= 0 else None,
        }

    def _said(self, row: int, comment: str | None, contradicts: bool, anonymous: bool) -> dict[str, Any]:
        """Scores, comment and the wish to be called back."""
        survey = int(self.sent.survey[row])
        not_asked = survey == RELATIONAL and self.rng.random() < 0.3
        return {
            "answers": _answers(survey, float(self.answers.value[row]), int(self.answers.ces[row]), contradicts),
            "comment": comment,
            "recontact": "not_asked" if not_asked else "no" if self.rng.random() < NO_RECONTACT else "yes",
            "anonymous": anonymous,
        }


def _stage(world: World, survey: int, i: int, k1: int, day: int, rng: Random) -> str:
    """Journey stage as the survey tool knows it: from the contact's code or the contract, never from the comment."""
    if survey == POST_CALL and k1 >= 0 and rng.random() < 0.85:
        return world.catalogue[k1].stage
    if survey != RELATIONAL:
        return STAGE[survey]
    if day - world.pop.arrival[i] < 90:
        return "Accueil"
    left = int(world.pop.days_to_term(day)[i]) if world.pop.term_years[i] else 999
    return "Renouvellement" if left < 75 else STAGE[survey]


def _answers(survey: int, value: float, ces: int, contradicts: bool) -> list[dict[str, Any]]:
    """Scores as given; a contradicting answer reads the scale upside down."""
    if survey == RELATIONAL:
        given = int(min(max(round(value), 0), 10))
        shown = 10 - given if contradicts else given
        return [{"question_id": "recommend", "metric": "nps", "scale": "0-10", "value": shown}]
    given = int(scores.csat(np.array([value]))[0])
    shown = 6 - given if contradicts else given
    out = [{"question_id": "satisfaction", "metric": "csat", "scale": "1-5", "value": shown}]
    if survey in (1, 2):
        out.append({"question_id": "ease", "metric": "ces", "scale": "1-7", "value": 8 - ces if contradicts else ces})
    return out


def _comment(
    world: World, writer: Writer, truth: Truth, response_id: str, sent: Invitations, row: int, value: float
) -> tuple[str | None, bool]:
    """A comment or none, and whether score and words contradict each other."""
    rng, pop = writer.rng, world.pop
    i, k1, k2 = (int(column[row]) for column in (sent.customer, sent.k1, sent.k2))
    day, leave = int(sent.answered_at[row]) // calendar.DAY_S, bool(sent.leave[row])
    unhappy, pleased = value < 6.5, value >= 8.5
    if rng.random() > (0.61 if unhappy else 0.33 if pleased else 0.46):
        return None, False
    english = bool(pop.english[i])
    draw = rng.random()
    contradicts = (unhappy or pleased) and draw < CONTRADICTS * 0.75
    sarcastic = unhappy and not contradicts and rng.random() < 0.10
    irritants = tuple(k for k in (k1, k2) if k >= 0)
    about = About(
        irritants=irritants,
        leave=leave,
        happy=not irritants and not unhappy,
        sarcastic=sarcastic,
        **moment(world, day, k1),
    )
    register = writer.register("survey", pop.age[i] >= 3, bool(pop.business[i]), english)
    filler = Filler(rng, pop.person(i), day)
    if rng.random() < 0.09:
        key = "one_word_bad" if unhappy else "one_word_good"
        pieces = [writer.plain(key, register, filler, about, "neutral" if unhappy else "praise")]
        pieces[0].polarity = -0.6 if unhappy else 0.6
        text = pieces[0].text
    else:
        draw = rng.random()
        n = 1 + sum(draw > edge for edge in N_CLAUSES)
        pieces = writer.clauses(n, register, filler, about, rng.random() < PII_SHARE)
        text, pieces = writer.join(pieces, register, filler, about, 0.28, 0.16)
    truth.text(SOURCE, response_id, pieces)
    return text, contradicts
