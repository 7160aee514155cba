"""A first look as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kehu.sources.look.facts import EntityCheck, OrdersLook

_SHOWN_FILES = 5
_SHOWN_MONTHS = 12


def entity_lines(found: EntityCheck) -> Iterator[str]:
    """What was found of one entity; names and counts, and values that say nothing of a person."""
    counts = f"{found.rows:,} rows" + (f", {found.rejects:,} that cannot be parsed" if found.rejects else "")
    files = f"{len(found.files)} {found.origin}{'s'[: len(found.files) != 1]}"
    yield f"  {found.entity} ({found.mode}): {counts} in {files}"
    yield from (_line(found.origin, name) for name in found.files[:_SHOWN_FILES])
    if len(found.files) > _SHOWN_FILES:
        yield _line("…", f"{len(found.files) - _SHOWN_FILES} more")
    yield _line("delivers", ", ".join(found.delivered))
    for change in found.changes:
        if change.keys_before:
            held = f"{change.file} holds {change.keys_held:,} of the {change.keys_before:,} keys that it held before"
            yield _line("on_change", f"{held}: {'replace' if change.replaces_itself else 'increment'}")
    if found.unmapped:
        yield _line("_extra", found.extra)
    if found.keys.columns:
        yield _line("key", _keys(found))
    yield from (_line("dates", f"{span.column} {span.first} … {span.last}") for span in found.spans)
    if found.orders:
        yield from _orders_lines(found.orders)
    yield from (_line("assumed", text) for text in found.assumed)


def _keys(found: EntityCheck) -> str:
    keys = found.keys
    troubles = {
        "empty in": (keys.empty, "row"),
        "the same again for": (keys.identical, "key"),
        "different rows for": (keys.conflicting, "key"),
    }
    said = [f"{words} {count:,} {what}{'s'[: count != 1]}" for words, (count, what) in troubles.items() if count]
    return f"{', '.join(keys.columns)}: {', '.join(said) or 'unique'}"


def _orders_lines(orders: OrdersLook) -> Iterator[str]:
    if orders.statuses:
        shown = [f"{one.delivered} → {one.meaning or '?'} ({one.orders:,})" for one in orders.statuses]
        yield _line("statuses", ", ".join(shown))
    if orders.currencies:
        yield _line("currency", ", ".join(f"{name} ({count:,})" for name, count in orders.currencies))
    if orders.customers_known is not None:
        yield _line(
            "customers", f"{orders.customers_known:.1%} of the orders with a customer name one that is delivered"
        )
    if orders.anonymous:
        yield _line("customers", f"{orders.anonymous:,} without a customer")
    months: Sequence = orders.months[-_SHOWN_MONTHS:]
    if len(orders.months) > len(months):
        yield _line("revenue", f"… {len(orders.months) - len(months)} more before")
    for month in months:
        yield _line("revenue", f"{month.month} {month.amount:>16,} {month.currency:<3} {month.orders:>8,} orders")


def _line(name: str, text: str) -> str:
    return f"    {name:<9} {text}"
