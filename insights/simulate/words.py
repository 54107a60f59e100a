"""Numbers, amounts and dates as people write or say them, by register and language."""

from __future__ import annotations

from random import Random

from insights.simulate.calendar import date_of

_UNITS = (
    "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize",
    "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf",
)  # fmt: skip
_TENS = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante"}
_EN_UNITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_EN_TENS = ("_", "_", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip
MONTHS_EN = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
DAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _below_hundred(n: int) -> str:
    if n < 20:
        return _UNITS[n]
    if n < 70:
        tens, unit = n - n % 10, n % 10
        link = " et " if unit == 1 else "-"
        return _TENS[tens] + (link + _UNITS[unit] if unit else "")
    if n < 80:
        return "soixante" + (" et onze" if n == 71 else "-" + _UNITS[n - 60])
    return "quatre-vingts" if n == 80 else "quatre-vingt-" + _UNITS[n - 80]


def french(n: int) -> str:
    """French words of 0 to 999,999."""
    if n < 100:
        return _below_hundred(n)
    if n < 1000:
        hundreds, rest = divmod(n, 100)
        head = "cent" if hundreds == 1 else _UNITS[hundreds] + (" cent" if rest else " cents")
        return head + (" " + _below_hundred(rest) if rest else "")
    thousands, rest = divmod(n, 1000)
    head = "mille" if thousands == 1 else french(thousands).removesuffix("s") + " mille"
    return head + (" " + french(rest) if rest else "")


def english(n: int) -> str:
    """English words of 0 to 999,999."""
    if n < 20:
        return _EN_UNITS[n]
    if n < 100:
        return _EN_TENS[n // 10] + ("-" + _EN_UNITS[n % 10] if n % 10 else "")
    if n < 1000:
        return _EN_UNITS[n // 100] + " hundred" + (" and " + english(n % 100) if n % 100 else "")
    return english(n // 1000) + " thousand" + (" " + english(n % 1000) if n % 1000 else "")


def spaced(n: int) -> str:
    """1180 as '1 180'."""
    return f"{n:,}".replace(",", " ")


def number(rng: Random, n: int, register: str) -> str:
    """A count in the register: words when spoken, digits in SMS, either elsewhere when it is small."""
    match register:
        case "oral":
            return french(n).replace("-", " ")
        case "en_oral":
            return english(n).replace("-", " ")
        case "en":
            return english(n) if n <= 12 else str(n)
        case "sms":
            return str(n)
        case "sen":
            return french(n) if n < 100 else spaced(n)
        case _:
            return french(n) if n <= 16 and rng.random() < 0.6 else spaced(n)


def euros(rng: Random, n: int, register: str) -> str:
    """An amount of money in the register."""
    draw = rng.random()
    match register:
        case "oral":
            return french(n).replace("-", " ") + " euros"
        case "en_oral":
            return english(n).replace("-", " ") + " euros"
        case "en":
            return f"€{n:,}" if draw < 0.5 else f"{n} euros"
        case "sms":
            return f"{n}e" if draw < 0.5 else f"{n}€"
        case "fam" if draw < 0.25:
            return f"{n} balles"
        case "sou" | "mail" if draw < 0.4:
            return f"{spaced(n)},{rng.randrange(100):02d} " + ("€" if draw < 0.2 else "euros")
        case "sen" if draw < 0.4:
            return french(n) + " euros"
        case _:
            return spaced(n) + (" €" if draw > 0.6 else " euros")


def amount(rng: Random, low: int, high: int) -> int:
    """An amount between two bounds, small ones more often, sometimes round."""
    value = int(round(low * (high / max(low, 1)) ** rng.random()))
    return max(low, round(value, -1)) if value > 100 and rng.random() < 0.4 else value


def day_text(rng: Random, day: int, register: str) -> str:
    """Day and month of a day number: '3 mars', 'trois mars', '3/03', 'March 3rd' without the year."""
    on = date_of(day)
    if register in ("en", "en_oral"):
        return (
            f"{on.day} {MONTHS_EN[on.month - 1]}" if register == "en" else f"{MONTHS_EN[on.month - 1]} {on.day}".lower()
        )
    if register == "sms":
        return f"{on.day}/{on.month:02d}"
    if register == "oral":
        return ("premier" if on.day == 1 else french(on.day).replace("-", " ")) + " " + MONTHS[on.month - 1]
    if rng.random() < 0.12:
        return f"{on.day:02d}/{on.month:02d}"
    return ("1er" if on.day == 1 else str(on.day)) + " " + MONTHS[on.month - 1]


def hour_text(rng: Random, hour: int, register: str) -> str:
    """An hour of the day in the register."""
    half = rng.random() < 0.3
    if register == "oral":
        return f"{french(hour)} heures" + (" trente" if half else "")
    if register in ("en", "en_oral"):
        return f"{hour % 12 or 12}{':30' if half else ''} {'am' if hour < 12 else 'pm'}"
    return f"{hour}h{'30' if half else ''}" if register == "sms" else f"{hour} h{' 30' if half else ''}"


def percent(rng: Random, n: int, register: str) -> str:
    """A percentage in the register."""
    if register == "oral":
        return f"{french(n)} pour cent"
    if register == "en_oral":
        return f"{english(n)} percent"
    return f"{n}%" if register in ("sms", "en") or rng.random() < 0.3 else f"{n} %"
