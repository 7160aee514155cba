"""Compares what was built for a plan with the published release."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kehu.gate.comparison import Pair
from kehu.pipeline.planning.building import Building
from kehu.plan.metrics import TABLES as METRIC_TABLES
from kehu.plan.metrics import MetricChange, find_metric_changes
from kehu.plan.migrations import TABLE as SEGMENTS
from kehu.plan.migrations import find_migrations
from kehu.plan.outcome import Comparison
from kehu.plan.project import Node
from kehu.plan.tables import Sides, TableDiff, diff_table
from kehu.quoting import sql_name
from kehu.release.personal import is_masked
from kehu.session import Session

NOT_COMPARED = frozenset({"release", "data_quality"})
"""They tell of the run and of its checks, not of the customers."""
_KEYS = ("is_key", "is_unique_together")
"""The tests that say what tells rows apart, the better ones first."""

Columns = Mapping[str, Mapping[str, str]]


def compare(building: Building) -> Comparison:
    """Compare every published table and every seed that was built anew."""
    base, project = building.base, building.project
    with building.scratch.session() as session, base.store.open(base.release_id) as release:
        pair = Pair(session, release, base.schema, NOT_COMPARED)
        before, after = pair.published_columns(), pair.candidate_columns()
    marts = _marts(project.nodes.values(), base.schema)
    built = {node.name for node in marts.values() if node.node_id in building.built}
    with (
        building.scratch.session() as session,
        base.store.attach(base.release_id, session, sorted(before)) as published,
    ):
        names = sorted(built & before.keys() & after.keys())
        sides = {name: _sides(building, marts[name], published, before, after) for name in names}
        tables = [diff_table(session, one) for one in sides.values()]
        differing = {one.table: one for one in tables if one.is_different}
        return Comparison(
            tables_added=tuple(sorted(built - before.keys() - NOT_COMPARED)),
            tables_removed=tuple(sorted(_marts(base.project.nodes.values(), base.schema).keys() - marts.keys())),
            tables=tuple(differing.values()),
            unchanged=len(tables) - len(differing),
            seeds=tuple(_seeds(building, session)),
            metrics=tuple(_metrics(session, sides, differing)),
            migrations=find_migrations(session, published, sql_name(base.schema)) if SEGMENTS in differing else (),
        )


def _metrics(
    session: Session, sides: Mapping[str, Sides], differing: Mapping[str, TableDiff]
) -> Iterable[MetricChange]:
    for name in METRIC_TABLES:
        if name in differing:
            yield from find_metric_changes(session, sides[name])


def _seeds(building: Building, session: Session) -> Iterable[TableDiff]:
    for node_id in sorted(building.built):
        seed = building.project.nodes[node_id]
        if seed.kind == "seed" and node_id in building.base.project.nodes:
            found = diff_table(session, _seed_sides(building, session, seed))
            if found.is_different:
                yield found


def _marts(nodes: Iterable[Node], schema: str) -> dict[str, Node]:
    return {node.name: node for node in nodes if node.kind == "model" and node.schema == schema}


def _sides(building: Building, node: Node, published: str, before: Columns, after: Columns) -> Sides:
    old, new = before[node.name], after[node.name]
    return Sides(
        node.name,
        f"{published}.{sql_name(node.name)}",
        f"{sql_name(node.schema)}.{sql_name(node.name)}",
        old,
        new,
        _key(building, node.node_id),
        node.personal | {name for name in {*old, *new} if is_masked(node.name, name)},
    )


def _seed_sides(building: Building, session: Session, seed: Node) -> Sides:
    here, there = f"{sql_name(seed.schema)}.{sql_name(seed.name)}", building.scratch.original(seed.schema, seed.name)
    old, new = (
        {str(row[0]): str(row[1]) for row in session.rows(f"describe select * from {relation}")}
        for relation in (there, here)
    )
    return Sides(seed.name, there, here, old, new, _key(building, seed.node_id))


def _key(building: Building, node_id: str) -> tuple[str, ...]:
    """The columns that a test says are a key, of the edited project or else of the release's; of one that is none, nothing."""
    for wanted in _KEYS:
        for project in (building.project, building.base.project):
            for node in project.nodes.values():
                if node.tested == node_id and node.test_name == wanted and node.key:
                    return node.key
    return ()
