"""The Airflow plugin: a page of releases in the navigation."""

from __future__ import annotations

from typing import Any, ClassVar

from airflow.plugins_manager import AirflowPlugin

from kehu.orchestration.releases_page import PREFIX, LazyApp


class KehuPlugin(AirflowPlugin):
    """Puts the page of releases into Airflow's UI."""

    name = "kehu"
    fastapi_apps: ClassVar[list[Any]] = [{"name": "Kehu releases", "app": LazyApp(), "url_prefix": PREFIX}]
    external_views: ClassVar[list[Any]] = [
        {
            "name": "Kehu releases",
            "href": f"{PREFIX}/",
            "url_route": "kehu-releases",
            "destination": "nav",
            "nav_top_level": True,
        }
    ]
