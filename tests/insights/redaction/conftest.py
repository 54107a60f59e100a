"""One redactor for all tests of this folder: its models are loaded once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from insights.redaction import Redactor

BRANDS = ("Lumarelle", "Lumarelle Énergie", "Enedis", "GRDF", "EDF", "ENGIE", "Linky", "Boréval", "Kilovia", "Voltéane")


@pytest.fixture(scope="session")
def redactor() -> Redactor:
    return Redactor(BRANDS)


@pytest.fixture(scope="session")
def redact(redactor: Redactor) -> Callable[..., str]:
    """Redact one text, French unless said otherwise."""

    def one(text: str, language: str = "fr") -> str:
        result = redactor.redact([text], [language])[0].text
        assert result is not None
        return result

    return one


@pytest.fixture(scope="session")
def fixtures() -> Path:
    return Path(__file__).parents[2] / "fixtures"
