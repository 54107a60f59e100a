"""French and English for everything a person reads.

Message ids are English sentences; `insights/locales/<language>/*.po` hold the translations and are read as they are
(no compiled file to forget). `translator("fr")` gives the function pages and mails call `_`.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from insights.errors import SettingsError

LANGUAGES = ("fr", "en")
LOCALES = Path(__file__).parent / "locales"


def catalogue(language: str) -> Catalog:
    """All messages of one language, from every .po file of its folder."""
    merged = Catalog(locale=language)
    for path in sorted((LOCALES / language).glob("*.po")):
        with path.open("rb") as stream:
            for message in read_po(stream, locale=language):
                if message.id:
                    merged[message.id] = message
    return merged


@lru_cache(maxsize=len(LANGUAGES))
def translator(language: str) -> Callable[[str], str]:
    """The gettext function of a language. Raises SettingsError for a language without catalogue."""
    if language not in LANGUAGES:
        raise SettingsError(f"There is no catalogue for language {language!r}: use one of {', '.join(LANGUAGES)}.")
    compiled = BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled).gettext
