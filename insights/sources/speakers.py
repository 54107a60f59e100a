"""Who spoke: the role behind a label, a voice or a channel of a conversation.

`Options.fields` names them where the words of a label do not: `speaker_customer`, `speaker_adviser`, `speaker_bot` (labels
parted by `|`, `*` allowed), `speaker_other` (the role of every label not recognised) and `channel_0`, `channel_1`.
"""

from __future__ import annotations

import fnmatch
import re
import unicodedata

from insights.sources.options import Options

CUSTOMER, ADVISER, BOT, UNKNOWN = "customer", "adviser", "bot", "unknown"
ROLES = frozenset({CUSTOMER, ADVISER, BOT, UNKNOWN})
_WORDS = {
    # in this order: "service client" and "virtual agent" hold the word of another role
    BOT: "bot chatbot callbot voicebot robot ivr svi assistant virtual virtuel automate system systeme",
    ADVISER: (
        "agent adviser advisor conseiller conseillere teleconseiller teleconseillere operateur operatrice operator "
        "representative rep staff service support care employee salarie salariee hotline technicien internal"
    ),
    CUSTOMER: (
        "customer client cliente caller appelant appelante user human usager usagere abonne abonnee assure assuree "
        "visitor visiteur visiteuse consumer consommateur external internaute guest"
    ),
}
_ROLE_OF_WORD = [(role, frozenset(words.split())) for role, words in _WORDS.items()]
_TECHNICAL = {"action", "event", "evenement", "note", "info", "message", "tool", "function", "unknown", "inconnu"}
_NUMBERED = re.compile(r"(speaker|spk|locuteur|intervenant|participant|voice|voix)[\s_.-]*\d+", re.IGNORECASE)


def folded(text: str) -> str:
    """Lower case, without accents, blanks at its ends cut."""
    plain = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))


def role_of(label: object, options: Options, channel: object = None) -> str:
    """customer, adviser, bot or unknown. What the company declares wins over the channel, and both over our words."""
    named = text = folded(str(label)) if label is not None else ""
    for role in (CUSTOMER, ADVISER, BOT):
        if named and _is_declared(text, options.fields.get(f"speaker_{role}", "")):
            return role
    declared = options.fields.get(f"channel_{channel}") if channel is not None else None
    if declared in ROLES:
        return str(declared)
    found = role_in_words(text)
    other = options.fields.get("speaker_other")
    return str(other) if found == UNKNOWN and named and other in ROLES else found


def role_in_words(label: str) -> str:
    """The role that the words of a label tell, in French or English; unknown where none does."""
    words = set(re.findall(r"[a-z]+", folded(label)))
    return next((role for role, known in _ROLE_OF_WORD if words & known), UNKNOWN)


def is_label(text: str) -> bool:
    """Whether a prefix such as `SPEAKER 1` or `Conseillère` can only be a speaker's label."""
    return bool(_NUMBERED.fullmatch(text.strip())) or (len(text.split()) <= 3 and role_in_words(text) != UNKNOWN)


def person_in(label: object) -> str | None:
    """The label where it can be a person's name, so that it is masked in the words; None for a role or a number."""
    text = str(label).strip() if label is not None else ""
    if len(text) < 2 or is_label(text) or folded(text) in _TECHNICAL or not any(char.isalpha() for char in text):
        return None
    return text


def _is_declared(label: str, declared: str) -> bool:
    return any(fnmatch.fnmatchcase(label, folded(part)) for part in declared.split("|") if part.strip())
