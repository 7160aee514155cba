"""The identity of a batch depends on the multiset of its rows, and on nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kehu.landing.digest import digest_rows
from kehu.landing.extract import Rows
from kehu.landing.ledger import Batch
from kehu.landing.workspace import Workspace, workspace
from kehu.quoting import sql_text
from kehu.settings import load_settings

VALUE = st.one_of(st.none(), st.text("ab1:~", max_size=3))
ROWS = st.lists(st.tuples(VALUE, VALUE), max_size=6)


class _Extract:
    entity = "customers"
    mode = "append"
    file = "f"
    per_file = True
    always_read = False
    timezone = "UTC"
    window_column = None
    fingerprint = ""


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    config = load_settings(home=tmp_path_factory.mktemp("home"), memory_limit="512MB", threads=2)
    with workspace(config, "test") as opened:
        yield opened


def content_id(work: Workspace, rows: list[tuple[str | None, str | None]]) -> str:
    shown = ", ".join(f"({_sql(a)}, {_sql(b)})" for a, b in rows) or "(null, null)"
    query = (
        f"select a::varchar as customer_id, b::varchar as email, null::varchar as _extra from (values {shown}) t(a, b)"
    )
    accepted = query if rows else f"{query} where false"
    return digest_rows(work, "shop", _Extract(), Rows(accepted, ("customer_id", "email"))).content_id


def _sql(value: str | None) -> str:
    return "null" if value is None else sql_text(value)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(one=ROWS, other=ROWS, shuffled=st.randoms(use_true_random=False))
def test_equal_multisets_and_only_they_have_the_same_id(work: Workspace, one: list, other: list, shuffled) -> None:
    turned = list(one)
    shuffled.shuffle(turned)
    assert content_id(work, turned) == content_id(work, one)
    assert (content_id(work, one) == content_id(work, other)) == (Counter(one) == Counter(other))


def test_a_landed_window_may_lose_its_last_date(work: Workspace) -> None:
    """Whoever is erased may have had the only one; the batch keeps its days."""
    first, last = date(2020, 1, 5), date(2020, 1, 7)
    batch = Batch(
        "b", "shop", "customers", "window", 1, 2, 0, ("created_at",), "UTC", first, last, datetime(2020, 2, 1),  # noqa: DTZ001
        "customers.csv", "", "", window_column="created_at",
    )  # fmt: skip
    left = "select '0001-01-01' as created_at, null::varchar as _extra"
    assert digest_rows(work, "shop", batch, Rows(left, ("created_at",))).row_count == 1
