"""Alerts reach their channel in its shape and signed, carry no data and no secret, and never fail a task."""

from __future__ import annotations

import base64
import json
import logging
import subprocess
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from kehu.errors import CandidateRejected, ConfigurationError, KehuError
from kehu.orchestration.alerts import webhook_notifier
from kehu.orchestration.alerts.alert_message import Alert, failed_task
from kehu.orchestration.alerts.alerting import send_alert
from kehu.orchestration.alerts.deadlines import send_late_run_alert
from kehu.orchestration.alerts.webhook_notifier import AlertNotSent, WebhookNotifier
from kehu.orchestration.callbacks import on_task_failure
from kehu.settings import load_settings
from tests.support.webhook_server import Webhook, webhook

SECRET = "SECsigning-secret"
TOKEN = "hook-token-nobody-may-see"
ALERT = Alert("Kehu: build_customers failed", (("Task", "build_customers.gate_candidate"), ("Sign", "a < b & c")))
TASK = SimpleNamespace(
    dag_id="build_customers",
    task_id="gate_candidate",
    run_id="manual__2026-01-02T03:15:00+00:00",
    log_url="http://localhost:8080/dags/build_customers/runs/manual__1/tasks/gate_candidate?try_number=1",
)


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    """A webhook, with a connection of each channel that leads to it."""
    monkeypatch.setattr(webhook_notifier, "PAUSE_SECONDS", 0.01)
    with webhook() as state:
        for channel in ("slack", "feishu", "dingtalk"):
            connect(monkeypatch, channel, f"{state.url}/{channel}/{TOKEN}?access_token={TOKEN}")
        yield state


def connect(monkeypatch: pytest.MonkeyPatch, channel: str, url: str, secret: str = SECRET) -> None:
    value = {"conn_type": "generic", "password": url, "extra": {"signing_secret": secret}}
    monkeypatch.setenv(f"AIRFLOW_CONN_KEHU_{channel.upper()}", json.dumps(value))


def openssl_hmac(key: str, text: str) -> str:
    """HMAC-SHA256 in Base64 by another implementation than Python's."""
    command = ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{key.encode().hex()}", "-binary"]
    return base64.b64encode(
        subprocess.run(command, input=text.encode(), check=True, capture_output=True).stdout
    ).decode()


def send(channel: str) -> None:
    WebhookNotifier(channel, f"kehu_{channel}", ALERT)({})


def test_slack_gets_text_with_its_three_signs_escaped(hook: Webhook) -> None:
    send("slack")
    (got,) = hook.received
    assert got.path == f"/slack/{TOKEN}"
    assert got.body == {
        "text": "Kehu: build_customers failed\nTask: build_customers.gate_candidate\nSign: a &lt; b &amp; c"
    }


def test_feishu_gets_text_signed_in_the_body_under_seconds_and_secret(hook: Webhook) -> None:
    hook.answers = [(200, '{"code": 0, "msg": "success"}')]
    send("feishu")
    (got,) = hook.received
    seconds = got.body["timestamp"]
    assert abs(int(seconds) - time.time()) < 60
    assert got.body == {
        "msg_type": "text",
        "content": {"text": ALERT.text},
        "timestamp": seconds,
        "sign": openssl_hmac(f"{seconds}\n{SECRET}", ""),
    }


def test_dingtalk_gets_text_signed_in_the_address_under_the_secret(hook: Webhook) -> None:
    hook.answers = [(200, '{"errcode": 0, "errmsg": "ok"}')]
    send("dingtalk")
    (got,) = hook.received
    milliseconds = got.query["timestamp"]
    assert abs(int(milliseconds) / 1000 - time.time()) < 60
    sign = openssl_hmac(SECRET, f"{milliseconds}\n{SECRET}")
    assert got.query == {"access_token": TOKEN, "timestamp": milliseconds, "sign": sign}
    assert got.body == {"msgtype": "text", "text": {"content": ALERT.text}}


