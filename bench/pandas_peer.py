"""The peer: RFM, cohorts and historic lifetime figures of a shop as a straightforward pandas program computes them.

``python bench/pandas_peer.py orders.csv 2017-12-31 result.json`` reads the same CSV that Kehu lands and writes the figures
by which the two are compared.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

SEGMENTS = {
    "champions": ({5}, {4, 5}),
    "loyal": ({3, 4}, {4, 5}),
    "potential_loyalist": ({4, 5}, {2, 3}),
    "new": ({5}, {1}),
    "promising": ({4}, {1}),
    "need_attention": ({3}, {3}),
    "about_to_sleep": ({3}, {1, 2}),
    "at_risk": ({1, 2}, {3, 4}),
    "cant_lose": ({1, 2}, {5}),
    "hibernating": ({1, 2}, {1, 2}),
}


def scores(values: pd.Series) -> pd.Series:
    """1 + the number of quintile cut points strictly below each value."""
    cuts = np.quantile(values.to_numpy(dtype="float64"), [0.2, 0.4, 0.6, 0.8])
    return pd.Series(1 + np.searchsorted(cuts, values.to_numpy(dtype="float64"), side="left"), index=values.index)


def segment(r: int, f: int) -> str:
    """The cell of the grid."""
    return next(name for name, (rs, fs) in SEGMENTS.items() if r in rs and f in fs)


def figures(orders: pd.DataFrame, as_of: pd.Timestamp) -> dict[str, object]:
    """RFM segments, cohort retention and lifetime sums."""
    orders = orders[orders["ordered_at"].dt.normalize() <= as_of].copy()
    orders["day"] = orders["ordered_at"].dt.normalize()
    customers = orders.groupby("customer_id").agg(
        last=("day", "max"), first=("day", "min"), frequency=("order_id", "count"), monetary=("amount", "sum")
    )
    customers["recency"] = (as_of - customers["last"]).dt.days
    r, f = 6 - scores(customers["recency"]), scores(customers["frequency"])
    grid = {(a, b): segment(a, b) for a in range(1, 6) for b in range(1, 6)}
    customers["segment"] = [grid[pair] for pair in zip(r, f, strict=True)]
    customers["m_score"] = scores(customers["monetary"])
    customers["average_order_value"] = customers["monetary"] / customers["frequency"]
    orders["month"] = orders["day"].dt.to_period("M")
    cohort = customers["first"].dt.to_period("M").rename("cohort")
    active = orders.merge(cohort, left_on="customer_id", right_index=True)
    active["age"] = (active["month"].dt.year - active["cohort"].dt.year) * 12
    active["age"] += active["month"].dt.month - active["cohort"].dt.month
    retention = active.groupby(["cohort", "age"])["customer_id"].nunique()
    return {
        "customers": len(customers),
        "orders": len(orders),
        "revenue": round(float(orders["amount"].sum()), 2),
        "segments": {str(k): int(v) for k, v in customers["segment"].value_counts().sort_index().items()},
        "cohort_cells": len(retention),
        "cohort_active": int(retention.sum()),
    }


def main(file: Path, as_of: str, target: Path) -> None:
    """Read, compute, write."""
    orders = pd.read_csv(file, usecols=["order_id", "customer_id", "ordered_at", "subtotal_amount"])
    orders["ordered_at"] = pd.to_datetime(orders["ordered_at"])
    orders = orders.rename(columns={"subtotal_amount": "amount"})
    target.write_text(json.dumps(figures(orders, pd.Timestamp(as_of)), indent=1))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
