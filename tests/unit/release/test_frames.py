"""A release in pandas: decimals stay decimals, filters go to where the data is, personal columns only where asked for."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import kehu
from kehu.errors import ReleaseError, UsageError
from kehu.ops.tables import candidate_schema
from kehu.settings import PROJECT_ROOT, Settings
from kehu.warehouse.factory import open_warehouse
from tests.unit.release.candidates import DAYS, add_candidate, check_again, published

PEOPLE = """
    select * from (values
        ('shop:1', 'a@example.com', 12.30, date '2018-01-02', 3),
        ('shop:2', 'b@example.com', -0.01, date '2018-01-03', null),
        ('shop:3', null, 1000000.05, null, 7)
    ) v(customer_id, email, net_revenue, last_order_date, order_count)"""


@pytest.fixture
def released(home: Settings) -> Settings:
    """One release with a table of people."""
    add_candidate(home, DAYS[0])
    with open_warehouse(home).session() as session:
        columns = "customer_id, email, net_revenue::decimal(18, 2) as net_revenue, last_order_date, order_count"
        session.execute(f"create table {candidate_schema(DAYS[0])}.people as select {columns} from ({PEOPLE})")
        check_again(session, DAYS[0])
    published(home, DAYS[0])
    return home


def people(settings: Settings, **options: object) -> pd.DataFrame:
    with kehu.open_release(home=settings.home) as release:
        return release.table("people", **options)


def test_a_table_is_a_frame_with_arrows_types_and_without_personal_columns(released: Settings) -> None:
    frame = people(released)
    assert list(frame.columns) == ["customer_id", "net_revenue", "last_order_date", "order_count"]
    assert frame.dtypes["net_revenue"] == pd.ArrowDtype(pa.decimal128(18, 2))
    assert frame.dtypes["last_order_date"] == pd.ArrowDtype(pa.date32())
    assert frame["net_revenue"].sum() == Decimal("1000012.34")
    assert frame.set_index("customer_id").loc["shop:1", "last_order_date"] == date(2018, 1, 2)
    assert frame["order_count"].isna().sum() == frame["last_order_date"].isna().sum() == 1


def test_personal_columns_come_where_they_are_asked_for(released: Settings) -> None:
    assert "email" in people(released, personal=True).columns
    assert people(released, columns=["email"])["email"].dropna().tolist() == ["a@example.com", "b@example.com"]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"customer_id": "shop:2"}, ["shop:2"]),
        ({"net_revenue": (">=", Decimal("12.30"))}, ["shop:1", "shop:3"]),
        ({"net_revenue": (">", 0), "order_count": ("<", 7)}, ["shop:1"]),
        ({"customer_id": ["shop:3", "shop:1", "none"]}, ["shop:1", "shop:3"]),
        ({"customer_id": []}, []),
        ({"order_count": None}, ["shop:2"]),
        ({"last_order_date": date(2018, 1, 3)}, ["shop:2"]),
        ({"customer_id": "' or 1 = 1 --"}, []),
    ],
)
def test_filters_choose_rows(released: Settings, where: dict[str, object], expected: list[str]) -> None:
    assert sorted(people(released, where=where)["customer_id"]) == expected


def test_what_is_not_there_is_named_with_its_nearest(released: Settings) -> None:
    with kehu.open_release(home=released.home) as release:
        assert "people" in release.tables
        assert (release.release_id, release.as_of_date) == (DAYS[0], date(2018, 1, 1))
        with pytest.raises(UsageError, match=r"no such table.*people"):
            release.table("peeple")
        with pytest.raises(UsageError, match=r"no such column.*net_revenue"):
            release.table("people", columns=["net_revenu"])
        with pytest.raises(UsageError, match="no such column"):
            release.table("people", where={'x" = 1 or "customer_id': 1})
        with pytest.raises(UsageError, match="a comparison"):
            release.table("people", where={"order_count": ("like", "%")})


def test_nothing_published_says_what_to_do(home: Settings) -> None:
    with pytest.raises(ReleaseError, match="kehu run"), kehu.open_release(home=home.home):
        pass


def test_the_example_of_the_docs_runs(home: Settings, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    add_candidate(home, DAYS[0])
    rows = "('a', 'champions', 3, 5, 10.10), ('b', 'champions', 4, 2, 99.00), ('c', 'loyal', 9, 3, 0.20), ('d', 'new', 1, 9, 1)"
    names = "customer_id, rfm_segment, recency_days, frequency, monetary"
    with open_warehouse(home).session() as session:
        session.execute(
            f"create table {candidate_schema(DAYS[0])}.customer_rfm as"
            f" select * replace (monetary::decimal(18, 2) as monetary) from (values {rows}) v({names})"
        )
        check_again(session, DAYS[0])
    published(home, DAYS[0])
    monkeypatch.setenv("KEHU_HOME", str(home.home))
    (code,) = re.findall(
        r"```python\n(.*?)```", (PROJECT_ROOT / "docs" / "python.md").read_text(encoding="utf-8"), re.DOTALL
    )
    found: dict[str, Any] = {}
    exec(code, found)
    assert found["best"]["sum"].to_dict() == {"champions": Decimal("10.10"), "loyal": Decimal("0.20")}
    assert "champions" in capsys.readouterr().out
