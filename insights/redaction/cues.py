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
    r"|\bnee(?= [a-z])|\b(?:nom|prenom|name|surname)(?= [a-z])"
    r"|\b(?:nommee?|prenommee?|denommee?|du (?:doux )?(?:nom|prenom) de|s'appel(?:le|ait)|au nom de|named|name of"
    r"|(?:lady|guy|man|woman|gentleman|engineer|agent|someone|person|advis[eo]r|rep|technician|manager)"
    r" called|signed(?: by)?)"
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
# What follows is a name even in small letters when no dictionary knows it, or when it is a first name.
WEAK_LOWER = re.compile(
    r"(?:\bconseillere?|\btechnicien(?:ne)?|\bcollegue|\binterlocut(?:eur|rice)|\badviser|\badvisor|\bcolleague|\bagente?"
    r"|\bvendeu(?:r|se)|\bgestionnaire|\boperat(?:eur|rice)|\bcommerciale?|\bcourtiere?|\breceptionniste|\bmanager"
    r"|\bengineer|\brepresentative|\bassistante?|\bhotesse|\bdame|\blady|\bguy|\brep|\blocataire|\btitulaire|\bcertaine?"
    r"|\bmari|\bfemme|\bfils|\bfille|\bepou(?:x|se)|\bconjointe?|\bcompagn(?:on|e)|\bfrere|\bsoeur|\bmere|\bpere"
    r"|\bvoisine?|\bson|\bdaughter|\bhusband|\bwife|\bmum|\bdad|\bmother|\bfather|\bneighbour|\bpartner|\bresponsable"
    r"|\bmanager"
    r")[ ,:]{1,3}"
)
# The same, for a word that looks like a name.
BEHIND = re.compile(
    r"(?:\b(?:merci|bravo|parler?|parlee?|eu|joindre|adresser?|adressee?|dire) a|\bremercie"
    r"|\bavec|\beu|\bpar|\bgrace a|\bdossier|\bthanks? (?:to|you)|\bsp[eo]a?ke? (?:to|with)|\bspeaking (?:to|with)"
    r"|\b(?:out|well done|tell|ask(?:ed)? for|helped by|served by|service from|help from|dealt with by|met|by)"
    r"|\bmerci|\bthanks|\bbravo|\bkudos to|\bcoordonnees de|\bappel de|\brappel de|\bpart de|\bcall from"
    r"|\bcordialement|\bregards|\bwishes|\bsincerely|\bsalutations|\bamicalement|\breponse de"
    r"|\bit's|\bpardon|\bhello|\bhi|\bdear|\bchere?|\bsaluez)[ ,:!\n]{1,3}"
)
AND = re.compile(r",? (?:et|ou|puis|ni|and|or|then|nor|&)(?: (?:puis|then|a|avec|with|to))? ")
BEFORE_AND = re.compile(r"(?<=\w)(?=,? (?:et|and|&) $)")
# What precedes is a first name: it opens the sentence and did something.
SUBJECT = re.compile(
    r"(?<=\w)(?= (?:m'a|nous a|m a|ma (?:rappele|aide|repondu|explique|dit|bien|tres)|a (?:pris|ete|su|repondu|regle"
    r"|resolu|fait|tout|tres)|est (?:une?|tres|super|au top)|was|were|took|helped|explained|sorted|answered|went|did)\b)"
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
