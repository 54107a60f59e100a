"""Names beside decisions: who bears one, and those that the program itself writes under."""

from __future__ import annotations

import unicodedata

# what the program writes as an actor: no person
MACHINES = ("rules", "policy", "watch", "outbox", "discover", "digest", "privacy", "system", "migration")
RESERVED = frozenset((*MACHINES, "bench", "import", "intake", "local", "operator", "voc"))
PSEUDONYMS = ("reader-", "erased-")
SIGN = ":"  # endpoints write as jira:42


class Signed(str):
    """A name with what the sign-in calls its bearer: two people of one name are two. A plain str has no `subject`."""

    subject: str

    def __new__(cls, name: str, subject: str) -> Signed:
        made = super().__new__(cls, name)
        made.subject = subject
        return made

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]
        return str(self), self.subject


def subject_of(name: str) -> str:
    """What the sign-in calls the bearer of a name; empty where nobody signed in."""
    return name.subject if isinstance(name, Signed) else ""


def same_person(one: str, other: str) -> bool:
    """Whether two names are one person's: by subject where both have one, else as people read a name."""
    first, second = subject_of(one), subject_of(other)
    return first == second if first and second else bool(one) and folded(one) == folded(other)


def folded(name: str) -> str:
    """A name as two spellings of it are compared."""
    return " ".join(name.split()).casefold()


def reserved(name: str) -> bool:
    """Whether a name is the program's own, however it is written: no reader may bear it."""
    shown = unicodedata.normalize("NFKC", name)
    bare = folded("".join(char for char in shown if unicodedata.category(char) != "Cf"))
    return bare in RESERVED or bare.startswith(PSEUDONYMS) or SIGN in bare
