"""Lands records of a simulated Zoho CRM and Fxiaoke: rows a second, peak memory, requests against the least possible.

`python bench/systems.py [--records N]`. The simulators of the tests run in this process, the landing in one of its own, whose
memory is measured. Waiting is not done but added up: a limit of a system is the same for every reader of it.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from measuring import Measured, measure

from tests.support import fxiaoke_server as fx
from tests.support import zoho_server as zoho

LAND = """
import importlib, sys, time
from datetime import datetime
from pathlib import Path
from kehu.erasure.landing_filter import ErasedPersons
from kehu.landing.landing import land_source
from kehu.settings import load_settings
from kehu.sources.config import load_sources
home, module, name = sys.argv[1:]
settings = load_settings(home=Path(home), sources=Path(home) / "sources.yml")
(entry,) = load_sources(settings.sources).sources
pauses = []
clock = {"clock": lambda: time.monotonic() + sum(pauses)} if name == "FxiaokeSource" else {}
source = getattr(importlib.import_module(module), name)(entry, settings, {}, sleep=pauses.append, **clock)
(landed,) = land_source(settings, source, datetime(2026, 3, 1), without=ErasedPersons(settings))
print(landed.rows, round(sum(pauses)), file=sys.stderr)
"""
CREDENTIALS = {
    "ZOHO_CLIENT_ID": zoho.CLIENT,
    "ZOHO_CLIENT_SECRET": zoho.SECRET,
    "ZOHO_REFRESH_TOKEN": zoho.REFRESH,
    "FX_APP_ID": fx.APP,
    "FX_APP_SECRET": fx.SECRET,
    "FX_PERMANENT_CODE": fx.CODE,
    "FX_OPEN_USER_ID": fx.USER,
}


def land(folder: Path, entry: dict[str, object], module: str, name: str) -> Measured:
    """Land the one entity of a source in a process of its own."""
    (folder / "sources.yml").write_text(yaml.safe_dump({"sources": [{"name": "crm", **entry}]}))
    environment = {**os.environ, **CREDENTIALS}
    return measure([sys.executable, "-c", LAND, str(folder), module, name], environment, folder / "log.txt")


def tell(name: str, records: int, requests: tuple[int, int], measured: Measured, folder: Path) -> None:
    """A row of the table."""
    rows, waited = (folder / "log.txt").read_text().split()[-2:]
    assert int(rows) == records, f"{name}: {rows} rows landed of {records}"
    sent, least = requests
    note = f"{records / measured.wall:,.0f} rows a second, {sent} requests ({least} at least), {waited} s of waiting left out"
    print(measured.row(name, note))


def zoho_rows(records: int, bulk: str, least: int) -> None:
    """Contacts of a Zoho CRM."""
    with zoho.zoho_server() as server, tempfile.TemporaryDirectory() as folder:
        server.module("Contacts", Last_Name="text", Email="email", Phone="phone", Mailing_City="text")
        for number in range(records):
            values = {"Email": f"p{number}@mail.example", "Phone": f"+49 30 {number}", "Mailing_City": "Berlin"}
            server.add("Contacts", Last_Name=f"n{number}", **values)
        names = {"full_name": "Last_Name", "email": "Email", "phone": "Phone", "city": "Mailing_City"}
        columns = {"customer_id": "id", **names, "updated_at": "Modified_Time"}
        entry = {"kind": "zoho_crm", "env_prefix": "ZOHO", "data_centre": "eu", "bulk": bulk}
        entry |= {"accounts_url": server.server.url, "api_url": server.server.url}
        entry["entities"] = {"customers": {"objects": "Contacts", "columns": columns}}
        measured = land(Path(folder), entry, "kehu.sources.zoho.zoho_source", "ZohoSource")
        sent = len([one for one in server.server.requests if "settings" not in one.path and "oauth" not in one.path])
        tell(f"Zoho CRM, bulk: {bulk}", records, (sent, least), measured, Path(folder))


def fxiaoke_rows(records: int, least: int) -> None:
    """Contacts of Fxiaoke."""
    with fx.fxiaoke_server() as server, tempfile.TemporaryDirectory() as folder:
        text = {"type": "text", "label": "x"}
        server.object("ContactObj", name=text, email=text, mobile1=text)
        for number in range(records):
            server.add("ContactObj", name=f"n{number}", email=f"p{number}@mail.example", mobile1=str(number))
        server.tick = timedelta(seconds=1)
        names = {"full_name": "name", "email": "email", "phone": "mobile1", "updated_at": "last_modified_time"}
        entry = {"kind": "fxiaoke", "env_prefix": "FX", "host": server.server.url}
        entry["entities"] = {"customers": {"objects": "ContactObj", "columns": {"customer_id": "_id", **names}}}
        measured = land(Path(folder), entry, "kehu.sources.fxiaoke.fxiaoke_source", "FxiaokeSource")
        sent = len([one for one in server.server.requests if one.path.endswith("query")])
        tell("Fxiaoke", records, (sent, least), measured, Path(folder))


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    records = parser.parse_args().records
    print("| system | wall | memory | |\n|---|---|---|---|")
    zoho_rows(records, "never", -(-records // 200))
    zoho_rows(records, "first_load", 3)
    fxiaoke_rows(records, -(-records // 100))


if __name__ == "__main__":
    main()
