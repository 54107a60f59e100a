from __future__ import annotations

import json

import pytest

from insights.errors import ModelError
from insights.irritants.certificate import Certificate, certify

STEADY = {"ari_reseed": 0.97, "ari_resample": 0.95}


def before() -> list[str | None]:
    return ["IR-1"] * 50 + ["IR-2"] * 40 + ["IR-3"] * 10 + ["unclassified"] * 5 + [None] * 5


def test_nothing_moved_is_stable() -> None:
    found = certify(before(), before(), STEADY)
    assert (found.n_texts, found.n_known, found.n_ids) == (110, 100, 3)
    assert (found.ids_surviving, found.moved_share, found.verdict) == (1.0, 0.0, "stable")
    assert found.reasons("fr") == []


def test_what_left_an_irritant_counts_and_what_joined_one_does_not() -> None:
    after = ["IR-2"] * 2 + [*before()[2:100], *["IR-1"] * 10]
    found = certify(before(), after, STEADY)
    assert found.moved_share == pytest.approx(0.02)
    assert found.verdict == "stable"


def test_an_id_that_loses_most_of_its_texts_is_named_in_both_languages() -> None:
    after = [*before()[:90], *["IR-2"] * 9, "IR-3", *before()[100:]]
    found = certify(before(), after, {"ari_reseed": 0.5, "ari_resample": 0.95})
    assert found.ids_surviving == pytest.approx(2 / 3)
    assert found.moved_share == pytest.approx(0.09)
    assert found.short == ("ids_surviving", "moved_share", "ari_reseed")
    assert found.verdict == "look"
    assert [line.split()[0] for line in found.reasons("en")] == ["67%", "9.0%", "agreement"]
    assert "0.50" in found.reasons("fr")[2]


def test_a_first_fit_is_judged_by_its_own_stability() -> None:
    found = certify([None] * 20, ["IR-1"] * 20, STEADY)
    assert (found.ids_surviving, found.moved_share, found.verdict) == (None, None, "stable")
    assert certify([None] * 20, ["IR-1"] * 20, {"ari_reseed": 0.6}).verdict == "look"


def test_the_payload_comes_back_from_json() -> None:
    found = certify(before(), before(), STEADY)
    payload = json.loads(json.dumps(found.to_payload()))
    assert Certificate.from_payload(payload) == found
    assert payload["verdict"] == "stable"
    del payload["moved_share"]
    with pytest.raises(ModelError, match="moved_share"):
        Certificate.from_payload(payload)


def test_other_texts_cannot_be_compared() -> None:
    with pytest.raises(ModelError, match="3 texts before and 2 after"):
        certify(["IR-1"] * 3, ["IR-1"] * 2)
