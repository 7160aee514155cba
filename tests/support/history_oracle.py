"""What docs/definitions.md#lifecycle says about relationship stages, history, flow and ledger, in plain Python and pandas.

Written from the definitions, without a look at the SQL; slow and exact. ``segment_oracle`` has RFM and value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pandas as pd

from tests.support import segment_oracle as at_day
from tests.support.segment_oracle import ZERO, Books, Refund, Sale, month_of, next_month

SEGMENTATIONS = {"lifecycle": 0, "relationship": 1, "rfm": 2, "value_tier": 3}
"""Segmentation → place in a customer's state."""

State = tuple[str, str, str, str]
"""lifecycle, relationship, rfm, value_tier."""
Period = tuple[date, date | None, State]
"""valid_from, valid_to, state."""
PROSPECT: State = ("prospect", "none", "unknown", "unknown")
OUTSIDE = ("prospect", "churned")


def relationship(books: Books, customer: str, stage: str) -> str:
    """The relationship stage of somebody in that lifecycle stage."""
    days = books.purchase_days(customer)
    if not days:
        return "none"
    middle, begin = books.as_of - timedelta(days=180), books.as_of - timedelta(days=360)
    later, earlier = _net(books, customer, middle, books.as_of), _net(books, customer, begin, middle)
    if stage in ("at_risk", "churned") or (later <= 0 and earlier <= 0):
        return "decline"
    ratio = None
    if earlier > 0:
        window = [begin + timedelta(days=number) for number in range(1, 181)]
        tenure_within = sum(1 for day in window if day >= days[0])
        ratio = Fraction(later) / (Fraction(earlier) * Fraction(180, tenure_within))
    if ratio is not None and ratio <= Fraction(3, 4) and sum(1 for day in days if begin < day <= middle) >= 2:
        return "decline"
    if len(days) <= 2 or (books.as_of - days[0]).days < 180:
        return "exploration"
    if (ratio is not None and ratio >= Fraction(5, 4)) or (earlier <= 0 < later):
        return "growth"
    return "stable"


def _net(books: Books, customer: str, after: date, until: date) -> Decimal:
    bought = sum((s.gross - s.discount for s in books.sales if s.customer == customer and after < s.day <= until), ZERO)
    return bought - sum((r.amount for r in books.refunds if r.customer == customer and after < r.day <= until), ZERO)


def states(books: Books, known: Iterable[str], loyal_min_days: int = 4) -> dict[str, State]:
    """The state of everybody known at the end of the books' day."""
    population = at_day.population_cadence(books)
    segments, tiers = at_day.rfm(books) if books.buyers else {}, at_day.value_tiers(books)
    found = {}
    for customer in known:
        own = _of(books, customer)
        stage = at_day.lifecycle(own, customer, population, loyal_min_days)[0]
        if stage == "prospect":
            found[customer] = PROSPECT
        else:
            found[customer] = (stage, relationship(own, customer, stage), segments[customer][4], tiers[customer])
    return found


def _of(books: Books, customer: str) -> Books:
    """The books with the entries of one customer, which is all that a stage needs."""
    return Books(
        books.as_of,
        tuple(sale for sale in books.sales if sale.customer == customer),
        tuple(refund for refund in books.refunds if refund.customer == customer),
    )


