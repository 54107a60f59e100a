"""The phrases behind which a name stands. All run on the plain text and end where the name begins."""

from __future__ import annotations

import re

# What follows is a name, whatever its case, unless it is a word that can be none.
STRONG = re.compile(
    r"(?:\bje m'appelle|\bmoi c'est|\bj'm'appelle"
    r"|\bmon (?:nom|prenom)(?: de famille| de jeune fille)?(?: est| c'est|, c'est| ?:)"
    r"|\b(?:nom|prenom|titulaire|name|signature|contact)s?(?: (?:et|/) prenoms?| de famille| du contrat| du client)? ?:"
    r"|(?:^|[.,;!?\n] ?)signee?(?: ?:|,)?|\b(?:my|your|her|his|maiden|full|last|first) ?name(?: is|'s|\?)"
    r"|\bi(?: am|'m) called|\bcalls me"
    r"|\b(?:nommee?|prenommee?|du (?:nom|prenom) de|s'appel(?:le|ait)|au nom de|named|name of|signed(?: by)?)"
    r"|\b(?:speaking|spoke|talking|through) (?:to|with)|\bde la part de"
    r"|\b(?:je suis|c'est|i am|i'm|this is)(?= [\w'. -]{2,40}[.,]? ?(?:en quoi|comment (?:puis|je)|que puis"
    r"|votre conseiller|votre conseillere|a votre (?:ecoute|service)|je vous ecoute|a l'appareil|how (?:can|may)"
    r"|your adviser|speaking|calling)\b))[ ,:]{1,3}"
)
# What precedes is a name: "bonjour, Aurore à l'appareil".
TRAILING = re.compile(
    r"(?<=\w)(?= (?:a l'appareil|a votre (?:ecoute|service)|pour vous servir|speaking\b(?! to)|on the line|here,? how))"
)
PRESENTED = re.compile(r"(?<=\w)(?= de la part de)")
# Behind a civility a word in small letters counts when it is listed or unknown to the dictionary.
CIVIL = re.compile(
    r"(?<![\w'])(?:monsieur|madame|mademoiselle|mister|docteur|mme|mlle|mrs|mr|dr|ms|miss|mm?\.|m(?= [a-z]))\.? "
)
CIVIL_LOWER = frozenset(("monsieur", "madame", "mademoiselle", "docteur", "mme", "mlle", "mrs", "mr", "dr", "m"))
CIVIL_WORD = re.compile(r"monsieur|madame|mademoiselle|mme|mlle|mr|mrs|ms|m|dr")
# What follows is a name when it has a capital and is a first name or no word of the dictionary.
WEAK = re.compile(
    r"(?:\bje suis|\bc'est|\bici|\bi am|\bi'm|\bthis is|\bcordialement|\bcdt|\bcdlt|\bbien a vous|\bsincerement"
    r"|\bsalutations|\bregards|\bsincerely|\bfaithfully|\bcheers|\bconseillere?|\badviser|\badvisor|\bagent"
    r"|\btechnicien(?:ne)?|\bcollegue|\bcolleague|\bbonjour|\bbonsoir|\bhello|\bhi|\bdear|\bchere?"
    r"|\bmerci(?: a| beaucoup)?|\bthanks?(?: you)?(?: to)?|\bmari|\bfemme|\bfils|\bfille|\bepou(?:x|se)|\bconjointe?"
    r"|\bcompagn(?:on|e)|\bfrere|\bsoeur|\bmere|\bpere|\bvoisine?|\bamie?|\bmy son|\bdaughter|\bhusband|\bwife"
    r"|\bbrother|\bsister|\bkid|\bneighbour|\bpartner|\bmother|\bfather|\bj'ai eu|\bm'a passe"
    r"|\bremercie|\b(?:bravo|grace|parle|adresse[re]?) a|\btombee? sur"
    r"|\b(?:recu|rappelee?|traite|suivi|venu) par"
    r"|\bspoke with|\bthank|\bjournee -|\bsoiree -)[ ,:!.\n]{1,4}"
)
# What follows is a name even in small letters when no dictionary knows it.
WEAK_LOWER = re.compile(
    r"(?:\bconseillere?|\btechnicien(?:ne)?|\bcollegue|\binterlocut(?:eur|rice)|\badviser|\badvisor|\bcolleague"
    r"|\b(?:merci|bravo) a|\bremercie|\bthanks to|\bspoke (?:to|with)) "
)
# A capitalised dictionary word is a name too when nothing else can stand there: "je suis Garrigue."
ALONE = re.compile(
    r"(?:\bje suis|\bici|\bcordialement|\bcdt|\bbien a vous|\bregards|\bsincerely|\bbonjour|\bhello),? ?\n?$"
)
SPEAKER = re.compile(r"\(\d{1,2}:\d{2}(?::\d{2})?\) ?(?P<name>[a-z][^\n:(]{1,40}?) ?:(?= |$)")
_NAME_LINE = r"[ \t]*(?P<name>[a-z][a-z' .-]{1,40}?)[ .,]*(?=\n|$)"
SIGNED = re.compile(
    r"(?:cordialement|\bcdl?t|bien a vous|salutations(?: distinguees)?|sincerement|regards|sincerely|faithfully"
    rf"|respectueusement|distingues)[ ,.!]*\n+{_NAME_LINE}"
)
LONE_LINE = re.compile(rf"(?:(?<=\n)|^(?=[^\n]*\n)){_NAME_LINE}")
ROLES = re.compile(r"client|conseill|agent|advis|bot|custom|visit|support|service|operat|system|inconnu")
# Saint-Denis, rue Victor Hugo, lycée Jules Ferry: a place, not a person.
PLACE_BEFORE = re.compile(
    r"(?:\bsainte?[ -]|\bste?[ -]|\brue |\bavenue |\bplace |\bboulevard |\blycee |\becole |\bcollege |\bhopital |"
    r"\bsquare |\bquai |\bville de |\bstade |\bmaison |\bparfums? |\bproduits? )$"
)
