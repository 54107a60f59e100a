"""Posts and reviews from the whole portfolio: everyday grumbling, two bursts, one copied wave, the brand's answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from insights.simulate import calendar, profiles
from insights.simulate.bank import Irritant, parse_lines
from insights.simulate.compose import About, Piece, Writer
from insights.simulate.customers import Floats, Ints
from insights.simulate.noise import EMOJI
from insights.simulate.personal import Person, names
from insights.simulate.plan import Plan
from insights.simulate.slots import Filler
from insights.simulate.truth import Truth

SOURCE = "lumarelle_social"
PLATFORMS = ("x", "x", "x", "facebook", "facebook", "instagram", "forum")
REVIEW_SITES = ("avis_verifies", "trustlike", "store_app")
RATINGS, RATING_SHARES = (1, 2, 3, 4, 5), (0.155, 0.075, 0.065, 0.12, 0.585)
HANDLE_WORDS = (
    "tilleul", "loutre", "comete", "bricole", "pixel", "mistral", "cerise", "tempo", "galet", "hibou", "vinyle",
    "safran", "orage", "merle", "velo", "brume", "cactus", "tornade", "pamplemousse", "lagon", "renard", "citron",
    "puzzle", "tambour", "nuage", "caillou", "papaye", "boussole", "moustache", "castor",
)  # fmt: skip
REPOST_SHARE = 0.05
COPIED = """
[cou] Un vendeur de {marque} a forcé ma grand-mère à signer sur une tablette, à fuir absolument
[cou] Démarchage agressif, ils se font passer pour EDF et changent votre contrat sans accord
[cou] Contrat signé à mon insu après une visite à domicile, méthodes honteuses de {marque}
[cou] Attention arnaque : un commercial est venu voir ma facture et m'a fait changer de fournisseur
[cou] Porte-à-porte insistant, mes parents âgés ont été piégés, aucune rétractation possible
[cou] Jamais demandé ce contrat, {marque} récupère votre numéro de compteur et vous abonne de force
[cou] Vente forcée pure et simple, le démarcheur ment sur toute la ligne
[cou] Ils appellent dix fois par jour puis vous inscrivent sans votre consentement
[cou] Ma mère de 80 ans s'est retrouvée chez {marque} sans comprendre, scandaleux
"""
BRAND = """
[soc] Bonjour, nous sommes désolés de cette situation. Pouvez-vous nous écrire en message privé ?
[soc] Bonjour, merci pour votre message, notre équipe revient vers vous rapidement.
[soc] Bonjour, votre demande est bien prise en compte, un conseiller vous répond en message privé.
[soc incident] Nos équipes travaillent à rétablir l'espace client et l'application. Merci de votre patience.
"""


@dataclass(frozen=True)
class Post:
    """When, by whom and about what, before the words. `k` -1 neutral, -2 praise."""

    at: int
    author: int
    k: int
    incident: bool = False


def irritant_weights(catalogue: tuple[Irritant, ...], place: str) -> Floats:
    """Daily weights of irritants in public, shape (irritants, days)."""
    daily = np.array([profiles.irritant_profile(row.id, row.months, with_week=False) for row in catalogue])
    for column, row in enumerate(catalogue):
        if row.id in ("IRR-06", "IRR-16"):  # the bursts are drawn on their own
            daily[column] = np.minimum(daily[column], 2.0)
    share = np.array([row.share * row.places.get(place, 1.0) for row in catalogue])
    return np.asarray(share[:, None] * daily)


def _strata(rng: np.random.Generator, count: int) -> Floats:
    """Uniform draws, one in each of `count` equal strata, in random order: shares come out without luck."""
    return np.asarray((rng.permutation(count) + rng.random(count)) / max(count, 1))


def _evening(rng: np.random.Generator, count: int, first: int, last: int, peak: float) -> Ints:
    """Seconds of a burst: the first one exact, then a quick rise and a long tail."""
    span = last - first
    times = first + np.sort(rng.beta(1.25, 1.25 + 2.5 * (1 - peak), max(count - 1, 0))) * span
    return np.concatenate([[first], np.maximum(times.astype(np.int64), first + 25)])


def _burst(
    rng: np.random.Generator, on: Any, count: int, authors: int, first_author: int, k: int, first: int, last: int
) -> list[Post]:
    times = _evening(rng, count, first, last, 0.6)
    who = np.concatenate([np.arange(authors), rng.integers(0, max(1, authors), max(0, count - authors))])[:count]
    day_s = calendar.day_of(on) * calendar.DAY_S
    order = np.concatenate([who[:1], rng.permutation(who[1:])])
    return [Post(day_s + int(t), first_author + int(a), k, incident=True) for t, a in zip(times, order, strict=True)]


def posts(plan: Plan, catalogue: tuple[Irritant, ...], rng: np.random.Generator) -> list[Post]:
    """Every post in time order: two bursts and the rest over two years."""
    index = {row.id: column for column, row in enumerate(catalogue)}
    authors = max(2, round(plan.n_outage_posts * 168 / 210))
    out = _burst(
        rng, calendar.OUTAGE_ON, plan.n_outage_posts, authors, 10_000, index["IRR-16"],
        calendar.OUTAGE_FIRST_POST_S, calendar.OUTAGE_END_S + 3_600,
    )  # fmt: skip
    out += _burst(
        rng, calendar.DOUBLE_DEBIT_ON, plan.n_debit_posts, max(1, round(plan.n_debit_posts * 0.85)), 30_000,
        index["IRR-06"], calendar.DEBIT_FIRST_POST_S, 23 * 3_600,
    )  # fmt: skip
    count = max(0, plan.n_posts - len(out))
    daily = profiles.month_profile(calendar.SOCIAL_MONTHS) * np.where(calendar.WEEKDAY == 6, 1.25, 1.0)
    days = np.searchsorted(np.cumsum(daily) / daily.sum(), rng.random(count), side="right")
    seconds = calendar.seconds_in_day(rng, calendar.SOCIAL_HOURS, count)
    table = np.cumsum(irritant_weights(catalogue, "social")[:, days], axis=0)
    k = (_strata(rng, count) * table[-1] > table).sum(axis=0)
    mood = rng.random(count)
    k = np.where(mood < 0.80, k, np.where(mood < 0.90, -1, -2))
    who = rng.integers(0, max(4, round(count * 0.8)), count)
    at = np.minimum(days * calendar.DAY_S + seconds, calendar.last_second() - 900)
    out += [Post(int(t), int(a), int(c)) for t, a, c in zip(at, who, k, strict=True)]
    return sorted(out, key=lambda post: (post.at, post.author))


def reviews(plan: Plan, catalogue: tuple[Irritant, ...], rng: np.random.Generator) -> list[tuple[Post, int, int]]:
    """Reviews in time order: (post, rating, number of the copied template or -1)."""
    count = max(0, plan.n_reviews - plan.n_copied_reviews)
    days = rng.integers(0, calendar.N_DAYS, count)
    seconds = calendar.seconds_in_day(rng, calendar.SOCIAL_HOURS, count)
    rating = np.array(RATINGS)[np.searchsorted(np.cumsum(RATING_SHARES), rng.random(count), side="right")]
    table = np.cumsum(irritant_weights(catalogue, "review")[:, days], axis=0)
    k = (_strata(rng, count) * table[-1] > table).sum(axis=0)
    at = np.minimum(days * calendar.DAY_S + seconds, calendar.last_second() - 900)
    out = [
        (Post(int(t), 50_000 + n, int(c)), int(r), -1) for n, (t, c, r) in enumerate(zip(at, k, rating, strict=True))
    ]
    first = calendar.day_of(calendar.COPIED_REVIEWS_ON) * calendar.DAY_S + 9 * 3_600
    wave = first + np.sort(rng.integers(0, 31 * 3_600, plan.n_copied_reviews))
    sold = next(column for column, row in enumerate(catalogue) if row.id == "IRR-23")
    out += [(Post(int(t), 90_000 + n, sold), 1, n % 9) for n, t in enumerate(wave)]
    return sorted(out, key=lambda item: (item[0].at, item[0].author))


class Public:
    """Writes posts and reviews as records."""

    def __init__(self, catalogue: tuple[Irritant, ...], writer: Writer, truth: Truth, prefix: str) -> None:
        self.catalogue, self.writer, self.truth, self.prefix = catalogue, writer, truth, prefix
        self.rng = writer.rng
        self.copied = parse_lines(COPIED)
        self.brand = parse_lines(BRAND)

    def _person(self) -> Person:
        pool = names()
        first, last = self.rng.choice(pool.women + pool.men), self.rng.choice(pool.last)
        return Person(first, last, "", "", self.rng.randrange(len(pool.regions)))

    def _author(self, number: int) -> dict[str, str]:
        word = HANDLE_WORDS[(number * 7 + number // 30) % len(HANDLE_WORDS)]
        return {"id": f"{self.prefix}u{number}", "handle": f"@{word}_{(number * 37 + 11) % 997}"}

    def _about(self, post: Post, extra: tuple[int, ...], happy: bool) -> About:
        day = post.at // calendar.DAY_S
        return About(
            irritants=(post.k, *extra) if post.k >= 0 else (),
            leave=post.k >= 0 and self.rng.random() < 0.04,
            happy=happy,
            sarcastic=post.k >= 0 and self.rng.random() < 0.07,
            winter=bool(calendar.WINTER[day]),
            incident=post.incident,
            after_notice=day >= calendar.day_of(calendar.PRICE_NOTICE_ON),
        )

    def _text(self, post: Post, source: str, n: int, extra: tuple[int, ...], happy: bool) -> tuple[str, list[Piece]]:
        writer, rng = self.writer, self.rng
        register = writer.register(source, english=rng.random() < 0.05)
        filler = Filler(rng, self._person(), post.at // calendar.DAY_S)
        about = self._about(post, extra, happy)
        pieces = writer.clauses(n, register, filler, about, rng.random() < 0.03)
        if source == "social":
            return writer.join(pieces, register, filler, about, 0.12, 0.14)
        return writer.join(pieces, "review" if register == "cou" else register, filler, about, 0.25, 0.2)

    def posts(self, plan: list[Post]) -> Iterator[dict[str, Any]]:
        """Records of posts; one in twenty passes on an earlier one of the same week."""
        rng = self.rng
        last: tuple[str, str, list[Piece], int] | None = None
        for number, post in enumerate(plan):
            post_id = f"{self.prefix}P{number + 1:07d}"
            again = last is not None and post.at - last[3] < 7 * calendar.DAY_S and rng.random() < REPOST_SHARE
            if again and last is not None:
                text, pieces, origin = last[1], last[2], last[0]
            else:
                text, pieces = self._text(post, "social", 1 if rng.random() < 0.62 else 2, (), post.k == -2)
                if rng.random() < 0.09 and text[-1] not in EMOJI:
                    text += " " + rng.choice(EMOJI)
                origin = None
                last = (post_id, text, pieces, post.at)
            self.truth.text(SOURCE, post_id, pieces, hidden=again)  # a repost is counted once, with its original
            yield self._record(post_id, "post", rng.choice(PLATFORMS), post, text, None, origin)
            if not again and rng.random() < 0.05:
                yield self._answer(post_id, post)

    def _answer(self, post_id: str, post: Post) -> dict[str, Any]:
        lines = [line for line in self.brand if ("incident" in line.flags) == (post.incident and post.k == 15)]
        text = Filler(self.rng, self._person(), 0).fill(self.rng.choice(lines), "soc")
        later = Post(min(post.at + self.rng.randint(1_500, 9_000), calendar.last_second() - 600), 0, -1)
        record = self._record(f"{post_id}-B", "post", "x", later, text, None, None)
        record["author"] = {"id": f"{self.prefix}brand", "handle": "Lumarelle"}
        return record

    def _record(
        self, post_id: str, kind: str, platform: str, post: Post, text: str, rating: int | None, origin: str | None
    ) -> dict[str, Any]:
        created, received = calendar.stamps([post.at, post.at + self.rng.randint(15, 75)])
        return {
            "post_id": post_id,
            "kind": kind,
            "platform": platform,
            "created_at": created,
            "received_at": received,
            "author": self._author(post.author),
            "text": text,
            "rating": rating,
            "url": None,
            "repost_of": origin,
            "region": None,
        }

    def reviews(self, plan: list[tuple[Post, int, int]]) -> Iterator[dict[str, Any]]:
        """Records of reviews; the copied wave changes a word here and there."""
        rng = self.rng
        for number, (post, rating, template) in enumerate(plan):
            post_id = f"{self.prefix}V{number + 1:07d}"
            if template >= 0:
                text, pieces = self._copy(template)
            else:
                text, pieces = self._review(post, rating)
            self.truth.text(SOURCE, post_id, pieces)
            site = "trustlike" if template >= 0 else rng.choice(REVIEW_SITES)
            yield self._record(post_id, "review", site, post, text, rating, None)

    def _review(self, post: Post, rating: int) -> tuple[str, list[Piece]]:
        rng = self.rng
        if rating >= 4:
            n = rng.choices((1, 2, 3), (0.4, 0.45, 0.15))[0]
            mixed = rating == 4 and rng.random() < 0.4
            return self._text(post if mixed else Post(post.at, post.author, -2), "review", n, (), True)
        other = rng.randrange(len(self.catalogue))
        born = post.at // calendar.DAY_S >= calendar.day_of(calendar.OFF_PEAK_ON)
        extra = (
            (other,)
            if rng.random() < 0.4
            and self.catalogue[other].id not in ("IRR-28",)
            and (born or self.catalogue[other].id != "IRR-22")
            else ()
        )
        return self._text(post, "review", rng.randint(2, 4), extra, False)

    def _copy(self, template: int) -> tuple[str, list[Piece]]:
        filler = Filler(self.rng, self._person(), 0)
        text = filler.fill(self.copied[template], "cou").replace("Lumarelle Énergie", "Lumarelle")
        if self.rng.random() < 0.3:
            text = self.rng.choice(("Honteux. ", "Attention. ", "")) + text
        if self.rng.random() < 0.5:
            text += self.rng.choice((" !", ".", " !!"))
        irritant = next(row for row in self.catalogue if row.id == "IRR-23")
        return text, [Piece(text, "irritant", irritant.id, irritant.strength)]
