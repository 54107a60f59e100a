"""The phrases behind which a name stands. All run on the plain text and end where the name begins."""

from __future__ import annotations

import re

# What follows is a name, whatever its case, unless it is a word that can be none.
# "um", "euh": what a speaker puts before a name.
_FILLERS = r"(?:(?:euh|heu|um|uh|er|erm|i think)[ ,]{1,2})*"
_LABELS = (
    r"(?:nom|prenom|titulaire|name|surname|forename|signature|contact|holder|advis[eo]r|agent|conseillere?|technicien(?:ne)?"
    r"|interlocut(?:eur|rice)|driver|conduct(?:eur|rice)|passag(?:er|ere)|passenger|beneficiaire|beneficiary|destinataire"
    r"|recipient|expediteur|sender|tenant|locataire|policyholder|patiente?|witness|temoin|engineer|technician)"
)
STRONG = re.compile(
    r"(?:\bj(?:e |')?m[' ]?appel(?:le|l)|\bmoi c[' ]?est"
    r"|\bmon (?:nom|prenom)(?: de famille| de jeune fille)?(?: est|,? c[' ]?est| ?:)"
    rf"|\b{_LABELS}s?(?: (?:et|/) prenoms?| de famille| du contrat| du client)? ?:"
    r"|\bname\b[^.!?\n]{1,24} is"
    r"|\b(?:sur|fore)?name(?:'?s| is| was)"
    r"|\b(?:son|daughter|husband|wife|mum|dad|mother|father|brother|sister|partner|landlord|carer)(?:'?s| is)? called"
    r"|\b(?:order|booking|booked|account|reservation|registered|parcel|policy|filed)\b[^!?\n]{0,30} under(?: the name)?"
    r"|(?:^|[.,;!?\n] ?)signee?(?: ?:|,)?|\b(?:my|your|her|his|maiden|full|last|first) ?name(?: is|'s|\?)"
    r"|\bi(?: am|'m) called|\bcalls me"
    r"|\bnee(?= [a-z])"
    r"|\bnom de famille|\b(?:nom|prenom|name|surname|forename)(?= (?!(?:of|is|was|and|on|de|du|des|est|et|d'|qui|sur)\b)[a-z])"
    r"|\b(?:nommee?|prenommee?|denommee?|du (?:doux )?(?:nom|prenom) de|s'appel(?:le|ait)|au nom de|named|name of"
    r"|(?:lady|guy|man|woman|gentleman|engineer|agent|someone|somebody|person|advis[eo]r|rep|technician|manager|bloke|chap"
    r"|lad|lass|girl|boy|fella|fellow|driver|colleague|operator|clerk|nurse|assistant|supervisor)"
    r" (?:(?:was |is )?called|by the name of)|signed(?: by)?)"
    r"|\b(?:speaking|spoke|talking|through) (?:to|with)|\bde la part de"
    r"|\b(?:je suis|c'est|i am|i'm|this is)(?= [\w'. -]{2,40}[.,]? ?(?:en quoi|comment (?:puis|je)|que puis"
    r"|votre conseiller|votre conseillere|a votre (?:ecoute|service)|je vous ecoute|a l'appareil|how (?:can|may)"
    r"|your adviser|speaking|calling)\b))[ ,:]{1,3}"
    rf"{_FILLERS}"
)
# What precedes is a name: "bonjour, Aurore à l'appareil".
TRAILING = re.compile(
    r"(?<=\w)(?= (?:a l'appareil|a votre (?:ecoute|service)|pour vous servir|speaking\b(?! to)|on the line"
    r"|here(?:,? how| from| at\b)))"
)
PRESENTED = re.compile(r"(?<=\w)(?= de la part de)")
# Behind a civility a word in small letters counts when it is listed or unknown to the dictionary.
CIVIL = re.compile(
    r"(?<![\w'])(?:monsieur|madame|mademoiselle|mister|docteur|maitre|professeur|professor|reverend|mme|mlle|mrs"
    r"|mr|dr|ms|miss|mm?\."
    r"|m(?= [a-z]))\.? "
)
CIVIL_LOWER = frozenset(
    ("monsieur", "madame", "mademoiselle", "docteur", "maitre", "mme", "mlle", "mrs", "mr", "dr", "ms", "miss", "m")
)
CIVIL_WORD = re.compile(r"monsieur|madame|mademoiselle|mme|mlle|mr|mrs|ms|m|dr")
# What follows is a name when it has a capital and is a first name or no word of the dictionary.
WEAK = re.compile(
    r"(?:\bje suis|\bc[' ]?est|\bici|\bi am|\bi'm|\bthis is|\bcordialement|\bcdt|\bcdlt|\bbien a vous|\bsincerement"
    r"|\bsalutations|\bregards|\bsincerely|\bfaithfully|\bcheers|\bconseillere?|\badviser|\badvisor|\bagent"
    r"|\btechnicien(?:ne)?|\bcollegue|\bcolleague|\bbonjour|\bbonsoir|\bhello|\bhi|\bdear|\bchere?"
    r"|\bmerci(?: a| beaucoup)?|\bthanks?(?: you)?(?: to)?|\bmari|\bfemme|\bfils|\bfille|\bepou(?:x|se)|\bconjointe?"
    r"|\bcompagn(?:on|e)|\bfrere|\bsoeur|\bmere|\bpere|\bvoisine?|\bamie?|\bmy son|\bdaughter|\bhusband|\bwife"
    r"|\bbrother|\bsister|\bkid|\bneighbour|\bpartner|\bmother|\bfather|\bj'ai eu|\bm'a passe"
    r"|\bremercie|\b(?:bravo|grace|parle|adresse[re]?) a|\btombee? sur"
    r"|\b(?:recu|rappelee?|traite|suivi|venu) par"
    r"|\band got|\bspoke with|\bthank|\bjournee -|\bsoiree -)[ ,:!.\n]{1,4}"
)
_INTRODUCED = (
    r"\b(?:bonjour|bonsoir|salut|slt|bjr|coucou|allo|oui|hello|hi|hey|yes|yeah|yep|yup)[ ,!.]{1,3}"
    r"(?:c[' ]?est|it'?s|this is|ici|je suis|moi c[' ]?est|i'?m|i am)"
)
_KIN = (
    r"(?:mari|femme|fils|fille|epou(?:x|se)|conjointe?|compagn(?:on|e)|frere|soeur|mere|pere|voisine?|son|daughter|husband"
    r"|wife|mum|dad|mother|father|brother|sister|neighbour|partner|collegue|colleague|dame|lady|amie?|friend)"
)
# What follows is a first name even where it is an ordinary word too: "my son mark", "merci a victoire".
PERSONAL = re.compile(
    rf"(?:\b{_KIN}|{_INTRODUCED}|\bcordialement|\bregards|\bsincerely|\bsalutations|\bcdl?t|\bwishes|\bun certain|\bune certaine"
    r"|\b(?:merci|bravo|felicitations|chapeau)(?: encore| beaucoup)?(?: a)?"
    r"|\b(?:thanks|thank you|cheers|kudos|well done|congratulations)(?: so much| again)?(?: to)?"
    r"|\bdriver|\bconduct(?:eur|rice)|\bforward(?: this| it)? to|\btransmettre a|\binstead|\bhi|\bhello|\bdear"
    r"|\b(?:spo?ea?ke?|speaking|talk(?:ed|ing)?|through|letter|email|call(?:ed)?|callback|chat|deal(?:t|ing)?|ask|happy|behalf)"
    r" (?:to|with|from|by|of|for)|\bask(?:ed)?|\bis that|\b(?:that|it|this) was|\bmy name'?s|\band you are|\battention of"
    r"|\b(?:engineer|technician|agent|advis[eo]r|manager|operator|assistant|rep)"
    r"|\b(?:parle[rz]?|adresser?|adressee?|courrier|mail|ecrire|telephone|dire) a|\bpasse[zr]?[ -]moi|\bvous passe"
    r"|\bj'ai eu|\battention de|\bdossier de|\btitulaire c[' ]?est|\bappel de|\bde la part de"
    r"|\b(?:it'?s|that'?s|i'?m|this is)(?= [a-z]+(?: [a-z]+)? (?:here|speaking|from|calling|who|um|on the phone|by the way)\b)"
    r"|\bcall me|\bgoes by|\bcarer|\bsocial worker|\blandlord|\bbye|\bappelez[ -]moi|\bm'appeler|\bbonjour|\ballo|\bau revoir"
    r"|\bbonne (?:journee|soiree)"
    rf")[ ,:]{{1,3}}{_FILLERS}"
)
# Before a first name that is spoken to: "okay mark let me have a look".
ADDRESSED = re.compile(
    r"\b(?:ok|okay|right|alright|sorry|oh|thanks|thank you|yes|yeah|no|lovely|perfect|great)[ ,]{1,2}"
)
ADDRESSED_THEN = re.compile(
    r",? (?:let me|let's|i(?:'ve|'m|'ll| have| am| will| can| see)|bye|just|can (?:you|i)|could (?:you|i)|bear with|there)\b"
)
# Behind a first name it shows that the name ends there.
NAME_ENDS = re.compile(
    r"'s\b| ?(?:[.,;!?\n]|$)| (?:on (?:\d|mon|tues|wednes|thurs|fri|satur|sun|my|this)|(?:who|for|from|you|in|at"
    r"|and|was|is|i think|about|to|bye|again|please|never|hung"
    r"|told|said|did|didn'?t|called|has|had|will|here|last|yesterday|today|this (?:morning|week)|du|des|de l[a']|pour|qui|et"
    r"|est|au|n'est|n'a|m'a|va|s'il|svp)\b)"
)
# What follows is a name even in small letters when no dictionary knows it, or when it is a first name.
WEAK_LOWER = re.compile(
    r"(?:\bconseillere?|\btechnicien(?:ne)?|\bcollegue|\binterlocut(?:eur|rice)|\badviser|\badvisor|\bcolleague|\bagente?"
    r"|\bvendeu(?:r|se)|\bgestionnaire|\boperat(?:eur|rice)|\bcommerciale?|\bcourtiere?|\breceptionniste|\bmanager"
    r"|\bengineer|\brepresentative|\bassistante?|\bhotesse|\bdame|\blady|\bguy|\brep|\blocataire|\btitulaire|\bcertaine?"
    r"|\bmari|\bfemme|\bfils|\bfille|\bepou(?:x|se)|\bconjointe?|\bcompagn(?:on|e)|\bfrere|\bsoeur|\bmere|\bpere"
    r"|\bvoisine?|\bson|\bdaughter|\bhusband|\bwife|\bmum|\bdad|\bmother|\bfather|\bneighbour|\bpartner|\bresponsable"
    r"|\bdriver|\bconduct(?:eur|rice)|\bpassenger|\bbeneficiaire"
    r"|\b(?:accueil|aide|travail|patience|gentillesse|professionnalisme|ecoute|efficacite|intervention|visite) de"
    rf"|{_INTRODUCED}"
    r")[ ,:]{1,3}"
)
# The same, for a word that looks like a name.
BEHIND = re.compile(
    r"(?:\b(?:merci|bravo|parler?|parlee?|eu|joindre|adresser?|adressee?|dire) a|\bremercie"
    r"|\bavec|\beu|\bpar|\bgrace a|\bdossier|\bthanks? (?:to|you)|\bsp[eo]a?ke? (?:to|with)|\bspeaking (?:to|with)"
    r"|\b(?:out|well done|tell|ask(?:ed)? for|helped by|served by|service from|help from|dealt with by|met|by)"
    r"|\bmerci|\bthanks|\bbravo|\bkudos to|\bcoordonnees de|\bappel de|\brappel de|\bpart de|\bcall from"
    r"|\bcordialement|\bregards|\bwishes|\bsincerely|\bsalutations|\bamicalement|\breponse de"
    r"|\bit'?s|\bpardon|\bhello|\bhi|\bdear|\bchere?|\bsaluez)[ ,:!\n]{1,3}"
)
AND = re.compile(r",? (?:et|ou|puis|ni|and|or|then|nor|&)(?: (?:puis|then|a|avec|with|to))? ")
BEFORE_AND = re.compile(r"(?<=\w)(?=,? (?:et|and|&) $)")
# What precedes is a first name: it opens the sentence and did something.
SUBJECT = re.compile(
    r"(?<=\w)(?= (?:m'a|nous a|m a|ma (?:rappele|aide|repondu|explique|dit|bien|tres)|a (?:pris|ete|su|repondu|regle"
    r"|resolu|fait|tout|tres)|est (?:une?|tres|super|au top)|was|were|took|helped|explained|sorted|answered|went|did"
    r"|never|always|rang|called|came|told|said|promised|phoned|arrived|fixed|installed|listened|gave|kept|dealt|knew"
    r"|joined the chat|make a|made (?:me|sure|it)|in (?:billing|customer|sales|the|your|accounts|support|complaints)"
    r"|from (?:the|your|customer|billing|accounts)|you (?:are|were|rock|deserve)|you're|if you"
    r"|m'avait|au top|si tu|si vous|du (?:service|sav|support|standard)|de (?:l'agence|la compta|l'accueil))\b)"
)
# A capitalised dictionary word is a name too when nothing else can stand there: "je suis Garrigue."
ALONE = re.compile(
    r"(?:\bje suis|\bici|\bcordialement|\bcdt|\bbien a vous|\bregards|\bsincerely|\bbonjour|\bhello),? ?\n?$"
)
SPEAKER = re.compile(r"\(\d{1,2}:\d{2}(?::\d{2})?\) ?(?P<name>[a-z][^\n:(]{1,40}?) ?:(?= |$)")
_NAME_LINE = r"[ \t]*(?P<name>[a-z][a-z' .-]{1,40}?)[ .,]*(?=\n|$)"
SIGNED = re.compile(
    r"(?:cordialement|\bcdl?t|bien a vous|best|many thanks|thanks|thank you|cheers|yours|merci|wishes"
    r"|salutations(?: distinguees)?|sincerement|regards|sincerely|faithfully"
    rf"|respectueusement|distingues)[ ,.!]*\n+{_NAME_LINE}"
)
LONE_LINE = re.compile(rf"(?:(?<=\n)|^(?=[^\n]*\n)){_NAME_LINE}")
ROLES = re.compile(r"client|conseill|agent|advis|bot|custom|visit|support|service|operat|system|inconnu")
# Saint-Denis, rue Victor Hugo, lycée Jules Ferry: a place, not a person.
PLACE_BEFORE = re.compile(
    r"(?:\bsainte?[ -]|\bste?[ -]|(?<!sur )\bplace |\bville de |\bla tour |\bchateau de |"
    r"\b(?:rue|avenue|boulevard|bd|allee|impasse|chemin|quai|square|passage|faubourg|esplanade|promenade|rond-point|pont|route|"
    r"sentier|villa|residence|immeuble|batiment|lycee|ecole|college|universite|hopital|clinique|stade|gymnase|piscine|"
    r"bibliotheque|mediatheque|theatre|cinema|musee|eglise|cathedrale|basilique|parc|jardin|jardins|gare|aeroport|metro|"
    r"station|hotel|restaurant|brasserie|cafe|maison|societe|ets|etablissements|groupe|marque|enseigne|parfums?|produits?|"
    r"loi|dispositif|fondation|association|institut|college of|university of|"
    r"arret|centre commercial|quartier|zac|tram|san|santa|chatbot|bot|robot|assistante? virtuel(?:le)?|virtual assistant|"
    r"film|serie|jeu|emission|roman|tempete|ouragan|cyclone|storm|hurricane|colou?rs?,|couleurs?,|coloris) |"
    r"\b(?:l[ae']|une?|du|au|les|des|ma|mon|cette|ce|cet|de) ?"
    r"(?:canape|fauteuil|lit|matelas|armoire|commode|table|chaise|lampe|meuble|buffet|bureau|tapis|rideau|sommier|cuisine|"
    r"gamme|modele|offre|formule|forfait|abonnement|collection|serie|version|edition|pack|kit|coffret|application|appli|"
    r"robe|jupe|chemise|pantalon|manteau|veste|pull|sac|bottes?|basket|sandales?|chaussures?|bague|collier|montre|"
    r"teinte|coloris|couleur|rouge a levres|creme|eau|parfum|poele|borne|scooter|velo|poussette|voiture|tempete|ouragan|"
    r"cyclone|camping|programme|plan|livret|tarif|colour|color)s? )$"
)
_GOODS = (
    r"(?:sofa|chair|table|bed|mattress|wardrobe|lamp|desk|rug|plan|range|bundle|model|tariff|package|collection|edition|kit|"
    r"series|dress|skirt|shirt|jacket|coat|bag|shoes?|boots?|ring|necklace|watch|shade|lipstick|cream|scarf|stroller|scooter|"
    r"app|router|hub|cruise|storm|hurricane|deal|offer|line)s?"
)
_STREETS = (
    r"(?:street|road|avenue|lane|drive|close|crescent|terrace|gardens?|park|square|place|way|hill|bridge|station|airport|"
    r"tickets|concert|show|movie|album|hoodie|perfume|fragrance|mattress|island|abbey|market|festival|cup|awards|cathedral|"
    r"hospital|school|college|university|theatre|stadium|hotel|inn|centre|center|mall|arms|branch|infirmary|surgery)"
)
# "Dean Street": a place whatever stands before; "the Oscar sofa": a thing only behind an article.
PLACE_AFTER = re.compile(rf" ({_STREETS})\b")
GOODS_AFTER = re.compile(rf" {_GOODS}\b")
