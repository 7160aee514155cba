"""RFM, cohorts and totals of Online Retail in pandas, from its lines as published, without a look at the SQL.

Checked once against references of the whole set that others have computed; see ``tests/data/README.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import numpy as np
import pandas as pd

AS_OF = date(2011, 12, 9)
CENT = Decimal("0.01")


def priced_lines(file: Path) -> pd.DataFrame:
    """Lines with a price, their value in cents rounded half up, and what they are."""
    lines = pd.read_parquet(file)
    lines = lines[lines["UnitPrice"] > 0].copy()
    pairs = zip(lines["Quantity"], lines["UnitPrice"], strict=True)
    lines["value"] = [(int(count) * Decimal(str(price))).quantize(CENT, ROUND_HALF_UP) for count, price in pairs]
    lines["is_sale"] = (lines["Quantity"] > 0) & ~lines["InvoiceNo"].str.startswith("C")
    return lines


@dataclass(frozen=True)
class Totals:
    """What the tests state in figures.

    Args:
        lines: sales of known customers.
        orders: invoices with such lines.
        customers: who made them.
        gross: their value.
        returns: the value of negative lines of known customers.
        net: gross less returns of the customers with a sale.
        only_returns: customers without a sale.
    """

    lines: int
    orders: int
    customers: int
    gross: Decimal
    returns: Decimal
    net: Decimal
    only_returns: int


def totals(lines: pd.DataFrame) -> Totals:
    known = lines[lines["CustomerID"].notna()]
    sales, returned = known[known["is_sale"]], known[known["Quantity"] < 0]
    buyers = set(sales["CustomerID"])
    of_buyers = returned[returned["CustomerID"].isin(buyers)]
    return Totals(
        lines=len(sales),
        orders=sales["InvoiceNo"].nunique(),
        customers=len(buyers),
        gross=sum(sales["value"], Decimal(0)),
        returns=-sum(returned["value"], Decimal(0)),
        net=sum(sales["value"], Decimal(0)) + sum(of_buyers["value"], Decimal(0)),
        only_returns=len(set(returned["CustomerID"]) - buyers),
    )


def orders_of(lines: pd.DataFrame) -> pd.DataFrame:
    """One row per order of a known customer: its first moment, its day, its value."""
    sales = lines[lines["is_sale"] & lines["CustomerID"].notna()]
    orders = sales.groupby("InvoiceNo").agg(
        customer=("CustomerID", "max"), at=("InvoiceDate", "min"), value=("value", "sum")
    )
    orders["day"] = orders["at"].dt.normalize()
    return orders


def rfm(lines: pd.DataFrame) -> dict[str, tuple[int, int, Decimal, int, int, int]]:
    """Recency, frequency, monetary value and the three scores, by customer as delivered."""
    orders = orders_of(lines)
    table = orders.groupby("customer").agg(last=("day", "max"), frequency=("day", "size"), monetary=("value", "sum"))
    table["recency"] = (pd.Timestamp(AS_OF) - table["last"]).dt.days
    below = {
        measure: sum((np.quantile(values, share) < values).astype(int) for share in (0.2, 0.4, 0.6, 0.8))
        for measure in ("recency", "frequency", "monetary")
        for values in [table[measure].astype(float).to_numpy()]
    }
    scores = zip(5 - below["recency"], 1 + below["frequency"], 1 + below["monetary"], strict=True)
    measures = zip(table["recency"], table["frequency"], table["monetary"], strict=True)
    return {
        str(customer): (int(recency), int(frequency), monetary, *(int(score) for score in three))
        for customer, (recency, frequency, monetary), three in zip(table.index, measures, scores, strict=True)
    }


def cohorts(lines: pd.DataFrame) -> dict[tuple[str, int], tuple[int, int]]:
    """Active customers and size by cohort month and age in months; months up to the last one of the data."""
    orders = orders_of(lines)
    months = orders["day"].dt.year * 12 + orders["day"].dt.month - 1
    first = months.groupby(orders["customer"]).transform("min")
    active = orders.groupby([first, months - first])["customer"].nunique()
    end = AS_OF.year * 12 + AS_OF.month - 1
    return {
        (f"{month // 12}-{month % 12 + 1:02}", age): (int(active.get((month, age), 0)), int(active[month, 0]))
        for month in sorted(set(first))
        for age in range(end - month + 1)
    }
