"""A mail's own words: quoted mails, signatures and disclaimers taken out, in French and English.

Rules over lines, of linear cost. What they are not sure of stays: a lost complaint is worse than a signature kept.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from itertools import islice

_WROTE = re.compile(r"^(?:le|on)\b.{4,240}\b(?:a écrit|a ecrit|wrote)\s*:?$", re.IGNORECASE)
_ORIGINAL = re.compile(
    r"^[-_*\s]*(?:message d['’]origine|message original|courriel original|message transféré|message transmis|"
    r"original message|forwarded message|mail original|début du message(?: transféré| réexpédié)?|"
    r"begin forwarded message)\s*:?[-_*\s]*$",
    re.IGNORECASE,
)
_FROM = re.compile(r"^\*?(?:de|from|expéditeur|sender)\s*\*?\s*:\s*\*?\s*\S", re.IGNORECASE)
_HEADER = re.compile(
    r"^\*?(?:envoyé(?: le)?|sent|date|à|to|objet|subject|cc|répondre à|reply-to)\s*\*?\s*:", re.IGNORECASE
)
_DEVICE = re.compile(
    r"^\W{0,3}(?:envoyé (?:de|depuis|à partir)|sent from|sent with|get outlook for|télécharger outlook|obtenir outlook|"
    r"obtenez outlook|provenance\s*: courrier|sent via)\b.{0,80}$",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"^(?:(?:très |bien )?cordialement|cdlt|cdt|(?:bien|sincèrement) à vous|(?:sincères |mes |avec mes )?salutations\b.*|"
    r"respectueusement|(?:kind|best|warm) regards|regards|sincerely|yours (?:faithfully|sincerely|truly)|best wishes|"
    r"thanks and regards)\b[\s,.!]*(?P<more>.{0,40})$",
    re.IGNORECASE,
)
_POLITE = re.compile(
    r"^(?:je vous prie|nous vous prions|veuillez|dans l['’]attente|en vous remerciant|recevez|i look forward|yours)\b"
    r".{0,200}\b(?:salutations|sentiments|considération|respects)\b.{0,40}$",
    re.IGNORECASE,
)
_DISCLAIMER = re.compile(
    r"^\W*(?:ce (?:message|courriel|mail|e-mail)(?: et| est|,)|this (?:message|e-?mail|communication)\b|confidential|"
    r"avis de confidentialité|disclaimer|pensez à l['’]environnement|avant d['’]imprimer|n['’]imprimez|"
    r"please consider the environment|l['’]intégrité de ce message)",
    re.IGNORECASE,
)
_LEGAL = re.compile(
    r"confidentiel|destinataire|intended (?:recipient|only|solely)|privileged|confidential|imprim|print", re.IGNORECASE
)
_SHORT = 70  # longest line of a signature
_SIGNATURE_LINES = 9
_LONGEST_BLOCK = 15  # lines below `-- `: more is no signature
_QUOTE = re.compile(r"gmail_quote|yahoo_quoted|moz-cite-prefix|protonmail_quote|zmail_extra")
_REST_QUOTED = re.compile(r"divRplyFwdMsg|appendonsend|x_divRplyFwdMsg|ms-outlook-mobile-reference")
_TAG = re.compile(r"<!--|<[!?][^<>]{0,2000}>|<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9:]{0,30})(?P<about>[^<>]{0,4000})>")
_BLOCKS = frozenset({"p", "div", "br", "tr", "li", "ul", "ol", "h1", "h2", "h3", "h4", "table", "hr", "blockquote"})
_SILENT = frozenset({"script", "style", "head", "title"})
_VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "area", "base", "col", "wbr"})


def own_words(text: str) -> str:
    """The words the sender wrote in this mail; empty where there are none."""
    lines = [line.replace("\xa0", " ").rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    kept = _without_disclaimer(_without_signature(_without_quotes(lines)))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line for line in kept if not _DEVICE.match(line.strip()))).strip()


def html_text(markup: str) -> str:
    """The text of an HTML mail, a line per block, quoted mails left out."""
    reader = _Reader()
    for text, tag in _pieces(markup):
        reader.take(text)
        if tag:
            reader.pass_tag(tag)
    lines = (" ".join(line.split()) for line in html.unescape("".join(reader.parts)).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _pieces(markup: str) -> Iterator[tuple[str, re.Match[str] | None]]:
    """Text and the tag after it. The library's parser takes minutes over hostile markup; this is of linear cost."""
    place = 0
    while found := _TAG.search(markup, place):
        yield markup[place : found.start()], found if found["name"] else None
        place = found.end()
        if found[0] == "<!--":
            end = markup.find("-->", place)
            place = len(markup) if end < 0 else end + 3
    yield markup[place:], None


