"""The source ``ga4_export``: equal events from every format, rewritten days replaced, keys that are not unique."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import duckdb
import fastavro
import pytest

from kehu.errors import MappedColumnMissing, SourceFileMissing, SourceUnreadable
from tests.support.source_folder import SourceFolder

MICRO = 1_772_359_200_000_000
"""2026-03-01 10:00:00 UTC."""
COLUMNS = (
    "event_id",
    "customer_id",
    "anonymous_id",
    "occurred_at",
    "name",
    "page",
    "product_id",
    "session_id",
    "device",
    "utm_source",
    "utm_medium",
    "utm_campaign",
)


def event(name: str, micros: int, user: str | None = "u.1", **more: Any) -> dict[str, Any]:
    """An event as the JSON export writes it: whole numbers as texts, values that are null left out."""
    parameters = {"ga_session_id": {"int_value": "17723"}, **more.pop("params", {})}
    return {
        "event_date": "20260301",
        "event_timestamp": str(micros),
        "event_name": name,
        "event_bundle_sequence_id": "7",
        **({"user_pseudo_id": user} if user else {}),
        "event_params": [{"key": key, "value": value} for key, value in parameters.items()],
        "device": {"category": "mobile"},
        "items": [],
        **more,
    }


PURCHASE = event(
    "purchase",
    MICRO + 5_000_001,
    user_id="crm:17",
    params={
        "page_location": {"string_value": "https://shop.example/danke?x=ü"},
        "ga_session_id": {"double_value": 17723.0},
    },
    ecommerce={"transaction_id": "1001", "purchase_revenue": 21.5},
    items=[{"item_id": "mug", "price": 10.5}, {"item_id": "tee", "price": 11.0}],
    session_traffic_source_last_click={
        "manual_campaign": {"source": "news", "medium": "email", "campaign_name": "spring"}
    },
)
VIEW = event("view_item", MICRO, items=[{"item_id": "mug"}], collected_traffic_source={"manual_source": "google"})
NOBODY = event("page_view", MICRO + 1, user=None, params={"source": {"string_value": "(not set)"}})


@pytest.fixture
def web(shop: SourceFolder) -> SourceFolder:
    shop.configure_sources([{"name": "shop", "kind": "ga4_export", "path": "shop"}])
    return shop


def lines(*events: dict[str, Any]) -> str:
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in events)


def write_parquet(target: Path, events: list[dict[str, Any]]) -> None:
    value = "struct(string_value varchar, int_value bigint, float_value double, double_value double)"
    source = target.with_suffix(".source")
    source.write_text(lines(*events))
    with duckdb.connect() as connection:
        connection.execute(
            f"""copy (select * from read_json(?, format = 'newline_delimited', columns = {{
                event_date: 'varchar', event_timestamp: 'bigint', event_name: 'varchar',
                event_bundle_sequence_id: 'bigint', user_id: 'varchar', user_pseudo_id: 'varchar',
                event_params: 'struct("key" varchar, "value" {value})[]', device: 'struct(category varchar)',
                ecommerce: 'struct(transaction_id varchar, purchase_revenue double)',
                items: 'struct(item_id varchar, price double)[]',
                collected_traffic_source: 'struct(manual_source varchar)',
                session_traffic_source_last_click:
                    'struct(manual_campaign struct("source" varchar, medium varchar, campaign_name varchar))'
            }})) to '{target}' (format parquet)""",
            [str(source)],
        )
    source.unlink()


def write_avro(target: Path, events: list[dict[str, Any]]) -> None:
    def record(name: str, **fields: Any) -> dict[str, Any]:
        listed = [{"name": one, "type": kind, "default": None} for one, kind in fields.items()]
        return {"type": "record", "name": name, "fields": listed}

    text, whole, real = ["null", "string"], ["null", "long"], ["null", "double"]
    value = record("Value", string_value=text, int_value=whole, float_value=real, double_value=real)
    parameter = record("Parameter", key=text, value=["null", value])
    item = record("Item", item_id=text, price=real)
    campaign = record("Campaign", source=text, medium=text, campaign_name=text)
    schema = record(
        "Event",
        event_date=text,
        event_timestamp=whole,
        event_name=text,
        event_bundle_sequence_id=whole,
        user_id=text,
        user_pseudo_id=text,
        event_params={"type": "array", "items": parameter},
        device=["null", record("Device", category=text)],
        ecommerce=["null", record("Ecommerce", transaction_id=text, purchase_revenue=real)],
        items={"type": "array", "items": item},
        collected_traffic_source=["null", record("Collected", manual_source=text)],
        session_traffic_source_last_click=["null", record("Last", manual_campaign=["null", campaign])],
    )
    for field in schema["fields"]:
        if isinstance(field["type"], dict):
            del field["default"]
    typed = []
    for one in events:
        copy = json.loads(json.dumps(one))
        for name in ("event_timestamp", "event_bundle_sequence_id"):
            copy[name] = int(copy[name])
        for parameter_ in copy["event_params"]:
            if "int_value" in parameter_["value"]:
                parameter_["value"]["int_value"] = int(parameter_["value"]["int_value"])
        typed.append(copy)
    with target.open("wb") as stream:
        fastavro.writer(stream, fastavro.parse_schema(schema), typed)


EXPECTED = {
    "view_item": (None, "u.1", "2026-03-01 10:00:00.000000+00", None, "mug", "u.1.17723", "mobile", "google", None, None),
    "page_view": (None, None, "2026-03-01 10:00:00.000001+00", None, None, None, "mobile", None, None, None),
    "purchase": (
        "crm:17", "u.1", "2026-03-01 10:00:05.000001+00", "https://shop.example/danke?x=ü", None, "u.1.17723", "mobile",
        "news", "email", "spring",
    ),
}  # fmt: skip


def write(web: SourceFolder, kind: str) -> None:
    events = [VIEW, NOBODY, PURCHASE]
    match kind:
        case "jsonl":
            web.write("events_20260301.jsonl", lines(*events))
        case "json.gz in shards":
            web.write("events_20260301-000.json.gz", gzip.compress(lines(VIEW).encode()))
            web.write("events_20260301-001.json.gz", gzip.compress(lines(NOBODY, PURCHASE).encode()))
        case "parquet in a folder":
            (web.files / "events_20260301").mkdir()
            write_parquet(web.files / "events_20260301" / "part-0.parquet", events)
        case "avro":
            write_avro(web.files / "events_20260301.avro", events)


@pytest.mark.parametrize("kind", ["jsonl", "json.gz in shards", "parquet in a folder", "avro"])
def test_every_format_makes_the_same_events(kind: str, web: SourceFolder) -> None:
    write(web, kind)
    assert web.land()["web_events"].rows == 3
    rows = web.values(*COLUMNS, entity="web_events")
    assert {row[4]: (*row[1:4], *row[5:]) for row in rows} == EXPECTED
    (extra,) = [one for one in web.extras("web_events") if one and one["order_id"]]
    assert (extra["order_id"], extra["item_ids"]) == ("1001", "mug,tee")
    assert float(extra["purchase_revenue"]) == 21.5
    assert web.land()["web_events"].batches == 0


def test_the_ids_do_not_depend_on_the_format(web: SourceFolder, tmp_path: Path) -> None:
    found = []
    for kind in ("jsonl", "parquet in a folder", "avro"):
        other = SourceFolder(tmp_path / kind.split()[0])
        other.configure_sources([{"name": "shop", "kind": "ga4_export", "path": "shop"}])
        write(other, kind)
        other.land()
        found.append({row[0] for row in other.values("event_id", entity="web_events")})
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == 3


def test_a_rewritten_day_takes_the_place_of_what_it_was(web: SourceFolder) -> None:
    web.write("events_20260301.jsonl", lines(VIEW, NOBODY))
    web.write("events_20260302.jsonl", lines(event("late", MICRO + 86_400_000_000)))
    web.land()
    web.write("events_20260301.jsonl", lines(VIEW, PURCHASE))
    landed = web.land()["web_events"]
    assert (landed.batches, landed.rows, landed.withdrawn) == (1, 2, 2)
    assert in_force(web) == {"view_item", "purchase", "late"}
    web.write("events_20260301.jsonl", lines(VIEW, NOBODY))
    web.land()
    assert in_force(web) == {"view_item", "page_view", "late"}, "an older state that comes back counts"


def in_force(web: SourceFolder) -> set[str]:
    from kehu.landing.withdrawals import in_force as counting

    batches = web.batches()
    kept = {one.batch_id for one in counting(web.settings.landing_dir, batches)}
    rows = web.rows("web_events")
    return {row["name"] for row in rows if row["_batch_id"] in kept}


def test_the_table_of_the_day_itself_counts_until_the_daily_one_is_there(web: SourceFolder) -> None:
    web.write("events_intraday_20260301.jsonl", lines(VIEW))
    web.land()
    assert in_force(web) == {"view_item"}
    web.write("events_20260301.jsonl", lines(VIEW, PURCHASE))
    web.land()
    assert in_force(web) == {"view_item", "purchase"}
    assert len(web.values("event_id", entity="web_events", batch=1)) == 2


def test_days_before_the_last_ones_are_read_once(web: SourceFolder) -> None:
    for day in range(1, 8):
        web.write(f"events_2026030{day}.jsonl", lines(event(f"d{day}", MICRO + day)))
    assert web.land()["web_events"].batches == 7
    web.write("events_20260301.jsonl", lines(event("changed", MICRO)))
    web.write("events_20260304.jsonl", lines(event("also", MICRO)))
    landed = web.land()["web_events"]
    assert (landed.batches, landed.skipped) == (1, 3)
    assert in_force(web) == {"d1", "d2", "d3", "also", "d5", "d6", "d7"}


def test_keys_that_are_not_unique_stay_apart_and_batch_numbers_tell_them(web: SourceFolder) -> None:
    numbered = [
        event("scroll", MICRO, batch_page_id="1", batch_ordering_id="1", batch_event_index=str(n)) for n in (1, 2)
    ]
    web.write("events_20260301.jsonl", lines(NOBODY, NOBODY, {**NOBODY, "items": [{"item_id": "x"}]}, *numbered))
    web.land()
    ids = [row[0] for row in web.values("event_id", entity="web_events")]
    assert len(set(ids)) == 5
    assert sorted(one[32:] for one in ids) == ["", "", "", "#2", "#3"]


def test_only_events_that_are_named_land(web: SourceFolder) -> None:
    web.configure_sources([{"name": "shop", "kind": "ga4_export", "path": "shop", "events": ["purchase"]}])
    web.write("events_20260301.jsonl", lines(VIEW, NOBODY, PURCHASE))
    web.land()
    assert in_force(web) == {"purchase"}


def test_what_cannot_be_read_is_named(web: SourceFolder) -> None:
    with pytest.raises(SourceFileMissing, match="no file of a daily table"):
        web.land()
    web.write("events_20260301.jsonl", lines(VIEW) + '{"event_name": \n')
    assert web.land()["web_events"].rejects == 1
    web.write("events_20260302.avro", b"Obj\x01 not really")
    with pytest.raises(SourceUnreadable, match=r"events_20260302\.avro"):
        web.land()
    (web.files / "events_20260302.avro").unlink()
    write_avro(web.files / "events_20260302.avro", [VIEW, PURCHASE] * 500)
    whole = (web.files / "events_20260302.avro").read_bytes()
    web.write("events_20260302.avro", whole[: len(whole) // 2])
    with pytest.raises(SourceUnreadable, match="cannot be read as Avro"):
        web.land()
    (web.files / "events_20260302.avro").unlink()
    web.write("events_20260302.jsonl", '{"event_name": "x", "user_pseudo_id": "1"}\n')
    with pytest.raises(MappedColumnMissing, match="event_timestamp"):
        web.land()