@dataclass
class History:
    """Every observation up to D: the month ends, and D itself.

    Args:
        as_of: D.
        sales: every sale, later ones too.
        refunds: every refund, later ones too.
        first_seen: customer → the day from which they are known.
    """

    as_of: date
    sales: list[Sale]
    refunds: list[Refund]
    first_seen: Mapping[str, date]
    observed: dict[date, dict[str, State]] = field(init=False)

    def __post_init__(self) -> None:
        self.observed = {}
        for month in at_day.months(min(self.first_seen.values()), self.as_of):
            day = min(next_month(month) - timedelta(days=1), self.as_of)
            known = [customer for customer, first in self.first_seen.items() if first <= day]
            self.observed[day] = states(Books.up_to(day, self.sales, self.refunds), known)

    def periods(self) -> dict[str, list[Period]]:
        """customer → periods in which nothing changed."""
        found: dict[str, list[Period]] = {}
        for day, everybody in self.observed.items():
            for customer, state in everybody.items():
                mine = found.setdefault(customer, [])
                if mine and mine[-1][2] == state:
                    continue
                if mine:
                    mine[-1] = (mine[-1][0], day, mine[-1][2])
                mine.append((day, None, state))
        return found

    def at(self, day: date) -> dict[str, State]:
        """What the periods say about a day that was observed."""
        return self.observed[day]

    def transitions(self) -> dict[tuple[date, str, str], int]:
        """(month, from, to) → customers, entered for those seen for the first time."""
        rows = []
        before: dict[str, State] = {}
        for day, now in self.observed.items():
            rows += [(month_of(day), before[c][0] if c in before else "entered", now[c][0]) for c in now]
            before = now
        return pd.DataFrame(rows, columns=["month", "from", "to"]).value_counts().to_dict()

    def ledger(self) -> dict[tuple[date, str, str], dict[str, Decimal | int]]:
        """(month, segmentation, segment) → heads and money, for every row in which something is not zero."""
        first = min([sale.day for sale in self.sales] + [refund.day for refund in self.refunds])
        entries = []
        for month in at_day.months(first, self.as_of):
            day = min(next_month(month) - timedelta(days=1), self.as_of)
            before = self.observed.get(month - timedelta(days=1), {})
            money = self._net_by_customer(month)
            for name in ("all", *SEGMENTATIONS):
                entries += _entries(month, name, before, self.observed[day], money)
        frame = pd.DataFrame(entries, columns=["month", "segmentation", "segment", "column", "amount"])
        found: dict[tuple[date, str, str], dict[str, Decimal | int]] = {}
        for key, amount in frame.groupby(["month", "segmentation", "segment", "column"])["amount"].sum().items():
            if amount:
                found.setdefault(key[:3], {})[key[3]] = amount
        return found

    def _net_by_customer(self, month: date) -> dict[str | None, Decimal]:
        found: dict[str | None, Decimal] = {}
        for sale in self.sales:
            if month_of(sale.day) == month and sale.day <= self.as_of:
                found[sale.customer] = found.get(sale.customer, ZERO) + sale.gross - sale.discount
        for refund in self.refunds:
            if month_of(refund.day) == month and refund.day <= self.as_of:
                found[refund.customer] = found.get(refund.customer, ZERO) - refund.amount
        return found


def _entries(
    month: date, name: str, before: Mapping[str, State], now: Mapping[str, State], money: Mapping[str | None, Decimal]
) -> list[tuple[date, str, str, str, Decimal | int]]:
    def group(state: State | None) -> str | None:
        if state is None or state[0] in OUTSIDE:
            return None
        return "all" if name == "all" else state[SEGMENTATIONS[name]]

    found: list[tuple[str, str, Decimal | int]] = [("guests", "net_revenue", money.get(None, ZERO))]
    for customer, state in now.items():
        opened, closed, net = group(before.get(customer)), group(state), money.get(customer, ZERO)
        if opened:
            found.append((opened, "opening", 1))
        if closed:
            found.append((closed, "closing", 1))
        if opened is None and closed is None:
            found.append(("outside_base", "net_revenue", net))
            continue
        movement = _movement(opened, closed, before.get(customer, PROSPECT))
        place = str(closed or opened)
        found += [(place, "net_revenue", net), (place, f"net_revenue_{movement}", net)]
        if movement != "stayed":
            found.append((place, movement, 1))
        if movement == "moved_in":
            found.append((str(opened), "moved_out", 1))
    return [(month, name, segment, column, amount) for segment, column, amount in found]


def _movement(opened: str | None, closed: str | None, before: State) -> str:
    """What became of somebody who was in the base at the beginning or at the end of a month."""
    if closed is None:
        return "lapsed"
    if opened is None:
        return "reactivated" if before[0] == "churned" else "new"
    return "stayed" if opened == closed else "moved_in"
