"""The house rules that a reader of the code relies on: who may import whom, and what no file may hold."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "plugins" / "kehu"

LAYERS: dict[str, int] = {
    "errors": 0,
    "entities": 0,
    "settings": 0,
    "strict_yaml": 0,
    "clock": 0,
    "printable": 0,
    "server_address": 0,
    "quoting": 0,
    "terminal": 1,
    "session": 1,
    "files": 1,
    "demo_shop": 1,
    "ops": 2,
    "warehouse": 3,
    "landing": 3,
    "clv": 3,
    "personas": 3,
    "risk": 3,
    "sources": 4,
    "transform": 4,
    "gate": 4,
    "scoring": 4,
    "release": 4,
    "report": 5,
    "explain": 5,
    "erasure": 5,
    "activation": 5,
    "plan": 5,
    "pipeline": 6,
    "orchestration": 7,
    "landing_commands": 7,
    "action_commands": 7,
    "plan_commands": 7,
    "cli": 8,
}
SIBLINGS = {
    ("settings", "errors"),
    ("strict_yaml", "errors"),
    ("entities", "errors"),
    ("entities", "strict_yaml"),
}
ONLY_IN = {
    "airflow": ("orchestration",),
    "great_expectations": ("gate",),
    "dbt": ("transform",),
    "plotly": ("report",),
    "sklearn": ("personas", "risk"),
}


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_downwards(path: Path) -> None:
    here = room(path)
    if here == "__init__":
        return
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "kehu" and len(parts) > 1 and parts[1] != here:
            there = parts[1]
            allowed = LAYERS[there] < LAYERS[here] or (here, there) in SIBLINGS
            assert allowed, f"{here} must not import {there}: move the shared part down, or the caller up"
            commands = {"landing_commands", "action_commands", "plan_commands"}
            beside = {"pipeline", "settings", "errors", "clock", "printable", "terminal", *commands}
            assert not (here in {"cli", *commands} and there not in beside), f"{here} calls pipeline, not {there}"
        if parts[0] in ONLY_IN:
            assert here in ONLY_IN[parts[0]], f"only {' and '.join(ONLY_IN[parts[0]])}/ may import {parts[0]}"


def test_no_module_imports_itself_by_a_detour() -> None:
    """Circles between modules too, those that are only there for annotations included."""
    names = {".".join(("kehu", *path.relative_to(PACKAGE).with_suffix("").parts)): path for path in modules()}
    edges = {
        name: {other for other in imports(path) if other in names and other != name} for name, path in names.items()
    }
    while leaves := {name for name, others in edges.items() if not others}:
        edges = {name: others - leaves for name, others in edges.items() if name not in leaves}
    while leaves := edges.keys() - {other for others in edges.values() for other in others}:
        edges = {name: others for name, others in edges.items() if name not in leaves}
    assert edges == {}, "these modules import each other: move the shared part into one that both import"


def test_the_warehouse_and_the_store_are_chosen_in_their_factories_alone() -> None:
    choice = re.compile(
        r"\.(?:warehouse|serve|serves_on)\s*(?:==|!=|\bis\b|\bin\b|\bnot\b)|match settings\.(?:warehouse|serve)"
    )
    found = [str(path.relative_to(PACKAGE)) for path in modules() if choice.search(path.read_text(encoding="utf-8"))]
    allowed = {"warehouse/factory.py", "release/factory.py", "settings.py"}
    assert set(found) <= allowed, "make it a method of Warehouse or ReleaseStore, so that a new engine is one folder"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_module_hides_an_importable_name(path: Path) -> None:
    taken = set(sys.stdlib_module_names) | {
        "duckdb",
        "pandas",
        "airflow",
        "dbt",
        "yaml",
        "click",
        "jinja2",
        "plotly",
        "kehu",
    }
    assert path.stem not in taken, "rename it: Airflow puts folders on the path and this would hijack the import"


def test_init_files_are_empty() -> None:
    rooms = [path for path in PACKAGE.rglob("__init__.py") if path.parent != PACKAGE]
    filled = [str(path) for path in rooms if path.read_text(encoding="utf-8").strip()]
    assert filled == [], "an __init__.py that imports makes every import of the package slow"


def test_the_package_imports_nothing_by_itself() -> None:
    code = "import sys, kehu; print([name for name in sys.modules if name.startswith('kehu.') or name == 'pandas'])"
    path = str(PACKAGE.parent)
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": path}
    )
    assert found.stdout.strip() == "[]"


def test_only_settings_reads_the_environment() -> None:
    pattern = re.compile(r"os\.environ|os\.getenv|getenv\(")
    readers = [str(p.relative_to(PACKAGE)) for p in modules() if pattern.search(p.read_text(encoding="utf-8"))]
    assert readers == ["settings.py"], "add a setting or a function to settings.py and call it"


def test_only_ops_writes_sql_against_its_tables() -> None:
    pattern = re.compile(r"\b(from|into|join|update|table) ops\.|[\"']ops\.[a-z{]")
    writers = {room(p) for p in modules() if pattern.search(p.read_text(encoding="utf-8"))}
    # what only a server has: copies of landed batches, manifests of releases, rights
    assert writers == {"ops", "warehouse"}, "add a function to a module of ops/ and call it"


def test_only_the_clock_reads_the_clock() -> None:
    pattern = re.compile(r"datetime\.now|datetime\.utcnow|date\.today|time\.time\(")
    readers = [str(p.relative_to(PACKAGE)) for p in modules() if pattern.search(p.read_text(encoding="utf-8"))]
    assert readers == ["clock.py"], "take the time as a parameter; clock.py is where it comes from"


def test_no_model_reads_the_wall_clock() -> None:
    pattern = re.compile(
        r"\b(current_date|current_timestamp|now\(\)|today\(\)|getdate\(\)|localtimestamp)\b", re.IGNORECASE
    )
    found = [
        str(path.relative_to(ROOT))
        for folder in ("models", "macros", "tests")
        for path in (ROOT / "dbt_project" / folder).rglob("*.sql")
        if pattern.search(re.sub(r"--.*", "", path.read_text(encoding="utf-8")))
    ]
    assert found == [], "use {{ as_of_date() }}: a model that reads the wall clock cannot be built again"


def test_state_models_do_not_know_the_day() -> None:
    folders = [ROOT / "dbt_project" / "models" / name for name in ("staging", "intermediate", "core")]
    found = [
        str(path.relative_to(ROOT))
        for folder in folders
        for path in folder.rglob("*.sql")
        if re.search(r"as_of_date|release_id|candidate_schema", path.read_text(encoding="utf-8"))
    ]
    assert found == [], "state does not depend on D; filter in a mart"


def test_functions_and_modules_stay_small() -> None:
    for path in modules():
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= 300, f"{path.relative_to(ROOT)}: one idea a module"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                docstring = ast.get_docstring(node, clean=False) or ""
                lines = node.end_lineno - node.lineno + 1 - (docstring.count("\n") + 1 if docstring else 0)
                assert lines <= 45, f"{path.relative_to(ROOT)}:{node.name} has {lines} lines: split it"


def tracked_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_the_repository_holds_no_secret_and_no_machine_path() -> None:
    secret = re.compile(
        rb"(-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|ghp_[0-9A-Za-z]{36}|xox[bap]-[0-9A-Za-z-]{10,}"
        rb"|/(?:home|Users)/[a-z]+/|/w[o]rk/)"
    )
    found = [
        str(path.relative_to(ROOT))
        for path in tracked_files()
        if path.suffix not in {".png", ".parquet"} and path.name != "uv.lock" and secret.search(path.read_bytes())
    ]
    assert found == []


def test_the_repository_holds_no_personal_data() -> None:
    email = re.compile(r"[A-Za-z0-9._%+-]+@([A-Za-z0-9-]+\.)+[A-Za-z]{2,}")
    harmless = re.compile(r"(example\.(com|org|net)|\.example|\.invalid|\.test)$", re.IGNORECASE)
    found = []
    for path in tracked_files():
        if path.suffix in {".png", ".parquet"} or path.name == "uv.lock":
            continue
        text = path.read_text(encoding="utf-8", errors="ignore")
        found += [
            f"{path.relative_to(ROOT)}: {m.group()}" for m in email.finditer(text) if not harmless.search(m.group())
        ]
    assert found == [], "use addresses under example.com, which belong to nobody"
