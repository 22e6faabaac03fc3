"""The alerts of deploy/prometheus: they ask for what there is, and say what to do."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import pytest
import yaml
from aiohttp import web
from prometheus_client.parser import text_string_to_metric_families
from pytest_aiohttp.plugin import AiohttpClient

from services.app import create_app
from tests.deploy.compose import ROOT
from tests.servers.process import program_or_skip
from tests.services.house import House, populate
from tongke.archive import last
from tongke.bootstrap import Ground
from tongke.cli.doctor import running
from tongke.settings import Settings

ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yml"
RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load(ALERTS.read_text("utf-8"))["groups"] for rule in group["rules"]
]
PROMETHEUS = yaml.safe_load((ALERTS.parent / "prometheus.yml").read_text("utf-8"))
# A name in an expression, and the labels that are asked of it, each with its comparison and value.
_ASKED = re.compile(r"\b((?:tongke_|up\b)\w*)(?:\{([^}]*)\})?")
_LABELS = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
# What is a page or an answer to a program, and takes as long as we take: no whole files, nothing
# that is held until there is something to tell or its turn to be drawn, and nothing that machines
# ask every few seconds.
_NOT_TIMED = re.compile(
    r"/upload|/api/v1/uploads.*|/media/.*|/resources/\{id\}/download/.*|/healthz|/readyz|/metrics"
    r"|/live/\{id\}/(hls/.*|publish|still)"
)


@pytest.fixture
async def house(ground: Ground, aiohttp_client: AiohttpClient) -> House:
    ids, tokens = await ground.database.write(populate)
    return House(ground, await aiohttp_client(create_app(ground)), ids, tokens)


async def figures(house: House) -> str:
    """All there is to ask for: that something was asked is counted too."""
    await house.ask("", "GET", "/metrics")
    return await (await house.ask("", "GET", "/metrics")).text()


async def test_alerts_stand_on_figures_that_there_are(house: House) -> None:
    await house.publish("zhou", ["school:1"])
    text = await figures(house)
    known = {
        sample.name: set(sample.labels)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    known["up"] = {"job", "instance"}
    for rule in RULES:
        found = _ASKED.findall(rule["expr"])
        for name, asked in found:
            assert name in known, (rule["alert"], name)
            labels = {label for label, _, _ in _LABELS.findall(asked)}
            assert labels <= known[name], (rule["alert"], name, labels)
        # The first is what it is about; what follows is a floor.
        assert _named(rule) <= known[found[0][0]], rule["alert"]


def _named(rule: dict[str, Any]) -> set[str]:
    """The labels by which an alert is raised, and those that its words hold."""
    grouped = set(re.findall(r"\w+", " ".join(re.findall(r"\bby \(([^)]*)\)", rule["expr"]))))
    worded = set(re.findall(r"\$labels\.(\w+)", " ".join(rule["annotations"].values())))
    if re.search(r"\b(sum|min|max)\b", rule["expr"]):
        assert worded <= grouped, rule["alert"]
    return grouped | worded


async def test_alerts_ask_for_values_that_there_are(house: House) -> None:
    values: dict[tuple[str, str], set[str]] = {}
    text = await figures(house)
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            for label, value in sample.labels.items():
                values.setdefault((sample.name, label), set()).add(value)
    values["up", "job"] = {job["job_name"] for job in PROMETHEUS["scrape_configs"]}
    for rule in RULES:
        for name, asked in _ASKED.findall(rule["expr"]):
            for label, _, wanted in _LABELS.findall(asked):
                if label in {"queue", "state", "part", "job"}:
                    there = values[name, label]
                    assert set(wanted.split("|")) <= there, (rule["alert"], label, wanted)


def test_pages_are_slow_without_whole_files_and_probes(ground: Ground) -> None:
    """By the label that `measure` gives: the route as it was mounted."""
    rule = next(rule for rule in RULES if rule["alert"] == "TongkeSlow")
    # The same pages are timed and counted.
    [(label, how, left_out)] = set(_LABELS.findall(rule["expr"]))
    assert (label, how) == ("route", "!~")
    routes = {_label(route) for route in create_app(ground).router.routes()}
    untimed = {route for route in routes if re.fullmatch(left_out, route)}
    assert untimed == {route for route in routes if _NOT_TIMED.fullmatch(route)}
    assert {"/upload", "/api/v1/uploads/{id}", "/metrics", "/healthz", "/readyz"} <= untimed
    assert {"/", "/library", "/api/v1/search"} <= routes - untimed


def _label(route: web.AbstractRoute) -> str:
    assert route.resource is not None
    return route.resource.canonical


def test_a_sweep_is_late_after_five_that_did_not_end() -> None:
    rule = next(rule for rule in RULES if rule["alert"] == "TongkeSweepLate")
    every_s = Settings.model_fields["sweep_every_s"].default
    assert rule["expr"] == f"min(tongke_sweep_age_seconds) > {5 * every_s:g}"


def test_a_backup_is_old_when_the_doctor_says_so() -> None:
    rule = next(rule for rule in RULES if rule["alert"] == "TongkeBackupOld")
    assert rule["expr"] == f"min(tongke_backup_age_seconds) > {last.TOO_OLD_S / 3600:g} * 3600"


def test_work_waits_too_long_when_the_doctor_says_so() -> None:
    limits = {
        queue: float(limit)
        for rule in RULES
        for queues, limit in re.findall(
            r'tongke_queue_oldest_seconds{queue=~?"([^"]*)"}\) > (\d+)', rule["expr"]
        )
        for queue in queues.split("|")
    }
    # Of the index it is the outbox that tells.
    known = {queue.value: wait_s for queue, wait_s in running.WAIT_MAX_S.items()}
    assert limits == {queue: known[queue] for queue in limits}
    assert known.keys() - limits == {"index"}


def test_they_are_quiet_when_nothing_is_wrong_and_speak_when_something_is() -> None:
    """Of Prometheus itself, on series that `alerts.test.yml` makes up."""
    promtool = program_or_skip("promtool", "install Debian's prometheus")
    tests = ALERTS.with_name("alerts.test.yml")
    said = subprocess.run(
        [promtool, "test", "rules", tests.name], cwd=tests.parent, capture_output=True, text=True
    )
    assert said.returncode == 0, said.stdout + said.stderr


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_to_do(rule: dict[str, Any]) -> None:
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert re.fullmatch(r"\d+[smh]", rule.get("for", "1m"))
    for text in rule["annotations"].values():
        assert " / " in text
    assert rule["expr"].count("(") == rule["expr"].count(")")
    assert rule["expr"].count("{") == rule["expr"].count("}")
