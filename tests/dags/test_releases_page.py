"""Who is not known is led to the login by the page of releases, and back."""

from __future__ import annotations

import pytest
from fastapi import FastAPI, HTTPException
from fastapi.testclient import TestClient

from kehu.orchestration.releases_page import PREFIX, create_app, login_address


@pytest.fixture
def client() -> TestClient:
    page = create_app()

    def nobody() -> None:
        raise HTTPException(401, "Not authenticated")

    for asked in page.router.dependencies:
        page.dependency_overrides[asked.dependency] = nobody
    airflow = FastAPI()
    airflow.mount(PREFIX, page)
    return TestClient(airflow, follow_redirects=False)


def test_a_browser_is_led_to_the_login_and_back(client: TestClient) -> None:
    answer = client.get(f"{PREFIX}/", headers={"accept": "text/html,application/xhtml+xml"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/api/v2/auth/login?next=http%3A%2F%2Ftestserver%2Fkehu%2F"


def test_a_program_is_told(client: TestClient) -> None:
    answer = client.get(f"{PREFIX}/", headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()) == (401, {"detail": "Not authenticated"})


def test_an_airflow_below_a_prefix_has_its_login_there() -> None:
    assert login_address("https://a.example/flow/kehu/", "/flow/kehu").startswith(
        "/flow/api/v2/auth/login?next=https%3A"
    )
