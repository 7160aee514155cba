"""The purchases of a demo shop alone, without its files: what measures of purchase models and histories begin with."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from kehu.demo_shop.baskets import PARITIES
from kehu.demo_shop.orders import orders_of
from kehu.demo_shop.plan import Plan
from kehu.demo_shop.world import world_of

_DAYS_A_TABLE = 30


def purchase_histories(plan: Plan) -> Iterator[pa.Table]:
    """Every purchase but those of guests: person (number), day (number), moment (seconds from 1970), cents (of a dollar).

    They are those of the written shop, but for what its campaigns bring about.
    """
    with tempfile.TemporaryDirectory() as folder:
        world = world_of(plan, Path(folder), Path(folder) / "truth", plan.days - 1, is_new=True)
        waiting: list[pa.Table] = []
        for day in range(plan.days):
            orders, _ = orders_of(world, day)
            cents = (orders["goods"] / PARITIES[orders["country"]]).round().astype("int64")
            columns = {"person": orders["person"], "moment": orders["moment"], "cents": cents}
            table = pa.table({"day": pa.repeat(day, len(cents)), **columns})
            waiting.append(table.filter(pa.array(orders["person"] >= 0)))
            if len(waiting) == _DAYS_A_TABLE or day == plan.days - 1:
                yield pa.concat_tables(waiting)
                waiting.clear()
