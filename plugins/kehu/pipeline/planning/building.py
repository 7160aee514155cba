"""Builds what edits change in a scratch database: models and seeds, and what Python scores between features and marts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from kehu.clv.policy import Policy as ValuePolicy
from kehu.personas.policy import Policy as PersonaPolicy
from kehu.pipeline.planning.base import Base
from kehu.plan.project import MODELS, Project
from kehu.quoting import sql_name
from kehu.risk.policy import Policy as RiskPolicy
from kehu.session import Session
from kehu.settings import Settings
from kehu.transform.scratch import ScratchDbt
from kehu.warehouse.protocol import Scratch

SCORED = {
    "scores": (
        "feat_purchase_rfm_summaries",
        "feat_purchase_window",
        "feat_purchase_spend",
        "feat_purchase_channel_spend",
        "feat_purchase_weeks",
        "feat_purchase_channels",
        "feat_churn_inputs",
        "feat_churn_features",
    ),
    "personas": ("feat_persona_sample", "feat_persona_scale", "persona_words"),
}
"""What Python reads, by the source of dbt that it writes."""
_VARIABLES = {
    "scores": {one.name for policy in (ValuePolicy, RiskPolicy) for one in fields(policy)} | {"clv_parameters"},
    "personas": {f"persona_{one.name}" for one in fields(PersonaPolicy)},
}


@dataclass
class Building:
    """What is built of an edited project.

    Attributes:
        variables: every var that is not the run's own, with its value now.
        built: the ids of the nodes that are built anew so far.
        scored_again: what of ``SCORED`` was scored again and came out otherwise.
    """

    settings: Settings
    base: Base
    project: Project
    dbt: ScratchDbt
    variables: Mapping[str, Any]
    python_now: Mapping[str, str]
    built: set[str] = field(default_factory=set)
    scored_again: list[str] = field(default_factory=list)

    @property
    def scratch(self) -> Scratch:
        """Where it is built."""
        return self.dbt.scratch

    def run(self, changed: Iterable[str]) -> None:
        """Build the changed nodes and all that stands on them, scores and personas only if what they are made from differs."""
        affected = self.project.downstream(name for name in changed if self.project.nodes[name].kind in MODELS)
        after_scores = {kind: self._behind(kind) for kind in SCORED}
        behind = frozenset().union(*after_scores.values())
        self._show(affected)
        self._build(affected - behind)
        for kind in SCORED:
            if self._may_score_otherwise(kind) and self._score(kind):
                self.scored_again.append(kind)
                affected |= after_scores[kind]
        self._build(affected & behind)

    def tests(self) -> list[str]:
        """The tests of what was built, and those that were edited themselves."""
        tests = [node for node in self.project.nodes.values() if node.kind == "test"]
        return [node.node_id for node in tests if self.built & {*node.parents, node.tested}]

    def _behind(self, kind: str) -> frozenset[str]:
        sources = [name for name, shown in self.project.sources.items() if shown.startswith(f"{kind}.")]
        children = [child for name in sources for child in self.project.children.get(name, ())]
        return self.project.downstream(child for child in children if self.project.nodes[child].kind in MODELS)

    def _show(self, affected: Collection[str]) -> None:
        """Show all of the release's candidate and of the state but what is built anew, and what is gone."""
        gone = self.base.project.nodes.keys() - self.project.nodes.keys()
        away = {(self.project.nodes[name].schema, self.project.nodes[name].name) for name in affected}
        away |= {(self.base.project.nodes[name].schema, self.base.project.nodes[name].name) for name in gone}
        known = {(node.schema, node.name) for node in self.project.nodes.values()}

        def is_left_out(schema: str, name: str) -> bool:
            if (schema, name) in known:
                return (schema, name) in away
            # what a materialization keeps beside its table goes with it
            return any(name.startswith(f"{table}_") for there, table in away if there == schema)

        with self.scratch.session() as session:
            self.scratch.show(session, self._schema, is_left_out)

    def _schema(self, schema: str) -> str | None:
        is_another = schema.startswith("candidate_") and not schema.startswith(self.base.schema)
        return None if is_another else schema

    def _build(self, nodes: frozenset[str]) -> None:
        with self.scratch.session() as session:
            for name in sorted(nodes):
                node = self.project.nodes[name]
                session.execute(f"drop view if exists {sql_name(node.schema)}.{sql_name(node.name)}")
        self.dbt.build(nodes)
        self.built |= nodes

    def _may_score_otherwise(self, kind: str) -> bool:
        before, now = self.base.basis, self.variables
        if any(before.variables.get(name) != now.get(name) for name in _VARIABLES[kind]):
            return True
        if before.python and before.python[kind] != self.python_now[kind]:
            return True
        inputs = [node for node in map(self.project.nodes.__getitem__, self.built) if node.name in SCORED[kind]]
        with self.scratch.session() as session:
            return any(self._differs(session, node.schema, node.name) for node in inputs)

    def _score(self, kind: str) -> bool:
        """Score anew; whether anything came out otherwise."""
        # SciPy takes a second to load: only a plan that scores pays for it
        from kehu.pipeline.planning.rescoring import rescore

        with self.scratch.session() as session:
            target, before, written = rescore(session, kind, self.base.run, self.variables, self.settings.sources.name)
            return any(table not in before or self._differs(session, target, table) for table in written)

    def _differs(self, session: Session, schema: str, table: str) -> bool:
        here = f"{sql_name(schema)}.{sql_name(table)}"
        return session.fingerprint(here) != session.fingerprint(self.scratch.original(schema, table))
