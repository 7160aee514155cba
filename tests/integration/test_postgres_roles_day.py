"""A whole day under the roles: who logs in owns nothing, and ingest, build, gate, publication and report go through."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from psycopg2.extensions import make_dsn

from kehu.explain.explain import explain
from kehu.pipeline.administration import init_warehouse
from kehu.pipeline.daily import run_day
from kehu.pipeline.inspection import quarantine_counts
from kehu.settings import load_settings
from kehu.warehouse.on_postgres.roles import BUILDER, LOADER, PUBLISHER
from tests.integration.tiny_shop import net_revenue, orders, write_lines, write_orders, write_shop
from tests.support.postgres_roles import BI, LOGIN, clean_roles, connected
from tests.support.postgres_server import Databases

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

DAYS = (date(2024, 3, 4), date(2024, 3, 5))


def test_two_days_under_the_roles(tmp_path: Path, databases: Databases, is_long: bool) -> None:
    if not is_long:
        pytest.skip("two builds of a shop: with --long")
    with clean_roles(databases):
        dsn = databases.new()
        settings = load_settings(
            home=tmp_path / "home",
            sources=write_shop(tmp_path / "shop"),
            threads=2,
            warehouse="postgres",
            warehouse_dsn=make_dsn(dsn, user=LOGIN, password="secret"),
            warehouse_admin_dsn=databases.admin,
            bi_role=BI,
        )
        init_warehouse(settings)
        release_ids, more = (
            [],
            [replace(order, order_id=f"more-{order.order_id}") for order in orders() if order.ordered_at.month == 3],
        )
        total = net_revenue(str(DAYS[1])) + sum(order.amount for order in more)
        for day in DAYS:
            release_id, outcome, report = run_day(settings, day)
            assert outcome is not None and outcome.is_current
            assert report is not None and report.exists()
            release_ids.append(release_id)
            # the second day is an increment of the state
            write_orders(tmp_path / "shop", "2", more)
            write_lines(tmp_path / "shop", "2", more)
        reasons = [row["reason"] for row in quarantine_counts(settings)]
        assert reasons == ["created_at is not a timestamp", "row could not be parsed"], "the two that the shop plants"
        assert "c1" in explain(settings, "shop:c1")
        with connected(databases.admin) as run:
            run(f"alter role {BI} login")
        with connected(dsn, user=BI) as run:
            assert run("select sum(net_revenue) from analytics.fct_orders") == [(total,)]
            assert run("select release_id, previous_release_id from analytics.release") == [(*reversed(release_ids),)]
        with connected(dsn) as run:
            owners = """
                select distinct pg_get_userbyid(relowner), nspname from pg_class
                inner join pg_namespace on pg_namespace.oid = relnamespace
                where nspname !~ '^(pg_|information_schema|candidate_|rel_)' and relkind in ('r', 'v')
            """
            assert set(run(owners)) == {
                (LOADER, "landing"),
                *((BUILDER, name) for name in ("seeds", "staging", "intermediate", "work")),
                *((PUBLISHER, name) for name in ("ops", "analytics")),
            }
