"""The sentences of a digest: what changed and is it real, and the one thing to decide."""

from __future__ import annotations

from collections.abc import Sequence

from insights.digest import trends
from insights.digest.model import DOWN, STEADY, UP, Callbacks, Item, New, Score
from insights.digest.words import Words
from insights.priorities.words import beside_one, points, score_name

TOLD_MODEL_SHARE = 0.1  # of a change that chance can explain
EARLY = 2  # overdue callbacks from which they become the thing to decide


def headline(
    items: Sequence[Item],
    movers: Sequence[Item],
    scores: Sequence[Score],
    score: Score | None,
    words: Words,
    *,
    yours: bool = False,
) -> tuple[str, ...]:
    """One sentence on irritants and on what is real of their change, one on the score.

    `movers`: items, and others that move. `yours`: of an owner's irritants.
    """
    _ = words._
    moved = mover(movers)
    sentences = [_on_irritants(items, moved, words, yours)]
    if moved is not None:
        behind = "" if moved in items else _("It ranks {rank}, behind those below.").format(rank=moved.rank)
        sentences += [part for part in (" ".join(filter(None, (by_model(moved, words), behind))),) if part]
    if score is not None:
        sentences.append(_on_score(score, words))
    elif scores == () and items:
        sentences.append(_("Too few survey answers to tell a score."))
    return tuple(sentences)


def _on_irritants(items: Sequence[Item], moved: Item | None, words: Words, yours: bool) -> str:
    _ = words._
    if not items:
        if yours:
            return _("None of your irritants has enough mentions to be ranked this week.")
        return _("Nothing stands out this week: no irritant has enough mentions to be ranked.")
    if moved is not None:
        return _moving(moved, words)
    if yours:
        one, many = (
            _("“{label}” is not moving for certain."),
            _("None of these is moving for certain; “{label}” comes first."),
        )
        return (one if len(items) == 1 else many).format(label=items[0].label)
    return _("No irritant is moving for certain; “{label}” comes first.").format(label=items[0].label)


def mover(items: Sequence[Item]) -> Item | None:
    """The first that rises for certain, else the first that falls."""
    sure = [item for item in items if item.trend_ratio is not None]
    return next((one for one in sure if one.trend == UP), None) or next(
        (one for one in sure if one.trend == DOWN), None
    )


def _moving(moved: Item, words: Words) -> str:
    _ = words._
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
    return text.format(label=moved.label, ratio=words.ratio(moved.trend_ratio or 0.0), **ends)


def by_model(item: Item, words: Words) -> str:
    """What part of the change the sorting model made by itself; empty where that is not known."""
    _ = words._
    if item.model_share is None:
        return ""
    if item.model_share == 0:
        return _("All of it comes from customers, none from the model that sorts their words.")
    share = words.share(item.model_share, 1)
    return _("{share} of the movement comes from the model that sorts their words, not from customers.").format(
        share=share
    )


def in_company(items: Sequence[Item], words: Words) -> str:
    """What moved in the company, for an owner who has nothing of their own."""
    _ = words._
    moved = mover(items)
    if moved is not None:
        return _("In the company: {sentence}").format(sentence=_moving(moved, words))
    if items:
        text = _("In the company, no irritant is moving for certain; “{label}” comes first.")
        return text.format(label=items[0].label)
    return _("In the company, no irritant has enough mentions to be ranked.")


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


def decision(items: Sequence[Item], callbacks: Callbacks, words: Words, *, reader: str = "") -> str:
    """The one thing to decide: people waiting first, then what rises for certain, then what costs most.

    `reader`: name of the owner it is said to; their own name is not told them.
    """
    _ = words._
    if callbacks.n_urgent_overdue:
        text = words.plural(
            callbacks.n_urgent_overdue,
            _("Who calls today? {n} urgent callback is past its due time."),
            _("Who calls today? {n} urgent callbacks are past their due time."),
        )
        return text.format(n=words.number(callbacks.n_urgent_overdue))
    if items:
        waiting = [item for item in items if item.action is None] or list(items)
        return _on_item(next((item for item in waiting if item.trend == UP), waiting[0]), words, reader)
    if callbacks.n_overdue >= EARLY:
        text = _("{n} callbacks are overdue: who takes them?")
        return text.format(n=words.number(callbacks.n_overdue))
    return _("Nothing this week.")


def _on_item(item: Item, words: Words, reader: str) -> str:
    _ = words._
    if item.action is not None:
        return _("Is “{action}” enough against “{label}”, or do we add to it?").format(
            action=item.action, label=item.label
        )
    first = (
        _("Do we act on “{label}” now?") if item.owner else _("Who takes charge of “{label}”? It has no owner yet.")
    ).format(label=item.label)
    if item.value_eur is not None and item.trend == UP:
        why = _("It is rising for certain, and {value} of margin is at risk.").format(value=words.euros(item.value_eur))
    elif item.value_eur is not None:
        text = (
            _("{value} of margin is at risk: it ranks first.") if item.rank == 1 else _("{value} of margin is at risk.")
        )
        why = text.format(value=words.euros(item.value_eur))
    elif item.trend == UP:
        why = _("It is rising for certain.")
    elif item.rank == 1:
        why = _("It comes first by number and severity of mentions.")
    else:
        why = ""
    owner = _("Owner: {owner}.").format(owner=item.owner) if item.owner not in (None, reader) else ""
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


def on_change(item: Item, words: Words) -> str:
    """The change of one irritant with its interval, whether it is real, and the model's part; empty where unknown."""
    _ = words._
    if item.trend not in (UP, DOWN, STEADY) or None in (item.trend_ratio, item.trend_low, item.trend_high):
        return ""
    texts = {
        UP: (
            _("In four weeks: {ratio}, more than chance explains"),
            _("In eight weeks: {ratio}, more than chance explains"),
        ),
        STEADY: (
            _("In four weeks: {ratio}, which chance can explain"),
            _("In eight weeks: {ratio}, which chance can explain"),
        ),
    }
    text = texts[STEADY if item.trend == STEADY else UP][item.trend_weeks > trends.WEEKS]
    low, high = item.trend_low or 0.0, item.trend_high or 0.0
    ends = _("between {low} and {high}").format(
        low=words.number(low, beside_one(low, high)), high=words.number(high, beside_one(low, high))
    )
    told = f"{text.format(ratio=words.ratio(item.trend_ratio or 0.0))} ({ends})"
    if item.model_share is None or (item.trend == STEADY and item.model_share < TOLD_MODEL_SHARE):
        return f"{told}."
    return _("{change}; the model's part: {share}.").format(change=told, share=words.share(item.model_share, 1))


def on_yours(item: Item, words: Words) -> str:
    """How much of an irritant is said in the reader's own products and journeys; empty where that was not asked."""
    if item.n_yours is None or item.n_heard is None:
        return ""
    text = words.plural(
        item.n_yours,
        words._("{n} of {all} mentions comes from your products and journeys"),
        words._("{n} of {all} mentions come from your products and journeys"),
    )
    return text.format(n=words.number(item.n_yours), all=words.number(item.n_heard))


def on_effect(item: Item, words: Words) -> str:
    """The score that goes with naming an irritant, on its own scale; empty where it is not sure, or euros say it."""
    if item.nps_effect is None or item.value_eur is not None:
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
