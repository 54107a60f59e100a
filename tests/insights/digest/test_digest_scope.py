"""One digest per owner: whose irritants, what of others is said in their slice, and two lines where there is nothing."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from insights.digest import render
from insights.digest.model import Fix
from insights.digest.owners import Owner, unreachable
from insights.digest.scope import Scope, accountable, in_slice, scope_of

BILLING = Owner("billing", "PO Facturation & mensualités", "b@x.example", "fr", ("facture", "regularisation"), "weekly")
OFFERS = Owner("offers", "PO Offres & prix", "o@x.example", "fr", ("heures creuses",), "weekly")
APP = Owner("app", "PO Application", "a@x.example", "en", ("application",), "weekly")
PRO = Owner("pro", "Marché pro", "p@x.example", "fr", (), "weekly", products=("lumarelle pro",))
OWNERS = [BILLING, OFFERS, APP, PRO]


@pytest.fixture
def heard() -> pd.DataFrame:
    rows = [
        ("IR-0001", "Lumarelle Pro Souple", "Facturation annuelle", 4),
        ("IR-0001", "Lumarelle Souple", "Facturation annuelle", 30),
        ("IR-0009", "Lumarelle Pro Fixe 1 an", "Assistance", 7),
        ("IR-0009", "Lumarelle Souple", "Assistance", 60),
        ("IR-0013", "Lumarelle Professionnelle", "Assistance", 50),
        ("unclassified", "Lumarelle Pro Souple", "Assistance", 90),
    ]
    return pd.DataFrame(rows, columns=["irritant_id", "product", "journey_stage", "n"])


def test_the_registry_wins_over_words_and_a_listed_id_over_both(registry):
    assert accountable(OWNERS, registry) == {
        **{"IR-0001": "billing", "IR-0022": "offers", "IR-0013": None, "IR-0009": None, "IR-0031": "app"}
    }
    taken = registry.assign(owner=["OFFERS", *registry["owner"][1:]])
    assert accountable(OWNERS, taken)["IR-0001"] == "offers"
    listed = [replace(APP, irritants=("IR-0001",)), *OWNERS[:2]]
    assert accountable(listed, taken)["IR-0001"] == "app"
    assert accountable(listed, taken, {"IR-0001": "billing"})["IR-0001"] == "billing"


def test_a_name_nobody_has_is_nobodys_whatever_the_words_say(registry):
    strange = registry.assign(owner="Someone who left")
    assert set(accountable(OWNERS, strange).values()) == {None}


def test_others_irritants_are_told_from_five_mentions_in_the_slice_on(registry, heard):
    scope = scope_of(PRO, OWNERS, registry, heard)
    assert (scope.own, scope.named) == (frozenset(), {"IR-0009"})
    assert scope.heard == {"IR-0009": (7, 67)}
    both = replace(PRO, journey_stages=("facturation",))
    assert scope_of(both, OWNERS, registry, heard).named == frozenset()


def test_a_slice_is_told_by_whole_words(heard):
    assert in_slice(PRO, heard).tolist() == [True, False, True, False, False, True]
    assert in_slice(replace(PRO, products=(), journey_stages=("assistance",)), heard).sum() == 4
    assert in_slice(BILLING, heard).all()


def test_what_an_owner_said_is_not_theirs_is_not_told_them(registry, heard):
    scope = scope_of(BILLING, OWNERS, registry, heard, declined={("billing", "IR-0001"), ("app", "IR-0022")})
    assert "IR-0001" not in scope
    everything = scope_of(
        replace(BILLING, irritants=("all",)), OWNERS, registry, heard, declined={("billing", "IR-0001")}
    )
    assert "IR-0001" not in everything and "IR-0022" in everything
    assert "IR-0001" in scope_of(None, OWNERS, registry, heard)


def test_an_owner_reads_of_their_irritants_and_callbacks_only(make_digest):
    digest = make_digest(owner=BILLING, scope=Scope(False, frozenset({"IR-0001"})))
    assert digest.publication_id == "digest-2026-10-26-billing-fr"
    assert [item.irritant_id for item in digest.items] == ["IR-0001"]
    assert digest.items[0].rank == 1
    assert digest.news == ()
    assert (digest.callbacks.n_due, digest.callbacks.n_open) == (15, 3)  # the five open ones are of IR-0009
    text = render(digest).text
    assert "Heures creuses" not in text
    assert "responsable :" not in text.casefold()  # it is the reader
    assert "« Facture de régularisation trop élevée » n'évolue pas à coup sûr." in text.replace(
        "\N{NO-BREAK SPACE}", " "
    )


def test_irritants_of_others_come_last_with_what_is_said_in_the_slice(make_digest):
    scope = Scope(
        False, frozenset({"IR-0009"}), frozenset({"IR-0001", "IR-0013"}), {"IR-0001": (6, 124), "IR-0013": (9, 61)}
    )
    digest = make_digest("en", owner=PRO, scope=scope)
    assert [item.irritant_id for item in digest.items] == ["IR-0009", "IR-0013", "IR-0001"]
    assert [item.n_yours for item in digest.items] == [None, 9, 6]
    text = " ".join(render(digest).text.split())
    assert "6 of 124 mentions come from your products and journeys" in text
    assert "SCORES OF YOUR PRODUCTS AND JOURNEYS" in text


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "fr",
            ("Rien chez vous cette semaine", "Dans l'entreprise : « Heures creuses déplacées » monte nettement : ×2,1"),
        ),
        ("en", ("Nothing of yours this week", "In the company: “Off-peak hours moved” is clearly rising: ×2.1")),
    ],
)
def test_an_owner_with_nothing_gets_two_lines(make_digest, language, lines):
    digest = make_digest(language, owner=APP, scope=Scope(False, frozenset({"IR-0099"})))
    assert digest.is_empty and digest.items == () and digest.scores == ()
    rendered = render(digest)
    body = rendered.text.split("\n--\n")[0].replace("\N{NO-BREAK SPACE}", " ")
    told = " ".join(body.split())
    assert [line in told for line in lines] == [True, True]
    assert len(told.split()) < 70
    assert rendered.images == {}
    for word in ("To decide", "À décider", "Callbacks", "Rappels"):
        assert word not in rendered.html


def test_a_fix_is_told_to_the_owner_of_its_irritant_and_to_its_own(make_digest):
    fix = Fix("ACT-0001", "Payer sous 5 jours", "IR-0001", "Facture", "proven", "Prouvé. Moins de contacts.", APP.name)
    of_billing = make_digest(owner=BILLING, scope=Scope(False, frozenset({"IR-0001"})), fixes=[fix])
    of_app = make_digest(owner=APP, scope=Scope(False), fixes=[fix])
    of_offers = make_digest(owner=OFFERS, scope=Scope(False, frozenset({"IR-0022"})), fixes=[fix])
    assert [digest.fixes for digest in (of_billing, of_app, of_offers)] == [(fix,), (fix,), ()]
    rendered = render(of_billing)
    for page in (rendered.text, rendered.html):
        assert "Payer sous 5 jours" in page and "Moins de contacts." in page


def test_an_action_under_way_is_not_asked_for_again(make_digest):
    digest = make_digest("en", actions={"IR-0022": "Tell people a month before"})
    assert "Off-peak" not in digest.decision  # it rises for certain, and somebody is at it
    assert digest.decision.startswith("Do we act on “Catch-up bill far too high” now?")
    busy = make_digest("en", actions={item.irritant_id: "Work" for item in digest.items})
    assert busy.decision == "Is “Work” enough against “Off-peak hours moved”, or do we add to it?"
    assert "under way: “Tell people a month before”" in " ".join(render(digest).text.split())


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ((9.0, 0.0), "All of it comes from customers, none from the model"),
        ((6.0, 2.0), "25% of the movement comes from the model"),
        ((-6.0, 2.0), "25% of the movement comes from the model"),
    ],
)
def test_how_much_of_a_change_the_model_made_is_told(make_digest, parts, sentence):
    changes = pd.DataFrame([{"irritant_id": "IR-0022", "customers": parts[0], "model": parts[1]}])
    digest = make_digest("en", changes=changes)
    assert sentence in digest.headline[1]
    assert "the model's part:" in " ".join(render(digest).text.split())
    assert len(make_digest("en").headline) == 2  # not known: not told


def test_an_owner_told_over_an_endpoint_that_is_not_there_is_named():
    slack = replace(APP, by="slack", endpoint="app_channel")
    assert unreachable([slack, BILLING], {"app_channel": "slack"}) == []
    (wrong,) = unreachable([slack], {"app_channel": "teams"})
    assert "'app'" in wrong and "'app_channel'" in wrong
    assert unreachable([replace(slack, digest="never")], {}) == []


def test_where_all_is_a_weak_signal_an_owner_is_told_that_nothing_is_theirs(make_digest, priorities):
    nothing_ranked = priorities.assign(weak_signal=True)
    digest = make_digest(owner=BILLING, scope=Scope(False, frozenset({"IR-0001"})), priorities=nothing_ranked)
    assert digest.items == ()
