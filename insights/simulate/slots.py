"""Fill a template: values drawn in the register of the text, personal data kept as written."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from insights.simulate import personal, words
from insights.simulate.bank import Choice, Line, Part, Slot
from insights.simulate.calendar import N_DAYS, date_of
from insights.simulate.personal import Person

COMPETITORS = ("Boréval", "Kilovia", "Voltéane", "Boréval", "Kilovia", "Voltéane", "EDF")
TRADES = (
    "mon salon de coiffure", "ma boulangerie", "mon épicerie", "mon restaurant", "mon garage", "ma pharmacie",
    "mon bar", "mon cabinet", "ma boucherie", "mon atelier", "ma fromagerie", "mon institut", "ma pizzeria", "mon gîte",
)  # fmt: skip
_SPACES = re.compile(" {2,}")
_ELISION = re.compile(r"\bde (?=(?:août|avril|octobre|Enedis|EDF)\b)")
LOWER = frozenset(("oral", "en_oral"))
Pii = tuple[str, str]


class Filler:
    """Draws the slots of one text. `found` collects (entity, value) as written, `used` the wordings already taken."""

    def __init__(self, rng: Random, person: Person, day: int, adviser: str = "", trade: str = "") -> None:
        self.rng = rng
        self.person = person
        self.day = day
        self.adviser = adviser or rng.choice(personal.names().advisers)
        self.trade = trade or rng.choice(TRADES)
        self.found: list[Pii] = []
        self.used: list[Line] = []

    def fill(self, line: Line, register: str) -> str:
        """The text of one line."""
        text = _SPACES.sub(" ", self._fill(line.parts, register)).strip()
        return _ELISION.sub("d'", text.replace("@Lumarelle Énergie", "@Lumarelle"))

    def _fill(self, parts: tuple[Part, ...], register: str) -> str:
        out = []
        for part in parts:
            if isinstance(part, str):
                out.append(part)
            elif isinstance(part, Choice):
                out.append(self._fill(self.rng.choice(part.options), register))
            else:
                out.append(self._slot(part, register))
        return "".join(out)

    def _slot(self, slot: Slot, register: str) -> str:
        return _SLOTS[slot.name](self, slot, register)

    def _pii(self, entity: str, value: str) -> str:
        self.found.append((entity, value))
        return value

    def _past(self, low: int, high: int) -> int:
        return self.day - self.rng.randint(low, high)

    def _name(self, value: str, register: str) -> str:
        if register in LOWER:
            value = value.lower()
        elif register in ("mail", "sou", "tpe") and self.rng.random() < 0.3:
            value = value.upper()
        return self._pii("NAME", value)

    def duration(self, register: str) -> str:
        """A wait that is too long: weeks or months."""
        draw, rng = self.rng.random(), self.rng
        if draw < 0.4:
            return f"{words.number(rng, rng.randint(3, 11), register)} semaines"
        if draw < 0.75:
            return f"{words.number(rng, rng.randint(2, 6), register)} mois"
        return f"{words.number(rng, rng.randint(12, 40), register)} jours"

    def duration_en(self, register: str) -> str:
        """The same in English."""
        rng = self.rng
        unit, low, high = rng.choice((("weeks", 3, 11), ("months", 2, 6), ("days", 12, 40)))
        return f"{words.number(rng, rng.randint(low, high), register)} {unit}"


def _months(f: Filler, slot: Slot, register: str) -> str:
    month = date_of(f._past(20, 110)).month - 1
    return words.MONTHS_EN[month] if register in ("en", "en_oral") else words.MONTHS[month]


def _weekday(f: Filler, slot: Slot, register: str) -> str:
    return f.rng.choice((words.DAYS_EN if register in ("en", "en_oral") else words.DAYS)[:6])


def _prm_spoken(f: Filler, slot: Slot, register: str) -> str:
    return f._pii("METER", personal.digits_spoken(personal.meter(f.rng).replace(" ", "")))


def _reference(f: Filler) -> str:
    digits = f"{f.rng.randrange(10**9, 10**10)}"
    return digits if f.rng.random() < 0.5 else f"{digits[0]} {digits[1:4]} {digits[4:7]} {digits[7:]}"


def _birth(f: Filler) -> tuple[int, int, int]:
    return f.rng.randint(1, 28), f.rng.randint(1, 12), f.rng.randint(1938, 2003)


def _birth_date(f: Filler, slot: Slot, register: str) -> str:
    day, month, year = _birth(f)
    text = f"{day:02d}/{month:02d}/{year}" if f.rng.random() < 0.6 else f"{day} {words.MONTHS[month - 1]} {year}"
    return f._pii("BIRTH_DATE", text)


def _birth_spoken(f: Filler, slot: Slot, register: str) -> str:
    day, month, year = _birth(f)
    text = f"{words.french(day)} {words.MONTHS[month - 1]} {words.french(year)}".replace("-", " ")
    return f._pii("BIRTH_DATE", text)


def _phone(f: Filler) -> str:
    return f.person.phone or personal.phone_number(f.rng.randrange(personal.N_PHONES))


def _plate(rng: Random) -> str:
    return f"{rng.choice('ABCDEFGH')}{rng.choice('BCDFGH')}-{rng.randrange(1000):03d}-{rng.choice('JKLM')}D"


_SPOKEN_MAIL = str.maketrans({"@": " arobase ", ".": " point "})
_SLOTS: dict[str, Callable[[Filler, Slot, str], str]] = {
    "eur": lambda f, s, r: words.euros(f.rng, words.amount(f.rng, s.low, s.high), r),
    "num": lambda f, s, r: words.number(f.rng, f.rng.randint(s.low, s.high), r),
    "pct": lambda f, s, r: words.percent(f.rng, f.rng.randint(s.low, s.high), r),
    "kwh": lambda f, s, r: words.number(f.rng, f.rng.randint(s.low // 10, s.high // 10) * 10, r),
    "montant": lambda f, s, r: words.euros(f.rng, words.amount(f.rng, 280, 1_600), r),
    "duree": lambda f, s, r: f.duration(r),
    "long": lambda f, s, r: f.duration_en(r),
    "date": lambda f, s, r: words.day_text(f.rng, f._past(15, 75), r),
    "recent": lambda f, s, r: words.day_text(f.rng, f._past(1, 14), r),
    "soon": lambda f, s, r: words.day_text(f.rng, min(f.day + f.rng.randint(8, 40), N_DAYS + 40), r),
    "mois": _months,
    "jour": _weekday,
    "heure": lambda f, s, r: words.hour_text(f.rng, f.rng.randint(9, 18), r),
    "marque": lambda f, s, r: "Lumarelle" if f.rng.random() < 0.8 else "Lumarelle Énergie",
    "marque_bas": lambda f, s, r: "lumarelle" if f.rng.random() < 0.5 else "lumarelle énergie",
    "concurrent": lambda f, s, r: f.rng.choice(COMPETITORS),
    "commerce": lambda f, s, r: f.trade,
    "adviser": lambda f, s, r: f._pii("NAME", f.adviser.lower() if r in LOWER else f.adviser),
    "prenom": lambda f, s, r: f._pii("NAME", f.person.first),
    "nom": lambda f, s, r: f._name(f.person.last, r),
    "prenom_bas": lambda f, s, r: f._pii("NAME", f.person.first.lower()),
    "nom_bas": lambda f, s, r: f._pii("NAME", f.person.last.lower()),
    "tel": lambda f, s, r: f._pii("PHONE", personal.phone_text(f.rng, _phone(f))),
    "tel_oral": lambda f, s, r: f._pii("PHONE", personal.phone_spoken(_phone(f))),
    "mail": lambda f, s, r: f._pii("EMAIL", f.person.email),
    "mail_oral": lambda f, s, r: f._pii("EMAIL", f.person.email.translate(_SPOKEN_MAIL)),
    "mail_arobase": lambda f, s, r: f._pii("EMAIL", f.person.email.replace("@", " arobase ").replace(".", " point ")),
    "iban": lambda f, s, r: f._pii("IBAN", personal.iban(f.rng)),
    "iban_bas": lambda f, s, r: f._pii("IBAN", personal.iban(f.rng).replace(" ", "").lower()),
    "prm": lambda f, s, r: f._pii("METER", personal.meter(f.rng)),
    "prm_oral": _prm_spoken,
    "pce": lambda f, s, r: f._pii("METER", f"GI{f.rng.randrange(10**6):06d}"),
    "adresse": lambda f, s, r: f._pii("ADDRESS", personal.address(f.rng, f.person.region)),
    "adresse_bas": lambda f, s, r: f._pii("ADDRESS", personal.address(f.rng, f.person.region).lower().replace(",", "")),
    "ref": lambda f, s, r: f._pii("CUSTOMER_REF", _reference(f)),
    "ref_oral": lambda f, s, r: f._pii("CUSTOMER_REF", personal.digits_spoken(_reference(f).replace(" ", ""))),
    "naissance": _birth_date,
    "naissance_oral": _birth_spoken,
    "nir": lambda f, s, r: f._pii("NIR", personal.nir(f.rng)),
    "siret": lambda f, s, r: f._pii("SIRET", personal.siret(f.rng)),
    "plaque": lambda f, s, r: f._pii("PLATE", _plate(f.rng)),
    "carte": lambda f, s, r: f._pii("CARD", f"{f.rng.randrange(10_000):04d}"),
}  # fmt: skip
SLOT_NAMES = frozenset(_SLOTS)
