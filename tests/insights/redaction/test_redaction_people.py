"""Names: after a cue, by first name, by the recogniser; and the words that must stay."""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("je m'appelle Sophie DELMAS, merci", "je m'appelle [NOM_1], merci"),
        ("je m'appelle sophie delmas j'appelle pour la facture", "je m'appelle [NOM_1] j'appelle pour la facture"),
        ("JE M'APPELLE SOPHIE DELMAS ET J'ATTENDS", "JE M'APPELLE [NOM_1] ET J'ATTENDS"),
        ("mon nom est Xavière Ploumanac'h.", "mon nom est [NOM_1]."),
        ("M. Haddad puis Mme de Villiers", "M. [NOM_1] puis Mme [NOM_2]"),
        ("monsieur lefèvre et madame traoré", "monsieur [NOM_1] et madame [NOM_2]"),
        ("un conseiller nommé Rachid", "un conseiller nommé [NOM_1]"),
        ("conseillère nommée zoulikha, parfaite", "conseillère nommée [NOM_1], parfaite"),
        ("signé Marie-Thérèse de La Ferrière", "signé [NOM_1]"),
        (
            "bonjour et bienvenue chez lumarelle aurore à votre service",
            "bonjour et bienvenue chez lumarelle [NOM_1] à votre service",
        ),
        (
            "Lumarelle bonjour, je suis Camille, comment puis-je vous aider",
            "Lumarelle bonjour, je suis [NOM_1], comment puis-je vous aider",
        ),
        ("Merci à Kévin Le Gall pour tout", "Merci à [NOM_1] pour tout"),
        ("DURAND Sophie a signé", "[NOM_1] a signé"),
        ("Cordialement,\nYsaline Brouquet", "Cordialement,\n[NOM_1]"),
        ("cordialement\nj. etcheverry", "cordialement\n[NOM_1]"),
        ("(10:42) Sandrine Loiseau : je regarde", "(10:42) [NOM_1] : je regarde"),
        (
            "madame léger de la part de mon mari monsieur léger",
            "madame [NOM_1] de la part de mon mari monsieur [NOM_1]",
        ),
        ("madame Renault a appelé", "madame [NOM_1] a appelé"),
        ("Bertrand Ouedraogo-Lefranc m'a rappelé hier", "[NOM_1] m'a rappelé hier"),
    ],
)
def test_french_names(text: str, redacted: str, redact: Callable[..., str]) -> None:
    assert redact(text) == redacted


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("my name is john smith and i'm calling", "my name is [NOM_1] and i'm calling"),
        ("Mr Okonkwo and Mrs Hargreaves", "Mr [NOM_1] and Mrs [NOM_2]"),
        ("this is rachel hughes speaking", "this is [NOM_1] speaking"),
        ("Maybe it is under Caitlyn Schulzova here", "Maybe it is under [NOM_1] here"),
        ("Kind regards,\nEleanor Prescott", "Kind regards,\n[NOM_1]"),
    ],
)
def test_english_names(text: str, redacted: str, redact: Callable[..., str]) -> None:
    assert redact(text, "en") == redacted


@pytest.mark.parametrize(
    "text",
    [
        "Super l'appli Lumarelle, Enedis et Linky sont nuls, direction Boréval !",
        "Monsieur le Directeur, Madame, Monsieur, je vous écris",
        "madame la conseillère, merci monsieur",
        "je vous appelle de la part de ma mère, au nom de toute la famille",
        "je suis claire sur ce point, la pierre est rose",
        "une olive, du marc de café et un jean",
        "Je m'en souviens, en Mai comme à Noël",
        "ma fille se marie en juin",
        "Ravi de vous prêter 154 € sans intérêts",
        "J'habite à Saint-Denis, près de la place Victor Hugo",
        "l'olivier du jardin touche la ligne",
        "IL FAUDRAIT QUE VOUS REMBOURSIEZ MA FACTURE MERCI",
        "bjr jvoudrais savoir pk ma regul est si haute svp",
        "bonjour madame jai pas recu ma facture",
        "technicien pocntuel et soigneux, la conseillere savai rien",
        "J'ai acheté une Renault",
        "j'ai reçu un devis de la MAAF",
    ],
)
def test_words_that_are_no_names_stay(text: str, redact: Callable[..., str]) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "Will you refund me in May or June? Mark my words.",
        "I hope the grace period was frank",
        "Dear Sir or Madam, please send me a copy",
        "British Gas was no better, EDF neither.",
    ],
)
def test_english_words_that_are_no_names_stay(text: str, redact: Callable[..., str]) -> None:
    assert redact(text, "en") == text


def test_a_part_of_a_name_said_again_has_its_number(redact: Callable[..., str]) -> None:
    text = "Julien Roche m'a appelé puis Roche a disparu, Julien aussi, pas Nadège"
    assert redact(text) == "[NOM_1] m'a appelé puis [NOM_1] a disparu, [NOM_1] aussi, pas [NOM_2]"


def test_brands_given_by_the_caller_are_no_names() -> None:
    from insights.redaction import Redactor

    text = "Bonjour, Camille Énergie m'a répondu"
    assert Redactor(("Camille Énergie",)).redact([text], ["fr"])[0].text == text
    assert Redactor(()).redact([text], ["fr"])[0].text != text


@pytest.mark.parametrize(
    ("text", "language", "redacted"),
    [
        ("Maître Quentrec vous écrira", "fr", "Maître [NOM_1] vous écrira"),
        ("LE BIHAN Huguette, cliente", "fr", "[NOM_1], cliente"),
        ("Bien à vous,\nFatiha de La Tour", "fr", "Bien à vous,\n[NOM_1]"),
        ("merci à victoire du service sinistre", "fr", "merci à [NOM_1] du service sinistre"),
        ("merci de transmettre à odile d.", "fr", "merci de transmettre à [NOM_1]"),
        ("je m'appelle euh sophie delmas", "fr", "je m'appelle euh [NOM_1]"),
        ("mon mari, aimé le bihan, a appelé", "fr", "mon mari, [NOM_1], a appelé"),
        ("ring my son mark on monday", "en", "ring my son [NOM_1] on monday"),
        ("can i speak to grace please", "en", "can i speak to [NOM_1] please"),
        ("okay mark let me have a look", "en", "okay [NOM_1] let me have a look"),
        ("a call from mr st john", "en", "a call from mr [NOM_1]"),
        ("the parcel is under Hargreaves", "en", "the parcel is under [NOM_1]"),
        ("i confirm that stone arjun may act for me", "en", "i confirm that [NOM_1] may act for me"),
    ],
)
def test_names_behind_every_cue(text: str, language: str, redacted: str, redact: Callable[..., str]) -> None:
    assert redact(text, language) == redacted


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("La gamme Victoria est-elle garantie ?", "fr"),
        ("le canapé oscar en velours", "fr"),
        ("La tempête Ciaran a coupé le réseau", "fr"),
        ("L'arrêt Jules Joffrin est fermé", "fr"),
        ("Ma Zoé ne charge plus", "fr"),
        ("Dean Street branch shut", "en"),
        ("The Oscar sofa in navy, how long?", "en"),
        ("Grace period expired", "en"),
        ("not happy with bill", "en"),
        ("Je kan ineens niet meer betalen in de winkel want de kaart is niet verstuurd", "fr"),
    ],
)
def test_things_with_the_name_of_a_person(text: str, language: str, redact: Callable[..., str]) -> None:
    assert redact(text, language) == text