class _Reader:
    """Collects text outside scripts, styles and quoted mails."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.open: list[tuple[str, bool]] = []  # tag, whether it hides what is inside
        self.done = False

    def take(self, text: str) -> None:
        if not self.done and not (self.open and self.open[-1][1]):
            self.parts.append(text.replace("\n", " "))

    def pass_tag(self, tag: re.Match[str]) -> None:
        name = tag["name"].lower()
        if name in _BLOCKS:
            self.parts.append("\n")
        if tag["end"]:
            self._close(name)
        elif name not in _VOID and not tag["about"].endswith("/"):
            self._open(name, tag["about"])

    def _open(self, name: str, about: str) -> None:
        self.done = self.done or bool(_REST_QUOTED.search(about))
        hides = name in _SILENT or name == "blockquote" or bool(_QUOTE.search(about))
        self.open.append((name, hides or bool(self.open and self.open[-1][1])))

    def _close(self, name: str) -> None:
        """Close the nearest open tag of that name; one that was never opened, or far above, changes nothing."""
        for place in range(len(self.open) - 1, max(len(self.open) - 51, -1), -1):
            if self.open[place][0] == name:
                del self.open[place:]
                return


def _without_quotes(lines: Sequence[str]) -> list[str]:
    """Lines that are no quotation. Answers written between `>` lines stay; below any other quotation nothing does."""
    kept: list[str] = []
    number = 0
    while number < len(lines):
        line = lines[number].strip()
        taken = _wrote_lines(lines, number)
        if _ORIGINAL.match(line) or _is_header(lines, number):
            break
        if taken:
            after = _written(lines, number + taken, 1)
            if not after or not lines[after[0]].lstrip().startswith(">"):
                break
            number += taken
            continue
        if not line.startswith(">"):
            kept.append(lines[number])
        number += 1
    while kept and not kept[-1].strip(" _-*"):
        kept.pop()
    return kept


def _wrote_lines(lines: Sequence[str], number: int) -> int:
    """Lines taken by `On ... wrote:`, which mail programs wrap on up to three; 0 where there is none."""
    for taken in (1, 2, 3):
        joined = " ".join(line.strip().lstrip("> ") for line in lines[number : number + taken])
        if _WROTE.match(joined) and (joined.endswith(":") or "@" in joined):
            return taken
    return 0


def _is_header(lines: Sequence[str], number: int) -> bool:
    """Whether a copied mail header begins here: a sender, then a date, a recipient or a subject close below."""
    near = [line.strip().lstrip("> ") for line in lines[number + 1 : number + 5]]
    return (
        bool(_FROM.match(lines[number].strip().lstrip("> "))) and sum(bool(_HEADER.match(line)) for line in near) >= 2
    )


def _without_signature(lines: Sequence[str]) -> list[str]:
    """Lines up to `-- `, or up to a closing formula that only short lines follow; a postscript stays."""
    for number, line in enumerate(lines):
        if line.strip() == "--" and number and len(_written(lines, number, _LONGEST_BLOCK + 1)) <= _LONGEST_BLOCK:
            return list(lines[:number])
        taken = _closing(lines, number)
        if taken:
            below = _written(lines, number + taken, _SIGNATURE_LINES + 1)
            block = next((place for place, at in enumerate(below) if not _is_signature(lines[at])), len(below))
            if block <= _SIGNATURE_LINES:
                return [*lines[:number], *(lines[below[block] :] if block < len(below) else [])]
    return list(lines)


def _written(lines: Sequence[str], start: int, most: int) -> list[int]:
    """Numbers of the first `most` lines from `start` that are not blank."""
    return list(islice((number for number in range(start, len(lines)) if lines[number].strip()), most))


def _closing(lines: Sequence[str], number: int) -> int:
    """Lines of a closing formula, 1 or 2; 0 where there is none."""
    line = lines[number].strip()
    found = _CLOSING.match(line)
    if found and len(found["more"].split()) <= 4:
        return 1
    if _POLITE.match(line):
        return 1
    joined = " ".join(one.strip() for one in lines[number : number + 2])
    return 2 if line and _POLITE.match(joined) else 0


def _is_signature(line: str) -> bool:
    text = line.strip()
    if _DISCLAIMER.match(text) or _DEVICE.match(text):
        return True
    return len(text) <= _SHORT and not re.match(r"p\.?\s?s\b", text, re.IGNORECASE) and not re.search(r"[?!]$", text)


def _without_disclaimer(lines: Sequence[str]) -> list[str]:
    for number, line in enumerate(lines):
        if number and _DISCLAIMER.match(line) and _LEGAL.search(" ".join(lines[number : number + 6])):
            return list(lines[:number])
    return list(lines)
