"""The rounds of the materialization connected_components, run on DuckDB without dbt, against union-find on random graphs."""

from __future__ import annotations

from itertools import pairwise
from random import Random
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment

from tests.support.dbt_shop import PROJECT
from tests.support.planted_people import Union

Edges = list[tuple[int, int]]


class DidNotConverge(Exception):
    """What dbt would end the model with."""


def components(edges: Edges, max_rounds: int = 100) -> tuple[dict[int, int], int]:
    """node → smallest node of its component for nodes that are not the smallest, and how many rounds it took."""
    connection = duckdb.connect(config={"threads": 1})
    statements: list[str] = []

    def run_query(sql: str) -> SimpleNamespace:
        statements.append(sql)
        rows = connection.execute(sql).fetchall()
        return SimpleNamespace(columns=[SimpleNamespace(values=lambda: [row[0] for row in rows])])

    def statement(_: str, caller: Any) -> str:
        run_query(caller())
        return ""

    def fail(message: str) -> None:
        raise DidNotConverge(message)

    files = (PROJECT / "macros" / "identity" / "find_stars.sql", PROJECT / "macros" / "dialect" / "working_table.sql")
    source = "\n".join(file.read_text("utf-8") for file in files)
    around = {
        "run_query": run_query,
        "statement": statement,
        "exceptions": SimpleNamespace(raise_compiler_error=fail),
        "adapter": SimpleNamespace(dispatch=lambda name: getattr(macros, f"default__{name}")),
        "return": lambda value: value,
    }
    macros: Any = Environment(extensions=["jinja2.ext.do"]).from_string(source, around).module
    connection.execute("create table given (node bigint, neighbour bigint)")
    for start in range(0, len(edges), 1000):
        values = ", ".join(f"({node}, {neighbour})" for node, neighbour in edges[start : start + 1000])
        connection.execute(f"insert into given values {values}")
    run_query(macros.edges_sql("edges", "select * from given"))
    macros.find_stars("edges", "stars", max_rounds)
    found = connection.execute("select node, neighbour from edges").fetchall()
    assert len(dict(found)) == len(found)
    return dict(found), sum(sql.strip().startswith("create temporary table stars") for sql in statements)


def expected(edges: Edges) -> dict[int, int]:
    """The same by union-find."""
    union = Union(map(str, sorted({node for edge in edges for node in edge})))
    for node, neighbour in edges:
        union.join(str(node), str(neighbour))
    return {int(node): int(union.find(node)) for node in union.parent if union.find(node) != node}


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 25), st.integers(1, 25)), max_size=40))
def test_components_are_those_of_union_find(edges: Edges) -> None:
    assert components(edges)[0] == expected(edges)


@pytest.mark.parametrize("seed", [None, 1, 2], ids=["in order", "shuffled", "shuffled otherwise"])
def test_a_chain_takes_few_rounds(seed: int | None) -> None:
    nodes = list(range(1, 5001))
    if seed is not None:
        Random(seed).shuffle(nodes)
    found, rounds = components(list(pairwise(nodes)))
    assert found == dict.fromkeys(range(2, 5001), 1)
    assert rounds <= 20


def test_not_to_be_finished_is_an_error_by_name() -> None:
    with pytest.raises(DidNotConverge, match=r"ComponentsDidNotConverge: .* after 1 rounds; raise max_rounds"):
        components([(node, node + 1) for node in range(1, 100)], max_rounds=1)
