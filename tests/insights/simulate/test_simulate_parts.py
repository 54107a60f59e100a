"""The parts alone: templates, words, noise, time, scores, hazards."""

from __future__ import annotations

from datetime import date
from random import Random

import numpy as np
import pytest

from insights.errors import SettingsError
from insights.simulate import bank, calendar, noise, profiles, scores, slots, words
from insights.simulate.compose import About, Writer
from insights.simulate.contacts import Contacts, evenly
from insights.simulate.customers import build
from insights.simulate.departures import Boosts, kernel
from insights.simulate.invitations import Invitations
from insights.simulate.personal import Person, phone_number, phone_spoken
from insights.simulate.plan import demo_plan
from insights.simulate.state import World
from insights.simulate.world import simulate

PERSON = Person("Anne", "Roux", "anne.roux1@example.org", "0639981247", 2)


def test_every_wording_of_the_bank_can_be_filled() -> None:
    loaded = bank.load()
    filler = slots.Filler(Random(1), PERSON, 400)
    for key, registers in loaded.lines.items():
        for register, lines in registers.items():
            for line in lines:
                text = filler.fill(line, register)
                assert text
                assert not set("{}<>") & set(text), (key, text)


def test_every_irritant_has_enough_wordings_in_both_languages() -> None:
    loaded = bank.load()
    for irritant in bank.irritants():
        lines = loaded.lines[irritant.id]
        assert sum(len(found) for register, found in lines.items() if register != "en") >= 16, irritant.id
        assert len(lines["en"]) >= 4
        assert {"cou", "sou", "fam", "sms", "oral", "mail", "soc"} <= lines.keys()
    assert sum(irritant.share for irritant in bank.irritants()) == pytest.approx(100)


def test_a_broken_template_is_refused() -> None:
    with pytest.raises(SettingsError, match="unbalanced"):
        bank.parse("un <choix|sans fin")
    with pytest.raises(SettingsError, match="register"):
        bank.parse_lines("sans registre")


@pytest.mark.parametrize(
    ("n", "text"),
    [(0, "zéro"), (21, "vingt et un"), (71, "soixante et onze"), (80, "quatre-vingts"), (97, "quatre-vingt-dix-sept"),
     (200, "deux cents"), (930, "neuf cent trente"), (1180, "mille cent quatre-vingts")],
)  # fmt: skip
def test_french_numbers_in_words(n: int, text: str) -> None:
    assert words.french(n) == text


def test_english_numbers_in_words() -> None:
    assert words.english(1930) == "one thousand nine hundred and thirty"


def test_time_is_paris_time() -> None:
    winter = calendar.day_of(date(2026, 1, 13)) * calendar.DAY_S + calendar.OUTAGE_FIRST_POST_S
    summer = calendar.day_of(date(2025, 7, 1)) * calendar.DAY_S + 12 * 3600
    assert calendar.stamps([winter, summer]) == ["2026-01-13T16:58:00Z", "2025-07-01T10:00:00Z"]
    assert calendar.date_of(calendar.N_DAYS - 1) == date(2026, 10, 31)


def test_profiles_hold_the_calendar() -> None:
    def mean(irritant_id: str, start: date, end: date) -> float:
        irritant = next(row for row in bank.irritants() if row.id == irritant_id)
        profile = profiles.irritant_profile(irritant_id, irritant.months, with_week=False)
        return float(profile[calendar.day_of(start) : calendar.day_of(end)].mean())

    refund = mean("IRR-04", date(2026, 5, 1), date(2026, 6, 1)) / mean("IRR-04", date(2025, 5, 1), date(2025, 6, 1))
    menu = mean("IRR-10", date(2026, 5, 1), date(2026, 6, 1)) / mean("IRR-10", date(2025, 5, 1), date(2025, 6, 1))
    assert refund == pytest.approx(0.52, abs=0.01)
    assert menu == pytest.approx(1.0)
    assert (
        mean("IRR-22", date(2025, 3, 1), date(2025, 9, 1)) < 0.1 < mean("IRR-22", date(2026, 9, 1), date(2026, 10, 1))
    )
    debit = mean("IRR-06", date(2025, 3, 18), date(2025, 3, 22)) / mean("IRR-06", date(2025, 4, 1), date(2025, 4, 5))
    assert debit == pytest.approx(22, rel=0.05)


def test_noise_depends_on_the_register_and_keeps_words_apart() -> None:
    text = "je vous ai envoyé le relevé du compteur Linky trois fois, sans réponse"
    spoken = noise.spoken(Random(2), text, error_share=0.5)
    assert spoken == spoken.lower()
    assert "," not in spoken
    assert noise.strip_accents("déçu, énervé à Nîmes") == "decu, enerve a Nimes"
    changed = sum(noise.typed(Random(seed), text, "sms") != text for seed in range(300))
    rarely = sum(noise.typed(Random(seed), text, "cou") != text for seed in range(300))
    assert changed > 1.5 * rarely > 0


def test_phones_differ_up_to_the_last_and_stop() -> None:
    numbers = [phone_number(n) for n in range(60_000)]
    assert len({*numbers}) == 60_000
    assert phone_number(60_000) == ""
    assert phone_spoken("0639981247").startswith("zéro six trente neuf quatre vingt dix huit")


