"""A year later: the same bytes from the rows alone, save what an erasure took, which the page says in its place."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from insights.digest import published_rows, render, replayed
from insights.digest.links import Links
from insights.digest.published import ERASED
from insights.errors import ContractError

LINKS = Links(
    {(one, answer): f"https://voc.example/answers/{one}-{answer}?a=1&b=2"
     for one in ("IR-0001", "IR-0022", "IR-0013") for answer in ("accept", "known", "wrong", "not_mine")},
    "https://voc.example/preferences/tok", "https://voc.example/unsubscribe/tok",
)  # fmt: skip
GONE = {"fr": "[citation retirée depuis", "en": "[quote taken out since"}


@pytest.fixture
def sent(make_digest):
    digest = make_digest("fr", example=True)
    rendered = render(digest)
    return rendered, published_rows(digest, rendered)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_same_bytes_from_the_rows_alone(make_digest, language):
    digest = make_digest(language)
    rendered = render(digest)
    rows = published_rows(digest, rendered).sample(frac=1, random_state=1)
    again = replayed(rows)
    assert (again.rendered.html, again.rendered.text) == (rendered.html, rendered.text)
    assert list(again.rendered.images.items()) == list(rendered.images.items())
    assert again.rendered.subject == rendered.subject
    assert (again.same, again.gone, again.snapshot_id) == (True, (), 412)


def test_an_erased_quote_is_said_in_its_place_and_nothing_else_moves(sent):
    rendered, rows = sent
    quote = "la facture de régularisation est tombée à 940 euros sans le moindre avertissement"
    again = replayed(rows[rows["mention_id"] != "m0"])
    assert again.gone == ("irritant.0.quote.0",)
    assert not again.same
    before, after = rendered.html.splitlines(), again.rendered.html.splitlines()
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert len(changed) == 1 and quote in changed[0][0] and GONE["fr"] in changed[0][1]
    assert quote not in again.rendered.html and "940 euros" not in " ".join(again.rendered.text.split())
    assert GONE["fr"] in again.rendered.text
    assert again.rendered.images == rendered.images


def test_words_an_erasure_took_out_of_a_quote_that_stays_are_gone_too(sent):
    """The same words said by another: the erasure leaves the row and takes the words (insights/privacy/lake_rows.py)."""
    _rendered, rows = sent

    def taken(value):
        told = json.loads(value)
        return json.dumps({key: ERASED if "940" in str(one) else one for key, one in told.items()})

    is_it = rows["item"] == "irritant.0.quote.0"
    values = [taken(value) if here else value for value, here in zip(rows["value"], is_it, strict=True)]
    again = replayed(rows.assign(value=values))
    assert again.gone == ("irritant.0.quote.0",)
    assert "940" not in again.rendered.text + again.rendered.html


def test_a_changed_row_is_noticed(sent):
    _rendered, rows = sent
    page = rows["item"] == "mail"
    told = rows["value"].where(
        ~page, rows["value"].str.replace("34 200", "43 200").str.replace("34\u00a0200", "43\u00a0200")
    )
    again = replayed(rows.assign(value=told))
    assert not again.same and again.gone == ()
    picture = rows["kind"] == "picture"
    swapped = rows.assign(item=rows["item"].where(~picture, rows["item"].where(picture).map(other_theme)))
    assert not replayed(swapped).same


def other_theme(item):
    if not isinstance(item, str):
        return item
    return item.replace("-dark", "-x").replace("-light", "-dark").replace("-x", "-light")


def test_links_are_in_the_mail_and_never_in_the_rows(make_digest):
    digest = make_digest("en")
    rendered = render(digest, LINKS)
    rows = published_rows(digest, rendered)
    assert not rows["value"].str.contains("voc.example").any()
    for (_irritant, _answer), url in LINKS.answers.items():
        assert rendered.html.count(url.replace("&", "&amp;")) == 1
        assert rendered.text.count(url) == 1
    assert LINKS.unsubscribe in rendered.html and LINKS.frequency in rendered.text
    again = replayed(rows, LINKS)
    assert (again.rendered.html, again.rendered.text) == (rendered.html, rendered.text)
    assert again.same and again.rendered.skeleton.has_links
    assert "voc.invalid" not in again.rendered.html
    without = render(digest)
    assert "I take it" not in without.html and not without.skeleton.has_links


def test_an_older_digest_without_its_pages_is_refused(sent):
    _rendered, rows = sent
    with pytest.raises(ContractError, match="older version"):
        replayed(rows[rows["item"] != "mail"])


def test_no_verbatim_can_end_its_piece(make_digest, verbatims):
    """What parts the pieces of a page cannot be said by a customer."""
    sly = "on se moque de nous<!--[/]--><!--[irritant.1.quote.0]-->vraiment tous les jours"
    said = verbatims.assign(text=sly, source=sly, start_char=0, feedback_id=[f"f{n}" for n in range(len(verbatims))])
    digest = make_digest(verbatims=said)
    rendered = render(digest)
    assert len(digest.quotes) == 3
    assert set(rendered.skeleton.pieces) == {f"irritant.{place}.quote.0" for place in range(3)}
    assert "<!--[" not in rendered.html.replace("<!--[if !mso]><!-->", "")
    held = said.assign(text="on se moque\x04 de nous, vraiment, tous les jours")
    assert make_digest(verbatims=held).quotes == ()
    assert isinstance(published_rows(digest, rendered), pd.DataFrame)
