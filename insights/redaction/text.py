"""One spelling for the rules: same length as the text, lower case, without accents, with plain blanks and digits."""

from __future__ import annotations

import re
import unicodedata

# Invisible characters would split a number or a name for the rules and not for the reader's eye.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\u202a-\u202e\ufeff\ufe00-\ufe0f]")


def clean(text: str) -> str:
    """The text in composed form (NFC), without invisible characters. This is what gets redacted and stored."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text))


class _PlainTable(dict[int, str]):
    """Character to its plain character, worked out at first sight."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        plain = self[code] = _plain_char(char)
        return plain


def _plain_char(char: str) -> str:
    if char in "\u2019\u2018\u02bc\u00b4\uff07":
        return "'"
    if char in "\u2010\u2011\u2012\u2013\u2014\u2212\ufe58\ufe63\uff0d":
        return "-"
    if char.isspace():
        return "\n" if char in "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029" else " "
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    base = unicodedata.normalize("NFKD", char)
    letters = [part for part in base if not unicodedata.combining(part)]
    folded = letters[0].lower() if len(letters) == 1 else char.lower()
    return folded if len(folded) == 1 else char


_TABLE = _PlainTable()


def plain(text: str) -> str:
    """Lower case, no accents, straight quotes, hyphens and digits; offsets are those of `text`."""
    return text.translate(_TABLE)
