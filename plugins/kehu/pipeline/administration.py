"""What an administrator asks of Kehu: roles in the database that computes or serves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kehu.errors import ConfigurationError
from kehu.release.factory import database_of
from kehu.settings import Settings

if TYPE_CHECKING:
    from kehu.warehouse.on_postgres.session import PostgresSession


def init_warehouse(settings: Settings) -> list[str]:
    """Make the roles of the Postgres database and their privileges, all of it or nothing; safe to repeat.

    Returns:
        What was done, a sentence each.

    Raises:
        ConfigurationError: there is no Postgres database, no administrator is named, or the administrator may not do it.
        ReleaseError: a schema ``analytics`` is there that Kehu did not make.
    """
    database = database_of(settings)
    if database is None:
        raise ConfigurationError(
            "only a server has roles: the files of DuckDB know none",
            fix="let the permissions of the folders in KEHU_HOME say who reads them, or set KEHU_SERVE=postgres or"
            " KEHU_WAREHOUSE=postgres",
            warehouse=settings.warehouse,
        )
    from kehu.warehouse.on_postgres.admin import administering, make_roles

    there = database.settings
    with administering(there, computes=database.computes) as session, session.transaction():
        masked = _mask_releases(session)
        return [*masked, *make_roles(there, session), *_let_read(there, session)]


def _mask_releases(session: PostgresSession) -> list[str]:
    """Mask what was published before Kehu masked; releases of that time have no tags."""
    from kehu.release.personal import PERSONAL_NAMES
    from kehu.warehouse.on_postgres.masks import mask_release
    from kehu.warehouse.on_postgres.release_schemas import manifests

    found = {release_id: mask_release(session, release_id, {}, PERSONAL_NAMES) for release_id in manifests(session)}
    return [f"masked personal columns of {name}: {', '.join(tables)}" for name, tables in found.items() if tables]


def _let_read(settings: Settings, session: PostgresSession) -> list[str]:
    """Let the readers read the current release, and the one of them the personal columns of any that is kept."""
    from kehu.release.on_postgres.store import readers_of
    from kehu.warehouse.on_postgres.release_schemas import PUBLISHED, grant, grant_whole, manifests, published_id

    readers = readers_of(settings, session)
    for release_id in manifests(session):
        grant_whole(session, release_id, readers)
    current = published_id(session)
    if current is None:
        return []
    grant(session, PUBLISHED, current, readers)
    return [f"let {' and '.join(readers.existing)} read {current}"]
