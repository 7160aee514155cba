"""A shop whose customers are written where nobody looks for them: topics, names of products, statuses, ids, other spellings."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from kehu.settings import Settings
from tests.support.planted_home import publish_home, release_table

EMILE, FANG, IDA = "shop:KX-77A9", "shop:C0020", "shop:Lund, Ida"
NAME, EMAIL, PHONE = "Émile Durand-Åström", "Emile.Durand77@example.com", "0171 5557788"
ORDER = "emile.durand77@example.com/1"
STRANGE_IDS = ('O"Neil/7 x', "a'b\\c", "semi;colon|pipe", "two, commas, here", "per%cent & <amp>")
SOURCES = """
sources:
  - name: shop
    kind: files
    path: {folder}
    timezone: UTC
    entities:
      customers: {{}}
      products: {{}}
      campaigns: {{}}
      orders: {{}}
      order_lines: {{}}
      tickets: {{file: tickets*.csv}}
      web_events: {{}}
"""
DAY = "2024-02-01T10:00:00"
TEXTS = {
    "t2": "my friend 王芳 (138-0013-8000, ＷＦ＠example.com) recommended you",
    "t3": unicodedata.normalize("NFD", NAME).replace(" ", "\u00a0 ") + " called",
    "t4": "Durand-Åström, Émile wrote",
    "t5": "his number is 0171/5557788, he says",
    "t6": "see https://shop.example/?m=Emile.Durand77%40example.com&x",
    "t7": "nothing of anybody",
    "t8": "０１７１－５５５７７８８ is right",
}
_STATE = {
    "intermediate.int_records_map": """
        select distinct 'shop:' || customer_id as record_id, 'shop:' || customer_id as customer_id from landing.customers
        where customer_id is not null and _error is null"""
}


def write_mentioned_shop(folder: Path) -> Path:
    """Write the files of the shop and its sources.yml; returns the latter."""
    folder.mkdir(parents=True)
    people = [
        ["KX-77A9", "Émile", "Durand-Åström", "", EMAIL, PHONE],
        ["C0020", "", "", "王芳", "wf@example.com", "138 0013 8000"],
        ["C0021", "", "", "王芳华", "wfh@example.com", ""],
        ["Lund, Ida", "Ida", "Lund", "", "ida@example.org", "0171 5550001"],
        ["c1", "Ada", "Byron", "", "ada@example.com", "0171 5550002"],
        *([one, "Some", f"Body{number}", "", f"s{number}@example.com", ""] for number, one in enumerate(STRANGE_IDS)),
    ]
    _write(folder / "customers.csv", "customer_id first_name last_name full_name email phone", people)
    _write(folder / "products.csv", "product_id name", [["p1", f"Engraved mug for {NAME}"], ["p2", "Mug"]])
    _write(folder / "campaigns.csv", "campaign_id name", [["k1", f"Win back {EMAIL.upper()}"], ["k2", "Spring"]])
    orders = [[f"o{n}", person[0], DAY, "completed", "10"] for n, person in enumerate(people)]
    orders += [[ORDER, "c1", DAY, "completed", "20"], ["o99", "c1", DAY, f"for {NAME}", "30"]]
    _write(folder / "orders.csv", "order_id customer_id ordered_at status total_amount", orders)
    lines = [[order[0], "1", "p2", "1", order[4]] for order in orders]
    _write(folder / "order_lines.csv", "order_id line_id product_id quantity amount", lines)
    tickets = [["t1", "c1", DAY, f"Question of {NAME}", "please answer"]]
    tickets += [[ticket, "c1", DAY, "general", text] for ticket, text in TEXTS.items()]
    _write(folder / "tickets.csv", "ticket_id customer_id created_at topic text", tickets)
    events = [["e1", "c1", DAY, "view", "/tea", EMAIL], ["e2", "c1", DAY, "view", "/tea", "newsletter"]]
    _write(folder / "web_events.csv", "event_id customer_id occurred_at name page utm_source", events)
    file = folder.parent / "sources.yml"
    file.write_text(SOURCES.format(folder=folder), encoding="utf-8")
    return file


def build_mentioned_home(settings: Settings) -> None:
    """Land the shop and publish two releases of it."""
    publish_home(settings, _STATE, _tables)


def _tables(name: str, day: str) -> dict[str, str]:
    ids = "'shop:' || customer_id"
    quoted = f"'[\"' || replace(replace({ids}, '\\', '\\\\'), '\"', '\\\"') || '\",\"crm:1\"]'"
    return {
        "release": release_table(name, day),
        "dim_customers": f"""
            select {ids} as customer_id, {ids} || ',crm:1' as source_customer_ids, {quoted} as source_customer_ids_json,
                true as has_marketing_consent from landing.customers""",
        "map_source_customers_to_customers": f"select {ids} as source_customer_id, {ids} as customer_id from landing.customers",
        "dim_products": "select 'shop:' || product_id as product_id, trim(name) as name from landing.products",
        "dim_campaigns": "select 'shop:' || campaign_id as campaign_id, name from landing.campaigns",
        "fct_orders": f"""
            select 'shop:' || order_id as order_id, {ids} as customer_id, cast(total_amount as decimal(18, 2)) as net_revenue,
                {day} as order_date from landing.orders""",
        "fct_order_lines": "select 'shop:' || order_id as order_id, 'shop:' || product_id as product_id from landing.order_lines",
        "ticket_topics": "select topic, count(*) as tickets from landing.tickets group by topic",
    }


def _write(file: Path, columns: str, rows: Iterable[Iterable[str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows([columns.split(), *rows])
