"""One small shop for all tests of the room, and one without dirt and seasons."""

from __future__ import annotations

from pathlib import Path

import pytest

from kehu.demo_shop.plan import Plan
from kehu.demo_shop.shop import write_shop
from tests.unit.demo_shop.shop_files import ShopFiles

SMALL = Plan(customers=400, days=120, seed=11)
PLAIN = Plan(customers=4_000, days=400, seed=5, has_seasons=False, has_dirt=False, first_load_days=400)


@pytest.fixture(scope="session")
def small_shop(tmp_path_factory: pytest.TempPathFactory) -> ShopFiles:
    return _written(tmp_path_factory.mktemp("small") / "shop", SMALL)


@pytest.fixture(scope="session")
def plain_shop(tmp_path_factory: pytest.TempPathFactory) -> ShopFiles:
    return _written(tmp_path_factory.mktemp("plain") / "shop", PLAIN)


def _written(folder: Path, plan: Plan) -> ShopFiles:
    write_shop(folder, plan)
    return ShopFiles(folder)
