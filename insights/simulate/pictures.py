"""The CRM's export: a picture of every customer at each month end, personal columns included."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from insights.simulate import calendar
from insights.simulate.customers import (
    ACQUISITIONS,
    AGE_BANDS,
    ENERGIES,
    HABITS,
    N_BEFORE,
    PAYMENTS,
    PRODUCTS,
    Bools,
    Floats,
    Ints,
)
from insights.simulate.departures import NEVER
from insights.simulate.personal import names
from insights.simulate.state import World

PICTURE = pa.schema(
    [
        ("customer_id", pa.string()),
        ("as_of", pa.date32()),
        ("held_at", pa.timestamp("s", tz="UTC")),
        ("segment", pa.string()),
        ("product", pa.string()),
        ("region", pa.string()),
        ("acquisition_channel", pa.string()),
        ("preferred_language", pa.string()),
        ("age_band", pa.string()),
        ("digital_habit", pa.string()),
        ("contract_start_on", pa.date32()),
        ("contract_end_on", pa.date32()),
        ("price_change_on", pa.date32()),
        ("tariff_option", pa.string()),
        ("energy", pa.string()),
        ("heating", pa.string()),
        ("payment_method", pa.string()),
        ("monthly_amount_eur", pa.float64()),
        ("margin_eur_year", pa.float64()),
        ("usage_30d", pa.float64()),
        ("usage_30d_last_year", pa.float64()),
        ("n_logins_30d", pa.int32()),
        ("n_unpaid", pa.int32()),
        ("low_income", pa.bool_()),
        ("paper_bill", pa.bool_()),
        ("leaving", pa.bool_()),
        ("objection", pa.bool_()),
        ("email", pa.string()),
        ("phone", pa.string()),
        ("first_name", pa.string()),
        ("last_name", pa.string()),
    ]
)
# Heating season by month (mean 1) for electric heating, for gas, and without; weather of each pictured month.
_ELECTRIC = np.array((2.1, 1.9, 1.5, 0.95, 0.6, 0.4, 0.35, 0.35, 0.45, 0.75, 1.3, 1.85))
_GAS = np.array((2.4, 2.1, 1.6, 0.9, 0.45, 0.25, 0.2, 0.2, 0.3, 0.7, 1.4, 2.1))
_PLAIN = np.array((1.15, 1.1, 1.03, 0.96, 0.92, 0.93, 0.95, 0.92, 0.94, 0.98, 1.05, 1.12))
_WEATHER = np.array(
    (1.02, 0.97, 1.00, 1.05, 0.96, 0.98, 1.01, 1.00, 1.03, 0.97, 0.99, 1.00)  # Oct 2023 to Sep 2024
    + (0.98, 1.03, 0.97, 0.96, 1.04, 1.00, 0.95, 1.00, 0.98, 1.02, 1.00, 1.03)  # Oct 2024 to Sep 2025
    + (1.01, 0.98, 1.02, 1.17, 1.03, 0.95, 1.00, 0.97, 1.00, 1.00, 0.99, 1.00, 0.97)  # Jan 2026: the cold spell
)
_REGULAR_CHANGES = ((2025, 2), (2025, 8), (2026, 2), (2026, 8))


def _dictionary(codes: Ints, values: tuple[str, ...]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int8)), pa.array(values)).cast(pa.string())


def _date32(days: Any, none: Any = None) -> pa.Array:
    shifted = np.asarray(days, dtype=np.int64) + (calendar.FIRST_DAY.toordinal() - 719_163)
    return pa.array(shifted.astype(np.int32), mask=none).cast(pa.date32())


class Pictures:
    """Month-end pictures. Personal columns are made once and taken by row."""

    def __init__(self, world: World, rng: np.random.Generator) -> None:
        self.world = world
        self.rng = rng
        pop = world.pop
        people = [pop.person(i) for i in range(pop.n)]
        self.ids = pa.array(pop.ids())
        self.personal = {
            "email": pa.array([p.email for p in people]),
            "phone": pa.array([p.phone or None for p in people], type=pa.string()),
            "first_name": pa.array([p.first for p in people]),
            "last_name": pa.array([p.last for p in people]),
        }
        self.logins = np.array((0.25, 1.3, 4.2))[pop.habit]

    def present(self, picture: int) -> Bools:
        """Who is in the picture: arrived, departure not yet effective."""
        day = calendar.day_of(calendar.MONTH_ENDS[picture])
        return (self.world.pop.arrival <= day) & (self.world.effective_on > day)

    def table(self, picture: int) -> pa.Table:
        """One picture."""
        pop, on = self.world.pop, calendar.MONTH_ENDS[picture]
        day = calendar.day_of(on)
        rows = np.flatnonzero(self.present(picture))
        left = pop.days_to_term(day)[rows]
        fixed = pop.term_years[rows] > 0
        change, has_change = self._price_change(rows, left, fixed, day)
        used, before = self._usage(rows, picture, on.month)
        young = pop.tenure_days(day)[rows] < 395
        n = len(rows)
        held = calendar.utc(np.array([day * calendar.DAY_S + 23 * 3_600 + 1_800])) if day >= 0 else _first_held()
        columns: dict[str, Any] = {
            "customer_id": self.ids.take(pa.array(rows)),
            "as_of": _date32(np.full(n, day)),
            "held_at": pa.array(np.repeat(held, n)).cast(pa.timestamp("s", tz="UTC")),
            "segment": _dictionary(pop.business[rows].astype(int), ("household", "small_business")),
            "product": _dictionary(pop.product[rows], PRODUCTS),
            "region": _dictionary(pop.region[rows], names().regions),
            "acquisition_channel": _dictionary(pop.acquisition[rows], ACQUISITIONS),
            "preferred_language": _dictionary(pop.english[rows].astype(int), ("fr", "en")),
            "age_band": _dictionary(pop.age[rows], AGE_BANDS),
            "digital_habit": _dictionary(pop.habit[rows], HABITS),
            "contract_start_on": _date32(pop.arrival[rows]),
            "contract_end_on": _date32(np.where(fixed, day + left, 0), ~fixed),
            "price_change_on": _date32(np.where(has_change, change, 0), ~has_change),
            "tariff_option": _dictionary(pop.peak[rows].astype(int), ("single", "peak_offpeak")),
            "energy": _dictionary(pop.energy[rows], ENERGIES),
            "heating": _dictionary(
                np.where(pop.electric_heating[rows], 0, np.where(pop.energy[rows] > 0, 1, 2)),
                ("electric", "gas", "other"),
            ),
            "payment_method": _dictionary(pop.payment[rows], PAYMENTS),
            "monthly_amount_eur": self._monthly(rows, day),
            "margin_eur_year": np.round(pop.margin_eur[rows], 2),
            "usage_30d": used,
            "usage_30d_last_year": pa.array(before, mask=young),
            "n_logins_30d": self._logins(rows, picture).astype(np.int32),
            "n_unpaid": pop.unpaid[rows, picture].astype(np.int32),
            "low_income": pop.low_income[rows],
            "paper_bill": pop.paper[rows] & ((day < calendar.day_of(calendar.PAPER_OPT_IN_ON)) | (rows % 5 < 2)),
            "leaving": self.world.learned_on[rows] <= day,
            "objection": pop.objection[rows],
        }
        take = pa.array(rows)
        columns |= {name: values.take(take) for name, values in self.personal.items()}
        return pa.table([columns[name] for name in PICTURE.names], schema=PICTURE)

    def _price_change(self, rows: Ints, left: Ints, fixed: Bools, day: int) -> tuple[Ints, Bools]:
        """Next announced price change: end of a fixed price within 60 days; rises of indexed offers a month ahead."""
        change = np.where(fixed & (left <= 60), day + left, NEVER)
        notices = [(calendar.day_of(calendar.PRICE_NOTICE_ON), calendar.day_of(calendar.PRICE_RISE_ON))]
        for year, month in _REGULAR_CHANGES:
            first = calendar.day_of(calendar.FIRST_DAY.replace(year=year, month=month))
            notices.append((first - 31, first))
        for notice, start in notices:
            if notice <= day < start:
                change = np.where(~fixed, np.minimum(change, start), change)
        return change, change < NEVER

    def _usage(self, rows: Ints, picture: int, month: int) -> tuple[Floats, Floats]:
        pop = self.world.pop
        season = np.where(
            pop.electric_heating[rows],
            _ELECTRIC[month - 1],
            np.where(pop.energy[rows] > 0, _GAS[month - 1], _PLAIN[month - 1]),
        )
        cold = np.where(pop.electric_heating[rows] | (pop.energy[rows] > 0), 1.0, 0.3)
        now, then = _WEATHER[picture + N_BEFORE], _WEATHER[picture]
        base = pop.annual_kwh[rows] * 30 / 365 * season
        used = base * np.exp(pop.usage[rows, picture + N_BEFORE] + cold * np.log(now))
        before = base * np.exp(pop.usage[rows, picture] + cold * np.log(then))
        return np.round(used, 1), np.round(before, 1)

    def _monthly(self, rows: Ints, day: int) -> Floats:
        pop = self.world.pop
        price = np.where(pop.energy[rows] == 0, 0.235, 0.145)
        rise = 1.09 if day >= calendar.day_of(calendar.PRICE_RISE_ON) else 1.0
        rise_by = np.where(pop.term_years[rows] == 0, rise, 1.0)
        return np.asarray(np.round(12 + pop.annual_kwh[rows] * price * rise_by / 12, 2))

    def _logins(self, rows: Ints, picture: int) -> Ints:
        mood = self.world.pop.engagement[rows, picture]
        return np.asarray(self.rng.poisson(self.logins[rows] * np.exp(0.75 * mood - 0.28)))


def _first_held() -> Any:
    """Instant of the picture taken the day before the first day (winter time)."""
    return np.array([np.datetime64("2024-10-31T22:30:00", "s")])
