"""Transcripts of calls and chats: a short play with phases, where two to five customer clauses carry something."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from insights.simulate import calendar
from insights.simulate.compose import About, Piece, Writer
from insights.simulate.contacts import CHANNELS, CHAT, SITES, TEAM_SITE, TEAMS, Contacts, evenly
from insights.simulate.customers import PRODUCTS
from insights.simulate.personal import names
from insights.simulate.slots import Filler
from insights.simulate.state import World
from insights.simulate.surveys import moment
from insights.simulate.truth import Truth

SOURCE = "lumarelle_calls"
PII_SHARE = {"call": 0.16, "chat": 0.11}


@dataclass
class Turn:
    """One turn before timing."""

    speaker: str
    pieces: list[Piece]


@dataclass
class Transcript:
    """A written play: timed turns, its length, the customer's clauses and the other side's lines."""

    turns: list[dict[str, Any]]
    seconds: float
    customer: list[Piece]
    others: list[Piece]


class Play:
    """Writes the turns of one contact."""

    def __init__(self, writer: Writer, filler: Filler, about: About, register: str, kind: str) -> None:
        self.writer = writer
        self.filler = filler
        self.about = about
        self.register = register
        self.talk = "en" if register.startswith("en") else "oral" if kind == "call" else "chat"
        self.chat = kind == "chat"
        self.turns: list[Turn] = []

    def say(self, speaker: str, key: str) -> None:
        """A line of talk: nothing in it but the conversation."""
        lines = self.writer.bank.pick(key, (self.talk, "chat", "oral"))
        line = lines[int(self.writer.rng.random() * len(lines))]
        start = len(self.filler.found)
        text = self.filler.fill(line, "oral" if self.talk == "oral" else "en" if self.talk == "en" else "cou")
        pii = self.filler.found[start:]
        spoken = self.register in ("oral", "en_oral")
        if spoken:
            text = text.lower() if pii else self.writer.dirty(text, self.register)
            pii = [(entity, value.lower()) for entity, value in pii]
        language = "en" if self.talk == "en" else "fr"
        self.turns.append(Turn(speaker, [Piece(text, "neutral", language=language, pii=pii)]))

    def tell(self, piece: Piece) -> None:
        """A customer turn that carries something, sometimes in the same breath as the turn before."""
        last = self.turns[-1]
        if last.speaker == "customer" and len(last.pieces) < 2:
            last.pieces.append(piece)
        else:
            self.turns.append(Turn("customer", [piece]))

    def adviser(self, *keys: str) -> None:
        """An adviser's turn, one of the kinds."""
        self.say("adviser", self.writer.rng.choice(keys))

    def run(self, carrying: list[Piece], n_turns: int, repeat_bot: bool) -> list[Turn]:
        """The whole play: opening, what is carried spread over the middle, talk in between, closing."""
        rng = self.writer.rng
        if self.chat:
            self.say("bot", "bot_greet")
        else:
            self.adviser("adv_greet")
            if rng.random() < 0.4:
                self.adviser("adv_consent")
        self.say("customer", "cus_greet")
        if self.chat:
            for _ in range(rng.randint(2, 4) if repeat_bot else rng.randint(0, 1)):
                self.say("bot", "bot")
                self.say("customer", "cus_bot")
            self.adviser("adv_greet")
        asked = False
        for number, piece in enumerate(carrying):
            self.tell(piece)
            if number == 0 or rng.random() < 0.8:
                self.adviser("adv_empathy", "adv_small") if rng.random() < 0.75 else self.adviser("adv_look")
            if not asked:
                asked = True
                self.adviser("adv_id")
                self.say("customer", "cus_id")
            if rng.random() < 0.5:
                self._talk()
        while len(self.turns) < n_turns - 2:
            self._talk()
        if rng.random() < 0.55:
            self.adviser("adv_promise")
            self.say("customer", "cus_ack")
        if rng.random() < 0.5:
            self.adviser("adv_more")
        self.say("customer", "cus_close")
        self.adviser("adv_close")
        return self.turns

    def _talk(self) -> None:
        rng = self.writer.rng
        self.adviser("adv_look", "adv_explain", "adv_explain", "adv_small")
        self.say("customer", "cus_ack" if rng.random() < 0.85 else "cus_small")


def _timed(writer: Writer, turns: list[Turn], spoken: bool) -> tuple[list[dict[str, Any]], float]:
    """Turns with their seconds and confidence; sets turn_no on the pieces."""
    rng, clock, out = writer.rng, 1.0, []
    for number, turn in enumerate(turns, start=1):
        text = (" " if spoken else ", ").join(piece.text for piece in turn.pieces)
        for piece in turn.pieces:
            piece.turn_no = number
        length = (0.34 if spoken else 1.6) * (text.count(" ") + 1) + rng.uniform(0.4, 2.0)
        out.append(
            {
                "speaker": turn.speaker,
                "start_s": round(clock, 1),
                "end_s": round(clock + length, 1),
                "text": text,
                "asr_confidence": round(min(0.99, max(0.45, rng.gauss(0.87, 0.07))), 2) if spoken else None,
            }
        )
        clock += length + rng.uniform(0.2, 2.5 if spoken else 25.0)
    return out, clock


