"""The source ``zoho_crm`` against a server that behaves as Zoho does: what lands is what it holds, whatever goes wrong."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kehu.errors import ConfigurationError, KehuError, MappedColumnMissing, SourceRefused, SourceTableMissing
from kehu.sources.check import check_source
from kehu.sources.zoho.zoho_source import ZohoSource
from tests.support.http_server import Reply, Request
from tests.support.system_shop import HURRY, PATIENCE, SystemShop
from tests.support.zoho_server import CLIENT, REFRESH, SECRET, Zoho, error, zoho_server

pytestmark = pytest.mark.slow

CREDENTIALS = {"ZOHO_CLIENT_ID": CLIENT, "ZOHO_CLIENT_SECRET": SECRET, "ZOHO_REFRESH_TOKEN": REFRESH}
COLUMNS = {
    "customer_id": "id",
    "full_name": "Last_Name",
    "email": "Email",
    "account_id": "Account_Name.id",
    "email_consent": {"expr": "case lower(Email_Opt_Out) when 'true' then 'false' when 'false' then 'true' end"},
    "updated_at": "Modified_Time",
}
CONTACTS = {
    "Last_Name": "text",
    "Email": "email",
    "Account_Name": "lookup",
    "Email_Opt_Out": "boolean",
    "Password_Hint": "text",
}


@pytest.fixture
def zoho() -> Iterator[Zoho]:
    with zoho_server() as server:
        server.module("Contacts", **CONTACTS)
        yield server


@pytest.fixture
def shop(zoho: Zoho, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SystemShop:
    entry = {
        "kind": "zoho_crm",
        "env_prefix": "ZOHO",
        "data_centre": "eu",
        "accounts_url": zoho.server.url,
        "api_url": zoho.server.url,
        "bulk": "never",
    }
    made = SystemShop(tmp_path, monkeypatch, ZohoSource, lambda: zoho.now.replace(tzinfo=None), entry, CREDENTIALS)
    made.tables(customers={"objects": "Contacts", "columns": COLUMNS})
    return made


def fill(zoho: Zoho, count: int) -> list[str]:
    return [
        zoho.add(
            "Contacts",
            Last_Name=f"Ünï客 {number}",
            Email=f"p{number}@mail.example",
            Account_Name={"id": f"acc{number}", "name": "Firm"} if number % 3 else None,
            Email_Opt_Out=bool(number % 2),
            Password_Hint="opensesame",
        )
        for number in range(count)
    ]


def held(zoho: Zoho) -> dict[str, tuple[Any, ...]]:
    """What the server holds, as it should land: computed apart from the source."""
    return {
        one["id"]: (
            one["Last_Name"],
            one["Email"],
            one["Account_Name"]["id"] if one["Account_Name"] else None,
            {True: "false", False: "true"}[one["Email_Opt_Out"]],
            one["Modified_Time"],
        )
        for one in zoho.modules["Contacts"].records.values()
    }


def landed(shop: SystemShop) -> dict[str, tuple[Any, ...]]:
    return shop.in_force("customers", "full_name", "email", "account_id", "email_consent", "updated_at")


def paths(zoho: Zoho, part: str) -> list[Request]:
    return [request for request in zoho.server.requests if part in request.path]


@pytest.mark.parametrize("count", [0, 1, 200, 201, 2001])
def test_what_lands_is_what_the_server_holds(count: int, zoho: Zoho, shop: SystemShop) -> None:
    fill(zoho, count)
    shop.land()
    assert landed(shop) == held(zoho)
    asked = [request.query for request in paths(zoho, "/crm/v8/Contacts") if "fields" in request.query]
    assert len(asked) == max(1, -(-count // 200)), "as few pages as there can be"
    assert [one.get("page") for one in asked[:10]] == [str(number + 1) for number in range(len(asked[:10]))]
    assert all("page" not in one and one["page_token"] for one in asked[10:]), "2,000 by number, the rest by token"


def test_ten_thousand_records_by_page_token(zoho: Zoho, shop: SystemShop) -> None:
    fill(zoho, 10_100)
    shop.land()
    assert landed(shop) == held(zoho)
    assert len(paths(zoho, "/crm/v8/Contacts")) == 51 + 2, "and two looks at what was deleted meanwhile"


def test_nothing_that_is_not_mapped_is_asked_for_or_lands(zoho: Zoho, shop: SystemShop) -> None:
    fill(zoho, 3)
    shop.land()
    (request,) = [one for one in paths(zoho, "/crm/v8/Contacts") if "fields" in one.query]
    assert set(request.query["fields"].split(",")) == {
        "Last_Name", "Email", "Account_Name", "Email_Opt_Out", "Modified_Time",
    }  # fmt: skip
    assert shop.values("_extra", entity="customers") == [(None,)] * 3
    assert "opensesame" not in shop.everything_kept()


def test_only_what_has_changed_lands_and_what_was_deleted_goes(zoho: Zoho, shop: SystemShop) -> None:
    ids = fill(zoho, 30)
    shop.land()
    assert shop.land()["customers"].batches == 0, "nothing new"
    zoho.later(hours=5)
    zoho.change("Contacts", ids[3], Email="new@mail.example")
    zoho.delete("Contacts", ids[7])
    added = zoho.add("Contacts", Last_Name="late", Email=None, Account_Name=None, Email_Opt_Out=False)
    assert shop.land()["customers"].rows == 3
    assert landed(shop) == held(zoho)
    assert (ids[7] in landed(shop), added in landed(shop)) == (False, True)
    assert shop.land()["customers"].batches == 0
    zoho.later(hours=5)
    before = len(zoho.server.requests)
    assert shop.land()["customers"].batches == 0, "304 of both is a success"
    since = [one.headers["if-modified-since"] for one in zoho.server.requests[before:] if "v8/Contacts" in one.path]
    assert len(since) == 2


def test_another_mapping_reads_all_and_takes_out_what_is_gone(zoho: Zoho, shop: SystemShop) -> None:
    ids = fill(zoho, 5)
    shop.land()
    zoho.delete("Contacts", ids[0])
    zoho.modules["Contacts"].deleted.clear()  # the recycle bin forgets
    zoho.later(days=90)
    columns = {**COLUMNS, "email": {"expr": "upper(Email)"}}
    shop.tables(customers={"objects": "Contacts", "columns": columns})
    shop.land()
    assert set(landed(shop)) == set(ids[1:])


def test_a_module_without_a_time_of_change_is_read_whole(zoho: Zoho, shop: SystemShop) -> None:
    module = zoho.module("Ratings", Name="text")
    del module.fields["Modified_Time"], module.fields["Created_Time"]
    ids = [zoho.add("Ratings", Name=f"n{number}") for number in range(3)]
    shop.tables(products={"objects": "Ratings", "columns": {"product_id": "id", "name": "Name"}})
    shop.land()
    assert shop.in_force("products", "name") == {one: (f"n{number}",) for number, one in enumerate(ids)}
    assert shop.land()["products"].batches == 0
    zoho.change("Ratings", ids[0], Name="other")
    zoho.delete("Ratings", ids[1])
    assert shop.land()["products"].rows == 2
    assert shop.in_force("products", "name") == {ids[0]: ("other",), ids[2]: ("n2",)}


def test_more_fields_than_a_request_may_name_are_read_in_sets_and_joined(zoho: Zoho, shop: SystemShop) -> None:
    wide = zoho.module("Wide", **{f"F{number}": "text" for number in range(120)})
    ids = [zoho.add("Wide", **{f"F{number}": f"{row}/{number}" for number in range(120)}) for row in range(5)]
    names = " || ',' || ".join(f"F{number}" for number in range(120))
    columns = {"product_id": "id", "name": {"expr": names}, "updated_at": "Modified_Time"}
    shop.tables(products={"objects": "Wide", "columns": columns})
    late: list[str] = []

    def meanwhile(request: Request) -> None:
        zoho.change("Wide", ids[0], **{f"F{number}": "torn?" for number in range(120)})
        late.append(zoho.add("Wide", **{f"F{number}": "late" for number in range(120)}))
        zoho.delete("Wide", ids[1])

    zoho.switchboard.on("/crm/v8/Wide", meanwhile, skip=1)
    shop.land()
    asked = [one.query["fields"].split(",") for one in paths(zoho, "/crm/v8/Wide") if "fields" in one.query]
    assert [len(one) for one in asked] == [50, 50, 23], "never more than 50"
    expected = {one: (",".join(record[f"F{number}"] for number in range(120)),) for one, record in wide.records.items()}
    assert shop.in_force("products", "name") == expected
    assert expected[ids[0]][0].startswith("torn?,torn?")


def hurry(shop: SystemShop, fault: str) -> None:
    shop.patience = HURRY if fault == "slow" else PATIENCE


FAULTS = ["busy", "failure", "slow", "cut", "truncated", "hang_up", "html"]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("path", ["oauth", "settings/fields", "v8/Contacts"])
def test_a_fault_that_passes_costs_nothing(fault: Any, path: str, zoho: Zoho, shop: SystemShop) -> None:
    fill(zoho, 450)
    zoho.switchboard.on(path, fault, skip=0 if path != "v8/Contacts" else 1, times=2)
    hurry(shop, fault)
    shop.land()
    assert landed(shop) == held(zoho)
    assert zoho.switchboard.committed == [fault] * 2
    assert len(shop.pauses) >= 2


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_stays_is_named_and_lands_nothing(
    fault: Any, zoho: Zoho, shop: SystemShop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ids = fill(zoho, 450)
    shop.land()
    before = landed(shop)
    zoho.later(hours=1)
    for one in ids:
        zoho.change("Contacts", one, Email="x@mail.example")
    zoho.switchboard.on("v8/Contacts", fault, skip=1, times=99)
    hurry(shop, fault)
    with pytest.raises(KehuError, match=r"again and again.*To fix: ") as caught:
        shop.land()
    assert landed(shop) == before
    assert_no_secret(str(caught.value) + caplog.text)
    zoho.switchboard.faults.clear()
    shop.land()
    assert landed(shop) == held(zoho)


def assert_no_secret(text: str) -> None:
    for secret in (SECRET, REFRESH, "1000.acc3ss", "ann@mail", "@mail.example", "opensesame"):
        assert secret not in text


def test_a_token_that_expires_between_pages_is_renewed_once(zoho: Zoho, shop: SystemShop) -> None:
    fill(zoho, 900)
    zoho.switchboard.on("v8/Contacts", lambda _: zoho.tokens.clear(), skip=2)
    shop.land()
    assert landed(shop) == held(zoho)
    assert zoho.minted == 2


def test_the_token_is_kept_for_the_next_process_unreadable(zoho: Zoho, shop: SystemShop) -> None:
    fill(zoho, 1)
    shop.land()
    shop.land()
    assert zoho.minted == 1
    kept = shop.everything_kept()
    assert_no_secret(kept.replace("p0@mail.example", ""))
    (file,) = (shop.settings.home / "tokens").iterdir()
    assert oct(file.stat().st_mode & 0o077) == oct(0) or oct(file.parent.stat().st_mode & 0o077) == oct(0)
    zoho.later(hours=2)
    shop.land()
    assert zoho.minted == 2, "an hour is its life"


def test_processes_that_need_a_token_at_once_get_the_same(zoho: Zoho, shop: SystemShop) -> None:
    from concurrent.futures import ThreadPoolExecutor

    sources = [shop.opened() for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        tokens = set(pool.map(lambda one: one.client.headers()["Authorization"], sources))
        assert (len(tokens), zoho.minted) == (1, 1)
        zoho.tokens.clear()
        refused = {"Authorization": tokens.pop()}
        list(pool.map(lambda one: one.client.renew(refused), sources))
        assert len({one.client.headers()["Authorization"] for one in sources}) == 1
    assert zoho.minted == 2, "five of them took what the first one got"
    assert len(shop.pauses) == 1, "and it was not asked for at once again"


@pytest.mark.parametrize(
    ("variable", "said"),
    [("ZOHO_REFRESH_TOKEN", "make a new refresh token"), ("ZOHO_CLIENT_SECRET", "correct client_id and client_secret")],
)
def test_credentials_that_are_wrong_are_named(
    variable: str, said: str, shop: SystemShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "wr0ng-secret")
    with pytest.raises(SourceRefused, match=said) as caught:
        shop.land()
    assert "wr0ng" not in str(caught.value)


def test_a_missing_right_is_named_with_the_remedy(zoho: Zoho, shop: SystemShop) -> None:
    zoho.switchboard.on("v8/Contacts", lambda _: error(403, "NO_PERMISSION"), times=9)
    with pytest.raises(
        SourceRefused, match=r"code='NO_PERMISSION'.*let the profile of the token's user read"
    ) as caught:
        shop.land()
    assert_no_secret(str(caught.value))
    zoho.switchboard.faults.clear()
    zoho.switchboard.on("settings", lambda _: error(403, "OAUTH_SCOPE_MISMATCH"), times=9)
    with pytest.raises(SourceRefused, match=r"ZohoCRM.modules.READ"):
        shop.land()


def test_modules_and_fields_that_are_gone_are_named_with_the_nearest(zoho: Zoho, shop: SystemShop) -> None:
    fill(zoho, 2)
    shop.land()
    zoho.modules["Contacts"].fields["E_Mail"] = zoho.modules["Contacts"].fields.pop("Email")
    with pytest.raises(MappedColumnMissing, match="E_Mail"):
        shop.land()
    zoho.modules["Kontakte"] = zoho.modules.pop("Contacts")
    with pytest.raises(SourceTableMissing, match="Kontakte"):
        shop.land()
    assert len(landed(shop)) == 2


def test_records_deleted_between_pages_hide_no_others(zoho: Zoho, shop: SystemShop) -> None:
    ids = fill(zoho, 700)
    gone: list[str] = []

    def delete(_: Request) -> None:
        gone.extend(ids[number] for number in (3, 4, 5))
        for one in gone:
            zoho.delete("Contacts", one)

    zoho.switchboard.on("v8/Contacts", delete, skip=2)
    shop.land()
    assert landed(shop) == held(zoho), "a page shorter before means records that moved past the reader"
    assert len(landed(shop)) == 697
    assert len(shop.values("customer_id", entity="customers")) == 697


def test_records_that_change_or_come_between_pages_are_had_by_the_next_reading(zoho: Zoho, shop: SystemShop) -> None:
    ids = fill(zoho, 450)

    def change(_: Request) -> None:
        zoho.change("Contacts", ids[0], Email="changed@mail.example")
        zoho.change("Contacts", ids[449], Email="also@mail.example")
        fill(zoho, 3)

    zoho.switchboard.on("v8/Contacts", change, skip=2)
    shop.land()
    assert len(landed(shop)) == 453
    shop.land()
    assert landed(shop) == held(zoho)


def test_what_was_deleted_and_restored_comes_back(zoho: Zoho, shop: SystemShop) -> None:
    (one,) = fill(zoho, 1)
    record = dict(zoho.modules["Contacts"].records[one])
    shop.land()
    zoho.later(hours=1)
    zoho.delete("Contacts", one)
    shop.land()
    assert landed(shop) == {}
    zoho.later(hours=1)
    zoho.modules["Contacts"].records[one] = record
    del zoho.modules["Contacts"].deleted[one]
    zoho.change("Contacts", one, Email="back@mail.example")
    shop.land()
    assert landed(shop) == held(zoho)


@pytest.mark.parametrize("count", [0, 150, 1000])
def test_a_first_load_of_many_records_is_a_job(count: int, zoho: Zoho, shop: SystemShop) -> None:
    shop.tables({"bulk": "first_load"}, customers={"objects": "Contacts", "columns": COLUMNS})
    zoho.bulk_page_rows = 400
    fill(zoho, count)
    shop.land()
    assert landed(shop) == held(zoho)
    assert len(zoho.jobs) == (3 if count == 1000 else 0), "one page is quicker without"
    zoho.later(hours=1)
    fill(zoho, 300)
    shop.land()
    assert landed(shop) == held(zoho)
    assert len(zoho.jobs) == {0: 1, 150: 0, 1000: 3}[count], (
        "what has changed comes by pages, a first load is one still"
    )


@pytest.mark.parametrize("fault", FAULTS)
def test_a_job_survives_faults(fault: Any, zoho: Zoho, shop: SystemShop) -> None:
    shop.tables({"bulk": "first_load"}, customers={"objects": "Contacts", "columns": COLUMNS})
    fill(zoho, 300)
    zoho.switchboard.on("/result", fault, times=2)
    zoho.switchboard.on("bulk/v8/read/job1", fault, skip=1)
    hurry(shop, fault)
    shop.land()
    assert landed(shop) == held(zoho)


def test_a_job_that_fails_or_never_ends_is_named(zoho: Zoho, shop: SystemShop) -> None:
    shop.tables({"bulk": "first_load"}, customers={"objects": "Contacts", "columns": COLUMNS})
    fill(zoho, 300)
    for state, said in (("FAILURE", "a job of Zoho has failed"), ("IN PROGRESS", "not done after an hour")):
        zoho.switchboard.faults.clear()
        zoho.switchboard.on("read/job", lambda _, s=state: Reply(body={"data": [{"state": s}]}), times=10_000)
        with pytest.raises(KehuError, match=rf"{said}.*set bulk: never"):
            shop.land()
    assert shop.batches() == []


def test_credits_and_the_budget_of_a_day_are_kept(zoho: Zoho, shop: SystemShop) -> None:
    fill(zoho, 10)
    shop.tables({"keep_credits": 1000}, customers={"objects": "Contacts", "columns": COLUMNS})
    zoho.credits = 999
    with pytest.raises(SourceRefused, match="credits=999, keep_credits=1000"):
        shop.land()
    zoho.credits = 1001
    shop.land()
    assert landed(shop) == held(zoho)
    sent = len(paths(zoho, "/crm/"))
    shop.tables({"daily_requests": 5}, customers={"objects": "Contacts", "columns": COLUMNS})
    zoho.later(hours=1)
    shop.land()
    with pytest.raises(SourceRefused, match=r"budget of requests.*again_after='2026-03-0"):
        shop.land()
    assert len(paths(zoho, "/crm/")) == sent + 5
    zoho.later(hours=26)
    shop.land()


def test_a_token_for_pages_that_does_not_come_is_named(zoho: Zoho, shop: SystemShop) -> None:
    fill(zoho, 2001)
    zoho.page_tokens_work = False
    with pytest.raises(KehuError, match="no token for their page"):
        shop.land()
    assert shop.batches() == []


def test_several_modules_make_one_entity_each_from_where_it_ended(zoho: Zoho, shop: SystemShop) -> None:
    zoho.module("Calls", Who_Id="lookup", Call_Start_Time="datetime", Call_Type="picklist", Call_Result="picklist")
    zoho.module("Events", Who_Id="lookup", Start_DateTime="datetime")
    zoho.module("Tasks", Who_Id="lookup", Closed_Time="datetime", Status="picklist")
    who = {"id": "c1", "name": "Ann"}
    call = zoho.add(
        "Calls", Who_Id=who, Call_Start_Time="2026-01-01T10:00:00+01:00", Call_Type="Inbound", Call_Result="ok"
    )
    zoho.add("Calls", Who_Id=None, Call_Start_Time="2026-01-01T10:00:00+01:00", Call_Type="Inbound", Call_Result="ok")
    event = zoho.add("Events", Who_Id=who, Start_DateTime="2026-01-02T10:00:00+01:00")
    zoho.later(days=1)
    shop.tables(interactions={})
    shop.land()
    expected = {call: ("c1", "call", "inbound"), event: ("c1", "meeting", None)}
    assert shop.in_force("interactions", "customer_id", "kind", "direction") == expected
    zoho.later(days=1)
    task = zoho.add("Tasks", Who_Id=who, Closed_Time=None, Status="Done")
    zoho.delete("Calls", call)
    shop.land()
    expected = {task: ("c1", "task", None), event: ("c1", "meeting", None)}
    assert shop.in_force("interactions", "customer_id", "kind", "direction") == expected
    since = [one for one in paths(zoho, "v8/Calls") if "if-modified-since" in one.headers]
    assert since, "an object's own last reading counts, not that of another one of the entity"


def test_members_of_campaigns_come_and_go(zoho: Zoho, shop: SystemShop) -> None:
    zoho.module("Campaigns", Campaign_Name="text", Start_Date="date")
    people = fill(zoho, 3)
    spring, empty = (zoho.add("Campaigns", Campaign_Name=name, Start_Date="2026-03-01") for name in ("spring", "empty"))
    undated = zoho.add("Campaigns", Campaign_Name="undated", Start_Date=None)
    zoho.members = {spring: people[:2], undated: people}
    shop.tables(campaign_contacts={})
    shop.land()
    columns = ("campaign_id", "customer_id", "assigned_at")
    expected = {f"{spring}:{one}": (spring, one, "2026-03-01") for one in people[:2]}
    assert shop.in_force("campaign_contacts", *columns) == expected
    assert shop.land()["campaign_contacts"].batches == 0
    zoho.members[spring] = people[1:]
    zoho.members[empty] = people[:1]
    shop.land()
    expected = {f"{spring}:{one}": (spring, one, "2026-03-01") for one in people[1:]}
    expected[f"{empty}:{people[0]}"] = (empty, people[0], "2026-03-01")
    assert shop.in_force("campaign_contacts", *columns) == expected
    assert "opensesame" not in shop.everything_kept()


def test_modules_and_fields_can_be_listed(zoho: Zoho, shop: SystemShop) -> None:
    fill(zoho, 1)
    source = shop.opened()
    assert [one.name for one in source.describe()] == ["Contacts"]
    with pytest.raises(SourceTableMissing, match="Contacts"):
        list(source.describe(["Contcts"]))
    (one,) = source.describe(["Contacts"])
    assert ("Account_Name.id", "Account_Name", "lookup") in one.fields
    assert "mail.example" not in "\n".join(one.lines())


@pytest.mark.parametrize(
    ("entry", "entities", "said"),
    [
        ({"data_centre": "de"}, {"customers": {}}, "no such data centre"),
        ({"api_url": "http://elsewhere.example"}, {"customers": {}}, "https"),
        ({}, {"customers": {"objects": "Konta"}}, "no such object here"),
        ({}, {"reviews": {}}, "does not make this entity"),
        ({}, {"customers": {"columns": {"customer_id": "id"}}}, "columns are those of one object"),
        ({}, {"customers": {"ignore": ["x"]}}, "neither query nor ignore"),
        ({}, {"interactions": {"mode": "snapshot"}}, "a snapshot is of one object"),
        ({"lookback": "soon"}, {"customers": {}}, "lookback is a duration"),
    ],
)
def test_a_wrong_entry_is_told(entry: dict, entities: dict, said: str, shop: SystemShop) -> None:
    shop.tables(entry, **entities)
    with pytest.raises(ConfigurationError, match=said):
        shop.opened()


def test_the_command_lists_modules_and_fields(
    zoho: Zoho, shop: SystemShop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from kehu.cli import main

    fill(zoho, 1)
    monkeypatch.setenv("KEHU_HOME", str(shop.settings.home))
    monkeypatch.setenv("KEHU_SOURCES", str(shop.yml))
    with pytest.raises(SystemExit) as caught:
        main(["sources", "describe", "crm", "Contacts"])
    assert caught.value.code == 0
    told = capsys.readouterr().out
    assert "Contacts" in told
    assert "  Account_Name.id  lookup  Account_Name\n" in told
    assert "mail.example" not in told


def test_a_first_look_says_what_would_land_and_lands_nothing(zoho: Zoho, shop: SystemShop) -> None:
    ids = fill(zoho, 30)
    found = check_source(shop.opened(), shop.settings)
    (customers,) = found.entities
    assert (customers.rows, customers.rejects, customers.unmapped) == (30, 0, ())
    assert "Contacts" in found.describe()
    assert "mail.example" not in found.describe()
    assert shop.batches() == []
    shop.land()
    zoho.later(hours=1)
    zoho.delete("Contacts", ids[0])
    assert check_source(shop.opened(), shop.settings).entities[0].rows == 1
    assert len(landed(shop)) == 30
