"""Feature tables of RFM summaries made by hand: what dbt would leave, for tests of the scoring step alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from kehu.session import Session

SCHEMA = "candidate_test_features"

_HISTORY = {"x": "integer", "t_x_days": "integer", "t_days": "integer"}
_SPEND = {"x": "integer", "repeat_value": "decimal(18, 2)", "customers": "bigint"}
_TABLES = {
    "feat_purchase_window": {"history_days": "integer", "holdout_weeks": "integer"},
    "feat_purchase_rfm_summaries": {
        "period": "varchar",
        "segment": "varchar",
        **_HISTORY,
        "holdout_x": "integer",
        "has_spend": "boolean",
        "customers": "bigint",
    },
    "feat_purchase_spend": {"segment": "varchar", **_SPEND},
    "feat_purchase_weeks": {"segment": "varchar", "week": "integer", "purchases": "bigint", "is_holdout": "boolean"},
    "feat_purchase_channels": {
        "acquisition_channel": "varchar",
        **_HISTORY,
        "has_spend": "boolean",
        "customers": "bigint",
    },
    "feat_purchase_channel_spend": {"acquisition_channel": "varchar", **_SPEND},
}


@dataclass(frozen=True)
class Buyers:
    """Customers with the same history.

    Args:
        days: purchase days, counted from the first day of the shop, ascending.
        value: of each purchase.
        copies: how many customers have this history.
    """

    days: tuple[int, ...]
    value: Decimal = Decimal(20)
    copies: int = 1
    segment: str = "all"
    channel: str = "unknown"

    def repeats(self, until: int) -> tuple[int, int, int]:
        """x, t_x and T in days at the end of a day."""
        seen = [day for day in self.days if day <= until]
        return len(seen) - 1, seen[-1] - seen[0], until - seen[0]


def write_features(session: Session, buyers: Sequence[Buyers], last_day: int, holdout_weeks: int = 39) -> None:
    """Make the feature tables of a shop whose first day is 0 and whose day D is ``last_day``."""
    session.execute(f"drop schema if exists {SCHEMA} cascade")
    session.execute(f"create schema {SCHEMA}")
    weeks = min(holdout_weeks, -(-last_day // 14))
    border = last_day - 7 * weeks
    rows = {
        "feat_purchase_window": [(last_day, weeks)],
        "feat_purchase_rfm_summaries": _tuples(buyers, last_day, border),
        "feat_purchase_weeks": _weeks(buyers, last_day, border),
    }
    for suffix, name in (("", "segment"), ("channel_", "channel")):
        spend: Counter[tuple[object, ...]] = Counter()
        for one in buyers:
            x, *_ = one.repeats(last_day)
            if x and one.value > 0:
                spend[getattr(one, name), x, x * one.value] += one.copies
        rows[f"feat_purchase_{suffix}spend"] = [(*key, copies) for key, copies in spend.items()]
    channels: Counter[tuple[object, ...]] = Counter()
    for one in buyers:
        x, t_x, t = one.repeats(last_day)
        channels[one.channel, x, t_x, t, x > 0 and one.value > 0] += one.copies
    rows["feat_purchase_channels"] = [(*key, copies) for key, copies in channels.items()]
    for table, columns in _TABLES.items():
        session.execute(
            f"create table {SCHEMA}.{table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})"
        )
        session.append(f"{SCHEMA}.{table}", [dict(zip(columns, row, strict=True)) for row in rows[table]])


def _tuples(buyers: Sequence[Buyers], last_day: int, border: int) -> list[tuple[object, ...]]:
    found: Counter[tuple[object, ...]] = Counter()
    for one in buyers:
        x, t_x, t = one.repeats(last_day)
        found["full", one.segment, x, t_x, t, 0, x > 0 and one.value > 0] += one.copies
        if one.days[0] <= border:
            before = one.repeats(border)
            found["calibration", one.segment, *before, x - before[0], False] += one.copies
    return [(*key, copies) for key, copies in found.items()]


def _weeks(buyers: Sequence[Buyers], last_day: int, border: int) -> list[tuple[object, ...]]:
    seen = [one for one in buyers if one.days[0] <= border]
    bought: Counter[tuple[str, int]] = Counter()
    for one in seen:
        for day in one.days[1:]:
            bought[one.segment, -(-day // 7)] += one.copies
    return [
        (segment, week, bought[segment, week], 7 * (week - 1) >= border)
        for segment in sorted({one.segment for one in seen})
        for week in range(1, -(-last_day // 7) + 1)
    ]
