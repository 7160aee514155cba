"""What Kehu takes for granted because a source does not say it."""

from __future__ import annotations

from kehu.entities import ENTITIES
from kehu.settings import Settings
from kehu.sources.look.orders import Delivery


def assumed(entity: str, delivery: Delivery, timezone: str, settings: Settings) -> tuple[str, ...]:
    """The assumptions for one entity, in words."""
    names, columns = delivery.columns[entity], ENTITIES[entity].column_names
    found = []
    if any(ENTITIES[entity].column(name).type == "timestamp" for name in names) and timezone != settings.timezone:
        found.append(f"times without an offset are of {timezone}; a day begins at midnight of {settings.timezone}")
    if "currency" in columns and "currency" not in names:
        found.append(f"amounts are in {settings.currency}")
    if entity == "orders":
        if "status" not in names:
            found.append("every order is completed")
        if "subtotal_amount" not in names and "total_amount" in names and not delivery.has_lines:
            found.append("an order is worth its total_amount without the tax and shipping that are delivered")
        if not delivery.has_amounts:
            found.append("nothing says what an order is worth: map subtotal_amount, or deliver order_lines")
        if "customer_id" not in names:
            found.append("orders belong to nobody")
        elif "customers" not in delivery.relations:
            found.append("customers are those that the orders name: no customers are delivered")
    return tuple(found)
