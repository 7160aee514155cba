"""A dbt project as its manifest has it, published or edited: what each node is made from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from kehu.plan.code_text import CodeText, digest_of, read_code

_IN_BRACES = re.compile(r"\{(\w+)\}")

MODELS = ("model", "seed", "snapshot")
_SHOWN_ONLY = {"docs", "group", "access", "tags", "packages", "unrendered_config"}
"""Parts of a node's configuration that change no row."""


@dataclass(frozen=True)
class Node:
    """A model, a seed or a test.

    Attributes:
        kind: dbt's word for it.
        code: its SQL; of a seed nothing.
        made_from: a digest of its own SQL, configuration, columns, and of a seed its rows.
        parents: the ids of the nodes and sources that it reads.
        tested: the id of the model that a generic test is of.
        key: the columns that a test says are a key, of such a test.
        personal: its columns that are tagged as personal.
    """

    node_id: str
    name: str
    kind: str
    schema: str
    file: str
    fqn: tuple[str, ...]
    code: CodeText
    made_from: str
    parents: tuple[str, ...]
    tested: str | None = None
    test_name: str | None = None
    key: tuple[str, ...] = ()
    personal: frozenset[str] = frozenset()
    columns: Mapping[str, str] = field(default_factory=dict)
    has_contract: bool = False


@dataclass(frozen=True)
class Project:
    """All nodes by their ids, and all macros by their names.

    Attributes:
        macro_files: where each macro stands.
        sources: dbt's sources as in ``scores.clv_scores``, by their ids.
        named_in_seeds: the words that a seed has in braces: some models take the names of vars from there.
    """

    nodes: Mapping[str, Node]
    macros: Mapping[str, CodeText]
    macro_files: Mapping[str, str]
    sources: Mapping[str, str]
    named_in_seeds: frozenset[str] = frozenset()

    @cached_property
    def _dispatched(self) -> dict[str, set[str]]:
        """The macros that ``adapter.dispatch`` may choose for a name: ``default__x``, ``duckdb__x``."""
        found: dict[str, set[str]] = {}
        for name in self.macros:
            _, between, plain = name.partition("__")
            if between:
                found.setdefault(plain, set()).add(name)
        return found

    def macros_reached(self, code: CodeText) -> frozenset[str]:
        """The macros that a piece of code may call, those that these call included.

        A word within Jinja that is the name of a macro counts as a call: too many rather than too few.
        """
        reached: set[str] = set()
        todo = set(code.words | code.literals)
        while todo:
            word = todo.pop()
            for name in ({word} & self.macros.keys()) | self._dispatched.get(word, set()):
                if name not in reached:
                    reached.add(name)
                    todo |= self.macros[name].words | self.macros[name].literals
        return frozenset(reached)

    def variables_of(self, node: Node, known: Iterable[str]) -> frozenset[str]:
        """The vars that a node reads, itself or in a macro that it reaches, out of those that are known."""
        codes = [node.code, *(self.macros[name] for name in self.macros_reached(node.code))]
        read = {name for code in codes for name in code.variables}
        if any(code.reads_any_variable for code in codes):
            read |= self.named_in_seeds
        if any(code.names_variables for code in codes):
            read |= {name for code in codes for name in code.literals}
        return frozenset(read & set(known))

    @cached_property
    def children(self) -> dict[str, list[str]]:
        """The nodes that read a node or a source, by its id."""
        found: dict[str, list[str]] = {}
        for node in self.nodes.values():
            for parent in node.parents:
                found.setdefault(parent, []).append(node.node_id)
        return found

    def downstream(self, start: Iterable[str]) -> frozenset[str]:
        """The nodes of a start with all models that stand on them; tests are none."""
        found: set[str] = set()
        todo = list(start)
        while todo:
            one = todo.pop()
            if one in found:
                continue
            found.add(one)
            todo += [child for child in self.children.get(one, ()) if self.nodes[child].kind in MODELS]
        return frozenset(found & self.nodes.keys())


def read_project(manifest: Mapping[str, Any], dbt_project: Path | None = None) -> Project:
    """The project out of dbt's ``manifest.json``, or out of the part of it that ``transform/scratch_child.py`` writes.

    Args:
        manifest: the parsed file.
        dbt_project: the folder of the project, where it is still the one that the manifest was made from.
    """
    nodes = {name: _node(name, value) for name, value in manifest["nodes"].items()}
    own = [macro for macro in manifest["macros"].values() if macro["package_name"] == "kehu"]
    return Project(
        nodes,
        {macro["name"]: read_code(macro["macro_sql"]) for macro in own},
        {macro["name"]: macro["original_file_path"] for macro in own},
        {name: f"{one['source_name']}.{one['name']}" for name, one in manifest["sources"].items()},
        frozenset() if dbt_project is None else _named_in_seeds(dbt_project),
    )


def _named_in_seeds(dbt_project: Path) -> frozenset[str]:
    files = (dbt_project / "seeds").rglob("*.csv")
    return frozenset(name for file in files for name in _IN_BRACES.findall(file.read_text(encoding="utf-8")))


def _node(node_id: str, value: Mapping[str, Any]) -> Node:
    config = {
        name: one for name, one in value["config"].items() if name not in _SHOWN_ONLY and one not in (None, [], {}, "")
    }
    test = value.get("test_metadata") or {}
    arguments = {name: one for name, one in (test.get("kwargs") or {}).items() if name != "model"}
    columns = {name: one.get("data_type") or "" for name, one in value["columns"].items()}
    # what a materialization or a hook calls is not in the model's own SQL
    calls = " ".join(f"'{one}'" for one in _materialized_by(config))
    calls = f"{{{{ {calls} {_hooks(config)} }}}}"
    # on lines of their own: what comes before may end in a comment
    code = read_code("\n".join([value.get("raw_code") or "", calls, json.dumps(arguments, sort_keys=True)]))
    whole = [code.digest, config, columns, value["checksum"] if value["resource_type"] == "seed" else None]
    return Node(
        node_id=node_id,
        name=value.get("alias") or value["name"],
        kind=value["resource_type"],
        schema=value["schema"],
        file=value["original_file_path"],
        fqn=tuple(value["fqn"]),
        code=code,
        made_from=digest_of(json.dumps(whole, sort_keys=True, default=str)),
        parents=tuple(value["depends_on"].get("nodes", ())),
        tested=value.get("attached_node"),
        test_name=test.get("name"),
        key=tuple(arguments.get("columns", ())),
        personal=frozenset(name for name, one in value["columns"].items() if _is_personal(one)),
        columns=columns,
        has_contract=bool((config.get("contract") or {}).get("enforced")),
    )


def _materialized_by(config: Mapping[str, Any]) -> Iterable[str]:
    yield f"materialization_{config.get('materialized')}_default"
    if strategy := config.get("incremental_strategy"):
        yield f"get_incremental_{strategy}_sql"
    # what a materialization is told in `meta` may be the name of a macro
    yield from (str(one) for one in (config.get("meta") or {}).values() if isinstance(one, str))


def _hooks(config: Mapping[str, Any]) -> str:
    hooks = [*(config.get("pre-hook") or ()), *(config.get("post-hook") or ())]
    return (
        " ".join(hook["sql"] if isinstance(hook, dict) else str(hook) for hook in hooks)
        .replace("{{", "")
        .replace("}}", "")
    )


def _is_personal(column: Mapping[str, Any]) -> bool:
    meta = {**(column.get("meta") or {}), **((column.get("config") or {}).get("meta") or {})}
    return bool(meta.get("personal"))
