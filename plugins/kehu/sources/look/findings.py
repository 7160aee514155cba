"""From what was found to a verdict: what must be looked at before the numbers are believed."""

from __future__ import annotations

from collections.abc import Sequence

from kehu.sources.look.facts import EntityCheck, FileChange, OrdersLook

_UNKNOWN_CUSTOMERS = 0.1
_ONE_CUSTOMER = 0.2
_WORTHLESS = 0.05
_SPELLINGS = ": 1,234.50, 1.234,50 € or 31.12.2024? docs/sources.md says how such spellings are mapped"
_SPELLING = dict.fromkeys(("decimal", "integer", "rate", "date", "timestamp"), _SPELLINGS)
_HOLDS_ITSELF = 0.5
"""A file that holds so many of the keys that it held before is a whole export, one with fewer an increment."""


def does_not_fit(entity: EntityCheck) -> list[str]:
    """Why an entity cannot be used at all."""
    reasons = []
    if not entity.rows and entity.rejects:
        reasons.append(f"none of its {entity.rejects:,} rows can be read{_reason(entity)}")
    if entity.rows and entity.keys.empty == entity.rows:
        reasons.append(f"no row has the key {', '.join(entity.keys.columns)}")
    for column, kind, count in entity.unreadable:
        if entity.rows and count == entity.rows:
            reasons.append(f"no value of {column} is a {kind}")
    return [f"{entity.entity}: {reason}" for reason in reasons]


def to_look_at(entity: EntityCheck) -> list[str]:
    """What a careful reader would ask about, the gravest first."""
    found = [
        *filter(None, map(_of_change, entity.changes)),
        *_of_rows(entity),
        *_of_values(entity),
        *(_of_orders(entity.orders) if entity.orders else []),
    ]
    found += [f"the column {name} lands in _extra and may be {meaning}" for name, meaning in entity.guesses]
    return [f"{entity.entity}: {one}" for one in found]


def _of_change(change: FileChange) -> str | None:
    """What ``on_change`` should say of a file, by what it still holds."""
    if change.rows_read_anew:
        return f"{change.file} is read anew: {change.rows_read_anew:,} rows of the former mapping would be withdrawn"
    if not change.keys_before:
        return None
    gone = change.keys_before - change.keys_held
    holds = f"{change.file} has changed and holds {change.keys_held:,} of the {change.keys_before:,} keys that it held before"
    if change.keys_held >= _HOLDS_ITSELF * change.keys_before:
        if change.replaces_itself or not gone:
            return None
        return f"{holds}: the other {gone:,} stay unless on_change: replace says that the file replaces itself"
    return f"{holds}: on_change: replace would take the other {gone:,} away" if change.replaces_itself else None


def _of_rows(entity: EntityCheck) -> list[str]:
    key = ", ".join(entity.keys.columns)
    said = (
        (entity.keys.conflicting, f"{key} stands for rows that differ", f"{key} stand for rows that differ"),
        (entity.rejects, f"row cannot be parsed{_reason(entity)}", f"rows cannot be parsed{_reason(entity)}"),
        (entity.keys.empty, f"row without {key}", f"rows without {key}"),
        (entity.headers, "row repeats the header", "rows repeat the header"),
        (entity.totals, "row looks like a total", "rows look like a total"),
    )
    return [_counted(count, one, many) for count, one, many in said if count]


def _of_values(entity: EntityCheck) -> list[str]:
    found = [
        _counted(count, f"{column} is no {kind}", f"{column} are no {kind}") + _SPELLING.get(kind, "")
        for column, kind, count in entity.unreadable
    ]
    for column, word, count in entity.placeholders:
        found.append(f"{column} is {word!r} {_counted(count, 'time')}: a placeholder?")
    return found


def _of_orders(orders: OrdersLook) -> list[str]:
    found = []
    unknown = [status for status in orders.statuses if status.meaning is None]
    if unknown or orders.other_statuses:
        count = sum(status.orders for status in unknown)
        named = ", ".join(status.delivered for status in unknown[:5])
        more = f" and {orders.other_statuses:,} more" if orders.other_statuses else ""
        found.append(
            f"nobody says what these statuses mean: {named}{more} ({count:,} orders): statuses: of the source says it"
        )
    if orders.customers_known is not None and 1 - orders.customers_known > _UNKNOWN_CUSTOMERS:
        here, there = orders.spellings
        found.append(
            f"{1 - orders.customers_known:.0%} of the orders with a customer name one that is not delivered"
            + (
                f": ids look like {here} in orders and like {there} in customers"
                if here and there and here != there
                else ""
            )
        )
    if orders.busiest_share > _ONE_CUSTOMER:
        found.append(f"one customer_id has {orders.busiest_share:.0%} of the orders: does it stand for guests?")
    counted = sum(month.orders for month in orders.months)
    if orders.worthless and orders.worthless > _WORTHLESS * counted:
        found.append(f"{_counted(orders.worthless, 'order')} that count are worth nothing")
    return found


def _reason(entity: EntityCheck) -> str:
    return f" ({entity.reject_reasons[0][0]})" if entity.reject_reasons else ""


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def verdict(problems: Sequence[str], findings: Sequence[str]) -> str:
    """The verdict in one line."""
    if problems:
        return f"does not fit: {problems[0]}"
    return f"fits, but look at {len(findings)} thing{'s'[: len(findings) != 1]}" if findings else "fits"
