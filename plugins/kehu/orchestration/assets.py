"""The assets that tie the DAGs together. Every event carries a business day (YYYY-MM-DD) as its partition key."""

from __future__ import annotations

from collections.abc import Iterable

from airflow.sdk import Asset, AssetAll, PartitionedAssetTimetable

from kehu.errors import ConfigurationError

RELEASE_ASSET = Asset(name="kehu_release", uri="kehu://release")
"""One event per published release, with ``release_id``, ``as_of`` and ``is_current`` in its extra.

The partition key is the as-of date, and Airflow hands a partitioned event to partitioned DAGs only: schedule what
comes after a release with ``PartitionedAssetTimetable(assets=Asset("kehu_release"))``.
"""


def source_asset(source_name: str) -> Asset:
    """What an ingest DAG delivers: one event per business day."""
    return Asset(name=f"kehu_source_{source_name}", uri=f"kehu://source/{source_name}")


def when_all_delivered(source_names: Iterable[str]) -> PartitionedAssetTimetable:
    """Run for business day D once every one of these sources has delivered D.

    Raises:
        ConfigurationError: there is no source to wait for.
    """
    assets = [source_asset(name) for name in source_names]
    if not assets:
        raise ConfigurationError(
            "no source is required, so nothing would ever start build_customers",
            fix="set `required: true` for at least one source in sources.yml",
        )
    return PartitionedAssetTimetable(assets=AssetAll(*assets))
