"""The models that find needs in texts, rendered without dbt: one query from texts to needs, on any engine."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import jinja2
import pyarrow as pa
import yaml

from kehu.settings import PROJECT_ROOT

PROJECT = PROJECT_ROOT / "dbt_project"
KEYWORDS = PROJECT / "seeds" / "need_keywords.csv"
_ROW = pa.schema(
    [(name, pa.string()) for name in ("keyword", "language", "need")]
    + [("is_problem", pa.bool_()), ("except_in", pa.string())]
)
VOICE = PROJECT / "models" / "features" / "voice"


@dataclass(frozen=True)
class Keyword:
    """A row of the seed need_keywords."""

    keyword: str
    language: str
    need: str
    is_problem: bool
    except_in: str | None = None


def seeded_keywords(file: Path = KEYWORDS) -> list[Keyword]:
    """All rows of the seed."""
    with file.open(encoding="utf-8", newline="") as opened:
        return [
            Keyword(row["keyword"], row["language"], row["need"], row["is_problem"] == "true", row["except_in"] or None)
            for row in csv.DictReader(opened)
        ]


def needs_query(dialect: str = "duckdb", changed: Mapping[str, object] | None = None) -> str:
    """The query of ``delivered (event_id, words)`` and ``need_keywords``: event_id, need, is_problem.

    Args:
        dialect: whose macros are taken before the default ones.
        changed: vars that differ from the project's.
    """
    environment, macros = _macros(dialect, changed or {})
    cut = environment.globals["var"]("max_text_length")
    plain = macros["plain_text"](f"substr(delivered.words, 1, {cut})")
    texts = f"select 'ticket' as kind, event_id, {plain} as words from delivered where words <> ''"
    tables = {"feat_texts": "texts", "feat_need_phrases": "phrases", "need_keywords": "need_keywords"}
    environment.globals["ref"] = tables.__getitem__
    phrases = _rendered(environment, VOICE / "feat_need_phrases.sql", macros)
    needs = _rendered(environment, VOICE / "feat_text_needs.sql", macros)
    sql = f"with texts as ({texts}), phrases as ({phrases}), needs as ({needs}) select event_id, need, is_problem from needs"
    return str(macros["in_dialect"](sql))


def fill(session: duckdb.DuckDBPyConnection, keywords: Iterable[Keyword]) -> None:
    """Make ``need_keywords`` anew."""
    rows = pa.Table.from_pylist([asdict(one) for one in keywords], schema=_ROW)
    session.register("given_keywords", rows)
    session.execute("create or replace table need_keywords as select * from given_keywords")


def _macros(dialect: str, changed: Mapping[str, object]) -> tuple[jinja2.Environment, dict[str, Any]]:
    given = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"] | dict(changed)
    files = [
        *sorted((PROJECT / "macros" / "dialect").glob("*.sql")),
        *sorted((PROJECT / "macros" / "voice").glob("*.sql")),
    ]
    source = "\n".join(file.read_text(encoding="utf-8") for file in files)
    names = re.findall(r"{%-? macro (\w+)\(", source)
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    module: Any = None

    def dispatch(name: str) -> Any:
        return getattr(module, f"{dialect}__{name}" if f"{dialect}__{name}" in names else f"default__{name}")

    environment.globals |= {
        "adapter": SimpleNamespace(dispatch=dispatch),
        "return": lambda value: value,
        "var": lambda name: given[name],
        "modules": SimpleNamespace(re=re),
        "as_of_date": lambda: "date '2999-12-31'",
    }
    # dbt's return() hands a value back, and jinja only prints: the one macro that returns a list is a function here
    environment.globals["words_of_var"] = lambda name: [
        word.strip().lower() for word in str(given[name] or "").split(",") if word.strip()
    ]
    source = re.sub(r"{% macro words_of_var.*?{%- endmacro %}", "", source, flags=re.DOTALL)
    module = environment.from_string(source.replace("{{ return(", "{{ (")).make_module({})
    macros = {name: getattr(module, name) for name in names if hasattr(module, name)}
    return environment, macros


def _rendered(environment: jinja2.Environment, file: Path, macros: Mapping[str, Any]) -> str:
    return environment.from_string(file.read_text(encoding="utf-8")).render(**macros)
