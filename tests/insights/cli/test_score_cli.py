"""`voc score --explain`: sentences in the language asked for, and an error that says what to write."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from privacy_people import HER

from insights.settings import Settings


@pytest.fixture
def voc(people: Settings, voc_on: Callable[[Settings], Callable[..., Any]]) -> Callable[..., Any]:
    return partial(voc_on(people), "score")


def test_a_customer_is_explained_in_french_and_in_english(voc):
    french, english = voc("--explain", HER), voc("--explain", HER, "--language", "en")
    assert french.returncode == 0, french.stderr
    assert french.stdout.startswith(f"Client {HER}")
    assert english.stdout.startswith(f"Customer {HER}")
    unknown = voc("--explain", "C9999999")
    assert "Pas de score : rien n'est conservé sur un client portant cet identifiant." in unknown.stdout.replace(
        "\u00a0", " "
    )


def test_a_language_that_is_not_there_is_named(voc):
    done = voc("--explain", HER, "--language", "de")
    assert done.returncode == 1
    assert "Language 'de' is none of fr, en." in done.stderr
    assert "Traceback" not in done.stderr
