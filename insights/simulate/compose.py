"""Texts from clauses: which wordings, in which register, joined how; every clause known with the truth it carries.

A text is a list of chunks, glue (str) or `Piece`. Noise is laid on the pieces before they are joined, so that the
truth holds exactly what the record shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from insights.simulate import noise
from insights.simulate.bank import Bank, Irritant, Line
from insights.simulate.slots import Filler, Pii

SOURCE_REGISTERS: dict[str, tuple[tuple[str, float], ...]] = {
    "survey": (("cou", 46), ("fam", 18), ("sms", 14), ("sou", 10), ("sen", 8), ("tpe", 4)),
    "social": (("soc", 55), ("fam", 30), ("sms", 15)),
    "mail": (("mail", 45), ("sou", 30), ("cou", 15), ("tpe", 10)),
    "review": (("cou", 55), ("fam", 25), ("sou", 15), ("sms", 5)),
    "chat": (("cou", 45), ("fam", 25), ("sms", 30)),
    "call": (("oral", 100),),
}
FALLBACK = {
    "tpe": ("tpe", "cou"), "sen": ("sen", "cou"), "mail": ("mail", "sou", "cou"), "soc": ("soc", "fam", "cou"),
    "sms": ("sms", "fam"), "review": ("review", "cou"), "sou": ("sou", "cou"), "chat": ("chat", "cou"),
    "en_oral": ("en",), "en": ("en",), "oral": ("oral",), "fam": ("fam", "cou"), "cou": ("cou",),
}  # fmt: skip
CONTRAST = (
    "mais", "par contre", "en revanche", "cela dit", "sauf que", "malgré tout", "après,", "sinon", "ceci étant",
    "n'empêche que", "et pourtant", "dommage,",
)  # fmt: skip
ADDITION = (
    "et en plus", "sans compter que", "du coup", "résultat,", "pour couronner le tout", "au passage,", "et", "en plus",
    "d'ailleurs", "et puis", "et avec ça",
)  # fmt: skip
SMS_LINKS = {"mais": "ms", "et en plus": "en+", "et": "et", "du coup": "dc", "par contre": "par contre"}
CONTRAST_EN, ADDITION_EN = ("but", "however,", "although", "still,"), ("and", "also,", "on top of that,", "plus")
CLASHES: dict[str, frozenset[str]] = {
    "adviser": frozenset(("IRR-30",)),
    "reach": frozenset(("IRR-09", "IRR-10")),
    "callback": frozenset(("IRR-13", "IRR-14")),
    "refund": frozenset(("IRR-04", "IRR-05")),
    "app": frozenset(("IRR-15", "IRR-16", "IRR-17")),
    "price": frozenset(("IRR-07", "IRR-24", "IRR-28")),
    "start": frozenset(("IRR-18", "IRR-19", "IRR-23", "IRR-24")),
    "bill": frozenset(("IRR-01", "IRR-03", "IRR-08")),
    "visit": frozenset(("IRR-20", "IRR-21")),
    "info": frozenset(("IRR-01", "IRR-22")),
    "care": frozenset(("IRR-26", "IRR-27")),
    "loyal": frozenset(f"IRR-{n:02d}" for n in range(1, 31)),
    "solved": frozenset(("IRR-04", "IRR-13", "IRR-14")),
}
PROPER = ("Lumarelle", "Enedis", "GRDF", "EDF", "Linky", "Boréval", "Kilovia", "Voltéane", "Pôle", "DM", "MP")
ENDS = frozenset(".!?…👍👎😡🙄👏😤🤦😠")


@dataclass(slots=True)
class Piece:
    """One clause with its truth."""

    text: str
    kind: str
    irritant_id: str | None = None
    polarity: float = 0.0
    leave: bool = False
    urgency: str | None = None
    sarcasm: bool = False
    language: str = "fr"
    pii: list[Pii] = field(default_factory=list)
    turn_no: int | None = None


@dataclass(frozen=True, slots=True)
class About:
    """What a text is about: irritants in order, and what else it must carry."""

    irritants: tuple[int, ...] = ()
    leave: bool = False
    happy: bool = False
    urgency: bool = False
    sarcastic: bool = False
    winter: bool = False
    incident: bool = False
    after_notice: bool = False


class Writer:
    """Renders clauses of the bank in a register, with noise, and remembers nothing between texts."""

    def __init__(self, bank: Bank, catalogue: Sequence[Irritant], rng: Random) -> None:
        self.bank = bank
        self.catalogue = catalogue
        self.rng = rng

    def register(self, source: str, senior: bool = False, business: bool = False, english: bool = False) -> str:
        """The register of a whole text: by source, age and trade."""
        if english:
            return "en_oral" if source == "call" else "en"
        names, weights = zip(*SOURCE_REGISTERS[source], strict=True)
        drawn = self.rng.choices(names, weights)[0]
        if source in ("survey", "mail"):
            if business:
                return "tpe" if self.rng.random() < 0.45 else ("cou" if drawn == "sen" else str(drawn))
            if drawn == "tpe" or (drawn == "sen" and not senior):
                return "cou"
            if senior and drawn in ("sms", "fam") and self.rng.random() < 0.75:
                return "sen"
        return str(drawn)

    def lines(self, key: str, register: str, about: About) -> tuple[Line, ...]:
        """Wordings that fit the register and the moment."""
        found = self.bank.pick(key, FALLBACK.get(register, (register, "cou")))
        if key == "praise" and about.irritants:
            found = self._praise_beside(found, about)
        fit = tuple(line for line in found if not line.flags or _fits(line, about))
        burst = tuple(line for line in fit if "incident" in line.flags) if about.incident else ()
        return burst if len(burst) >= 3 and self.rng.random() < 0.8 else fit or found

    def _praise_beside(self, found: tuple[Line, ...], about: About) -> tuple[Line, ...]:
        """Praise that may stand beside a complaint: the adviser above all, never the thing complained of."""
        ids = {self.catalogue[index].id for index in about.irritants}
        adviser = tuple(line for line in found if "adviser" in line.flags)
        if adviser and (self.rng.random() < 0.75 or "IRR-30" in ids):
            return adviser if "IRR-30" not in ids else found
        fit = tuple(
            line for line in found if not any(theme in line.flags and ids & clash for theme, clash in CLASHES.items())
        )
        return fit or found

    def clause(
        self, key: str, register: str, filler: Filler, about: About, kind: str, irritant: Irritant | None = None
    ) -> Piece:
        """One clause of the bank as a piece, with its noise."""
        wanted, shown = register, register
        if register == "oral" and irritant is not None and self.rng.random() < 0.3:
            wanted = self.rng.choice(("cou", "fam"))
        lines = self.lines(key, wanted, about)
        line = self._fresh(lines, filler)
        shown = _shown(line, register)
        start = len(filler.found)
        text = filler.fill(line, shown)
        pii = filler.found[start:]
        piece = Piece(text, kind, language="en" if register.startswith("en") else "fr", pii=pii)
        piece.urgency = line.urgency
        if irritant is not None:
            piece.irritant_id = irritant.id
            piece.polarity = round(min(-0.15, max(-1.0, self.rng.gauss(irritant.strength, 0.08))), 2)
        if not pii:
            piece.text = self.dirty(text, register)
        elif shown in ("oral", "en_oral"):
            piece.text = text.lower()
            piece.pii = [(entity, value.lower()) for entity, value in pii]
        return piece

    def _fresh(self, lines: Sequence[Line], filler: Filler) -> Line:
        """A wording that this text has not used yet, when there is one."""
        for _ in range(6):
            line = lines[int(self.rng.random() * len(lines))]
            if all(line is not used for used in filler.used):
                break
        filler.used.append(line)
        return line

    def dirty(self, text: str, register: str) -> str:
        """Typing slips or speech recognition, by register."""
        if register in ("oral", "en_oral"):
            return noise.spoken(self.rng, text, 0.08 if register == "oral" else 0.05)
        return noise.typed(self.rng, text, register)

    def irritant(self, index: int, register: str, filler: Filler, about: About) -> Piece:
        """A clause that carries one irritant, sometimes sarcastic."""
        irritant = self.catalogue[index]
        key = f"sarcasm-{irritant.id}"
        if about.sarcastic and key in self.bank.lines and not register.startswith("en"):
            piece = self.clause(key, register, filler, about, "irritant", irritant)
            piece.sarcasm = True
            return piece
        return self.clause(irritant.id, register, filler, about, "irritant", irritant)

    def praise(self, register: str, filler: Filler, about: About) -> Piece:
        """Something good."""
        piece = self.clause("praise", register, filler, about, "praise")
        piece.polarity = round(self.rng.uniform(0.45, 0.85), 2)
        return piece

    def leaving(self, register: str, filler: Filler, about: About) -> Piece:
        """A true intent to leave."""
        piece = self.clause("leave", register, filler, about, "leave")
        piece.polarity, piece.leave = -0.6, True
        return piece

    def urgent(self, register: str, filler: Filler, about: About) -> Piece:
        """Danger or vulnerability."""
        piece = self.clause("urgency", register, filler, about, "urgency")
        piece.polarity = -0.9
        return piece

    def plain(self, key: str, register: str, filler: Filler, about: About, kind: str = "neutral") -> Piece:
        """A clause without polarity: neutral, false friend, suggestion, personal data, opener, closer."""
        return self.clause(key, register, filler, about, kind)

    def clauses(self, n: int, register: str, filler: Filler, about: About, pii: bool = False) -> list[Piece]:
        """n clauses (more when what must be said does not fit) in the order a person would say them."""
        draw = self.rng.random
        pieces = [self.irritant(index, register, filler, about) for index in about.irritants[: max(n, 1)]]
        if about.urgency:
            pieces.insert(0, self.urgent(register, filler, about))
        if about.irritants and draw() < 0.28:
            pieces.insert(0 if draw() < 0.35 else len(pieces), self.praise(register, filler, about))
        if about.happy and not about.irritants:
            pieces.append(self.praise(register, filler, about))
        while len(pieces) < n:
            pieces.append(self._fill_up(register, filler, about, bool(pieces)))
        if about.leave:
            pieces.append(self.leaving(register, filler, about))
        if pii:
            pieces.insert(self.rng.randint(0, len(pieces)), self.plain("pii", register, filler, about))
        return pieces

    def _fill_up(self, register: str, filler: Filler, about: About, begun: bool) -> Piece:
        draw = self.rng.random()
        if about.irritants and begun and draw < 0.42 and not about.sarcastic:
            return self.irritant(self.rng.choice(about.irritants), register, filler, about)
        if not about.irritants and about.happy and draw < 0.62:
            return self.praise(register, filler, about)
        if draw < 0.72:
            return self.plain("neutral", register, filler, about)
        if draw < 0.90:
            return self.plain("suggestion", register, filler, about, "suggestion")
        return self.plain("false_friend", register, filler, about)

    def join(
        self, pieces: list[Piece], register: str, filler: Filler, about: About, opener: float, closer: float
    ) -> tuple[str, list[Piece]]:
        """The text and its pieces in reading order, after joining, accents lost and capitals."""
        chunks = self._chunks(pieces, register)
        if self.rng.random() < opener:
            first = self.plain("opener", register, filler, about, "opener")
            chunks = [first, " ", *chunks]
        if self.rng.random() < closer:
            last = self.plain("closer", register, filler, about, "opener")
            ended = isinstance(chunks[-1], str) or chunks[-1].text[-1] in ENDS
            chunks = [*chunks, " " if register == "sms" or ended else self.rng.choice((". ", ". ", " ! ")), last]
        self._capitals(chunks, register)
        return self._finish(chunks, register)

    def _chunks(self, pieces: list[Piece], register: str) -> list[str | Piece]:
        chunks: list[str | Piece] = []
        for before, piece in zip([None, *pieces], pieces, strict=False):
            if before is not None:
                chunks.append(self._link(before, piece, register))
            chunks.append(piece)
        end = self.rng.random()
        if register not in ("sms", "oral", "en_oral") and end < 0.75 and pieces[-1].text[-1] not in ENDS:
            chunks.append("." if end < 0.6 else " !" if end < 0.7 else "...")
        return chunks

    def _link(self, before: Piece, piece: Piece, register: str) -> str:
        """What stands between two clauses: a stop, a comma or a link that fits the turn of mood."""
        draw = self.rng.random()
        stop = " " if before.text[-1] in ENDS else ". "
        if piece.pii or before.pii or draw < 0.42:
            return stop if register != "sms" else self.rng.choice((" ", ", ", ". "))
        if draw < 0.55:
            return ", "
        turn = before.polarity * piece.polarity < 0
        if register.startswith("en"):
            return f" {self.rng.choice(CONTRAST_EN if turn else ADDITION_EN)} "
        if not turn and piece.polarity >= 0 and before.polarity >= 0 and piece.kind != "praise":
            return stop
        link = self.rng.choice(CONTRAST if turn else ADDITION)
        if register == "sms":
            link = SMS_LINKS.get(link, "et")
        first = piece.text[:1].lower()
        if link.endswith("que") and first in "aeiouéèêàâîôûyh":
            return (", " if self.rng.random() < 0.5 else " ") + link[:-1] + "'"
        return (", " if self.rng.random() < 0.5 else " ") + link + " "

    def _capitals(self, chunks: list[str | Piece], register: str) -> None:
        """A capital at the start of sentences, but not in SMS and not always in familiar writing."""
        if register in ("sms", "oral", "en_oral") or (register == "fam" and self.rng.random() < 0.35):
            return
        start = True
        for chunk in chunks:
            if isinstance(chunk, str):
                start = chunk.rstrip()[-1:] in (".", "!", "?") or (start and not chunk.strip())
            else:
                if start and not chunk.text.startswith("@"):
                    chunk.text = chunk.text[:1].upper() + chunk.text[1:]
                    if chunk.pii and chunk.pii[0][1] not in chunk.text:  # the value itself began the sentence
                        entity, value = chunk.pii[0]
                        chunk.pii[0] = (entity, value[:1].upper() + value[1:])
                elif register == "soc" and not start and not chunk.pii and not chunk.text.startswith(PROPER):
                    chunk.text = chunk.text[:1].lower() + chunk.text[1:]
                start = chunk.text[-1:] in ".!?:"

    def _finish(self, chunks: list[str | Piece], register: str) -> tuple[str, list[Piece]]:
        draw = self.rng.random()
        plain = self.rng.random() < (0.35 if register == "sms" else 0.12)
        caps = draw < 0.03 and register not in ("oral", "en_oral", "sou")
        if plain or caps:
            change = noise.strip_accents if plain else str
            shout = str.upper if caps else str
            for chunk in chunks:
                if isinstance(chunk, Piece):
                    chunk.text = shout(change(chunk.text))
                    chunk.pii = [(entity, shout(change(value))) for entity, value in chunk.pii]
            chunks = [chunk if isinstance(chunk, Piece) else shout(change(chunk)) for chunk in chunks]
        text = "".join(chunk if isinstance(chunk, str) else chunk.text for chunk in chunks)
        return text, [chunk for chunk in chunks if isinstance(chunk, Piece)]


def _fits(line: Line, about: About) -> bool:
    """Whether a flagged wording fits the moment."""
    if "cut" in line.flags and about.winter:
        return False
    if "incident" in line.flags and not about.incident:
        return False
    return not ("price" in line.flags and not about.after_notice)


def _shown(line: Line, register: str) -> str:
    """Register in which the slots are written: that of the text, except the line's own in writing."""
    if register in ("oral", "en_oral", "sms", "en"):
        return register
    return line.register if line.register in ("cou", "sou", "fam", "sms", "sen", "tpe", "mail", "soc") else register
