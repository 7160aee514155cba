"""Words that systems write where they have no value. A customer of that name would be everybody who has none."""

from __future__ import annotations

from collections.abc import Sequence

from kehu.quoting import sql_name, sql_text

WORDS = (
    "0", "-1", "null", "none", "nan", "nil", "n/a", "na", "#n/a", "#ref!", "#value!", "#div/0!", "#name?", "\\n", "undefined",
    "unknown", "guest", "anonymous", "-", "--", "?", '""', "''", "test", "no-email", "匿名", "游客", "未知", "无",
)  # fmt: skip
"""In lower case, as they are compared."""

DAYS = ("0000-00-00", "0001-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1970-01-01", "9999-12-31")
TOTALS = ("total", "totals", "grand total", "sum", "summe", "gesamt", "合计", "总计", "小计", "итого")


def word_of(column: str, type_: str) -> str:
    """SQL of the placeholder that a column's value is; null where it is none."""
    text = f"lower(trim({sql_name(column)}))"
    if type_ in ("date", "timestamp"):
        day = f"replace(left({text}, 10), '/', '-')"
        return f"case when {day} in ({_texts(DAYS)}) then {day} when {text} in ({_texts(WORDS)}) then {text} end"
    return f"case when {text} in ({_texts(WORDS)}) then {text} end"


def is_header(columns: Sequence[str]) -> str:
    """SQL of whether a row repeats the names of its columns."""
    return " and ".join(f"lower(trim({sql_name(name)})) = {sql_text(name)}" for name in columns) or "false"


def is_total(columns: Sequence[str]) -> str:
    """SQL of whether a row is a total over the others."""
    found = [f"lower(trim({sql_name(name)}, ' :：')) in ({_texts(TOTALS)})" for name in columns]
    return f"coalesce({' or '.join(found)}, false)" if found else "false"


def _texts(words: Sequence[str]) -> str:
    return ", ".join(map(sql_text, words))
