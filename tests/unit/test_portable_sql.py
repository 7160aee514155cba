"""Models are portable by construction: what only some engines know is written in macros/dialect, once for each of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
DIALECTS = PROJECT / "macros" / "dialect"

INSTEAD: dict[str, str] = {
    r"\bstrpos\s*\(": "position(x in y)",
    r"\bextract\s*\(\s*(iso\w+|dow|doy|epoch)\b": "iso_day_of_week(), iso_year(), days_between()",
    r"\*\s*interval\b|\binterval\s*[(a-z]": "add_months(), add_days()",
    r"\b(unnest|explode|string_to_array|string_split\w*|regexp_split_to_\w+)\s*\(": "split_into_rows()",
    r"\bregexp_\w+\s*\(|\brlike\b|\bsimilar\s+to\b|\bilike\b|~\*": "replaced_all(), like, lower()",
    r"\bgenerate_series\s*\(|\bsequence\s*\(": "day_series(), month_series(), number_series()",
    r"\bwith\s+recursive\b": "joins or rounds whose number is bounded, as category_chains() and find_stars()",
    r"\bas\s+text\b": "cast(… as varchar)",
    r"::": "cast(… as …)",
    r"\bcreate\s+(or\s+replace\s+)?temp": "working_table(), create_working_table_sql()",
    r"\brename\s+to\b": "another name for the second table",
    r'(?<![\w:{])"[a-z_]+"(?!\s*:)': "a column that is no reserved word, or adapter.quote()",
    r"(?<!\.)\b(date_diff|datediff|date_add|date_sub|date_part|strftime|strptime|to_char|last_day)\s*\(": "macros/dialect/dates",
    r"\b(quantile\w*|percentile\w*|median|mode)\s*\((?!.*\}\})": "percentile(), median()",
    r"\b(arg_min|arg_max|min_by|max_by|first|any_value)\s*\(": "first_value_by()",
    r"\b(hash|md5_number|xxhash64|hashtext\w*)\s*\(": "row_hash()",
    r"\b(list_\w+|array_to_string|array_length)\s*\((?!.*\}\})": "list_median(), string_list()",
    r"\b(json\w*|to_json|struct_pack)\s*\((?!.*\}\})|->": "json_text(), json_value()",
    r"\bat\s+time\s+zone\b": "business_date(), try_cast_text()",
    r"\btry_cast\s*\(": "try_cast_text()",
    r"^\s*-[a-z_.]+ as ": "0 - x: Sail may lose the scale of a negated decimal",
    r"\bqualify\b|\bdistinct\s+on\b|\bpivot\b|\bexclude\s*\(": "a window in a CTE, the columns by name",
    r"\bdelete\+insert\b|incremental_strategy\s*[=:]\s*'?(merge|append|insert_overwrite)": "replace_keys",
    r"/\s*(?!nullif\b|[0-9(]|\{\{ ratio)[a-z{(]": "/ nullif(x, 0) or ratio(): an engine may compute the branch that is not taken",
}
"""What is not written outside macros/dialect → what is."""


def sources() -> list[Path]:
    """Models, tests and macros, but those of the dialects and those that are one engine's own."""
    folders = (PROJECT / name for name in ("models", "tests", "macros"))
    return sorted(file for folder in folders for file in folder.rglob("*.sql") if DIALECTS not in file.parents)


def unportable(text: str) -> list[str]:
    """The constructs of a file that an engine does not know, with what is written instead."""
    text = re.sub(r"\{#.*?#\}|--[^\n]*", "", text, flags=re.DOTALL)
    # a macro of one engine may say what that engine says
    text = re.sub(
        r"\{%-? macro (?:duckdb|postgres|spark|dbt_spark)_\w+\(.*?\{%-? endmacro -?%\}", "", text, flags=re.DOTALL
    )
    found = []
    for pattern, instead in INSTEAD.items():
        for match in re.finditer(
            pattern, _without_jinja(text) if pattern.startswith("(?<!") else text, re.IGNORECASE | re.MULTILINE
        ):
            found.append(f"{match.group(0)!r}: write {instead}")
    return found


def _without_jinja(text: str) -> str:
    return re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("file", sources(), ids=lambda file: str(file.relative_to(PROJECT)))
def test_what_only_some_engines_know_is_in_macros_dialect(file: Path) -> None:
    assert unportable(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "written",
    [
        "select strpos(customer_id, ':') from orders",
        "select extract(isodow from day)",
        "select month + 3 * interval '1' month",
        "select unnest(string_to_array(names, '|'))",
        "with recursive tree as (select 1)",
        "select cast(null as text) as reason",
        "create temporary table seen as select 1",
        'select table_name as "table" from metrics',
        "select amount::integer",
        "select case when orders > 0 then revenue / orders end",
        "select {{ total }} / {{ count }}",
        "select median(gap)",
        "select\n    -amount as amount",
        "select regexp_replace(phone, '[^0-9]', '', 'g')",
        "select at_utc at time zone 'Europe/Berlin'",
        "{{ config(incremental_strategy='merge') }}",
    ],
)
def test_each_such_construct_is_found(written: str) -> None:
    assert unportable(written) != []


@pytest.mark.parametrize(
    "written",
    [
        "select position(':' in customer_id)",
        "select {{ adapter.quote('table') }}, amount / nullif(orders, 0), days / 7.0 -- strpos(a, b)",
        "{#- unnest() is DuckDB's -#} select {{ median('gap') }}",
        "{% macro duckdb__x() -%} unnest(a) {%- endmacro %}",
    ],
)
def test_what_is_portable_is_let_be(written: str) -> None:
    assert unportable(written) == []
