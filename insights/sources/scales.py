"""Which metric a question measures and on which scale: declared by the company, else typed by the tool, else worded.

- declared: `questions` in sources.yaml, by the tool's id, reference or exact wording; it always wins;
- nps: typed so, or 0-10 and worded as a recommendation. No other scale is an NPS;
- csat, ces: typed so, or worded so, on a scale people use for it. Stars and smileys are satisfaction;
- other: a scale that fits nothing of this. Without a known scale the value is kept and counted in no metric.

The direction of an effort question is never guessed: "how easy" is high for good, as the tables read a bare scale;
"how much effort" answers with the effort itself, and its scale says `(low is good)`. Declare what differs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from insights.errors import RowError
from insights.sources.options import Options, Question

RECOMMEND = re.compile(r"recommand|recommend|conseilleri(?:ez|ais)", re.IGNORECASE)
SATISFIED = re.compile(r"satisf|\bcontente?s?\b|\bhappy\b", re.IGNORECASE)
EASY = re.compile(r"facil|simplicit|\bsimple\b|\beas(?:y|e|ier|ily)\b", re.IGNORECASE)
EFFORT = re.compile(r"\befforts?\b", re.IGNORECASE)
BOUNDS = re.compile(r"(?<!\d)(?<!\d[.,])(\d{1,3})\s*(?:à|a|to|-|–|/|et|and)\s*(\d{1,3})(?![.,]?\d)", re.IGNORECASE)
ENDS = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*-\s*(-?\d+(?:\.\d+)?)")
NUMBER = re.compile(r"\s*(-?\d{1,12}(?:[.,]\d{1,12})?)\s*(?:$|[-–:=(/].*)", re.DOTALL)
PLAIN = re.compile(r"\s*-?\d{1,12}(?:[.,]\d{1,12})?\s*")
NPS_SCALE = "0-10"
LOW_IS_GOOD = " (low is good)"
SATISFACTION_SCALES = frozenset({"0-1", "1-2", "1-3", "1-4", "0-4", "1-5", "0-5", "1-6", "1-7", "1-10", "0-10", "0-20"})
MOST_SHOWN = 1000  # a larger one may be a phone or a customer's number, and a reason is stored in the clear
STARS = frozenset({"stars", "smileys", "csat"})
BY_TYPE = {"nps": (0.0, 10.0), "smileys": (1.0, 5.0)}  # types whose tools know one scale only


@dataclass(frozen=True)
class Measured:
    """One score: its metric, its scale as `minimum-maximum` (None when nobody says), its value."""

    metric: str
    scale: str | None
    value: float
    question_id: str = ""
    touchpoint: str = ""


def measure(
    value: object,
    options: Options,
    *,
    names: Sequence[str],
    kind: str = "",
    text: str = "",
    low: float | None = None,
    high: float | None = None,
) -> Measured:
    """The score of one answer. `names`: what the question may be declared by. Raises RowError out of the scale."""
    label = next((name for name in names if name), "score")
    declared = declaration(options, names)
    if declared is not None:
        ends = ENDS.match(declared.scale)
        found = number(value, label) if ends is None else within(value, float(ends[1]), float(ends[2]), label)
        return Measured(declared.metric, declared.scale, found, declared.question_id, declared.touchpoint)
    bounds = bounds_of(kind, text, low, high)
    if bounds is None:
        return Measured("other", None, number(value, label))
    scale = f"{bounds[0]:g}-{bounds[1]:g}"
    metric, direction = metric_of(kind, text, scale)
    return Measured(metric, scale + direction, within(value, *bounds, label))


def number(value: object, label: str) -> float:
    """A finite number, decimal comma or point; what a label adds to it (`10 - very likely`) is passed over."""
    found = NUMBER.match(str(value)[:200])
    if found is None or isinstance(value, bool):
        raise RowError(f"bad_{_code(label)}: not a number")
    return float(found[1].replace(",", "."))


def within(value: object, low: float, high: float, label: str) -> float:
    """A number between the ends of its scale. Raises RowError outside it."""
    found = number(value, label)
    if not low <= found <= high:
        shown = f"{found:g}" if abs(found) <= MOST_SHOWN else "a large number"
        raise RowError(f"out_of_scale_{_code(label)}: {shown} is outside {low:g}-{high:g}")
    return found


def _code(label: str) -> str:
    """A question's name as part of a reason: a whole wording would not be one."""
    return re.sub(r"[^\w.]+", "_", label)[:40].strip("_")


def is_number(value: object) -> bool:
    """Whether an answer of an unknown type is nothing but a number."""
    if isinstance(value, bool):
        return False
    return isinstance(value, int | float) or PLAIN.fullmatch(str(value)[:200]) is not None


def declaration(options: Options, names: Sequence[str]) -> Question | None:
    """What the company says of a question, by any of its names."""
    return next((options.questions[name] for name in names if name in options.questions), None)


def bounds_of(kind: str, text: str, low: float | None, high: float | None) -> tuple[float, float] | None:
    """The scale: as the tool states it, else as its type has it, else as the wording says (`de 0 à 10`, `1 to 5`)."""
    if low is not None and high is not None and low < high:
        return low, high
    if kind in BY_TYPE:
        return BY_TYPE[kind]
    for found in BOUNDS.finditer(text):
        ends = float(found[1]), float(found[2])
        if ends[0] in {0, 1} and 2 <= ends[1] <= 100 and ends[0] < ends[1]:
            return ends
    return None


def metric_of(kind: str, text: str, scale: str) -> tuple[str, str]:
    """The metric of a question, and what its scale must add to be read the right way round."""
    if kind == "nps" or RECOMMEND.search(text):
        return ("nps", "") if scale == NPS_SCALE else ("other", "")
    if scale not in SATISFACTION_SCALES:
        return "other", ""
    easy, effort = bool(EASY.search(text)), bool(EFFORT.search(text))
    if kind == "ces" or easy or effort:
        return "ces", LOW_IS_GOOD if effort and not easy else ""
    if kind in STARS or SATISFIED.search(text):
        return "csat", ""
    return "other", ""
