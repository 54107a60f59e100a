"""A mail's own words: quotes and signatures go, complaints stay; hostile markup costs linear time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.sources.email_text import html_text, own_words

QUOTED = "Votre compteur est en ordre."
CASES = {
    "Le ... a écrit": f"Il est faux.\n\nLe 3 mars 2026 à 10:12, X <x@exemple.fr> a écrit :\n\n> {QUOTED}\n",
    "wrapped on three lines": f"Il est faux.\n\nLe mar. 3 mars 2026 à 10:12,\nX <x@exemple.fr>\na écrit :\n> {QUOTED}\n",
    "On ... wrote": f"Il est faux.\n\nOn Tue, Mar 3, 2026 at 10:12 AM X <x@example.com> wrote:\n{QUOTED}\n",
    "original": f"Il est faux.\n\n-----Message d'origine-----\nDe : X\nEnvoyé : mardi\nObjet : y\n\n{QUOTED}",
    "Outlook": f"Il est faux.\n____________________\nDe : X\nEnvoyé : mardi\nÀ : Z\nObjet : y\n\n{QUOTED}",
    "From block": f"Il est faux.\n\nFrom: X <x@example.com>\nSent: Tuesday\nTo: Z\nSubject: y\n\n{QUOTED}",
    "marks": f"> {QUOTED}\n>> {QUOTED}\nIl est faux.",
    "signature": "Il est faux.\n-- \nNora Bel\n12 rue des Lilas",
    "closing": "Il est faux.\n\nBien cordialement,\nNora Bel\n06 39 98 12 47\nDirectrice",
    "polite": "Il est faux.\nVeuillez agréer, Madame, Monsieur, l'expression de\nmes salutations distinguées.\nNora Bel",
    "device": "Il est faux.\n\nEnvoyé de mon iPhone",
    "English closing": "Il est faux.\nKind regards,\nNora",
    "disclaimer": "Il est faux.\n\nCe message et ses pièces jointes sont confidentiels\net réservés au destinataire.",
}


@pytest.mark.parametrize("text", CASES.values(), ids=CASES)
def test_only_the_senders_words_stay(text: str) -> None:
    assert own_words(text) == "Il est faux."


@pytest.mark.parametrize(
    "text",
    [
        "Cordialement, je ne suis pas satisfait de votre réponse et je demande un remboursement.\nMerci",
        "Votre collègue a écrit : non.\nQue faire ?",
        "On the phone your colleague wrote: nothing works\nso I write.",
        "De : Paris à Lyon\nle train était en retard.",
        "Regards sur le compteur : cassés.",
        "Bonjour\n\nDate: je ne sais pas\nBref.",
    ],
)
def test_words_that_only_look_like_a_quote_stay(text: str) -> None:
    assert own_words(text) == text


def test_answers_between_quoted_lines_and_postscripts_stay() -> None:
    assert own_words("> Reçu ?\nNon.\n> Remboursé ?\nNon plus.") == "Non.\nNon plus."
    assert own_words("Il est faux.\nCordialement\nNora\nPS : et cher.") == "Il est faux.\nPS : et cher."


@given(st.text(st.sampled_from("ab >-:\nLDeOn,écritwro"), max_size=200))
def test_cleaning_only_takes_away(text: str) -> None:
    found = own_words(text)
    assert set(found.split()) <= set(text.replace(">", " > ").split()) | set(text.split())
    assert own_words(found) == found or len(own_words(found)) < len(found)


def test_html_keeps_blocks_and_drops_quotes_scripts_and_comments() -> None:
    page = (
        "<html><head><style>p{}</style></head><body><p>Le relevé<br>est&nbsp;faux &lt;1&gt;.</p><!--[if mso]><p>non</p>"
        "<![endif]--><script>if (a<b) {}</script><div class='gmail_quote'>Le 3, X :<blockquote>non</blockquote></div>"
        "<p>Merci</p><div id='divRplyFwdMsg'>De : X</div><p>vieux</p></body></html>"
    )
    assert html_text(page) == "Le relevé\nest faux <1>.\n\nMerci"


@pytest.mark.parametrize("piece", ["<!--", "<a href=", "<div>", "</div>", "<", "<!"])
def test_hostile_markup_is_read_to_its_end(piece: str) -> None:
    assert "fin" not in html_text(piece * 20_000) and "début" in html_text("début" + piece * 20_000)
