"""What docs/definitions.md says from RFM to KPIs, in plain Python: exact, slow, and written without a look at the SQL."""

from __future__ import annotations

import calendar
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from statistics import median

ZERO = Decimal("0.00")
GRID = {
    "champions": ("5", "45"),
    "loyal": ("34", "45"),
    "potential_loyalist": ("45", "23"),
    "new": ("5", "1"),
    "promising": ("4", "1"),
    "need_attention": ("3", "3"),
    "about_to_sleep": ("3", "12"),
    "at_risk": ("12", "34"),
    "cant_lose": ("12", "5"),
    "hibernating": ("12", "12"),
}
"""Recency and frequency scores of each segment."""


@dataclass(frozen=True)
class Sale:
    """A valid order; ``customer`` is None for a guest."""

    order_id: str
    customer: str | None
    day: date
    gross: Decimal
    discount: Decimal


@dataclass(frozen=True)
class Refund:
    """Money given back for an order that counts."""

    customer: str | None
    day: date
    amount: Decimal


@dataclass(frozen=True)
class Books:
    """Everything that happened up to D."""

    as_of: date
    sales: tuple[Sale, ...]
    refunds: tuple[Refund, ...]

    @classmethod
    def up_to(cls, as_of: date, sales: Iterable[Sale], refunds: Iterable[Refund]) -> Books:
        """The events whose date is not after D."""
        return cls(as_of, tuple(s for s in sales if s.day <= as_of), tuple(r for r in refunds if r.day <= as_of))

    @property
    def buyers(self) -> list[str]:
        """Identified customers with a valid order."""
        return sorted({sale.customer for sale in self.sales if sale.customer})

    def purchase_days(self, customer: str) -> list[date]:
        """The customer's distinct order dates in order."""
        return sorted({sale.day for sale in self.sales if sale.customer == customer})

    def net(self, customer: str) -> Decimal:
        """gross - discounts - refunds; a customer without orders may have refunds."""
        bought = sum((s.gross - s.discount for s in self.sales if s.customer == customer), ZERO)
        return bought - sum((r.amount for r in self.refunds if r.customer == customer), ZERO)


# RFM and value --------------------------------------------------------------------------------------------------------


def quantile(values: Sequence[Fraction], fifth: int) -> Fraction:
    """The fifth/5 quantile by linear interpolation, exactly."""
    ordered = sorted(values)
    place = Fraction(fifth * (len(ordered) - 1), 5)
    low, high = ordered[math.floor(place)], ordered[math.ceil(place)]
    return low + (high - low) * (place - math.floor(place))


def rfm(books: Books) -> dict[str, tuple[int, int, Decimal, str, str]]:
    """customer → recency_days, frequency, monetary, code, segment."""
    measures = {
        customer: (
            (books.as_of - books.purchase_days(customer)[-1]).days,
            sum(1 for sale in books.sales if sale.customer == customer),
            books.net(customer),
        )
        for customer in books.buyers
    }
    cuts = [
        [quantile([Fraction(row[i]) for row in measures.values()], fifth) for fifth in (1, 2, 3, 4)] for i in range(3)
    ]
    result = {}
    for customer, row in measures.items():
        below = [sum(1 for cut in cuts[i] if cut < Fraction(row[i])) for i in range(3)]
        scores = (5 - below[0], 1 + below[1], 1 + below[2])
        segments = [name for name, (r, f) in GRID.items() if str(scores[0]) in r and str(scores[1]) in f]
        assert len(segments) == 1, f"the grid gives {segments} for {scores}"
        result[customer] = (*row, "".join(map(str, scores)), segments[0])
    return result


