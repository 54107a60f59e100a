"""Numbers, days and names as a French or an English reader writes them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_skeleton
from babel.numbers import format_currency, format_decimal

from insights.i18n import translator
from insights.metrics import METRICS

LOCALES = {"fr": "fr_FR", "en": "en_GB"}
PERCENT = {"fr": "\N{NO-BREAK SPACE}%", "en": "%"}
NARROW, WIDE = "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}"  # old mail programs draw the narrow one as a box
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Words:
    """Formatting in one language and zone. `_` is the translator."""

    language: str
    timezone: str = "Europe/Paris"

    @property
    def _(self) -> Callable[[str], str]:
        """The translator; French signs keep the space before them from breaking."""
        translate = translator(self.language)
        return translate if self.language != "fr" else lambda text: french_spaces(translate(text))

    @property
    def locale(self) -> str:
        return LOCALES[self.language]

    def number(self, value: float, decimals: int = 0, *, signed: bool = False) -> str:
        """1234.5 -> `1 234,5` or `1,234.5`; with a real minus sign."""
        rounded = round(float(value), decimals)
        pattern = "#,##0." + "0" * decimals if decimals else "#,##0"
        sign = MINUS if rounded < 0 else "+" if signed and rounded > 0 else ""
        return sign + format_decimal(abs(rounded), pattern, locale=self.locale).replace(NARROW, WIDE)

    def euros(self, value: float) -> str:
        """34217 -> `34 200 €` or `€34,200`: three figures, never more precise than the estimate."""
        pattern = "#,##0\N{NO-BREAK SPACE}¤" if self.language == "fr" else "¤#,##0"
        rounded = three_figures(value)
        text: str = format_currency(rounded, "EUR", pattern, locale=self.locale, currency_digits=False)
        return text.replace(NARROW, WIDE).replace("-", MINUS)

    def euro_range(self, low: float, high: float) -> str:
        """`21 000 à 52 400 €` or `€21,000 to €52,400`."""
        start = self.euros(low).removesuffix(f"{WIDE}€")
        return self._("{low} to {high}").format(low=start, high=self.euros(high))

    def ratio(self, value: float) -> str:
        """1.62 -> `×1,6`."""
        return f"×{self.number(value, 1)}"

    def score(self, value: float, unit: str) -> str:
        """A score with its unit: points bare, shares with %, minutes and hours with one decimal."""
        if unit in ("min", "h"):
            return f"{self.number(value, 1)}{WIDE}{unit}"
        return self.number(value) + (PERCENT[self.language] if unit == "%" else "")

    def change(self, value: float) -> str:
        """-11.2 -> `−11 pts`: a change of a score is in points, never in %."""
        return f"{self.number(value, signed=True)}{WIDE}{self._('pts')}"

    def share(self, part: float, whole: float) -> str:
        """12 of 15 -> `80 %`."""
        return self.number(100 * part / whole) + PERCENT[self.language]

    def day(self, value: date) -> str:
        """`31 oct.` or `31 Oct`."""
        text: str = format_skeleton("MMMd", value, locale=self.locale)
        return text.replace(" ", WIDE)

    def long_day(self, value: date) -> str:
        """`31 octobre 2026`, `1er novembre 2026` or `31 October 2026`."""
        text = format_date(value, "d MMMM yyyy", locale=self.locale)
        return text.replace("1 ", "1er ", 1) if self.language == "fr" and value.day == 1 else text

    def period(self, first: date, last: date) -> str:
        """`du 25 au 31 octobre 2026` or `25 to 31 October 2026`."""
        parts = ["d"] if first.month == last.month else ["d", "MMMM"] if first.year == last.year else ["d", "MMMM", "y"]
        start = format_date(first, " ".join(parts), locale=self.locale)
        if self.language == "fr" and first.day == 1:
            start = start.replace("1", "1er", 1)
        return self._("{first} to {last}").format(first=start, last=self.long_day(last))

    def instant(self, value: datetime) -> str:
        """`31 octobre 2026 à 19:00`, in the reader's zone."""
        local = value.astimezone(ZoneInfo(self.timezone))
        time = format_datetime(local, "HH:mm", locale=self.locale)
        return self._("{day} at {time}").format(day=self.long_day(local.date()), time=time)

    def plural(self, n: float, one: str, many: str) -> str:
        """`one` or `many` (already translated), as the language counts: French says 0 in the singular."""
        return one if (n < 2 if self.language == "fr" else n == 1) else many

    def channel(self, code: str) -> str:
        _ = self._
        names = {
            "email": _("by e-mail"),
            "sms": _("by text message"),
            "phone": _("by phone"),
            "chat": _("in a chat"),
            "web": _("on the website"),
            "app": _("in the app"),
            "social": _("on social media"),
            "review_site": _("on a review site"),
            "letter": _("by letter"),
            "form": _("in a form"),
        }
        return names.get(code, code)

    def score_name(self, metric: str, survey: str) -> str:
        """`NPS, enquête relationnelle`."""
        _ = self._
        metrics = {"nps": _("NPS"), "csat": _("Satisfaction (CSAT)"), "ces": _("Ease (CES)")}
        surveys = {
            "relational": _("relationship survey"),
            "post_call": _("after a call"),
            "post_digital": _("after an online task"),
            "welcome": _("welcome survey"),
            "post_complaint": _("after a complaint"),
            "review": _("public reviews"),
            "contacts": "",
            "(none)": "",
        }
        known = METRICS[metric].label(self.language) if metric in METRICS else metric.upper()
        parts = [metrics.get(metric, known), surveys.get(survey, survey)]
        return ", ".join(part for part in parts if part)


def french_spaces(text: str) -> str:
    """« mot » : the spaces inside guillemets and before : ; ? ! hold their words together."""
    return re.sub(r" (?=[:;?!»])|(?<=«) ", WIDE, text)


def three_figures(value: float) -> int:
    """34217 -> 34200; 87 -> 87."""
    if value == 0:
        return 0
    step = int(10 ** max(math.floor(math.log10(abs(value))) - 2, 0))
    return round(value / step) * step
