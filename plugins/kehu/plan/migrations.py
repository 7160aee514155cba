"""Who moves between segments, and with how much revenue: the matrix of every segmentation, the stages among them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from kehu.session import Session

TABLE = "customer_segments"

_MOVES = """
    with before as (select customer_id, segmentation, segment from {before}.customer_segments),
    after as (select customer_id, segmentation, segment from {after}.customer_segments),
    -- as published; of who is new in the plan as planned
    revenue as (
        select
            coalesce(old.customer_id, new.customer_id) as customer_id,
            coalesce(old.net_revenue, new.net_revenue) as net_revenue
        from {before}.dim_customers as old
        full outer join {after}.dim_customers as new on old.customer_id = new.customer_id
    )
    select
        coalesce(before.segmentation, after.segmentation) as segmentation, before.segment, after.segment,
        count(*), coalesce(sum(revenue.net_revenue), 0)
    from before
    full outer join after on before.customer_id = after.customer_id and before.segmentation = after.segmentation
    left join revenue on coalesce(before.customer_id, after.customer_id) = revenue.customer_id
    where before.segment is distinct from after.segment
    group by 1, 2, 3
    order by 1, 4 desc, 2, 3
"""
_SIZES = "select segmentation, count(*) from {schema}.customer_segments group by 1"


@dataclass(frozen=True)
class Move:
    """Customers who are in another segment, with their net revenue; None is a customer who was not there, or is no longer."""

    from_segment: str | None
    to_segment: str | None
    customers: int
    net_revenue: Decimal


@dataclass(frozen=True)
class Migration:
    """All moves within one segmentation, the greatest first; ``customers`` is how many the release has in it."""

    segmentation: str
    customers: int
    moves: tuple[Move, ...]

    @property
    def moved(self) -> int:
        """Customers in another segment."""
        return sum(move.customers for move in self.moves)

    @property
    def net_revenue(self) -> Decimal:
        """Their net revenue."""
        return sum((move.net_revenue for move in self.moves), Decimal(0))


def find_migrations(session: Session, before: str, after: str) -> tuple[Migration, ...]:
    """The segmentations in which somebody moves.

    Args:
        session: an open session that sees both.
        before: the schema of the release, as SQL names it.
        after: the schema of the plan.
    """
    sizes = dict(session.rows(_SIZES.format(schema=before)))
    found: dict[str, list[Move]] = {}
    for segmentation, old, new, customers, revenue in session.rows(_MOVES.format(before=before, after=after)):
        found.setdefault(segmentation, []).append(Move(old, new, customers, Decimal(revenue)))
    return tuple(Migration(name, sizes.get(name, 0), tuple(moves)) for name, moves in found.items())
