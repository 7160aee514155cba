"""SQL of sources.yml reads the files that are named there and nothing else: no other file, no setting, no variable."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from kehu.errors import BadExpression
from kehu.landing.workspace import workspace
from kehu.quoting import sql_text
from tests.support.source_folder import SourceFolder

LOOKUP = "c1,VIP\n"

READERS = (
    "select content from read_text({file})",
    "select content::varchar from read_blob('/proc/self/environ')",
    "select count(*) from read_csv({file})",
    "select count(*) from {quoted}",
    "select count(*) from glob({folder})",
    "select string_agg(value, '') from duckdb_settings()",
    "select string_agg(setting, '') from pg_settings",
    "select max(column_name) from information_schema.columns",
    "select * from query('select 1')",
    "select max(name) from duckdb_variables",
    "with a as (select content from read_text({file})) select max(content) from a",
)
VALUES = ("getvariable('kehu_inner')", "hex(GetVariable('kehu_inner')::blob)", "current_setting('temp_directory')")


@pytest.fixture
def shop(tmp_path: Path) -> SourceFolder:
    folder = SourceFolder(tmp_path)
    folder.write("customers.csv", "customer_id,country\nc1,DE\n")
    (tmp_path / "secret.csv").write_text(LOOKUP)
    return folder


def written(shop: SourceFolder, sql: str) -> str:
    file = shop.files.parent / "secret.csv"
    return sql.format(file=sql_text(str(file)), folder=sql_text(str(file.parent / "*")), quoted=f'"{file}"')


@pytest.mark.parametrize("sql", READERS)
@pytest.mark.parametrize("key", ["expr", "where", "query"])
def test_nothing_beside_the_files_is_read(shop: SourceFolder, sql: str, key: str) -> None:
    sql = written(shop, sql)
    if key == "expr":
        shop.configure(customers={"columns": {"customer_id": "customer_id", "country": {"expr": f"({sql})"}}})
    elif key == "where":
        shop.configure(customers={"where": f"customer_id <> coalesce(({sql})::varchar, '')"})
    else:
        query = f"select customer_id, ({sql})::varchar as country from shops"
        shop.configure(customers={"query": query, "files": {"shops": "customers.csv"}})
    with pytest.raises(BadExpression, match="not among the source's files"):
        shop.land()
    assert shop.batches() == []


@pytest.mark.parametrize("value", VALUES)
def test_no_variable_and_no_setting_is_read(shop: SourceFolder, value: str) -> None:
    shop.configure(customers={"columns": {"customer_id": "customer_id", "country": {"expr": f"({value})::varchar"}}})
    with pytest.raises(BadExpression, match="not among the source's files"):
        shop.land()


def test_what_makes_rows_of_its_own_values_is_taken(shop: SourceFolder) -> None:
    shop.configure(
        customers={
            "query": "select customer_id || '-' || number as customer_id, country from shops, range(2) as numbers(number)",
            "files": {"shops": "customers.csv"},
        }
    )
    shop.land()
    assert sorted(shop.values("customer_id", entity="customers")) == [("c1-0",), ("c1-1",)]


def test_a_lookup_is_a_file_of_the_source_and_its_change_is_noticed(shop: SourceFolder) -> None:
    shop.write("lookup.csv", "id,country\nc1,FR\n")
    query = (
        "select customers.customer_id, lookup.country from customers join lookup on lookup.id = customers.customer_id"
    )
    shop.configure(customers={"query": query, "files": {"customers": "customers.csv", "lookup": "lookup.csv"}})
    shop.land()
    shop.write("lookup.csv", "id,country\nc1,ES\n")
    assert shop.land()["customers"].rows == 1
    assert sorted(shop.values("country", entity="customers")) == [("ES",), ("FR",)]


def test_the_engine_itself_refuses_other_files(shop: SourceFolder) -> None:
    with workspace(shop.settings, "test") as work:
        work.confine([shop.files / "customers.csv"])
        assert work.rows(f"select count(*) from read_csv({sql_text(str(shop.files / 'customers.csv'))})") == [(1,)]
        scratch = sql_text(str(work.new_file(".parquet")))
        work.rows(f"copy (select 1 as one) to {scratch}")
        assert work.rows(f"select * from read_parquet({scratch})") == [(1,)]
        link = work.folder / "link.csv"
        link.symlink_to(shop.files.parent / "secret.csv")
        refused = [shop.files.parent / "secret.csv", Path("/proc/self/environ"), work.folder / ".." / "x", link]
        for path in refused:
            with pytest.raises(duckdb.PermissionException):
                work.rows(f"select * from read_text({sql_text(str(path))})")
        for setting in (
            "enable_external_access = true",
            "lock_configuration = false",
            "allowed_paths = ['/etc/passwd']",
        ):
            with pytest.raises(duckdb.Error, match=r"lock|Cannot"):
                work.rows(f"set {setting}")
