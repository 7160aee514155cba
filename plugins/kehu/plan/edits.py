"""What somebody has edited since a release was built, and what that reaches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from kehu.plan.project import MODELS, Project

Kind = Literal["model", "seed", "macro", "var", "test", "suite", "code"]
Change = Literal["added", "removed", "changed"]


@dataclass(frozen=True)
class Edit:
    """One edit.

    Attributes:
        kind: what was edited.
        change: whether it is new, gone, or another one.
        file: where it stands; of a var nothing.
        before: a var's value in the release.
        after: a var's value now.
        reaches: the names of the models, seeds and tests that are made from it itself, sorted; those behind them are not here.
    """

    kind: Kind
    name: str
    change: Change
    file: str = ""
    before: Any = None
    after: Any = None
    reaches: tuple[str, ...] = ()


@dataclass(frozen=True)
class Edits:
    """All edits, and the ids of the nodes of the edited project that they themselves change."""

    found: tuple[Edit, ...]
    changed: frozenset[str]


def find_edits(published: Project, edited: Project, variables: tuple[Mapping[str, Any], Mapping[str, Any]]) -> Edits:
    """Compare the project that a release was built from with the one that is there now.

    Args:
        published: the release's.
        edited: the one that is there.
        variables: every var that is not one run's own, with its value in the release and now.
    """
    before, after = variables
    known = before.keys() | after.keys()
    moved = {name for name in known if before.get(name) != after.get(name)}
    macros = _changed(
        {n: c.digest for n, c in published.macros.items()}, {n: c.digest for n, c in edited.macros.items()}
    )
    nodes = _changed(
        {n: x.made_from for n, x in published.nodes.items()}, {n: x.made_from for n, x in edited.nodes.items()}
    )
    by_macro: dict[str, list[str]] = {name: [] for name in macros}
    by_var: dict[str, list[str]] = {name: [] for name in moved}
    changed = {name for name, change in nodes.items() if change != "removed"}
    for node_id, node in edited.nodes.items():
        reached = edited.macros_reached(node.code) & macros.keys()
        if node_id in published.nodes:  # a macro that is gone was called by what now calls another one
            reached |= published.macros_reached(published.nodes[node_id].code) & macros.keys()
        read = edited.variables_of(node, known) & moved
        for name in reached:
            by_macro[name].append(node.name)
        for name in read:
            by_var[name].append(node.name)
        if reached or read or set(node.parents) != set(getattr(published.nodes.get(node_id), "parents", node.parents)):
            changed.add(node_id)
    edits = [
        *_of_nodes(published, edited, nodes),
        *(
            Edit(
                "macro",
                name,
                change,
                {**published.macro_files, **edited.macro_files}[name],
                reaches=_sorted(by_macro[name]),
            )
            for name, change in macros.items()
        ),
        *(
            Edit("var", name, "changed", before=before.get(name), after=after.get(name), reaches=_sorted(by_var[name]))
            for name in moved
        ),
    ]
    return Edits(tuple(sorted(edits, key=lambda edit: (edit.kind, edit.name))), frozenset(changed))


def edited_files(kind: Kind, before: Mapping[str, str], after: Mapping[str, str]) -> list[Edit]:
    """Edits of what is known by a digest of each file alone: suites, and Kehu's own Python."""
    return [Edit(kind, name, change, name) for name, change in sorted(_changed(before, after).items())]


def _of_nodes(published: Project, edited: Project, nodes: Mapping[str, Change]) -> Iterable[Edit]:
    for node_id, change in nodes.items():
        node = edited.nodes.get(node_id) or published.nodes[node_id]
        kind: Kind = "seed" if node.kind == "seed" else "model" if node.kind in MODELS else "test"
        yield Edit(kind, node.name, change, node.file, reaches=(node.name,) if change != "removed" else ())


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, Change]:
    found: dict[str, Change] = {}
    for name in before.keys() | after.keys():
        if before.get(name) != after.get(name):
            found[name] = "added" if name not in before else "removed" if name not in after else "changed"
    return found


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))