def transcripts(
    world: World,
    made: Contacts,
    rows: list[int],
    writer: Writer,
    truth: Truth,
    urgent: dict[int, str],
    refused: frozenset[int],
    prefix: str,
) -> Iterator[dict[str, Any]]:
    """Records of transcripts.jsonl for these rows of contacts; `urgent` forces an urgency on some rows.

    Calls whose recording was `refused` are in the export too, without clauses of truth: the border must drop them.
    """
    rng, pop = writer.rng, world.pop
    ids = pop.ids()
    started = (made.day * calendar.DAY_S + made.second).tolist()
    for number, row in enumerate(rows):
        i, k1 = int(made.customer[row]), int(made.k1[row])
        kind = "chat" if made.channel[row] == CHAT else "call"
        call_id = f"{prefix}{'H' if kind == 'chat' else 'T'}{number + 1:07d}"
        script = _write(world, made, row, kind, writer, urgent.get(row))
        truth.text(SOURCE, call_id, script.customer, hidden=row in refused)
        for piece in script.others:
            for entity, value in piece.pii:
                truth.personal(SOURCE, call_id, piece.turn_no, entity, value)
        team = int(made.team[row])
        at, received = calendar.stamps([started[row], started[row] + int(script.seconds) + rng.randint(120, 420)])
        yield {
            "call_id": call_id,
            "kind": kind,
            "contact_id": f"{prefix}K{row + 1:08d}",
            "customer_id": ids[i],
            "started_at": at,
            "received_at": received,
            "channel": CHANNELS[made.channel[row]],
            "touchpoint": "Téléphone" if kind == "call" else "Chat",
            "journey_stage": world.catalogue[k1].stage if k1 >= 0 else "Assistance",
            "product": PRODUCTS[pop.product[i]],
            "segment": "small_business" if pop.business[i] else "household",
            "region": names().regions[pop.region[i]],
            "agent_team": TEAMS[team],
            "site_country": SITES[TEAM_SITE[team]][1],
            "recording_consent": "no" if row in refused else "yes",
            "turns": script.turns,
        }


def _write(world: World, made: Contacts, row: int, kind: str, writer: Writer, urgency: str | None) -> Transcript:
    rng, pop = writer.rng, world.pop
    i, day, k1 = int(made.customer[row]), int(made.day[row]), int(made.k1[row])
    register = writer.register(kind, english=bool(pop.english[i]))
    irritants = tuple(int(k) for k in (made.k1[row], made.k2[row], made.k3[row]) if k >= 0)
    severe = k1 >= 0 and world.catalogue[k1].id == "IRR-27"
    waited = world.demand.waiting
    if kind == "call" and waited not in irritants and rng.random() < (0.085 if irritants else 0.03):
        irritants = (waited, *irritants)[:3]  # on the phone, the wait is the first thing said
    about = About(
        irritants=irritants,
        leave=bool(made.leave[row]),
        happy=not irritants and rng.random() < 0.5,
        urgency=urgency is not None or rng.random() < (0.30 if severe else 0.005),
        sarcastic=rng.random() < 0.02,
        **moment(world, day, k1),
    )
    filler = Filler(rng, pop.person(i), day)
    n = (
        rng.choices((2, 3, 4, 5), (0.34, 0.36, 0.2, 0.1))[0]
        if kind == "call"
        else rng.choices((1, 2, 3), (0.4, 0.4, 0.2))[0]
    )
    carrying = writer.clauses(n, register, filler, about, rng.random() < PII_SHARE[kind])
    if urgency is not None:
        _force_urgency(writer, carrying, register, filler, about, urgency)
    play = Play(writer, filler, about, register, kind)
    n_turns = min(40, max(12, round(rng.gauss(19, 5)))) if kind == "call" else rng.randint(7, 16)
    bot = k1 >= 0 and world.catalogue[k1].id == "IRR-15"
    turns = play.run(carrying, n_turns, bot)[:40]
    timed, seconds = _timed(writer, turns, kind == "call")
    customer = [piece for turn in turns if turn.speaker == "customer" for piece in turn.pieces]
    return Transcript(
        timed, seconds, customer, [piece for turn in turns if turn.speaker != "customer" for piece in turn.pieces]
    )


def _force_urgency(
    writer: Writer, carrying: list[Piece], register: str, filler: Filler, about: About, urgency: str
) -> None:
    """Replace the urgent clause by one of the wanted kind."""
    lines = [line for line in writer.lines("urgency", register, about) if urgency in line.flags]
    piece = carrying[0]
    piece.text = writer.dirty(filler.fill(writer.rng.choice(lines), register), register)
    piece.kind, piece.urgency, piece.polarity, piece.irritant_id = "urgency", urgency, -0.9, None


def pick_rows(
    made: Contacts, channel: int, count: int, forced: list[int], excluded: Any, rng: np.random.Generator
) -> list[int]:
    """Rows of contacts kept as transcripts, in time order, the forced ones among them."""
    free = np.flatnonzero((made.channel == channel) & ~excluded)
    free = free[~np.isin(free, forced)]
    chosen = evenly(rng, made, free, max(0, count - len(forced)))
    return sorted([*forced, *chosen.tolist()])
