"""Pages of our own in PDF, with reportlab: one look, its fonts in the file, the same bytes for the same input."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import reportlab
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

FONT, BOLD = "Voc", "Voc-Bold"
INK, GREY, LINE, BAND, ACCENT = (HexColor(code) for code in ("#0B1118", "#4A5560", "#C9D3DC", "#EEF3F7", "#00528C"))
MARGIN = 16 * mm
WIDTH = A4[0] - 2 * MARGIN
NEAREST = {  # what Unicode's own decomposition does not give
    "\N{NARROW NO-BREAK SPACE}": "\N{NO-BREAK SPACE}", "\N{FIGURE SPACE}": "\N{NO-BREAK SPACE}", "\t": " ",
    "\N{RIGHTWARDS ARROW}": "->", "\N{LEFTWARDS ARROW}": "<-", "\N{LEFT RIGHT ARROW}": "<->",
    "\N{RIGHTWARDS DOUBLE ARROW}": "=>", "\N{UPWARDS ARROW}": "^", "\N{DOWNWARDS ARROW}": "v",
    "\N{HYPHEN}": "-", "\N{NON-BREAKING HYPHEN}": "-", "\N{MINUS SIGN}": "-", "\N{FIGURE DASH}": "-",
    "\N{LATIN SMALL LETTER DOTLESS I}": "i", "\N{LATIN CAPITAL LETTER L WITH STROKE}": "L",
    "\N{LATIN SMALL LETTER L WITH STROKE}": "l", "\N{LATIN SMALL LETTER D WITH STROKE}": "d",
    "\N{LATIN CAPITAL LETTER D WITH STROKE}": "D", "\N{PRIME}": "'", "\N{MODIFIER LETTER APOSTROPHE}": "'",
    "\N{GREATER-THAN OR EQUAL TO}": ">=", "\N{LESS-THAN OR EQUAL TO}": "<=", "\N{ALMOST EQUAL TO}": "~",
    "\N{BLACK CIRCLE}": "•", "\N{EM DASH}": "-", "\N{EN DASH}": "-", "\N{LATIN CAPITAL LETTER SHARP S}": "SS",
}  # fmt: skip
STYLES = {
    "title": ParagraphStyle("title", fontName=BOLD, fontSize=17, leading=21, textColor=INK, spaceAfter=2 * mm),
    "heading": ParagraphStyle(
        "heading", fontName=BOLD, fontSize=11.5, leading=15, textColor=ACCENT, spaceBefore=4 * mm
    ),
    "text": ParagraphStyle("text", fontName=FONT, fontSize=9, leading=12.5, textColor=INK),
    "bold": ParagraphStyle("bold", fontName=BOLD, fontSize=9, leading=12.5, textColor=INK),
    "small": ParagraphStyle("small", fontName=FONT, fontSize=7.5, leading=10, textColor=GREY),
    "quote": ParagraphStyle("quote", fontName=FONT, fontSize=9, leading=12.5, textColor=INK, leftIndent=4 * mm),
}


@lru_cache(maxsize=1)
def _fonts() -> None:
    folder = Path(reportlab.__file__).parent / "fonts"
    pdfmetrics.registerFont(TTFont(FONT, folder / "Vera.ttf"))
    pdfmetrics.registerFont(TTFont(BOLD, folder / "VeraBd.ttf"))
    pdfmetrics.registerFontFamily(FONT, normal=FONT, bold=BOLD, italic=FONT, boldItalic=BOLD)


@lru_cache(maxsize=1)
def _drawn() -> frozenset[int]:
    """Code points that both faces can draw."""
    _fonts()
    return frozenset.intersection(*(frozenset(pdfmetrics.getFont(one).face.charToGlyph) for one in (FONT, BOLD)))


def printable(text: str) -> str:
    """Text in characters that the embedded faces have: others by their nearest, pictures left out, never a box."""
    return "".join(map(_near, unicodedata.normalize("NFC", text)))


@lru_cache(maxsize=4096)
def _near(char: str) -> str:
    if char == "\n" or ord(char) in _drawn() and unicodedata.category(char) != "Cf":
        return char
    if char in NEAREST:
        return NEAREST[char]
    bare = [one for one in unicodedata.normalize("NFKD", char) if ord(one) in _drawn()]
    if bare:
        return "".join(bare)
    kind = unicodedata.category(char)
    if kind == "Zs":
        return " "
    return "?" if kind[0] in "LN" else "-" if kind == "Pd" else ""


def para(text: str, style: str = "text") -> Paragraph:
    """A paragraph of data: what would mean something to the layout is escaped."""
    _fonts()
    return Paragraph(escape(printable(text)).replace("\n", "<br/>"), STYLES[style])


def gap(height_mm: float) -> Spacer:
    return Spacer(1, height_mm * mm)


def grid(rows: Sequence[Sequence[str]], shares: Sequence[float]) -> Table:
    """A table whose first row is its head; `shares` of the width sum to 1."""
    cells = [[para(text, "bold" if number == 0 else "text") for text in row] for number, row in enumerate(rows)]
    made = Table(cells, colWidths=[WIDTH * share for share in shares], repeatRows=1)
    made.setStyle(
        TableStyle(
            [
                ("BACKGROUND", (0, 0), (-1, 0), BAND),
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("TOPPADDING", (0, 0), (-1, -1), 3),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
            ]
        )
    )
    return made


def lines(count: int) -> Table:
    """Empty lines to write on."""
    made = Table([[""]] * count, colWidths=[WIDTH], rowHeights=[8 * mm] * count)
    made.setStyle(TableStyle([("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE)]))
    return made


def document(parts: Sequence[Flowable], title: str, company: str, language: str, foot: str) -> bytes:
    """The file. `foot` stands at the bottom of every page, before its number."""
    _fonts()
    out = BytesIO()
    made = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=14 * mm, bottomMargin=16 * mm,
        title=title, author=company, lang=language, invariant=1,
    )  # fmt: skip

    def footer(canvas: Any, page: Any) -> None:
        canvas.setFont(FONT, 7)
        canvas.setFillColor(GREY)
        canvas.drawString(MARGIN, 9 * mm, printable(foot))
        canvas.drawRightString(A4[0] - MARGIN, 9 * mm, str(page.page))

    made.build(list(parts), onFirstPage=footer, onLaterPages=footer)
    return out.getvalue()
