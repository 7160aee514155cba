"""A step is green only when every selected node is built; a retry builds what is left, also after SIGKILL."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from kehu.errors import CandidateRejected, TransformError
from kehu.settings import Settings, load_settings
from kehu.transform.redact import redact
from kehu.transform.results import attempts, last_results, read_attempt
from kehu.transform.runner import Step, StepResult, keep_parse, run_step
from kehu.warehouse.factory import open_warehouse

pytestmark = pytest.mark.slow
STEP = Step("state", ("tag:state",), {})


def build(settings: Settings, step: Step = STEP, folder: str = "step") -> StepResult:
    warehouse = open_warehouse(settings)
    with warehouse.writing("test") as lock:
        return run_step(settings, warehouse, settings.home / folder, step, lock)


def value(settings: Settings, table: str) -> int:
    with open_warehouse(settings).session() as session:
        return int(session.rows(f"select x from work.{table}")[0][0])


def model(settings: Settings, name: str, text: str) -> None:
    (settings.dbt_project / "models" / f"{name}.sql").write_text(text)


def test_every_selected_node_gets_a_result(tiny: Settings) -> None:
    result = build(tiny)
    assert sorted(node.name for node in result.nodes) == ["a", "b", "c"]
    assert value(tiny, "c") == 3


def test_what_does_not_fit_into_memory_is_built_on_disk_and_so_is_what_comes_after(tiny: Settings) -> None:
    model(
        tiny,
        "b",
        "{{ config(materialized='table') }} select a.x + 1 as x, md5(cast(n as varchar)) as u from {{ ref('a') }} as a"
        " cross join range(2000000) as numbers (n) order by u",
    )
    model(tiny, "c", "{{ config(materialized='table') }} select max(x) + 1 as x from {{ ref('b') }}")
    small = load_settings(home=tiny.home, dbt_project=tiny.dbt_project, memory_limit="100MB", threads=1)
    assert [node.name for node in build(small).nodes] == ["a", "b", "c"]
    assert value(tiny, "c") == 3


def test_a_retry_with_nothing_left_leaves_the_manifest_that_a_killed_attempt_did_not_write(tiny: Settings) -> None:
    described = replace(STEP, with_artifacts=True)
    (build(tiny, described).folder / "target" / "manifest.json").unlink()
    again = build(tiny, described)
    assert "c" in {
        node["name"] for node in json.loads((again.folder / "target" / "manifest.json").read_text())["nodes"].values()
    }


def test_a_retry_builds_only_what_did_not_finish(tiny: Settings) -> None:
    model(tiny, "b", "{{ config(materialized='table') }} select nonsense from {{ ref('a') }}")
    with pytest.raises(TransformError, match="could not build b"):
        build(tiny)
    model(tiny, "a", "{{ config(materialized='table') }} select 100 as x")
    model(tiny, "b", "{{ config(materialized='table') }} select x + 1 as x from {{ ref('a') }}")
    result = build(tiny)
    assert {node.name: node.attempt for node in result.nodes} == {"a": 1, "b": 2, "c": 2}
    assert value(tiny, "c") == 3, "a was finished in the first attempt and must not have been built again"


def test_no_artifact_holds_the_value_that_broke_a_model(tiny: Settings) -> None:
    rows = "(values ('li.lei@' || 'example.com')) as people (address)"
    model(tiny, "b", f"{{{{ config(materialized='table') }}}} select cast(address as integer) as x from {rows}")
    with pytest.raises(TransformError, match="could not build b"):
        build(tiny, replace(STEP, with_artifacts=True))
    assert list((tiny.home / "step").rglob("run_results.json"))
    left = [
        file
        for file in (tiny.home / "step").rglob("*")
        if file.is_file() and b"li.lei@example.com" in file.read_bytes()
    ]
    assert [file.name for file in left] == []


def test_a_failed_test_rejects_and_is_asked_again(tiny: Settings) -> None:
    (tiny.dbt_project / "tests").mkdir()
    (tiny.dbt_project / "tests" / "assert_x.sql").write_text(
        "{{ config(tags=['state']) }} select * from {{ ref('c') }}"
    )
    for _ in range(2):
        with pytest.raises(CandidateRejected, match="assert_x") as rejected:
            build(tiny)
        assert rejected.value.exit_code == 3
    assert [node.name for node in read_attempt(attempts(tiny.home / "step")[1])] == ["assert_x"]


def test_what_stands_on_a_failed_test_is_skipped_and_the_test_is_to_blame(
    tiny: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # an option of dbt that somebody has exported does not let a build pass without its tests
    monkeypatch.setenv("DBT_INDIRECT_SELECTION", "empty")
    (tiny.dbt_project / "models" / "a.yml").write_text(
        "models: [{name: a, columns: [{name: x, data_tests: [{accepted_values: {arguments: {values: [7]}}}]}]}]"
    )
    with pytest.raises(CandidateRejected, match="accepted_values_a_x__7"):
        build(tiny)
    assert {node.name: node.status for node in last_results(tiny.home / "step")}["b"] == "skipped"


def test_another_release_is_built_in_its_own_schema_without_parsing_the_project_again(tiny: Settings) -> None:
    project = Path(__file__).parents[3] / "dbt_project" / "macros" / "release" / "generate_schema_name.sql"
    (tiny.dbt_project / "macros").mkdir()
    (tiny.dbt_project / "macros" / project.name).write_text(project.read_text())
    with (tiny.dbt_project / "dbt_project.yml").open("a") as file:
        file.write("vars: {candidate_schema: candidate, release_id: null}\n")
    model(
        tiny,
        "b",
        "{{ config(materialized='table', schema='candidate_features') }} select x + 1 as x from {{ ref('a') }}",
    )
    text = "{{ config(materialized='table', schema='candidate') }} select '{{ var('release_id') }}' as x from {{ ref('b') }}"
    model(tiny, "c", text)
    parsed = []
    for release in ("one", "two"):
        variables = {"candidate_schema": f"candidate_{release}", "release_id": release}
        result = build(tiny, Step(release, ("tag:state",), variables), release)
        keep_parse(tiny, result)
        parsed.append(json.loads((result.folder / "target" / "perf_info.json").read_text())["parsed_path_count"])
    with open_warehouse(tiny).session() as session:
        found = session.rows(
            "select x, count(*) from (from candidate_one.c union all from candidate_two.c) group by 1 order by 1"
        )
        assert session.rows("select x from candidate_two_features.b") == [(2,)]
    assert found == [("one", 1), ("two", 1)]
    assert parsed[0] > 0 == parsed[1]


def test_selecting_nothing_is_an_error(tiny: Settings) -> None:
    with pytest.raises(TransformError):
        build(tiny, Step("state", ("tag:nobody",), {}))


def test_an_unparsable_project_is_an_error(tiny: Settings) -> None:
    model(tiny, "a", "{{ config(")
    with pytest.raises(TransformError, match="before it knew"):
        build(tiny)


def test_killing_the_parent_kills_dbt_and_the_retry_continues(tiny: Settings) -> None:
    slow = (
        "{{ config(materialized='table') }} select count(*) + 0 * max(x) as x from {{ ref('a') }}, range(40000000000)"
    )
    model(tiny, "b", slow)
    code = f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parent)!r})
from kehu.settings import load_settings
from kehu.transform.runner import Step, run_step
from kehu.warehouse.factory import open_warehouse
settings = load_settings(home=Path({str(tiny.home)!r}), dbt_project=Path({str(tiny.dbt_project)!r}))
warehouse = open_warehouse(settings)
with warehouse.writing("killed run") as lock:
    run_step(settings, warehouse, settings.home / "step", Step("state", ("tag:state",), {{}}), lock)
"""
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    first = tiny.home / "step" / "attempt_1"
    deadline = time.monotonic() + 90
    while not [node for node in read_attempt(first) if node.name == "a"]:
        assert time.monotonic() < deadline, "dbt did not finish its first model"
        assert parent.poll() is None
        time.sleep(0.1)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    model(tiny, "b", "{{ config(materialized='table') }} select x + 1 as x from {{ ref('a') }}")
    result = build(tiny)
    assert {node.name: node.attempt for node in result.nodes} == {"a": 1, "b": 2, "c": 2}
    assert value(tiny, "c") == 3


