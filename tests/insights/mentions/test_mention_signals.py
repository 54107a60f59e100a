"""Intent to leave, effort, urgency, suggestions and questions: what must fire, and the false friends that must not."""

from __future__ import annotations

import pytest

from insights.mentions.signals import signals

RIVALS = ("Kilovia", "Voltéane")
LEAVES = [
    ("fr", "je résilie dès lundi"),
    ("fr", "jvais resilier mon forfait"),
    ("fr", "on va changer d'opérateur, c'est acquis"),
    ("fr", "encore une erreur et je pars"),
    ("fr", "je passe chez Kilovia le mois prochain"),
    ("fr", "c fini jme casse"),
    ("fr", "je ne renouvellerai pas cet abonnement"),
    ("fr", "vous venez de perdre une cliente"),
    ("fr", "merci de clôturer mon compte sans délai"),
    ("fr", "mon mari veut changer de banque"),
    ("fr", "je vais voir ailleurs"),
    ("fr", "Adieu et direction voltéane"),
    ("fr", "j'ai donc résilié mon forfait en mars"),
    ("fr", "j'essaie de résilier ma carte depuis avril"),
    ("fr", "après deux demandes de résiliation, toujours rien"),
    ("fr", "je me tourne vers une autre banque"),
    ("fr", "nous ne reviendrons certainement pas"),
    ("fr", "j'ai finalement pris mon crédit ailleurs"),
    ("en", "I'm cancelling my subscription today"),
    ("en", "we are switching provider in May"),
    ("en", "I will take my business elsewhere"),
    ("en", "I won't be renewing my policy"),
    ("en", "moving to Kilovia next week"),
]
STAYS = [
    ("fr", "j'ai résilié mon ancien contrat pour venir chez vous"),
    ("fr", "je ne compte pas changer d'opérateur"),
    ("fr", "j'ai failli partir l'an dernier"),
    ("fr", "ma sœur est partie chez Kilovia"),
    ("fr", "comment résilier la ligne de mon père décédé"),
    ("fr", "je quitte le logement samedi"),
    ("fr", "je pars en vacances à la mer"),
    ("fr", "la facture de résiliation est fausse"),
    ("fr", "le technicien est parti sans rien dire"),
    ("fr", "ils m'ont résilié sans motif"),
    ("fr", "aucune envie de partir"),
    ("fr", "il ne s'agit pas d'une demande de résiliation"),
    ("fr", "des prix élevés par rapport à la concurrence"),
    ("fr", "allez voir ailleurs, c'est un conseil"),
    ("fr", "j'ai reçu un courrier m'annonçant que mon contrat est résilié"),
    ("fr", "je reviendrai sans hésiter"),
    ("fr", "je veux changer d'adresse"),
    ("en", "I would have left without your help"),
    ("en", "my neighbour switched to Kilovia"),
    ("en", "I'm not planning to leave"),
    ("en", "please leave a message"),
    ("en", "I cancelled my old contract to join you"),
]


@pytest.mark.parametrize(("language", "text"), LEAVES)
def test_intent_to_leave_is_heard(language: str, text: str) -> None:
    assert signals(text, language, RIVALS).leave_intent


@pytest.mark.parametrize(("language", "text"), STAYS)
def test_false_friends_of_leaving_stay_silent(language: str, text: str) -> None:
    assert not signals(text, language, RIVALS).leave_intent


@pytest.mark.parametrize(
    ("language", "text", "kind"),
    [
        ("fr", "ça sent le gaz dans l'escalier", "safety"),
        ("fr", "le tableau fume et grésille", "safety"),
        ("fr", "ma mère vit sous oxygène", "medical"),
        ("fr", "mon fauteuil roulant se recharge sur cette prise", "medical"),
        ("fr", "le compteur coupe, [SANTE_VITALE_1] depuis deux ans", "medical"),
        ("fr", "nous avons un bébé et plus de chauffage", "infant"),
        ("fr", "plus de courant depuis hier soir avec un nourrisson", "infant"),
        ("fr", "on est sans électricité depuis mardi", "cut_off"),
        ("fr", "il fait 11 degrés dans la chambre", "cut_off"),
        ("fr", "vous avez réduit la puissance ce matin", "cut_off"),
        ("fr", "je suis à bout de nerfs", "distress"),
        ("fr", "je dois choisir entre manger et me chauffer", "distress"),
        ("en", "strong smell of gas near the meter", "safety"),
        ("en", "my father needs dialysis every night", "medical"),
        ("en", "my father [SANTE_VITALE_2] and the power keeps going", "medical"),
        ("en", "a newborn and no heating", "infant"),
        ("en", "they cut our power on Friday", "cut_off"),
        ("en", "I don't know where to turn", "distress"),
    ],
)
def test_urgency_is_heard_and_the_gravest_kept(language: str, text: str, kind: str) -> None:
    assert signals(text, language).urgency == kind


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "une menace de coupure pour deux euros"),
        ("fr", "le conseiller m'a coupé la parole"),
        ("fr", "bascule sans aucune coupure"),
        ("fr", "ne me parlez pas comme à un bébé"),
        ("fr", "l'explosion des prix du gaz"),
        ("fr", "mon nouveau compteur est posé"),
        ("fr", "je me chauffe au gaz"),
        ("en", "the call was cut after a minute"),
        ("en", "a threat to disconnect us"),
    ],
)
def test_false_friends_of_urgency_stay_silent(language: str, text: str) -> None:
    assert signals(text, language).urgency is None


@pytest.mark.parametrize(
    ("language", "text", "kind"),
    [
        ("fr", "il faudrait afficher le délai", "suggestion"),
        ("fr", "vous devriez proposer un créneau le soir", "suggestion"),
        ("fr", "un rappel par SMS serait utile", "suggestion"),
        ("en", "it would help to pick a slot online", "suggestion"),
        ("fr", "quelqu'un sait quand ouvre le guichet", "question"),
        ("fr", "où en est mon colis ?", "question"),
        ("fr", "je voudrais savoir si le relais ferme en août", "question"),
        ("en", "how do I change my address", "question"),
        ("fr", "le guichet ouvre à neuf heures", "neutral"),
    ],
)
def test_ideas_and_questions_are_told_apart(language: str, text: str, kind: str) -> None:
    assert signals(text, language).type == kind


@pytest.mark.parametrize(
    ("language", "text", "effort"),
    [
        ("fr", "c'est la quatrième fois que j'appelle", True),
        ("fr", "je dois tout réexpliquer à chaque appel", True),
        ("fr", "impossible de joindre quelqu'un", True),
        ("en", "I have to explain everything again", True),
        ("en", "still waiting for the courier", True),
        ("fr", "réglé sans attendre", False),
        ("fr", "j'attends votre appel", False),
        ("en", "sorted in one call", False),
    ],
)
def test_effort_is_what_the_customer_had_to_do_again(language: str, text: str, effort: bool) -> None:
    assert signals(text, language).effort is effort


def test_a_competitor_is_named_as_the_list_names_it() -> None:
    assert signals("VOLTEANE est moins cher", "fr", RIVALS).competitor == "Voltéane"
    assert signals("le voltéanisme n'existe pas", "fr", RIVALS).competitor is None
    assert signals("VOLTEANE est moins cher", "fr").competitor is None


def test_an_undecided_text_is_read_in_both_languages_and_another_in_none() -> None:
    assert signals("je résilie", "und").leave_intent
    assert signals("cancel my contract please, I'm leaving you", "und").leave_intent
    assert not signals("je résilie", "nl").leave_intent