def value_tiers(books: Books) -> dict[str, str]:
    """customer → high, medium or low; only buyers."""
    nets = {customer: books.net(customer) for customer in books.buyers}
    total = sum((max(net, ZERO) for net in nets.values()), ZERO)
    tiers = {}
    for customer, net in nets.items():
        before = sum((max(other, ZERO) for other in nets.values() if other > net), ZERO)
        if net <= 0:
            tiers[customer] = "low"
        elif before < total * Decimal("0.80"):
            tiers[customer] = "high"
        else:
            tiers[customer] = "medium" if before < total * Decimal("0.95") else "low"
    return tiers


# Lifecycle ------------------------------------------------------------------------------------------------------------


def gaps(days: Sequence[date]) -> list[int]:
    """Days between neighbours."""
    return [(later - earlier).days for earlier, later in pairwise(days)]


def bounded(cadence: float) -> float:
    """Within [7, 365]."""
    return min(max(cadence, 7.0), 365.0)


def churn_limit(cadence: float) -> float:
    """max(180, 4 × cadence), at most 730."""
    return min(max(180.0, 4 * cadence), 730.0)


def population_cadence(books: Books) -> float:
    """The median of the own medians, or 60 until the history spans 180 days; not bounded."""
    medians = [
        float(median(between[-12:]))
        for between in (gaps(books.purchase_days(customer)) for customer in books.buyers)
        if len(between) >= 2
    ]
    first = min((books.purchase_days(customer)[0] for customer in books.buyers), default=books.as_of)
    return float(median(medians)) if medians and (books.as_of - first).days >= 180 else 60.0


def lifecycle(books: Books, customer: str, population: float, loyal_min_days: int = 4) -> tuple[str, float | None]:
    """Stage and own cadence."""
    days = books.purchase_days(customer)
    if not days:
        return "prospect", None
    between = gaps(days)

    def cadence_from(earlier: Sequence[int]) -> float:
        return bounded(float(median(earlier[-12:])) if len(earlier) >= 2 else population)

    cadence = cadence_from(between)
    silent, tenure = (books.as_of - days[-1]).days, (books.as_of - days[0]).days
    returned = any(
        (books.as_of - days[i + 1]).days <= 90 and gap > churn_limit(cadence_from(between[:i]))
        for i, gap in enumerate(between)
    )
    recent = sum(1 for day in days if day > books.as_of - timedelta(days=365))
    if silent > churn_limit(cadence):
        return "churned", cadence
    if tenure <= 60:
        return "new", cadence
    if silent > max(30.0, 1.5 * cadence):
        return "at_risk", cadence
    if returned:
        return "reactivated", cadence
    return ("loyal" if recent >= loyal_min_days and tenure >= 180 else "active"), cadence


# Cohorts, concentration, KPIs -----------------------------------------------------------------------------------------


def month_of(day: date) -> date:
    """First day of the month."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """First day of the following month."""
    return (month + timedelta(days=31)).replace(day=1)


def months(first: date, last: date) -> list[date]:
    """First days of the months from first to last."""
    result = [month_of(first)]
    while next_month(result[-1]) <= last:
        result.append(next_month(result[-1]))
    return result


def has_ended(month: date, as_of: date) -> bool:
    """Whether the last day of the month is not after D."""
    return month.replace(day=calendar.monthrange(month.year, month.month)[1]) <= as_of


def gini(values: Iterable[Decimal]) -> float | None:
    """2 Σ i·x / (n Σ x) − (n + 1)/n over ascending x, negatives as 0; None where Σ x = 0."""
    ordered = sorted(Fraction(max(value, ZERO)) for value in values)
    n, total = len(ordered), sum(ordered)
    if not total:
        return None
    return float(2 * sum(i * x for i, x in enumerate(ordered, start=1)) / (n * total) - Fraction(n + 1, n))


def top_20_share(values: Iterable[Decimal]) -> float | None:
    """Part of the sum that the top ceil(0.2 n) bring, negatives as 0; None where the sum is 0."""
    ordered = sorted((Fraction(max(value, ZERO)) for value in values), reverse=True)
    total = sum(ordered)
    return float(sum(ordered[: math.ceil(Fraction(len(ordered), 5))]) / total) if total else None
