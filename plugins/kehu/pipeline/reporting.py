"""The report of a release, and what there is to know about releases and customers."""

from __future__ import annotations

from pathlib import Path

from kehu.errors import ReleaseError
from kehu.explain.explain import explain
from kehu.release.catalog import current_release_id, find, list_releases, reading
from kehu.release.manifest import Manifest
from kehu.report import page
from kehu.report.background import Background, Delivery
from kehu.settings import Settings

__all__ = ["explain", "list_releases", "write_report"]


def write_report(settings: Settings, release_id: str | None = None, output: Path | None = None) -> Path:
    """Write the HTML page of a release (the current one by default) and return where it is.

    Raises:
        ReleaseError: there is no release to report on.
    """
    name = release_id or current_release_id(settings)
    if name is None:
        raise ReleaseError("nothing is published yet", fix="run `make demo` or `kehu run --as-of YYYY-MM-DD`")
    target = output or settings.reports_dir / f"{name}.html"
    background = _background(find(settings, name))
    with reading(settings, name) as release:
        return page.write_report(release, target, settings.language, settings.currency, background)


def _background(manifest: Manifest) -> Background:
    def share(name: str) -> float | None:
        value = manifest.rules.thresholds.get(name)
        return None if value is None else float(value)

    return Background(
        deliveries=tuple(Delivery(one.source, one.extracted_at, one.order_date) for one in manifest.freshness),
        high_up_to=share("value_tier_high"),
        medium_up_to=share("value_tier_medium"),
    )
