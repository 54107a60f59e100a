"""How many customers prove an effect, against the published figures and statsmodels' own solver; and when."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import proportion_effectsize

from insights.uplift.sizes import Size, forecast, needed

TODAY = date(2026, 10, 31)


@pytest.mark.parametrize(("base", "each"), [(0.02, 17_289), (0.05, 6_726), (0.10, 3_205), (0.20, 1_444)])
def test_the_sizes_of_the_methods(base, each):
    assert needed(base) == Size(each, each)


def test_nine_called_for_one_held_out():
    assert needed(0.20, held_share=0.10) == Size(7_220, 802)
    assert needed(0.20, relative_cut=0.30).n_called == 611


@given(st.floats(0.01, 0.9), st.floats(0.05, 0.9), st.floats(0.05, 0.5))
def test_the_sizes_are_those_of_statsmodels(base, cut, share):
    effect = proportion_effectsize(base, base * (1 - cut))
    called = NormalIndPower().solve_power(effect, alpha=0.05, power=0.8, ratio=share / (1 - share))
    found = needed(base, cut, share)
    assert found.n_called == pytest.approx(called, rel=1e-3, abs=1)
    assert found.n_held == pytest.approx(called * share / (1 - share), rel=1e-3, abs=1)


@pytest.mark.parametrize("wrong", [(0.0, 0.2, 0.1), (0.2, 0.0, 0.1), (0.2, 0.2, 1.0), (1.0, 0.2, 0.1)])
def test_what_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError, match="between 0 and 1"):
        needed(*wrong)


def test_the_day_follows_from_the_pace_and_the_horizon():
    ahead = forecast(Size(900, 100), 300, 70.0, TODAY, 104, pool=5000)
    assert ahead.enough_on == date(2027, 1, 9)  # 700 more, ten weeks
    assert ahead.read_on == date(2027, 4, 23)
    assert not ahead.in_a_quarter
    assert forecast(Size(700, 77), 0, 70.0, TODAY, 104).in_a_quarter
    assert forecast(Size(900, 100), 1000, 0.0, TODAY, 104).enough_on == TODAY


@pytest.mark.parametrize(("pace", "pool"), [(0.0, None), (0.001, None), (70.0, 999)])
def test_never_is_said_as_never(pace, pool):
    ahead = forecast(Size(900, 100), 0, pace, TODAY, 104, pool)
    assert (ahead.enough_on, ahead.read_on) == (None, None)
