"""Writes ``tests/data/online_retail/online_retail.parquet``, a part of the public data set, the same bytes each time.

    python tools/online_retail_extract.py /path/to/the/whole/online_retail.parquet

Kept are all lines of one customer in seven and of one guest invoice in seven, drawn by the digest of the id, and of customer
12346, who bought and returned goods for 77,183.60 within a quarter of an hour. Nothing of a line is changed.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

TARGET = Path(__file__).resolve().parents[1] / "tests" / "data" / "online_retail" / "online_retail.parquet"
BELOW = "2492"
"""A seventh of the values that four hexadecimal digits have."""


def extract(whole: Path, target: Path = TARGET) -> int:
    """Write the extract of ``whole``; returns the number of its lines."""
    with duckdb.connect() as connection:
        connection.execute("set preserve_insertion_order = true")
        connection.execute(
            f"""
            create table lines as
            with numbered as (select *, row_number() over () as line_number from read_parquet(?))
            select * from numbered
            where
                CustomerID = '12346'
                or substr(md5(coalesce('customer ' || CustomerID, 'invoice ' || InvoiceNo)), 1, 4) < '{BELOW}'
            """,
            [str(whole)],
        )
        target.parent.mkdir(parents=True, exist_ok=True)
        connection.execute(
            f"""
            copy (select * exclude (line_number) from lines order by line_number)
            to '{target}' (format parquet, compression zstd, compression_level 19, row_group_size 1000000)
            """
        )
        (count,) = connection.execute("select count(*) from lines").fetchone() or (0,)
    return int(count)


if __name__ == "__main__":
    print(f"wrote {extract(Path(sys.argv[1]))} lines to {TARGET}")