@pytest.mark.parametrize("channel", ["feishu", "dingtalk"])
def test_a_bot_without_a_secret_is_not_signed_for(channel: str, hook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    connect(monkeypatch, channel, f"{hook.url}/{TOKEN}", secret="")
    send(channel)
    (got,) = hook.received
    assert "sign" not in got.body and got.query == {}


@pytest.mark.parametrize(
    ("answers", "attempts", "said"),
    [
        ([(500, "down")], 2, "status 500"),
        ([(429, "slow down")], 2, "status 429"),
        ([(403, "invalid_token")], 1, "status 403"),
        ([(302, "")], 1, "status 302"),
        ([(200, '{"code": 19021, "msg": "sign match fail"}')], 1, "code 19021"),
        ([(200, '{"errcode": 310000, "errmsg": "sign not match"}')], 1, "code 310000"),
    ],
)
def test_a_refusal_is_named_and_only_what_may_pass_is_tried_again(
    hook: Webhook, answers: list[tuple[int, str]], attempts: int, said: str
) -> None:
    hook.answers, hook.headers = answers, {"Location": hook.url + "/elsewhere"}
    with pytest.raises(AlertNotSent, match=said) as raised:
        send("feishu")
    assert len(hook.received) == attempts
    assert SECRET not in str(raised.value) and TOKEN not in str(raised.value)


def test_a_second_attempt_that_succeeds_is_enough(hook: Webhook) -> None:
    hook.answers = [(503, "down"), (200, '{"code": 0}')]
    send("feishu")
    assert len(hook.received) == 2


def test_a_webhook_that_does_not_answer_is_given_up(hook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_notifier, "ATTEMPT_SECONDS", 0.2)
    hook.delay_seconds = 1.0
    began = time.monotonic()
    with pytest.raises(AlertNotSent):
        send("slack")
    assert time.monotonic() - began < 1.0


def test_nobody_listens_is_no_other_error(hook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    connect(monkeypatch, "slack", f"http://127.0.0.1:9/{TOKEN}")
    with pytest.raises(AlertNotSent, match=r"ConnectionRefusedError|URLError"):
        send("slack")


@pytest.mark.parametrize("url", ["http://hooks.example.com/x", "ftp://127.0.0.1/x", "file:///etc/passwd", ""])
def test_only_encrypted_addresses_are_posted_to(url: str, hook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    connect(monkeypatch, "slack", url)
    with pytest.raises(ConfigurationError, match="no https address"):
        send("slack")


def test_a_failed_task_is_told_of_on_every_channel_without_data(
    hook: Webhook, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("KEHU_ALERTS", "slack:kehu_slack, feishu:kehu_feishu")
    hook.answers = [(200, "ok"), (200, '{"code": 0}')]
    error = CandidateRejected("jane@example.com appears twice", check="unique_email", value="jane@example.com")
    with caplog.at_level(logging.DEBUG):
        on_task_failure({"ti": TASK, "exception": error})
    slack, feishu = (str(got.body) for got in hook.received)
    for text in (slack, feishu):
        assert "Kehu: build_customers failed" in text
        assert "Task: build_customers.gate_candidate" in text
        assert "Error: CandidateRejected" in text
        assert "check: unique_email" in text
        assert "Runbook: docs/runbooks/candidate_rejected.md" in text
        assert TASK.log_url.replace("&", "&amp;") in text
        assert "jane" not in text
    said = "\n".join(record.getMessage() for record in caplog.records)
    assert "The alert went out over slack:kehu_slack" in said
    assert TOKEN not in said and SECRET not in said


@pytest.mark.parametrize("error", [OSError("jane@example.com"), "jane@example.com", None])
def test_the_text_of_a_foreign_error_stays_in_the_log(error: Any) -> None:
    assert "jane" not in failed_task(TASK, error, "docs/runbooks/dag_run_fails.md").text


def test_names_that_are_none_do_not_go_out() -> None:
    task = SimpleNamespace(dag_id="a", task_id="b", run_id="Jane Doe <jane@example.com>", log_url="javascript:alert(1)")
    error = KehuError("x", table="select 'Jane'", column=["city", "Jane Doe"], path="/data/jane.csv")
    text = failed_task(task, error, "r.md").text
    assert "Jane" not in text and "jane" not in text and "javascript" not in text
    assert "column: city" in text


def test_an_alert_that_cannot_be_sent_fails_nothing_and_the_next_channel_still_hears(
    hook: Webhook, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("KEHU_ALERTS", "dingtalk:kehu_dingtalk,slack:no_such_connection,feishu:kehu_feishu")
    hook.answers = [(500, TOKEN), (500, TOKEN), (200, '{"code": 0}')]
    with caplog.at_level(logging.DEBUG):
        send_alert(ALERT)
    said = [record.getMessage() for record in caplog.records if record.name == "kehu.alert"]
    assert [line.split(":")[0] for line in said] == [
        "The alert did not go out over dingtalk",
        "The alert did not go out over slack",
        "The alert went out over feishu",
    ]
    assert "status 500" in said[0]
    everything = "\n".join(record.getMessage() for record in caplog.records)
    assert TOKEN not in everything and SECRET not in everything


def test_a_wrong_setting_does_not_fail_the_task_either(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("KEHU_ALERTS", "pager:x")
    send_alert(ALERT)
    assert "Alerts cannot be sent: ConfigurationError: KEHU_ALERTS" in caplog.text


def test_without_channels_nothing_is_sent(hook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KEHU_ALERTS", raising=False)
    send_alert(ALERT)
    assert hook.received == []


def test_email_goes_through_the_smtp_notifier(monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.providers.smtp.notifications.smtp import SmtpNotifier

    sent = []
    monkeypatch.setattr(SmtpNotifier, "notify", lambda self, context: sent.append(self))
    monkeypatch.setenv("KEHU_ALERTS", "email:smtp_default")
    monkeypatch.setenv("KEHU_ALERT_EMAILS", "on-call@example.com, data@example.com")
    send_alert(ALERT)
    (mail,) = sent
    assert mail.to == ["on-call@example.com", "data@example.com"]
    assert (mail.subject, mail.smtp_conn_id) == (ALERT.title, "smtp_default")
    assert "a &lt; b &amp; c" in mail.html_content


@pytest.mark.parametrize(
    ("alerts", "emails"), [("pager:x", ""), ("slack", ""), ("slack:a b", ""), ("email:smtp_default", "")]
)
def test_alert_settings_are_checked(alerts: str, emails: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEHU_ALERTS", alerts)
    monkeypatch.setenv("KEHU_ALERT_EMAILS", emails)
    with pytest.raises(ConfigurationError, match="KEHU_ALERT"):
        load_settings()


def test_a_late_run_is_told_of(hook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEHU_ALERTS", "slack:kehu_slack")
    send_late_run_alert(context={"dag_run": {"dag_id": "ingest_shop", "dag_run_id": "scheduled__1"}}, limit_minutes=90)
    (got,) = hook.received
    assert got.body["text"].splitlines() == [
        "Kehu: ingest_shop is late",
        "Run: scheduled__1",
        "Limit: 90 minutes since it was queued",
        "BI: keeps the last release until the run ends",
        "Runbook: docs/runbooks/run_is_late.md",
    ]


@pytest.mark.parametrize("value", ["somebody@example.com", "a b", "", "x" * 121, "-leading", "two\nlines"])
def test_an_identifier_is_a_plain_name_or_not_shown(value: str) -> None:
    from kehu.orchestration.alerts.alert_message import identifier

    assert identifier(value) == "(not a plain name)"
    assert identifier("build_customers.r2024:1+x-y") == "build_customers.r2024:1+x-y"
