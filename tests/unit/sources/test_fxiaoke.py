"""The source ``fxiaoke`` against a server that behaves as Fxiaoke does: what lands is what it holds, whatever goes wrong."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from kehu.errors import KehuError, MappedColumnMissing, SourceRefused, SourceTableMissing
from kehu.sources.fxiaoke.fxiaoke_source import FxiaokeSource
from tests.support.fxiaoke_server import APP, CODE, SECRET, USER, Fxiaoke, fxiaoke_server, ms, refusal
from tests.support.http_server import Request
from tests.support.system_shop import HURRY, SystemShop

pytestmark = pytest.mark.slow

CREDENTIALS = {"FX_APP_ID": APP, "FX_APP_SECRET": SECRET, "FX_PERMANENT_CODE": CODE, "FX_OPEN_USER_ID": USER}
FIELDS: dict[str, dict[str, Any]] = {
    "name": {"type": "text", "label": "姓名"},
    "email": {"type": "email", "label": "邮件"},
    "birthday": {"type": "date", "label": "生日"},
    "owner": {"type": "employee", "label": "负责人"},
    "level": {
        "type": "select_one",
        "label": "级别",
        "options": [{"value": "1", "label": "重要"}, {"value": "o'2", "label": "it's"}],
    },
    "tags": {
        "type": "select_many",
        "label": "标签",
        "options": [{"value": "a", "label": "甲"}, {"value": "b", "label": "乙"}],
    },
    "field_s3cret__c": {"type": "text", "label": "password"},
}
COLUMNS = {
    "customer_id": "_id",
    "full_name": "name",
    "email": "email",
    "birth_date": "birthday",
    "acquisition_channel": "level",
    "preferred_channel": "level.value",
    "interests": "tags",
    "occupation": "owner",
    "created_at": "create_time",
    "updated_at": "last_modified_time",
}


def made(fx: Fxiaoke, root: Path, patch: pytest.MonkeyPatch) -> SystemShop:
    entry = {"kind": "fxiaoke", "env_prefix": "FX", "host": fx.server.url, "authentication": fx.generation}
    source = partial(FxiaokeSource, clock=lambda: fx.now.timestamp())  # noqa: PLW0108 - the clock goes on
    shop = SystemShop(root, patch, source, lambda: fx.now.replace(tzinfo=None), entry, CREDENTIALS)
    shop.pauses = Pauses(fx)
    shop.tables(customers={"objects": "ContactObj", "columns": COLUMNS})
    return shop


class Pauses(list[float]):
    """Waiting is time that goes by on the server."""

    def __init__(self, fx: Fxiaoke) -> None:
        super().__init__()
        self.fx = fx

    def append(self, seconds: float) -> None:
        self.fx.later(seconds=seconds)
        super().append(seconds)


@pytest.fixture
def fx() -> Iterator[Fxiaoke]:
    with fxiaoke_server() as server:
        server.object("ContactObj", **FIELDS)
        yield server


@pytest.fixture
def shop(fx: Fxiaoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SystemShop:
    return made(fx, tmp_path, monkeypatch)


MIDNIGHT = ms(datetime(1990, 4, 30, 16, tzinfo=UTC))
"""Midnight of the first of May in UTC+8."""


def fill(fx: Fxiaoke, count: int) -> list[str]:
    return [
        fx.add(
            "ContactObj",
            name=f"客户 {number}",
            email=f"p{number}@mail.example",
            birthday=MIDNIGHT if number % 2 else None,
            level=["1", "o'2", "unknown", None][number % 4],
            tags=[["a", "b"], [], None, ["b", "c"]][number % 4],
            owner=["1001"] if number % 3 else [],
            field_s3cret__c="opensesame",
        )
        for number in range(count)
    ]


def held(fx: Fxiaoke) -> dict[str, tuple[Any, ...]]:
    """What the server holds, as it should land: computed apart from the source."""

    def moment(value: int) -> str:
        return datetime.fromtimestamp(value / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] + "+00"

    labels = {"1": "重要", "o'2": "it's", "a": "甲", "b": "乙"}
    return {
        one["_id"]: (
            one["name"],
            one["email"],
            "1990-05-01" if one["birthday"] else None,
            labels.get(one["level"], one["level"]),
            one["level"],
            ",".join(labels.get(tag, tag) for tag in one["tags"]) if one["tags"] is not None else None,
            ",".join(one["owner"]),
            moment(one["create_time"]),
            moment(one["last_modified_time"]),
        )
        for one in fx.objects["ContactObj"].records.values()
    }


def landed(shop: SystemShop) -> dict[str, tuple[Any, ...]]:
    return shop.in_force("customers", *[name for name in COLUMNS if name != "customer_id"])


def queries(fx: Fxiaoke) -> list[dict[str, Any]]:
    return [one.json()["data"] for one in fx.server.requests if one.path.endswith("data/query")]


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 250])
def test_what_lands_is_what_the_server_holds(count: int, fx: Fxiaoke, shop: SystemShop) -> None:
    fill(fx, count)
    shop.land()
    assert landed(shop) == held(fx)
    assert len(queries(fx)) == max(1, -(-count // 100)), "as few pages as there can be"
    assert [one["find_explicit_total_num"] for one in queries(fx)][:2] == [True, False][: len(queries(fx))]
    assert all(one["search_query_info"]["offset"] == 0 for one in queries(fx))


def test_ten_thousand_records_stay_below_a_hundred_calls_in_twenty_seconds(fx: Fxiaoke, shop: SystemShop) -> None:
    fill(fx, 10_100)
    shop.land()
    assert landed(shop) == held(fx)
    assert len(queries(fx)) == 101
    assert fx.refused_as_too_fast == 0
    assert sum(shop.pauses) < 20


def test_nothing_that_is_not_mapped_is_asked_for_or_lands(fx: Fxiaoke, shop: SystemShop) -> None:
    fill(fx, 3)
    shop.land()
    (question,) = queries(fx)
    wanted = {name.removesuffix(".value") for name in COLUMNS.values()}
    assert set(question["search_query_info"]["fieldProjection"]) == wanted
    assert shop.values("_extra", entity="customers") == [(None,)] * 3
    kept = shop.everything_kept()
    assert "opensesame" not in kept
    assert "Ann Nobody" not in kept


def test_the_old_generation_of_authentication(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with fxiaoke_server("corp_token") as fx:
        fx.object("ContactObj", **FIELDS)
        shop = made(fx, tmp_path, monkeypatch)
        fill(fx, 150)
        shop.land()
        assert landed(shop) == held(fx)
        fx.tokens.clear()
        fx.later(hours=1)
        shop.land()
        assert len(fx.minted) == 2
        assert_no_secret(shop.everything_kept())


def test_only_what_has_changed_lands(fx: Fxiaoke, shop: SystemShop) -> None:
    ids = fill(fx, 30)
    shop.land()
    assert shop.land()["customers"].batches == 0
    fx.later(hours=5)
    fx.change("ContactObj", ids[3], email="new@mail.example")
    fill(fx, 1)
    before = len(queries(fx))
    assert shop.land()["customers"].rows == 2
    assert landed(shop) == held(fx)
    filters = queries(fx)[before]["search_query_info"]["filters"]
    assert [(one["field_name"], one["operator"]) for one in filters] == [
        ("last_modified_time", "GTE"), ("last_modified_time", "LTE"),
    ]  # fmt: skip


def test_records_that_are_gone_are_found_by_a_sweep_of_ids_once_a_period(fx: Fxiaoke, shop: SystemShop) -> None:
    ids = fill(fx, 150)
    shop.land(moment=fx.now)
    del fx.objects["ContactObj"].records[ids[5]]
    fx.later(hours=1)
    shop.land(moment=fx.now)
    assert ids[5] in landed(shop), "not yet: the period has its sweep"
    fx.later(days=8)
    shop.land(moment=fx.now)
    assert landed(shop) == held(fx)
    before = len(queries(fx))
    fx.later(hours=1)
    shop.land(moment=fx.now)
    assert len(queries(fx)) == before + 1


def test_void_records_of_the_ready_mapping_are_deleted(fx: Fxiaoke, shop: SystemShop) -> None:
    fx.object(
        "SalesOrderProductObj",
        **{
            name: {"type": "text", "label": name}
            for name in ("order_id", "product_id", "quantity", "sales_price", "subtotal")
        },
    )
    values = {"product_id": "p", "quantity": "2.00", "sales_price": "10.50", "subtotal": "21.00"}
    lines = [fx.add("SalesOrderProductObj", order_id=f"o{number}", **values) for number in range(3)]
    shop.tables(order_lines={})
    shop.land(moment=fx.now)
    assert shop.values("order_id", "line_id", "amount", "is_deleted", entity="order_lines") == [
        (f"o{number}", line, "21.00", None) for number, line in enumerate(lines)
    ]
    fx.later(days=10)
    fx.change("SalesOrderProductObj", lines[0], life_status="invalid")
    del fx.objects["SalesOrderProductObj"].records[lines[1]]
    shop.land(moment=fx.now)
    assert shop.values("order_id", "line_id", "is_deleted", entity="order_lines", batch=1) == [
        ("o0", lines[0], "true"), ("o1", lines[1], "true"),
    ]  # fmt: skip


def test_a_custom_object_has_an_address_of_its_own(fx: Fxiaoke, shop: SystemShop) -> None:
    fx.object("Thing__c", name={"type": "text", "label": "name"})
    one = fx.add("Thing__c", name="x")
    shop.tables(products={"objects": "Thing__c", "columns": {"product_id": "_id", "name": "name"}})
    shop.land()
    assert shop.in_force("products", "name") == {one: ("x",)}


def assert_no_secret(text: str) -> None:
    for secret in (SECRET, CODE, "t0ken-", "ann@mail"):
        assert secret not in text


CODES = [-1, 50009, 30004, 14001]
FAULTS = ["busy", "failure", "slow", "cut", "truncated", "hang_up", "html", *CODES]


def switch_on(fx: Fxiaoke, shop: SystemShop, fault: Any, path: str, skip: int, times: int) -> None:
    if fault == "slow":
        shop.patience = HURRY
    fx.switchboard.on(path, (lambda _: refusal(fault)) if isinstance(fault, int) else fault, skip=skip, times=times)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("path", ["oauth2.0", "object/describe", "data/query"])
def test_a_fault_that_passes_costs_nothing(fault: Any, path: str, fx: Fxiaoke, shop: SystemShop) -> None:
    fill(fx, 250)
    switch_on(fx, shop, fault, path, 1 if path == "data/query" else 0, 2)
    shop.land()
    assert landed(shop) == held(fx)
    assert len(fx.switchboard.committed) == 2


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_stays_is_named_and_lands_nothing(
    fault: Any, fx: Fxiaoke, shop: SystemShop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    fill(fx, 250)
    switch_on(fx, shop, fault, "data/query", 1, 99)
    with pytest.raises(KehuError, match=r"again and again.*To fix: ") as caught:
        shop.land()
    assert shop.batches() == []
    assert_no_secret(str(caught.value) + caplog.text)
    assert "@mail.example" not in str(caught.value) + caplog.text
    fx.switchboard.faults.clear()
    shop.land()
    assert landed(shop) == held(fx)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (30002, "ingest again tomorrow"),
        (30003, "grant the app"),
        (20021, "authorise the app"),
        (20022, "switch it on"),
        (9999, "see what its errorCode means"),
    ],
)
def test_what_no_repetition_helps_stops_at_once(code: int, said: str, fx: Fxiaoke, shop: SystemShop) -> None:
    fill(fx, 250)
    fx.switchboard.on("data/query", lambda _: refusal(code), skip=1, times=99)
    with pytest.raises(SourceRefused, match=rf"code={code}") as caught:
        shop.land()
    assert said in str(caught.value)
    assert_no_secret(str(caught.value))
    assert len(queries(fx)) == 2
    assert shop.batches() == []


def test_a_token_that_expires_between_pages_is_renewed_once(fx: Fxiaoke, shop: SystemShop) -> None:
    fill(fx, 350)
    fx.switchboard.on("data/query", lambda _: fx.tokens.clear(), skip=2)
    shop.land()
    assert landed(shop) == held(fx)
    assert len(fx.minted) == 2
    assert fx.minted[1] - fx.minted[0] >= timedelta(seconds=6), "never more than ten a minute"


def test_rows_that_a_right_hides_fail_the_reading(fx: Fxiaoke, shop: SystemShop) -> None:
    ids = fill(fx, 150)
    fx.objects["ContactObj"].hidden.add(ids[149])
    with pytest.raises(SourceRefused, match=r"total=150, read=149.*see all records"):
        shop.land()
    assert shop.batches() == []


def test_records_that_change_vanish_or_come_between_pages(fx: Fxiaoke, shop: SystemShop) -> None:
    ids = fill(fx, 350)

    def meanwhile(_: Request) -> None:
        fx.later(seconds=30)
        fx.change("ContactObj", ids[340], email="changed@mail.example")
        fx.change("ContactObj", ids[0], email="also@mail.example")
        del fx.objects["ContactObj"].records[ids[10]], fx.objects["ContactObj"].records[ids[330]]
        fill(fx, 2)

    fx.switchboard.on("data/query", meanwhile, skip=2)
    shop.land()
    assert landed(shop) == held(fx), "the number did not fit, so that it was read again"


def test_objects_and_fields_that_are_gone_are_named_with_the_nearest(fx: Fxiaoke, shop: SystemShop) -> None:
    fx.objects["ContactObj"].fields["e_mail"] = fx.objects["ContactObj"].fields.pop("email")
    with pytest.raises(MappedColumnMissing, match="e_mail"):
        shop.land()
    fx.objects["ContactsObj"] = fx.objects.pop("ContactObj")
    with pytest.raises(SourceTableMissing, match="ContactsObj"):
        shop.land()


def test_credentials_that_are_wrong_are_named(shop: SystemShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FX_APP_SECRET", "wr0ng")
    with pytest.raises(SourceRefused, match="authorise the app again") as caught:
        shop.land()
    assert "wr0ng" not in str(caught.value)


def test_objects_and_fields_can_be_listed(fx: Fxiaoke, shop: SystemShop) -> None:
    source = shop.opened()
    assert [one.name for one in source.describe()] == ["ContactObj"]
    with pytest.raises(SourceTableMissing, match="ContactObj"):
        list(source.describe(["ContactsObj"]))
    (one,) = source.describe(["ContactObj"])
    assert ("level.value", "级别", "select_one") in one.fields
