"""Whose an id, an e-mail or a phone is: the customer of an ask for access, erasure or objection."""

from __future__ import annotations

import re

from insights.ledger import Ledger
from insights.privacy.held import EMAIL, PHONE

COUNTRY = "33"


def customer_of(ledger: Ledger, typed: str) -> str | None:
    """The customer id behind what was typed; None for an e-mail or phone that no keyed hash knows.

    What is neither an e-mail nor a phone is an id, and is given back as it is: nobody knows yet whether it is held.
    """
    value = typed.strip()
    if not value:
        return None
    if EMAIL.fullmatch(value):
        spelled = [value]
    elif PHONE.fullmatch(value) and sum(char.isdigit() for char in value) >= 9:
        spelled = spellings(value)
    else:
        return value
    found = ledger.customers_of(spelled)
    return next((found[one] for one in spelled if one in found), None)


def spellings(phone: str) -> list[str]:
    """A phone as sources may have written it: as typed, without blanks and signs, with and without the country."""
    plain = re.sub(r"[\s().-]", "", phone)
    digits = plain.removeprefix("+").removeprefix("00")
    home = "0" + digits.removeprefix(COUNTRY).removeprefix("0") if digits.startswith(COUNTRY) else digits
    abroad = COUNTRY + home.removeprefix("0")
    pairs = " ".join(home[at : at + 2] for at in range(0, len(home), 2))
    return list(dict.fromkeys([phone, plain, digits, home, f"+{abroad}", f"00{abroad}", abroad, pairs]))
