"""An extraction from a system that is killed at any step: the next one lands what the server holds, nothing twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kehu.sources.zoho.zoho_source import ZohoSource
from tests.support.repository import ROOT
from tests.support.system_shop import SystemShop
from tests.support.zoho_server import CLIENT, REFRESH, SECRET, zoho_server

pytestmark = pytest.mark.slow

CHILD = """
import sys
from datetime import datetime
from kehu.erasure.landing_filter import ErasedPersons
from kehu.landing.landing import land_source
from kehu.settings import load_settings
from kehu.sources.config import load_sources
from kehu.sources.registry import open_source
from pathlib import Path
home, yml = map(Path, sys.argv[1:])
settings = load_settings(home=home, sources=yml, memory_limit="512MB", threads=1)
(entry,) = load_sources(yml).sources
land_source(settings, open_source(entry, settings), datetime(2026, 3, 1), without=ErasedPersons(settings))
"""
CREDENTIALS = {"ZOHO_CLIENT_ID": CLIENT, "ZOHO_CLIENT_SECRET": SECRET, "ZOHO_REFRESH_TOKEN": REFRESH}


@pytest.mark.parametrize("point", ["extract:chunk", "land:renamed", "land:recorded"])
def test_a_killed_extraction_resumes_without_loss_or_duplicates(
    point: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zoho_server() as zoho:
        zoho.module("Accounts", Account_Name="text")
        zoho.module("Contacts", Last_Name="text")
        entry = {"kind": "zoho_crm", "env_prefix": "ZOHO", "data_centre": "eu", "bulk": "never"}
        entry |= {"accounts_url": zoho.server.url, "api_url": zoho.server.url}
        shop = SystemShop(tmp_path, monkeypatch, ZohoSource, lambda: zoho.now.replace(tzinfo=None), entry, CREDENTIALS)
        shop.tables(
            customers={"objects": "Contacts", "columns": {"customer_id": "id", "full_name": "Last_Name"}},
            accounts={"objects": "Accounts", "columns": {"account_id": "id", "name": "Account_Name"}},
        )
        contacts = {zoho.add("Contacts", Last_Name=f"n{number}"): (f"n{number}",) for number in range(250)}
        accounts = {zoho.add("Accounts", Account_Name=f"a{number}"): (f"a{number}",) for number in range(3)}
        done = subprocess.run(
            [sys.executable, "-c", CHILD, str(shop.settings.home), str(shop.yml)],
            env={**os.environ, **CREDENTIALS, "KEHU_TEST_DIE_AT": point},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == -signal.SIGKILL, done.stderr
        landed = {batch.entity for batch in shop.batches()}
        assert landed == ({"customers"} if point == "land:recorded" else set())
        shop.land()
        assert shop.in_force("customers", "full_name") == contacts
        assert shop.in_force("accounts", "name") == accounts
        assert len(shop.batches()) == 2
        assert len(shop.values("customer_id", entity="customers")) == 250
        assert shop.land()["customers"].batches == 0
        assert zoho.minted == 1, "the token outlives whoever got it"
