"""Links of a digest: only genuine ones are read, for the address they were sent to, until they expire."""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.answers.token import EXPIRED, FORGED, LinkError, Token, read, sign
from insights.digest.links import links_for

KEYS = {1: b"a" * 32, 2: b"b" * 32}
ENDS = datetime(2026, 12, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
ADDRESSES = {"billing": "po@lumarelle.example", "payment": "paiement@lumarelle.example"}
TOKEN = Token("digest-2026-10-26-billing-fr", "billing", "IR-0001", "accept", ENDS)
TEXT = sign(TOKEN, ADDRESSES["billing"], KEYS)


def why(text: str, now: datetime = NOW, addresses: dict[str, str] = ADDRESSES, keys: dict[int, bytes] = KEYS) -> str:
    with pytest.raises(LinkError) as error:
        read(text, addresses.get, keys, now)
    return error.value.reason


def with_fields(*fields: object) -> str:
    """The same signature over other words."""
    raw = base64.urlsafe_b64decode(TEXT + "=" * (-len(TEXT) % 4))
    payload = json.dumps(fields, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw[:16] + payload).decode().rstrip("=")


def test_a_genuine_link_says_what_was_signed() -> None:
    assert read(TEXT, ADDRESSES.get, KEYS, NOW) == TOKEN
    assert read(TEXT, {"billing": " PO@Lumarelle.example "}.get, KEYS, NOW) == TOKEN
    assert "lumarelle" not in TEXT and len(TEXT) < 200


def test_each_word_is_covered() -> None:
    ends = int(ENDS.timestamp())
    good = (2, "digest-2026-10-26-billing-fr", "billing", "IR-0001", "accept", ends)
    assert with_fields(*good) == TEXT
    others = (1, "digest-2026-11-02-billing-fr", "payment", "IR-0002", "wrong", ends + 1)
    for place, other in enumerate(others):
        assert why(with_fields(*good[:place], other, *good[place + 1 :])) == FORGED


def test_another_recipients_address_or_key_is_refused() -> None:
    assert why(TEXT, addresses={"billing": "next@lumarelle.example"}) == FORGED  # the post has a new holder
    assert why(TEXT, addresses={"payment": "po@lumarelle.example"}) == FORGED  # who it was sent to is gone
    assert why(TEXT, keys={1: KEYS[1], 3: b"c" * 32}) == FORGED
    assert why(TEXT, keys={2: b"c" * 32}) == FORGED
    assert read(TEXT, ADDRESSES.get, {**KEYS, 3: b"c" * 32}, NOW) == TOKEN  # after a rotation


def test_it_ends_on_its_day() -> None:
    assert read(TEXT, ADDRESSES.get, KEYS, ENDS - timedelta(seconds=1)) == TOKEN
    assert why(TEXT, now=ENDS) == EXPIRED


@given(place=st.integers(0, len(TEXT) - 1), letter=st.sampled_from("ABCDwxyz0189-_"))
def test_no_changed_letter_passes(place: int, letter: str) -> None:
    changed = TEXT[:place] + letter + TEXT[place + 1 :]
    if changed != TEXT:
        assert why(changed) == FORGED


@given(st.text(max_size=300))
def test_any_text_is_refused_with_a_reason(text: str) -> None:
    assert why(text) == FORGED


def test_links_of_an_issue_are_the_same_each_time_and_none_without_an_address() -> None:
    def made(base: str = "https://voc.example/in/"):
        return links_for(
            base, TOKEN.publication_id, "billing", ADDRESSES["billing"], ["IR-0001"], KEYS, date(2026, 10, 26), 28
        )

    links = made()
    assert made(" ") is None
    assert links == made()
    assert sorted(links.answers) == [("IR-0001", one) for one in ("accept", "known", "not_mine", "wrong")]
    address = links.answers["IR-0001", "wrong"]
    assert address.startswith("https://voc.example/in/answers/")
    found = read(address.rpartition("/")[2], ADDRESSES.get, KEYS, NOW)
    assert (found.answer, found.expires_at) == ("wrong", datetime(2026, 11, 30, tzinfo=UTC))
    later = NOW + timedelta(days=300)
    assert read(links.unsubscribe.rpartition("/unsubscribe/")[2], ADDRESSES.get, KEYS, later).answer == "unsubscribe"
    assert read(links.frequency.rpartition("/preferences/")[2], ADDRESSES.get, KEYS, later).answer == "frequency"
