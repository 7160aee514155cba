"""``kehu actions``: the list of a release for people, and its folder for tools."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kehu.activation.action_export import write_action_folder
from kehu.activation.action_formats import as_columns, as_csv
from kehu.activation.action_list import listed_actions
from kehu.activation.contact_details import COLUMNS, with_contact_details
from kehu.errors import ReleaseError
from kehu.release.catalog import current_release_id, find, reading
from kehu.settings import Settings
from kehu.warehouse.factory import open_warehouse


def action_lines(
    settings: Settings,
    tiers: Sequence[str] = (),
    due_days: int | None = None,
    *,
    form: str = "table",
    with_personal: bool = False,
) -> list[str]:
    """The listed actions of the current release as lines of text.

    Args:
        settings: where the release is, and the language of the labels.
        tiers: priorities; all by default.
        due_days: what is due within so many days after D; all that is listed by default.
        form: ``table`` or ``csv``.
        with_personal: add name and addresses, which only who may read the working warehouse can.

    Raises:
        ReleaseError: nothing is published, or the release knows no actions.
        UsageError: there is no such priority.
    """
    release_id = _release(settings, None)
    with reading(settings, release_id) as release:
        actions = listed_actions(release, find(settings, release_id).as_of_date, settings.language, tiers, due_days)
    if with_personal:
        with open_warehouse(settings).session(read_only=True) as session:
            actions = with_contact_details(actions, session)
    if form == "csv":
        return as_csv(actions, for_people=True).splitlines()
    return as_columns(actions, COLUMNS if with_personal else ())


def export_actions(settings: Settings, release_id: str | None = None) -> Path:
    """Write the folder of a release (the current one by default) for tools, and return where it is.

    Raises:
        ReleaseError: there is no such release, or it knows no actions.
    """
    name = _release(settings, release_id)
    as_of = find(settings, name).as_of_date
    with reading(settings, name) as release:
        actions = listed_actions(release, as_of, settings.language)
    return write_action_folder(settings, name, as_of, actions)


def _release(settings: Settings, release_id: str | None) -> str:
    found = release_id or current_release_id(settings)
    if found is None:
        raise ReleaseError("nothing is published yet", fix="run `kehu run --as-of YYYY-MM-DD` first")
    return found
