"""Kehu in a notebook: ``kehu.open_release()``. Nothing is imported before it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kehu.release.frames import open_release

__all__ = ["open_release"]


def __getattr__(name: str) -> Any:
    if name == "open_release":
        from kehu.release.frames import open_release

        return open_release
    raise AttributeError(f"module 'kehu' has no attribute {name!r}")
