"""The kind ``fxiaoke``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kehu.settings import Settings
from kehu.sources.fxiaoke.fxiaoke_config import FxiaokeSourceConfig
from kehu.sources.kind import Connections, Credential, Kind

if TYPE_CHECKING:
    from kehu.landing.extract import Source


def _open(entry: FxiaokeSourceConfig, settings: Settings, connections: Connections) -> Source:
    from kehu.sources.fxiaoke.fxiaoke_source import FxiaokeSource

    return FxiaokeSource(entry, settings, connections)


KIND = Kind(
    name="fxiaoke",
    config=FxiaokeSourceConfig,
    open=_open,
    adds_increments=True,
    title="Fxiaoke 纷享销客",
    credentials=(
        Credential("app_id", "App ID", is_secret=False),
        Credential("app_secret", "App secret"),
        Credential("permanent_code", "Permanent code"),
        Credential("open_user_id", "Open user ID", is_secret=False),
    ),
)
