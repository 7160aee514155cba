"""What ``sources.yml`` may say, and how each mistake is named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kehu.errors import ConfigurationError
from kehu.sources.config import load_sources
from kehu.strict_yaml import read_yaml

GOOD = """
sources:
  - name: shop
    kind: files
    path: data
    timezone: Europe/Berlin
    entities:
      orders:
        mode: window
        window_column: ordered_at
        file: orders_*.csv
        columns:
          order_id: OrderNo
          ordered_at: At
          currency: {value: NO}
          total_amount: {expr: "Goods::decimal(18, 2)"}
      customers:
vars:
  loyal_min_days: 26
"""

CASES = Path(__file__).resolve().parents[2] / "cases" / "sources_yml_messages"
ORDERS = "{mode: append, file: o.csv, columns: {order_id: A, ordered_at: B}}"


def load(tmp_path: Path, text: str):
    path = tmp_path / "sources.yml"
    path.write_text(text, encoding="utf-8")
    return load_sources(path)


def test_a_good_file_is_read_whole(tmp_path: Path) -> None:
    config = load(tmp_path, GOOD)
    (shop,) = config.sources
    assert (shop.name, shop.kind, shop.required, shop.timezone) == ("shop", "files", True, "Europe/Berlin")
    assert shop.path == tmp_path / "data"
    assert shop.entity_names == ("customers", "orders")
    assert shop.entities["orders"].columns["currency"].constant == "NO", "a country or currency NO is not false"
    assert config.vars == {"loyal_min_days": 26}


def test_the_default_file_is_the_demo() -> None:
    config = load_sources(Path(__file__).resolve().parents[3] / "sources.yml")
    assert [source.kind for source in config.sources] == ["completejourney"]
    assert config.vars == {"loyal_min_days": 26, "max_unknown_customer_share": 0.7}
    assert "orders" in config.sources[0].entity_names


def source(entities: str = "{customers: {}}", head: str = "name: shop, kind: files, path: d") -> str:
    return f"sources: [{{{head}, entities: {entities}}}]"


BAD = {
    "unknown kind": (source(head="name: shop, kind: fils, path: d"), ["kind='fils'", "files", "source='shop'"]),
    "duplicate source": (
        "sources: [{name: a, kind: completejourney}, {name: a, kind: completejourney}]",
        ["same name", "'a'"],
    ),
    "duplicate entity": (
        "sources:\n- name: a\n  kind: files\n  path: d\n  entities:\n    orders: {}\n    customers: {}\n    orders: {}\n",
        ["twice", "key='orders'", "line=8"],
    ),
    "unknown entity": (source("{ordres: {}}"), ["entity='ordres'", "orders", "source='shop'"]),
    "unknown canonical column": (
        source("{orders: {file: o.csv, columns: {order_id: A, ordered_at: B, customr_id: C}}}"),
        ["entity='orders'", "column='customr_id'", "customer_id", "source='shop'", "file='sources.yml'"],
    ),
    "bad mode": (source("{orders: {mode: merge}}"), ["entity='orders'", "append", "snapshot", "window"]),
    "window without column": (source("{orders: {mode: window}}"), ["window_column", "entity='orders'"]),
    "column without window": (source("{orders: {window_column: ordered_at}}"), ["window_column", "entity='orders'"]),
    "window column unknown": (
        source("{orders: {mode: window, window_column: ordered}}"),
        ["column='ordered'", "ordered_at"],
    ),
    "window column is no date": (
        source("{orders: {mode: window, window_column: status}}"),
        ["column='status'", "date"],
    ),
    "required column not mapped": (
        source("{orders: {file: o.csv, columns: {order_id: A}}}"),
        ["required", "column='ordered_at'", "entity='orders'"],
    ),
    "one of two columns": (
        source("{order_lines: {file: o.csv, columns: {order_id: A, line_id: B, quantity: C}}}"),
        ["amount", "unit_price"],
    ),
    "bad timezone": (
        source(head="name: shop, kind: files, path: d, timezone: Mars/Base"),
        ["timezone='Mars/Base'", "IANA", "source='shop'"],
    ),
    "bad source name": (source(head="name: My-Shop, kind: files, path: d"), ["'My-Shop'", "lower-case"]),
    "unknown key": (source("{orders: {fil: o.csv}}"), ["key='fil'", "file", "entity='orders'"]),
    "unknown key of a source": (
        source(head="name: shop, kind: files, path: d, requird: true"),
        ["key='requird'", "required"],
    ),
    "missing path": (source(head="name: shop, kind: files"), ["key='path'"]),
    "unknown top key": (source() + "\nvarz: {a: 1}", ["key='varz'", "vars"]),
    "two ways at once": (
        source("{customers: {file: c.csv, columns: {customer_id: {value: a, expr: b}}}}"),
        ["exactly one", "column='customer_id'", "entity='customers'"],
    ),
    "query without files": (source("{customers: {query: select 1}}"), ["query and files", "entity='customers'"]),
    "query with columns": (
        source("{customers: {files: {a: a.csv}, query: select 1, columns: {customer_id: A}}}"),
        ["whole mapping"],
    ),
    "table name": (source("{customers: {files: {'a b': a.csv}, query: select 1}}"), ["plain SQL name", "'a b'"]),
    "encoding": (source("{customers: {encoding: klingon}}"), ["encoding='klingon'", "gb18030"]),
    "delimiter": (source("{customers: {delimiter: '::'}}"), ["key='delimiter'"]),
    "vars not scalar": (source() + "\nvars: {a: [1]}", ["var='a'"]),
    "no sources": ("sources: []", ["at least one source"]),
    "not YAML": ("sources: [", ["not valid YAML", "line="]),
    "not a mapping": ("- a", ["mapping"]),
}


@pytest.mark.parametrize("name", BAD)
def test_a_mistake_is_named_with_its_place(name: str, tmp_path: Path) -> None:
    text, expected = BAD[name]
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, text)
    for part in [*expected, "file='sources.yml'"]:
        assert part in str(caught.value)


WORDS = {
    "a list where a mapping belongs": (
        source("[orders]"),
        "below entities stands a list, and a mapping belongs there",
        "orders: … instead of - orders",
    ),
    "a list of columns": (
        source("{orders: {columns: [order_id]}}"),
        "below columns stands a list",
        "order_id: … instead of - order_id",
    ),
    "a list of files": (source("{orders: {file: [a.csv, b.csv]}}"), "file is one text, not a list", "write a text"),
    "a text for true": (
        source(head="name: shop, kind: files, path: d, required: 'maybe'"),
        "not 'maybe'",
        "write true or false",
    ),
    "a word for a number": (source("{orders: {skip: two}}"), "skip is a whole number, not 'two'", "without quotes"),
    "a number below its range": (source("{orders: {skip: -1}}"), "skip is out of its range: -1", "equal to 0"),
    "an unknown mode": (
        source("{orders: {mode: full}}"),
        "mode is one of append, snapshot, window, not 'full'",
        "append",
    ),
    "another word for a delimiter": (source("{orders: {delimiter: semicolon}}"), "not 'semicolon'", 'write ";"'),
    "a tab without quotes": (
        source("{orders: {delimiter: \\t}}"),
        "delimiter is one character",
        '"\\t" in double quotes',
    ),
    "two characters": (source("{orders: {delimiter: '::'}}"), "delimiter is one character", "in double quotes"),
    "a merge key": (f"base: &b {{name: shop}}\n{source()}\nother: {{<<: *b}}", "merge key (<<)", "write the keys out"),
    "a character of YAML's": (source("{orders: {file: @x}}"), "begins with a character that YAML keeps", "in quotes"),
    "another glob": (source("{orders: {file: *orders.csv}}"), "begins with *", 'file: "*.csv"'),
    "a mapping of sources": ("sources: {shop: {kind: files}}", "must be a list", "- name:"),
    "much too deep": ("sources: " + "[" * 5000, "nested deeper than anything", "correct the file"),
    "a password is not shown": (
        source(head="name: shop, kind: files, path: d, required: postgresql://u:hunter2@h/d"),
        "not another text",
        "true or false",
    ),
}


@pytest.mark.parametrize("name", WORDS)
def test_a_mistake_is_told_in_words_of_what_was_written(name: str, tmp_path: Path) -> None:
    text, problem, fix = WORDS[name]
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, text)
    assert problem in caught.value.problem
    assert fix in caught.value.fix
    assert "Input should" not in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("case", "problem", "fix"),
    [
        ("glob_star_unquoted", "begins with *", 'file: "*.csv"'),
        ("entities_str", "entities is 'orders', and a mapping belongs there", "orders: {}"),
        ("indent_wrong", "orders stands beside entities instead of below it", "indent it"),
        ("delimiter_word", "delimiter is one character, not 'tab'", '"\\t" in double quotes'),
    ],
)
def test_the_reported_mistakes_lead_to_their_fix(case: str, problem: str, fix: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_sources(CASES / case / "sources.yml")
    assert problem in caught.value.problem
    assert fix in caught.value.fix


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="KEHU_SOURCES"):
        load_sources(tmp_path / "nowhere.yml")


def test_yaml_reads_words_and_numbers_as_people_mean_them(tmp_path: Path) -> None:
    path = tmp_path / "x.yml"
    path.write_text("{a: no, b: on, c: 0123, d: 12:30, e: true, f: 7, g: 1.5, h: ~, i: 2020-01-01, j: '8'}")
    assert read_yaml(path) == {
        "a": "no", "b": "on", "c": "0123", "d": "12:30", "e": True, "f": 7, "g": 1.5, "h": None, "i": "2020-01-01", "j": "8",
    }  # fmt: skip


def test_reading_the_configuration_loads_nothing_heavy() -> None:
    code = (
        "import sys, kehu.sources.config;"
        "print([m for m in ('duckdb', 'pandas', 'pyarrow', 'great_expectations') if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]", "DAG files import this module"
