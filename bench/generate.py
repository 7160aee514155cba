"""Draws a shop: purchase histories of the BG/NBD model with CDNOW's parameters, vectorised and seeded.

The shape parameters (r, a, b) are CDNOW's; the scale alpha is divided by ``pace`` so that a customer makes about ten
orders in three years, as the 1-million-customer, 10-million-order shop asks for. Repeat purchases come at rate
lambda ~ Gamma(r, alpha) until a drop-out, which follows each purchase with probability p ~ Beta(a, b).
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

R, ALPHA, A, B = 0.24259, 4.41360, 0.79292, 2.42591
DAYS = 3 * 365
FIRST_DAY = date(2015, 1, 1)
CHUNK = 250_000


def draw(customers: int, pace: float, seed: int) -> pa.Table:
    """Orders of ``customers`` customers: customer (int64), day offset (float64, days), value (float64)."""
    random = np.random.default_rng(seed)
    rate = random.gamma(R, pace / (ALPHA * 7), customers)
    dropout = random.beta(A, B, customers)
    first = random.uniform(0, DAYS / 2, customers)
    alive_purchases = random.geometric(np.maximum(dropout, 1e-9))
    wished = random.poisson(rate * (DAYS - first))
    bought = np.minimum(wished, alive_purchases)
    owner = np.repeat(np.arange(customers), bought)
    begins = np.concatenate(([0], np.cumsum(bought)[:-1]))
    position = np.arange(owner.size) - begins[owner]
    # The first k of n ordered uniforms, without drawing the other n - k (Renyi's representation).
    spacing = np.cumsum(random.exponential(1.0, owner.size) / (wished[owner] - position))
    before = np.concatenate(([0.0], spacing))[begins[owner]]
    when = first[owner] - np.expm1(before - spacing) * (DAYS - first[owner])
    owner = np.concatenate((np.arange(customers), owner))
    when = np.concatenate((first, when))
    mean_value = random.gamma(6.25, 6.0, customers)
    value = np.maximum(random.gamma(4.0, 1.0, owner.size) / 4.0 * mean_value[owner], 0.5)
    return pa.table({"customer": owner, "day": when, "value": np.round(value, 2)})


def write_shop(folder: Path, customers: int, pace: float, seed: int) -> int:
    """Write ``orders.csv`` and ``customers.csv`` and return the number of orders."""
    folder.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect()
    connection.execute("create table drawn (customer bigint, day double, value double)")
    for number, begin in enumerate(range(0, customers, CHUNK)):
        part = draw(min(CHUNK, customers - begin), pace, seed + number)
        connection.register("part", part)
        connection.execute(f"insert into drawn select customer + {begin}, day, value from part")
        connection.unregister("part")
    start = FIRST_DAY.strftime("%Y-%m-%d")
    ordered = f"timestamp '{start}' + to_milliseconds(cast(floor(day * 86400000) as bigint))"
    connection.execute(
        "copy (select 'O' || row_number() over (order by day, customer) as order_id, 'C' || customer as customer_id,"
        f" strftime({ordered}, '%Y-%m-%d %H:%M:%S') as ordered_at, cast(value as decimal(18, 2)) as subtotal_amount,"
        " case customer % 3 when 0 then 'web' when 1 then 'store' else 'app' end as channel"
        f" from drawn order by day, customer) to '{folder / 'orders.csv'}' (header)"
    )
    connection.execute(
        "copy (select 'C' || i as customer_id, case i % 4 when 0 then 'DE' when 1 then 'FR' when 2 then 'US' else 'CN' end"
        " as country, case i % 5 when 0 then 'search' when 1 then 'social' else 'direct' end as acquisition_channel"
        f" from range({customers}) numbers(i)) to '{folder / 'customers.csv'}' (header)"
    )
    found = connection.execute("select count(*) from drawn").fetchone()
    return int(found[0]) if found else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--pace", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=20180101)
    given = parser.parse_args()
    print(f"{write_shop(given.folder, given.customers, given.pace, given.seed):,} orders")
