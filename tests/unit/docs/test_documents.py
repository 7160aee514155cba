"""What the documents show is there: each command runs as it stands, each path and each link leads somewhere."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from kehu.cli import kehu
from kehu.errors import KehuError
from tests.support.reference_data import EXAMPLES
from tests.support.repository import ROOT
from tests.support.shown_commands import DOCUMENTS, Shown, anchors, commands, links, paths

KEHU = list({tuple(shown.words): shown for document in DOCUMENTS for shown in commands(document, "kehu")}.values())
MAKE = [shown for document in DOCUMENTS for shown in commands(document, "make")]
AS_A_WHOLE = {
    "actions": "tests/integration/test_postgres_parity.py",
    "build": "tests/integration/test_erasure_of_a_built_shop.py",
    "checks": "tests/integration/test_real_exports.py",
    "dbt": "tests/integration/test_demo_shop.py",
    "demo-shop": "tests/unit/demo_shop/test_bytes.py",
    "erase": "tests/integration/test_erasure.py",
    "explain": "tests/unit/explain/test_explain.py",
    "gate": "tests/unit/gate/test_candidate_gate.py",
    "ingest": "tests/integration/test_sql_source_postgres.py",
    "landing keep": "tests/integration/test_corrections.py",
    "landing undo": "tests/unit/landing/test_crashes.py",
    "landing withdraw": "tests/integration/test_corrections.py",
    "plan": "tests/integration/test_demo_shop.py",
    "publish": "tests/unit/release/test_publish.py",
    "quarantine": "tests/integration/test_postgres_warehouse.py",
    "releases": "tests/unit/release/test_rollback.py",
    "report": "tests/unit/report/test_page.py",
    "rollback": "tests/faults/test_kill_points.py",
    "run": "tests/faults/test_kill_points.py",
    "sources check": "tests/unit/sources/test_check.py",
    "sources describe": "tests/unit/sources/test_zoho.py",
    "sources freshness": "tests/unit/pipeline/test_freshness.py",
    "warehouse init": "tests/integration/test_postgres_init.py",
}
"""What a command does when everything is there takes a built shop; the test that has one."""
WRITES_WHERE_IT_IS_TOLD = {"demo-shop"}
"""Not run as they stand: they would write into the folder that the document names."""
MADE_BY_RUNS = re.compile(
    r"\$?KEHU_HOME/|(published|releases|erasures|locks|runs|reports|data_docs|results|days|truth)/"
)
PLACES = [
    ROOT,
    ROOT / "plugins" / "kehu",
    ROOT / "plugins" / "kehu" / "demo_shop",
    ROOT / "dbt_project",
    ROOT / "docs",
    ROOT / "tests",
]


def command_of(words: list[str]) -> tuple[str, click.Command]:
    """Name and command of what the words call.

    Raises:
        KeyError: there is no such command.
    """
    command: click.Command = kehu
    names = []
    for word in words[1:]:
        if not isinstance(command, click.Group):
            break
        command = command.commands[word]
        names.append(word)
    return " ".join(names), command


@pytest.mark.parametrize("shown", KEHU, ids=lambda shown: f"{shown.document}: {shown.text}")
def test_a_shown_command_of_kehu_runs_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shown: Shown
) -> None:
    """Without data it succeeds or names what is missing; a command, option or argument that is not there is exit code 2."""
    monkeypatch.setenv("KEHU_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KEHU_SOURCES", str(tmp_path / "sources.yml"))
    name, command = command_of(shown.words)
    if name in WRITES_WHERE_IT_IS_TOLD:
        known = {option for param in command.params for option in param.opts}
        assert {word for word in shown.words if word.startswith("--")} <= known, f"{shown.document}: `{shown.text}`"
        return
    is_a_mention = shown.words[1:] == name.split() and any(param.required for param in command.params)
    done = CliRunner().invoke(kehu, [*shown.words[1:], *(["--help"] if is_a_mention else [])])
    assert done.exit_code in (0, 1), f"{shown.document} shows `{shown.text}`: {done.output}"
    assert done.exception is None or isinstance(done.exception, KehuError | SystemExit), repr(done.exception)


def test_a_command_that_is_not_there_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEHU_HOME", str(tmp_path / "home"))
    for text in ("kehu rollback --hard", "kehu undo", "kehu releases r1"):
        assert CliRunner().invoke(kehu, Shown("nowhere", text).words[1:]).exit_code == 2


def test_every_command_is_shown_and_run_as_a_whole_by_a_test() -> None:
    shown = {command_of(shown.words)[0] for shown in KEHU}
    known = {
        name if not isinstance(command, click.Group) else f"{name} {inner}"
        for name, command in kehu.commands.items()
        for inner in (command.commands if isinstance(command, click.Group) else [""])
    }
    assert known - shown <= {"build"}, "show it in README.md"
    assert AS_A_WHOLE.keys() == known, "name the test that runs it on a built shop"
    missing = [file for file in AS_A_WHOLE.values() if not (ROOT / file).is_file()]
    assert not missing


def test_the_sources_of_the_example_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEHU_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KEHU_SOURCES", str(EXAMPLES / "online_retail" / "sources.yml"))
    done = CliRunner().invoke(kehu, ["sources", "check"])
    assert done.exit_code == 0, done.output
    assert "order_lines" in done.output


@pytest.mark.parametrize("target", sorted({shown.words[1] for shown in MAKE}))
def test_a_shown_target_of_make_is_one(target: str) -> None:
    done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for module in re.findall(r"python -m (kehu[\w.]+)", done.stdout):
        assert (ROOT / "plugins" / Path(*module.split("."))).with_suffix(".py").is_file(), module
    for script in re.findall(r"python\d? ([\w/]+\.py)", done.stdout):
        assert (ROOT / script).is_file(), script


def test_make_help_lists_what_the_documents_show() -> None:
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    listed = set(re.findall(r"(?m)^  make (\S+)", done.stdout))
    assert {shown.words[1] for shown in MAKE} <= listed


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_a_named_path_is_there(document: Path) -> None:
    missing = [shown.text for shown in paths(document) if not is_there(shown.text, document.parent)]
    assert not missing, f"{document.relative_to(ROOT)} names what is not there: {missing}"


def is_there(path: str, folder: Path) -> bool:
    """Whether a path, with `*` for what stands in angle brackets, leads somewhere; a plain name may be in any folder."""
    if MADE_BY_RUNS.match(path):
        return True
    pattern = re.sub(r"<[^>]*>", "*", path).rstrip("/")
    if "/" not in path:
        return any(next(place.rglob(pattern), None) for place in (ROOT / name for name in SEARCHED)) or bool(
            next(ROOT.glob(pattern), None)
        )
    return any(next(place.glob(pattern), None) for place in [folder, *PLACES])


SEARCHED = ("bench", "dags", "dbt_project", "deploy", "docs", "examples", "expectations", "plugins", "tests", "tools")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_a_link_leads_somewhere(document: Path) -> None:
    broken = []
    for shown in links(document):
        file, _, anchor = shown.text.partition("#")
        target = (document.parent / file).resolve() if file else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(shown.text)
    assert not broken, f"{document.relative_to(ROOT)} links what is not there: {broken}"