def test_sentences_and_clauses_agree_after_noise() -> None:
    writer = Writer(bank.load(), bank.irritants(), Random(4))
    for turn in range(300):
        register = ("cou", "sms", "soc", "mail", "sen", "en")[turn % 6]
        filler = slots.Filler(writer.rng, PERSON, 500)
        about = About(irritants=(turn % 30, (turn + 7) % 30), leave=turn % 5 == 0)
        pieces = writer.clauses(3, register, filler, about, pii=turn % 3 == 0)
        text, pieces = writer.join(pieces, register, filler, about, 0.5, 0.5)
        at = 0
        for piece in pieces:
            at = text.index(piece.text, at) + len(piece.text)
            assert all(value in piece.text for _, value in piece.pii)


def test_winter_truce_takes_cuts_away_but_not_reductions() -> None:
    writer = Writer(bank.load(), bank.irritants(), Random(4))
    winter = writer.lines("IRR-27", "sou", About(winter=True))
    summer = writer.lines("IRR-27", "sou", About(winter=False))
    assert len(winter) < len(summer)
    assert not any("cut" in line.flags for line in winter)


def test_offset_brings_the_score_to_its_level() -> None:
    raw = np.random.default_rng(3).normal(6.5, 2.0, 4_000)
    for target in (-30.0, -6.0, 12.0):
        assert scores.nps_of(scores.whole(raw + scores.offset_for_nps(raw, target))) == pytest.approx(target, abs=1.0)


def test_kernel_keeps_the_ratio_over_ninety_days_and_prices_act_sooner() -> None:
    usual, price, late = kernel(34), kernel(19), kernel(58)
    assert usual[:13].mean() == pytest.approx(1)
    assert late.mean() == pytest.approx(1)
    assert np.argmax(price) <= np.argmax(usual) < np.argmax(late)


def test_mentions_add_up_again_more_and_solved_less() -> None:
    catalogue = bank.irritants()
    boosts = Boosts.empty(4, catalogue)
    one = np.ones(1, dtype=bool)
    day = np.array([70])
    boosts.add(np.array([0]), day, np.array([12]), ~one, ~one)
    boosts.add(np.array([1]), day, np.array([12]), one, ~one)
    boosts.add(np.array([2]), day, np.array([12]), ~one, ~one)
    boosts.add(np.array([2]), day + 9, np.array([12]), ~one, ~one)
    week = boosts.week(13)
    assert week[2] > week[0] > week[1]
    assert week[3] == 0
    assert boosts.week(10)[0] == 0  # nothing before the mention's own week is over


def test_a_systematic_sample_keeps_the_share_of_each_irritant() -> None:
    n = 3_000
    rng = np.random.default_rng(2)
    zeros, no = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=bool)
    k1 = rng.choice(5, n, p=[0.5, 0.3, 0.1, 0.06, 0.04])
    day = rng.integers(0, 730, n)
    made = Contacts(zeros, day, zeros, zeros, k1, zeros - 1, zeros - 1, zeros, no, no, no, no)
    kept = evenly(rng, made, np.arange(n), 300)
    assert len({*kept.tolist()}) == 300
    assert np.abs(np.bincount(k1[kept], minlength=5) - 300 * np.bincount(k1, minlength=5) / n).max() <= 1.01


@pytest.fixture(scope="module")
def portfolio() -> World:
    rng = np.random.default_rng(8)
    plan = demo_plan(0.25)
    return simulate(build(plan, rng, 1), plan, np.arange(24) % 2 == 0, rng)


def test_departures_come_at_the_rates_of_the_bible(portfolio: World) -> None:
    household = ~portfolio.pop.business
    years = portfolio.hazard_weeks[household].sum() * 7 / 365.25
    yearly = np.bincount(portfolio.cause[household] + 1, minlength=5)[1:] / years
    assert yearly == pytest.approx([0.082, 0.071, 0.013, 0.009], rel=0.3)


def test_seniors_and_those_who_avoid_technology_answer_more(portfolio: World) -> None:
    sent = Invitations.join(portfolio.invitations)
    asked = sent.take(sent.reason == 0)
    senior = portfolio.pop.age[asked.customer] >= 3
    heavy = portfolio.pop.habit[asked.customer] == 2
    assert asked.answered[senior].mean() > 1.3 * asked.answered[~senior].mean()
    assert asked.answered[heavy].mean() < 0.9 * asked.answered[~heavy].mean()


def test_nobody_is_asked_again_within_the_quarantine(portfolio: World) -> None:
    sent = Invitations.join(portfolio.invitations)
    sent = sent.take((sent.reason == 0) & np.isin(sent.survey, (1, 2)))
    order = np.lexsort((sent.at, sent.customer))
    same = np.diff(sent.customer[order]) == 0
    gaps = np.diff(sent.at[order])[same] / calendar.DAY_S
    assert same.any()
    assert gaps.min() > 80  # 90 days between the days of two contacts; answers travel by text message within the hour


def test_solved_contacts_come_back_less(portfolio: World) -> None:
    made = Contacts.join(portfolio.contacts)
    assert 0.2 < made.repeat.mean() < 0.36
    index = [irritant.id for irritant in portfolio.catalogue].index("IRR-28")
    assert portfolio.pop.business[made.customer[made.k1 == index]].all()
