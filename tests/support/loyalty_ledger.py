"""Loyalty points of one customer kept row by row, as an accountant would: the second computation of lots, balance and tier."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

NEVER = datetime.fromisoformat("9000-01-01")
TIERS = (("platinum", 20000), ("gold", 5000), ("silver", 1000))


@dataclass(frozen=True)
class Movement:
    """A loyalty transaction as it was delivered, its kind mapped."""

    transaction_id: str
    kind: str
    points: Decimal
    occurred_at: datetime
    expires_at: datetime | None = None

    @property
    def signed(self) -> Decimal:
        return -abs(self.points) if self.kind in ("redeem", "expire") else self.points


@dataclass
class Lot:
    """Points that came together."""

    transaction_id: str
    points: Decimal
    came_at: datetime
    lost_at: datetime
    open: Decimal
    used: Decimal = Decimal(0)
    expired: Decimal = Decimal(0)


@dataclass
class Ledger:
    """The rows of one customer in one source, up to the end of a business day."""

    as_of: date
    zone: ZoneInfo
    valid_days: int | None
    expires_by_rule: bool
    lots: list[Lot] = field(default_factory=list)
    debt: Decimal = Decimal(0)
    losses: list[tuple[date, Decimal]] = field(default_factory=list)

    def keep(self, movements: Sequence[Movement]) -> None:
        """Book every row, and at the end what has expired since."""
        for row in sorted(movements, key=lambda row: (row.occurred_at, row.kind != "earn", row.transaction_id)):
            if business_day(row.occurred_at, self.zone) > self.as_of:
                continue
            self._expire(lambda lot, now=row.occurred_at: lot.lost_at < now or lot.lost_at == now > lot.came_at)
            if row.kind in ("earn", "adjust") and row.points > 0:
                self._bring(row)
            elif row.points:
                self._use(-row.signed)
        self._expire(lambda lot: business_day(lot.lost_at, self.zone) <= self.as_of)

    def _bring(self, row: Movement) -> None:
        lost_at = row.expires_at
        if lost_at is None:
            lost_at = row.occurred_at + timedelta(self.valid_days) if self.valid_days else NEVER
        lot = Lot(row.transaction_id, row.points, row.occurred_at, max(lost_at, row.occurred_at), row.points)
        paid = min(self.debt, lot.open)
        self.debt -= paid
        lot.used, lot.open = paid, lot.open - paid
        self.lots.append(lot)

    def _use(self, points: Decimal) -> None:
        # a stable sort: of lots that are lost together the oldest first
        for lot in sorted(self.lots, key=lambda lot: lot.lost_at):
            taken = min(points, lot.open)
            lot.open, lot.used, points = lot.open - taken, lot.used + taken, points - taken
        self.debt += points

    def _expire(self, is_lost) -> None:  # type: ignore[no-untyped-def]
        if not self.expires_by_rule:
            return
        for lot in self.lots:
            if lot.open and is_lost(lot):
                self.losses.append((business_day(lot.lost_at, self.zone), lot.open))
                lot.expired, lot.open = lot.open, Decimal(0)


def business_day(moment: datetime, zone: ZoneInfo) -> date:
    """The local date of a time in UTC."""
    return moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone).date()


def month_ends(first: date, last: date) -> Iterator[date]:
    """Every month end from the month of the first day on, and the last day instead of its month's end."""
    year, month = first.year, first.month
    while (end := date(year, month, monthrange(year, month)[1])) < last:
        yield end
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    yield last


def qualifying(movements: Sequence[Movement], day: date, zone: ZoneInfo) -> Decimal:
    """Points earned within the 365 days that end with a day, less those taken back."""
    earned = [row.points for row in movements if row.kind == "earn"]
    days = [business_day(row.occurred_at, zone) for row in movements if row.kind == "earn"]
    since = day - timedelta(365)
    return max(
        sum((points for points, at in zip(earned, days, strict=True) if since < at <= day), Decimal(0)), Decimal(0)
    )


def tier(points: Decimal) -> str:
    """The tier that qualifying points make."""
    return next((name for name, least in TIERS if points >= least), "bronze")


def tier_with_day(movements: Sequence[Movement], as_of: date, zone: ZoneInfo) -> tuple[str, date]:
    """The tier at D, and the observation from which on it has been that one."""
    first = min(business_day(row.occurred_at, zone) for row in movements)
    now, since = "", first
    for day in month_ends(first, as_of):
        seen = tier(qualifying(movements, day, zone))
        if seen != now:
            now, since = seen, day
    return now, since
