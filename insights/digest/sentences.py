"""The sentences of a digest: what changed and is it real, and the one thing to decide."""

from __future__ import annotations

from collections.abc import Sequence

from insights.digest import trends
from insights.digest.model import DOWN, STEADY, UP, Callbacks, Item, New, Score
from insights.digest.words import Words
from insights.priorities.words import beside_one, points, score_name

EARLY = 2  # overdue callbacks from which they become the thing to decide


def headline(items: Sequence[Item], scores: Sequence[Score], score: Score | None, words: Words) -> tuple[str, ...]:
    """One sentence on irritants, one on the score."""
    _ = words._
    sentences = [_on_irritants(items, words)]
    if score is not None:
        sentences.append(_on_score(score, words))
    elif scores == () and items:
        sentences.append(_("Too few survey answers to tell a score."))
    return tuple(sentences)


def _on_irritants(items: Sequence[Item], words: Words) -> str:
    _ = words._
    if not items:
        return _("Nothing stands out this week: no irritant has enough mentions to be ranked.")
    moved = next((item for item in items if item.trend == UP), None) or next(
        (item for item in items if item.trend == DOWN), None
    )
    if moved is None or moved.trend_ratio is None:
        return _("No irritant is moving for certain; “{label}” comes first.").format(label=items[0].label)
    up, down = (
        _("“{label}” is clearly rising: {ratio} in four weeks (between {low} and {high})."),
        _("“{label}” is clearly falling: {ratio} in four weeks (between {low} and {high})."),
    )
    if moved.trend_weeks > trends.WEEKS:
        up = _("“{label}” is clearly rising: {ratio} over eight weeks (between {low} and {high}).")
        down = _("“{label}” is clearly falling: {ratio} over eight weeks (between {low} and {high}).")
    text = up if moved.trend == UP else down
    low, high = moved.trend_low or 0.0, moved.trend_high or 0.0
    ends = {name: words.number(one, beside_one(low, high)) for name, one in (("low", low), ("high", high))}
    return text.format(label=moved.label, ratio=words.ratio(moved.trend_ratio), **ends)


def _on_score(score: Score, words: Words) -> str:
    _ = words._
    texts = {
        UP: _("{score}: {value}, up from {before}, more than chance explains."),
        DOWN: _("{score}: {value}, down from {before}, more than chance explains."),
        STEADY: _("{score}: {value} against {before} four weeks earlier, a gap that chance can explain."),
    }
    text = texts.get(score.verdict) or _("{score}: {value}, with nothing to compare it to four weeks earlier.")
    before = "" if score.before is None else words.score(score.before, score.unit)
    name = words.score_name(score.metric, score.survey)
    return text.format(score=name, value=words.score(score.value, score.unit), before=before)


def decision(items: Sequence[Item], callbacks: Callbacks, words: Words) -> str:
    """The one thing to decide: people waiting first, then what rises for certain, then what costs most."""
    _ = words._
    if callbacks.n_urgent_overdue:
        text = words.plural(
            callbacks.n_urgent_overdue,
            _("Who calls today? {n} urgent callback is past its due time."),
            _("Who calls today? {n} urgent callbacks are past their due time."),
        )
        return text.format(n=words.number(callbacks.n_urgent_overdue))
    if items:
        return _on_item(next((item for item in items if item.trend == UP), items[0]), words)
    if callbacks.n_overdue >= EARLY:
        text = _("{n} callbacks are overdue: who takes them?")
        return text.format(n=words.number(callbacks.n_overdue))
    return _("Nothing this week.")


def _on_item(item: Item, words: Words) -> str:
    _ = words._
    first = (
        _("Do we act on “{label}” now?") if item.owner else _("Who takes charge of “{label}”? It has no owner yet.")
    ).format(label=item.label)
    if item.value_eur is not None and item.trend == UP:
        why = _("It is rising for certain, and {value} of margin is at risk.").format(value=words.euros(item.value_eur))
    elif item.value_eur is not None:
        why = _("{value} of margin is at risk: it ranks first.").format(value=words.euros(item.value_eur))
    elif item.trend == UP:
        why = _("It is rising for certain.")
    else:
        why = _("It comes first by number and severity of mentions.")
    owner = _("Owner: {owner}.").format(owner=item.owner) if item.owner else ""
    return " ".join(part for part in (first, why, owner) if part)


def subject(items: Sequence[Item], company: str, period: str, words: Words) -> str:
    """Subject line: the company, the days, the irritant that matters most."""
    _ = words._
    if not items:
        return _("{company}, customer irritants {period}: nothing stands out").format(company=company, period=period)
    top = next((item for item in items if item.trend == UP), items[0])
    ratio = f" ({words.ratio(top.trend_ratio)})" if top.trend == UP and top.trend_ratio else ""
    text = _("{company}, customer irritants {period}: {label}{ratio}")
    return text.format(company=company, period=period, label=top.label, ratio=ratio)


def on_effect(item: Item, words: Words) -> str:
    """The score that goes with naming an irritant, on its own scale; empty where it is not sure."""
    if item.nps_effect is None:
        return ""
    score = score_name(words._, *item.effect_of)
    text = words._("{points} less on {score} among those who mention it")
    return text.format(points=points(words._, words, -item.nps_effect), score=score)


def on_new(new: New, words: Words) -> str:
    """What is new about one irritant."""
    _ = words._
    if not new.weak:
        one = _("“{label}”, first seen on {day} ({n} mention since).")
        many = _("“{label}”, first seen on {day} ({n} mentions since).")
    elif new.rising:
        one = _("Weak signal, rising: “{label}” ({n} mention in four weeks).")
        many = _("Weak signal, rising: “{label}” ({n} mentions in four weeks).")
    else:
        one = _("“{label}” ({n} mention in four weeks).")
        many = _("“{label}” ({n} mentions in four weeks).")
    day = "" if new.since is None else words.day(new.since)
    text = words.plural(new.n_mentions, one, many)
    return text.format(label=new.label, day=day, n=words.number(new.n_mentions))


def on_callbacks(callbacks: Callbacks, words: Words) -> tuple[str, ...]:
    """Promises of the seven days, then what is open."""
    _ = words._
    c = callbacks
    if not c.n_due:
        kept = _("No promise fell due in these seven days.")
    elif not c.n_missed:
        kept = words.plural(
            c.n_due,
            _("The promise that fell due in seven days was kept."),
            _("All {due} promises that fell due in seven days were kept."),
        )
    elif c.n_tried_in_time:
        kept = _(
            "Promises kept: {kept} of {due} in seven days ({share}); missed: {missed}, {tried} after a call in time."
        )
    else:
        kept = _("Promises kept: {kept} of {due} in seven days ({share}); missed: {missed}.")
    open_now = (
        _("Cases open: {open}, {overdue} of them overdue.") if c.n_overdue else _("Cases open: {open}, none overdue.")
    )
    figures = {
        **{"kept": words.number(c.n_kept), "due": words.number(c.n_due), "missed": words.number(c.n_missed)},
        **{"tried": words.number(c.n_tried_in_time), "open": words.number(c.n_open)},
        **{"overdue": words.number(c.n_overdue), "share": words.share(c.n_kept, c.n_due) if c.n_due else ""},
    }
    return kept.format(**figures), (open_now if c.n_open else _("No case is open.")).format(**figures)