@pytest.mark.parametrize(
    "message",
    [
        "Conversion Error: Could not convert string 'li.lei@example.com' to INT32",
        'Conversion Error: Could not convert string "li.lei@example.com" to DECIMAL(18,2)',
        "invalid input syntax for type numeric: 'li.lei@example.com'",
        'Conversion Error: invalid date field format: "li.lei@example.com", expected format is (YYYY-MM-DD)',
        'Conversion Error: timestamp field value out of range: "li.lei@example.com"',
        'Conversion Error: Malformed JSON at byte 1 of input: unexpected character.  Input: "{li.lei"',
        'Casting value "li.lei" to type DECIMAL(4,2) failed: value is out of range!',
        "Conversion Error: Could not convert string 'li.lei@example.com and a line end",
        "Conversion Error: Could not convert string 'Siobhan O'Brien li.lei of Cork' to INT32",
        "Could not convert string 'a\nO'Brien li.lei' to INT32\n\nLINE 1: select x::int as 'y'",
        'Could not parse string "a "b" li.lei" according to format specifier "%Y"\na "b" li.lei\n^\nError: Expected a number',
        "DETAIL:  Key (email)=(li.lei@example.com) already exists.",
        "DETAIL:  Failing row contains (1, li.lei@example.com, null).",
        'invalid input syntax for type date: "li.lei"',
    ],
)
def test_messages_of_the_engine_lose_their_values(message: str) -> None:
    assert "li.lei" not in redact(message)


def test_names_of_relations_stay_readable() -> None:
    message = 'Catalog Error: Table with name "work.orders" does not exist'
    assert redact(message) == message
