"""The page of releases in Airflow's UI. Whoever may see Airflow's assets may see it; nobody else.

The plugin is loaded by every Airflow process, the page only by the API server, when somebody opens it: the FastAPI
application is made at the first request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import jinja2

from kehu.errors import UsageError
from kehu.settings import Settings, load_settings

if TYPE_CHECKING:
    from fastapi import FastAPI

PREFIX = "/kehu"

_TEMPLATE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Kehu: releases</title>
<style>
  :root { color-scheme: light dark; }
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; }
  table { border-collapse: collapse; }
  th, td { text-align: left; padding: .35rem 1rem .35rem 0; border-bottom: 1px solid #8884; }
  td.number { text-align: right; font-variant-numeric: tabular-nums; }
  tr.current { font-weight: 600; }
  code { font-size: .95em; }
</style>
</head>
<body>
<h1>Releases</h1>
{% if releases %}
<p>BI reads the release in bold. To go to another one, run the DAG <code>rollback_release</code> with its id.</p>
<table>
<thead><tr><th>Release</th><th>As of</th><th>Published (UTC)</th><th>Rows</th><th></th></tr></thead>
<tbody>
{% for release in releases %}
<tr{% if release.is_current %} class="current"{% endif %}>
  <td><code>{{ release.id }}</code></td>
{% if release.problem %}
  <td colspan="3">damaged: {{ release.problem }}</td>
{% else %}
  <td>{{ release.as_of_date }}</td>
  <td>{{ release.published_at.strftime("%Y-%m-%d %H:%M") }}</td>
  <td class="number">{{ "{:,}".format(release.rows) }}</td>
{% endif %}
  <td>{% if release.id in reports %}<a href="reports/{{ release.id }}" target="_blank" rel="noopener">report</a>{% endif %}</td>
</tr>
{% endfor %}
</tbody>
</table>
{% else %}
<p>Nothing is published yet. Run an ingest DAG, or <code>build_customers</code> with the parameter <code>as_of</code>.</p>
{% endif %}
</body>
</html>
"""


def render(settings: Settings) -> str:
    """The page as HTML."""
    from kehu.release.catalog import list_releases

    reports = {file.stem for file in settings.reports_dir.glob("*.html")}
    template = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(_TEMPLATE)
    return template.render(releases=list_releases(settings), reports=reports)


def login_address(page: str, root_path: str) -> str:
    """Where Airflow asks who is there.

    Args:
        page: the address to come back to.
        root_path: the path that this application is found below; Airflow itself may stand below a prefix.
    """
    return f"{root_path.removesuffix(PREFIX)}/api/v2/auth/login?{urlencode({'next': page})}"


def create_app() -> FastAPI:
    """The application behind ``/kehu``: every route asks Airflow who is there."""
    from airflow.api_fastapi.core_api.security import requires_access_asset
    from fastapi import Depends, FastAPI, HTTPException, Request
    from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response

    from kehu.release.ids import parse_release_id

    app = FastAPI(
        title="Kehu",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(requires_access_asset("GET"))],
    )

    @app.exception_handler(401)
    def log_in_first(request: Request, error: HTTPException) -> Response:
        """A browser is led to Airflow's login, which leads back here; a program is told."""
        if "text/html" not in request.headers.get("accept", ""):
            return JSONResponse({"detail": error.detail}, 401)
        return RedirectResponse(login_address(str(request.url), request.scope["root_path"]), 303)

    @app.get("/", response_class=HTMLResponse)
    def releases() -> str:
        return render(load_settings())

    @app.get("/reports/{release_id}", response_class=FileResponse)
    def report(release_id: str) -> FileResponse:
        try:
            name = parse_release_id(release_id).text
        except UsageError:
            raise HTTPException(404, "this is not a release id") from None
        file = load_settings().reports_dir / f"{name}.html"
        if not file.is_file():
            raise HTTPException(404, "this release has no report")
        return FileResponse(file, media_type="text/html")

    return app


class LazyApp:
    """An ASGI application that is made when it is first asked."""

    def __init__(self) -> None:
        self._app: FastAPI | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if self._app is None:
            self._app = create_app()
        await self._app(scope, receive, send)
