"""Invented persons and their personal data: names, phones of the ranges kept for fiction, ids with valid keys.

The telephone ranges are those the French regulator keeps for fiction. Bank codes start with 99 and e-mail domains are
those reserved for examples, so that no value belongs to anybody.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from insights.simulate.bank import read_yaml
from insights.simulate.words import french

PHONE_RANGES = ("063998", "019900", "026191", "035301", "046571", "053649")
N_PHONES = len(PHONE_RANGES) * 10_000
MAIL_DOMAINS = ("example.org", "example.com", "example.net")
_RIB_LETTERS = {c: str(1 + i % 9 if i < 18 else 2 + (i - 18) % 9) for i, c in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}


@dataclass(frozen=True)
class Names:
    """Pools of names and places."""

    women: tuple[str, ...]
    men: tuple[str, ...]
    last: tuple[str, ...]
    english_first: tuple[str, ...]
    english_last: tuple[str, ...]
    advisers: tuple[str, ...]
    streets: tuple[str, ...]
    regions: tuple[str, ...]
    region_shares: tuple[float, ...]
    towns: tuple[tuple[str, ...], ...]


@lru_cache(maxsize=1)
def names() -> Names:
    """The pools of bank/names.yaml."""
    raw = read_yaml("names.yaml")

    def words(key: str) -> tuple[str, ...]:
        return tuple(word.replace("Le-", "Le ").replace("De-", "De ") for word in raw[key].split())

    return Names(
        women=words("first_women"),
        men=words("first_men"),
        last=words("last"),
        english_first=words("english_first"),
        english_last=words("english_last"),
        advisers=words("advisers"),
        streets=tuple(part.strip() for part in raw["streets"].split("|")),
        regions=tuple(raw["regions"]),
        region_shares=tuple(float(row["share"]) for row in raw["regions"].values()),
        towns=tuple(tuple(row["towns"]) for row in raw["regions"].values()),
    )


@dataclass(frozen=True, slots=True)
class Person:
    """Who writes: what the CRM knows of them, and where they live."""

    first: str
    last: str
    email: str
    phone: str
    region: int
    business: bool = False


def slug(text: str) -> str:
    """Lower-case letters of a name without accents, for e-mail addresses."""
    plain = unicodedata.normalize("NFD", text.lower())
    return "".join(c for c in plain if "a" <= c <= "z")


def phone_number(n: int) -> str:
    """Phone of the n-th customer, ten digits, all different up to 60,000; empty beyond (a shared phone misleads)."""
    if n >= N_PHONES:
        return ""
    block, line = n % len(PHONE_RANGES), n // len(PHONE_RANGES)
    return f"{PHONE_RANGES[block]}{line * 7919 % 10_000:04d}"


def phone_text(rng: Random, digits: str) -> str:
    """A phone as people type it."""
    pairs = [digits[i : i + 2] for i in range(0, 10, 2)]
    draw = rng.random()
    if draw < 0.15:
        return "+33 " + digits[1] + " " + " ".join(pairs[1:])
    if draw < 0.2:
        return "0033" + digits[1:]
    return (" " if draw < 0.6 else "." if draw < 0.75 else "-" if draw < 0.8 else "").join(pairs)


def phone_spoken(digits: str) -> str:
    """A phone as it is said: 'zéro six trente neuf quatre vingt dix huit ...'."""

    def pair(two: str) -> str:
        return ("zéro " if two[0] == "0" else "") + french(int(two)) if two != "00" else "zéro zéro"

    return " ".join(pair(digits[i : i + 2]) for i in range(0, 10, 2)).replace("-", " ")


def digits_spoken(digits: str) -> str:
    """A long number said two digits at a time."""
    return " ".join(
        ("zéro " if two[0] == "0" and len(two) == 2 else "") + french(int(two))
        for two in (digits[i : i + 2] for i in range(0, len(digits), 2))
    ).replace("-", " ")


def iban(rng: Random) -> str:
    """A French IBAN with a valid RIB key and check digits, in groups of four (ISO 7064 mod 97-10)."""
    bank, branch = f"99{rng.randrange(1000):03d}", f"{rng.randrange(100_000):05d}"
    account = f"{rng.randrange(10**10):010d}" + rng.choice("0123456789ABCDEFGHKLMNPRSTVWXYZ")
    numeric = "".join(_RIB_LETTERS.get(c, c) for c in account)
    key = 97 - (89 * int(bank) + 15 * int(branch) + 3 * int(numeric)) % 97
    bban = f"{bank}{branch}{account}{key:02d}"
    check = 98 - int("".join(str(int(c, 36)) for c in bban + "FR00")) % 97
    text = f"FR{check:02d}{bban}"
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def nir(rng: Random) -> str:
    """A French social security number with a valid key (97 - n mod 97)."""
    year, month = rng.choice((*range(40, 100), *range(0, 6))), rng.randint(1, 12)
    body = f"{rng.randint(1, 2)}{year:02d}{month:02d}{rng.randint(21, 95):02d}{rng.randrange(1, 990):03d}"
    body += f"{rng.randrange(1, 1000):03d}"
    key = 97 - int(body) % 97
    spaced = f"{body[0]} {body[1:3]} {body[3:5]} {body[5:7]} {body[7:10]} {body[10:13]} {key:02d}"
    return spaced if rng.random() < 0.6 else spaced.replace(" ", "")


def _luhn(body: str) -> str:
    total = sum(
        digit if i % 2 else digit * 2 - 9 * (digit > 4) for i, digit in enumerate(int(c) for c in reversed(body))
    )
    return body + str(-total % 10)


def siret(rng: Random) -> str:
    """A SIRET whose SIREN and whole both pass Luhn."""
    siren = _luhn(f"9{rng.randrange(10**7):07d}")
    full = _luhn(siren + f"{rng.randrange(1, 40):05d}"[-4:])
    return f"{full[:3]} {full[3:6]} {full[6:9]} {full[9:]}" if rng.random() < 0.6 else full


def address(rng: Random, region: int) -> str:
    """A street and a town of the region."""
    pool = names()
    number = str(rng.randint(1, 140)) + rng.choice(("", "", "", " bis", " ter"))
    return f"{number} {rng.choice(pool.streets)}, {rng.choice(pool.towns[region])}"


def meter(rng: Random) -> str:
    """A 14-digit delivery point (PRM)."""
    digits = f"{rng.randrange(10**13, 10**14)}"
    return digits if rng.random() < 0.5 else f"{digits[:2]} {digits[2:5]} {digits[5:8]} {digits[8:11]} {digits[11:]}"
