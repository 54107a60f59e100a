"""No character of a PDF is a box: what the face lacks is written by its nearest."""

from __future__ import annotations

import pytest

from insights.pdf import BOLD, FONT, _drawn, printable

TEXTS = [
    "a\u202f%", "1\u2009234", "caf\u00e9 \u2192 th\u00e9", "Łódź, Ağrı, Đorđe", "\U0001f621 nul", "non\u2011lu", "\ufb01n",
    "x\u200by", "−3 ≤ 4 ≥ 2", "☎ ✓ ★ ●", "e\u0301", "“oui” ‘non’ …", "Ελλάδα", "\u2212 \u2013 \u2014", "👨‍👩‍👧", "№ 5 ½ ™",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_every_character_is_in_both_faces(text: str) -> None:
    assert {ord(one) for one in printable(text)} <= _drawn(), (FONT, BOLD)


def test_letters_arrows_and_spaces_stay_readable_and_pictures_go() -> None:
    assert printable("Łódź → 12\u202f% 😡") == "Łódz -> 12\u00a0% "
    assert printable("o\ufb00re\nx") == "offre\nx"
    assert printable("élève, œuvre, 5 € « oui »") == "élève, œuvre, 5 € « oui »"
