"""A kind of source is its own folder and one line of the registry."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Literal

import pytest

from kehu.errors import ConfigurationError
from kehu.landing.extract import Rows
from kehu.landing.workspace import Workspace
from kehu.sources.config import load_sources
from kehu.sources.config_models import SourceBase
from kehu.sources.kind import Kind
from kehu.sources.registry import KINDS, kind_of, open_source
from tests.support.source_folder import SourceFolder

PACKAGE = Path(__file__).resolve().parents[3] / "plugins"
SOURCES = PACKAGE / "kehu" / "sources"


class ToyConfig(SourceBase):
    kind: Literal["toy"]
    size: int = 2

    @property
    def entity_names(self) -> tuple[str, ...]:
        return ("customers",)


@dataclass(frozen=True)
class ToyExtract:
    size: int
    entity: str = "customers"
    mode: Literal["append"] = "append"
    file: str = "toys"
    per_file: bool = False
    timezone: str = "UTC"
    window_column: str | None = None
    always_read: bool = False
    contents: tuple[str, ...] = ()
    mapping: str = ""
    replaces_itself: bool = False
    paths: tuple[Path, ...] = ()

    @property
    def fingerprint(self) -> str:
        return f"toys {self.size}"

    def inspect(self, work: Workspace) -> None:
        pass

    def rows(self, work: Workspace) -> Rows:
        return Rows(
            f"select range::varchar as customer_id, 'toys' as _file, range + 1 as _row_number, null::varchar as _extra"
            f" from range({self.size})",
            ("customer_id",),
        )


class ToySource:
    entities = ("customers",)

    def __init__(self, config: ToyConfig) -> None:
        self.name, self.size = config.name, config.size

    def extracts(self) -> list[ToyExtract]:
        return [ToyExtract(self.size)]


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("kehu_toys.kind")
    module.KIND = Kind(  # type: ignore[attr-defined]
        "toy", ToyConfig, lambda entry, _settings, _connections: ToySource(entry), adds_increments=True
    )
    monkeypatch.setitem(sys.modules, "kehu_toys.kind", module)
    monkeypatch.setitem(KINDS, "toy", "kehu_toys.kind")


@pytest.mark.usefixtures("toy")
def test_one_line_of_the_registry_makes_a_kind_that_is_read_checked_and_landed(shop: SourceFolder) -> None:
    shop.configure_sources([{"name": "toys", "kind": "toy", "size": 3}])
    config = load_sources(shop.yml)
    assert config.increments == {"toys"}, "what a kind can do comes with it"
    assert shop.land(name="toys")["customers"].rows == 3
    assert shop.land(name="toys")["customers"].batches == 0, "the same again is nothing new"
    assert shop.values("customer_id", entity="customers") == [("0",), ("1",), ("2",)]


@pytest.mark.usefixtures("toy")
def test_a_misspelt_key_is_told_the_keys_of_its_own_kind(shop: SourceFolder) -> None:
    shop.configure_sources([{"name": "toys", "kind": "toy", "sice": 3}])
    with pytest.raises(ConfigurationError, match=r"key='sice', nearest=\['size'.*use one of: size"):
        load_sources(shop.yml)


def test_the_demo_is_not_told_to_use_a_key_that_it_refuses(shop: SourceFolder) -> None:
    shop.configure_sources([{"name": "demo", "kind": "completejourney", "pathh": "x"}])
    with pytest.raises(ConfigurationError) as caught:
        load_sources(shop.yml)
    assert "key='pathh'" in str(caught.value)
    offered = caught.value.facts["nearest"]
    assert "path" not in offered
    assert set(offered) <= set(kind_of("completejourney").config.model_fields), "what is offered is accepted"


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"kind": "files", "path": "d", "entities": {"orders": {"filee": "x"}}}, "file"),
        ({"kind": "sql", "url_env": "U", "entities": {"orders": {"curser": "x"}}}, "cursor"),
        ({"kind": "sql", "url_enw": "U", "entities": {"orders": {}}}, "url_env"),
        ({"kind": "files", "path": "d", "entities": {"orders": {"columns": {"order_id": {"expres": "x"}}}}}, "expr"),
    ],
)
def test_the_valid_keys_are_those_of_the_place(entry: dict, expected: str, shop: SourceFolder) -> None:
    shop.configure_sources([{"name": "shop", **entry}])
    with pytest.raises(ConfigurationError, match="there is no such key") as caught:
        load_sources(shop.yml)
    assert caught.value.facts["nearest"][0] == expected


@pytest.mark.parametrize("name", KINDS)
def test_a_line_of_the_registry_leads_to_the_kind_of_its_name(name: str) -> None:
    kind = kind_of(name)
    assert kind.name == name
    assert kind.config.model_fields["kind"].annotation == Literal[name]  # type: ignore[valid-type]


def test_a_kind_that_is_none_is_refused_instead_of_opening_another(shop: SourceFolder) -> None:
    class Stray(SourceBase):
        kind: Literal["stray"]

    with pytest.raises(ValueError, match="no such kind"):
        open_source(Stray(name="x", kind="stray"), shop.settings)


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_nothing_outside_a_kinds_folder_knows_the_kind() -> None:
    folders = {module.rpartition(".")[0] for module in KINDS.values()}
    assert len(folders) == len(KINDS), "each kind has a folder of its own"
    outside = [path for path in PACKAGE.rglob("*.py") if path.parent.parent != SOURCES]
    strays = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in outside
        for name in imports(path)
        if any(name == folder or name.startswith(f"{folder}.") for folder in folders)
    ]
    assert strays == [], "let the kind bring it (Kind, SourceBase, Described), or a new kind touches this file too"


def test_no_modules_of_the_sources_import_each_other_in_a_circle() -> None:
    names = {".".join(path.relative_to(PACKAGE).with_suffix("").parts): path for path in SOURCES.rglob("*.py")}
    edges = {name: {one for one in imports(path) if one in names} - {name} for name, path in names.items()}
    for module in KINDS.values():
        edges["kehu.sources.registry"].add(module)
    while leaves := [name for name, below in edges.items() if not below & edges.keys()]:
        for name in leaves:
            del edges[name]
    assert sorted(edges) == []
