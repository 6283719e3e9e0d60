"""Everything under deploy/ is what it claims to be: held against published schemas, the product's metrics and commands.

The schemas of Compose, GitHub Actions, GitLab CI and Kubernetes are those that development packages carry; nothing is
fetched.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import kubernetes_validate
import promql_parser
import pytest
import yaml
from prometheus_client import generate_latest

from bot.cli import COMMANDS, signoff
from bot.cli.setup_secrets import DATABASE, SECRETS
from bot.sandbox.__main__ import options as sandbox_options
from bot.service.figures import REGISTRY
from bot.settings import PREFIX, Settings
from tests.deploy import dockerfile

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
SETTINGS = {PREFIX + name.upper() for name in Settings.model_fields}
BROADEST = 2.0
"""The exposure of `systemd-analyze security`, from 0 (nothing) to 10 (everything); up to 2.0 is what it calls OK."""


def manifests() -> Iterator[dict[str, Any]]:
    """Every object for Kubernetes."""
    for file in sorted((DEPLOY / "kubernetes").glob("*.yaml")):
        if file.name != "kustomization.yaml":
            yield from yaml.safe_load_all(file.read_text())


def of_kind(kind: str) -> list[dict[str, Any]]:
    """The objects of one kind."""
    return [each for each in manifests() if each["kind"] == kind]


def test_the_kubernetes_objects_are_valid_by_the_published_schema() -> None:
    """Every manifest passes the API's own schema, strictly: no key that the API does not know."""
    newest = kubernetes_validate.latest_version()
    for each in manifests():
        kubernetes_validate.validate(each, newest, strict=True)


def test_two_of_each_run_without_root_and_without_a_place_to_write() -> None:
    """Two web and two workers, probed, never all away at once, not root, read-only, no capability, no API token."""
    assert len(of_kind("Deployment")) == 2
    for each in of_kind("Deployment"):
        pod = each["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        assert each["spec"]["replicas"] == 2
        assert pod["automountServiceAccountToken"] is False
        assert (pod["securityContext"]["runAsNonRoot"], pod["securityContext"]["runAsUser"]) == (True, 10001)
        inside = container["securityContext"]
        assert (inside["readOnlyRootFilesystem"], inside["allowPrivilegeEscalation"]) == (True, False)
        assert inside["capabilities"] == {"drop": ["ALL"]}
        assert {"livenessProbe", "startupProbe"} <= container.keys()
        labels = each["spec"]["selector"]["matchLabels"]
        assert labels.items() <= each["spec"]["template"]["metadata"]["labels"].items()
        assert any(budget["spec"]["selector"]["matchLabels"] == labels for budget in of_kind("PodDisruptionBudget"))
    assert any(policy["spec"]["podSelector"] == {} for policy in of_kind("NetworkPolicy")), "nothing unless allowed"


def test_what_the_kustomization_names_is_there() -> None:
    """Its resources are files beside it, but for the site's own rules and roster."""
    named = yaml.safe_load((DEPLOY / "kubernetes" / "kustomization.yaml").read_text())
    for name in named["resources"]:
        assert (DEPLOY / "kubernetes" / name).is_file(), name


def test_compose_runs_web_and_workers_apart_with_secrets_as_files() -> None:
    """Web and workers are services of their own; no secret is a value; all of them are probed."""
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    assert (services["web"]["command"], services["work"]["command"]) == (["serve", "--no-worker"], ["work"])
    for name, service in services.items():
        assert "healthcheck" in service, name
        secret = [key for key in service["environment"] if re.search("SECRET$|PASSWORD$|KEY$|DATABASE_URL$", key)]
        assert secret == [], name


def test_what_a_folder_of_secrets_gives_is_set_nowhere_else() -> None:
    """The environment beats the folder: a default in the image or the settings would hide the site's own database."""
    image = " ".join(rest for word, rest in dockerfile.steps((DEPLOY / "Dockerfile").read_text()) if word == "ENV")
    settings = (DEPLOY / "kubernetes" / "settings.env").read_text()
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["x-service"]["environment"]
    named = {*re.findall(rf"({PREFIX}[A-Z_]+)=", f"{image} {settings}"), *compose}
    assert f"{PREFIX}LISTEN" in named
    assert named & (SECRETS | {DATABASE}) == set()
    assert not re.search(rf"(?m)^{PREFIX}(GITHUB|GITLAB)_", settings), "either forge may be the site's only one"


@pytest.mark.parametrize(
    "file", ["compose.yaml", "Dockerfile", "kubernetes/settings.env", "kubernetes/secret.example.yaml", "RUNBOOK.md"]
)
def test_every_setting_that_is_named_exists(file: str) -> None:
    """A setting in an example is one of the product's."""
    named = set(re.findall(rf"\b{PREFIX}[A-Z_]+\b", (DEPLOY / file).read_text()))
    assert named, file
    assert named - SETTINGS == set()


def test_the_units_are_valid_and_expose_little(tmp_path: Path) -> None:
    """`systemd-analyze verify` finds nothing, exposure stays low; every secret can be given, none must be."""
    units = sorted(unit for unit in (DEPLOY / "systemd").iterdir() if unit.suffix in {".service", ".timer"})
    for unit in units:
        text = unit.read_text().replace("/opt/signoff/bin/signoff", sys.executable)
        (tmp_path / unit.name).write_text(text)
        assert set(re.findall(rf"\b{PREFIX}[A-Z_]+\b", text)) <= SETTINGS
        if " serve" in text or unit.stem == "signoff-work":
            loaded = {name for name in SECRETS if f"LoadCredential={name}:/etc/signoff/secrets/{name}\n" in text}
            assert loaded == SECRETS, (unit.name, "a secret that a site may have is not handed to the service")
            assert all(f"\nSetCredential={name}:\\n\n" in text for name in SECRETS), "and none of them must be there"
        if unit.suffix == ".service":
            for line in ("NoNewPrivileges=yes", "PrivateDevices=yes", "RestrictNamespaces=yes", "UMask=0077"):
                assert line in text.splitlines(), (unit.name, line)
    if shutil.which("systemd-analyze") is None:
        return
    files = [str(tmp_path / unit.name) for unit in units]
    verified = subprocess.run(["systemd-analyze", "verify", *files], capture_output=True, text=True, check=False)
    about_ours = [line for line in verified.stderr.splitlines() if "signoff" in line]
    assert (verified.returncode, about_ours) == (0, []), verified.stderr
    for file in files:
        if not file.endswith(".service"):
            continue
        command = ["systemd-analyze", "security", "--offline=yes", "--no-pager", file]
        told = subprocess.run(command, capture_output=True, text=True, check=False)
        found = re.search(r"exposure level for \S+: ([\d.]+)", told.stdout)
        assert found is not None, told.stderr
        assert float(found[1]) <= BROADEST, (Path(file).name, found[0])


def exported() -> set[str]:
    """The names of every series that /metrics can show."""
    told = generate_latest(REGISTRY).decode()
    names = set(re.findall(r"^# TYPE (\w+) ", told, re.MULTILINE))
    histograms = set(re.findall(r"^# TYPE (\w+) histogram", told, re.MULTILINE))
    names |= {f"{name}{end}" for name in histograms for end in ("_bucket", "_sum", "_count")}
    source = (ROOT / "bot" / "web" / "health.py").read_text()
    return names | set(re.findall(r'GaugeMetricFamily\(\s*"(\w+)"', source)) | {"up"}


def expressions() -> Iterator[tuple[str, str]]:
    """Where, and what: every expression of alerts and dashboard."""
    for group in yaml.safe_load((DEPLOY / "monitoring" / "alerts.yaml").read_text())["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]
    for panel in json.loads((DEPLOY / "monitoring" / "dashboard.json").read_text())["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


def selected(expression: str) -> set[str]:
    """The metrics that an expression reads, once it parses."""
    printed = promql_parser.parse(expression).prettify()
    return set(re.findall(r"\b(up|signoff_\w+)\b(?=\s*[{\[)\s]|$)", printed))


def test_alerts_and_dashboard_parse_and_read_only_metrics_that_exist() -> None:
    """Every expression is PromQL, and every series in it is one that the product shows."""
    known = exported()
    for where, expression in expressions():
        assert selected(expression), where
        assert selected(expression) <= known, where


def test_an_alert_leads_to_a_heading_of_the_runbook() -> None:
    """Whoever is woken finds what to do."""
    headings = re.findall(r"^## (.+)$", (DEPLOY / "RUNBOOK.md").read_text(), re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    for group in yaml.safe_load((DEPLOY / "monitoring" / "alerts.yaml").read_text())["groups"]:
        for rule in group["rules"]:
            file, _, anchor = rule["annotations"]["runbook"].partition("#")
            assert (file, anchor in anchors) == ("deploy/RUNBOOK.md", True), rule["alert"]


def known_command(words: list[str]) -> bool:
    """Whether words name a command of the product with options and subcommands that it has."""
    if words[0] == "sandbox":  # a program of its own
        return sandbox_options(words[1:]).seed is not None
    found: click.Command | None = signoff
    context = click.Context(signoff)
    for word in words:
        if isinstance(found, click.Group):
            found = found.get_command(context, word)
            if found is None:
                return False
        elif word.startswith("--"):
            options = {text for each in found.params for text in each.opts} | {"--help"}
            if word.partition("=")[0] not in options:
                return False
    return found is not signoff


@pytest.mark.parametrize(
    "file",
    [ROOT / "README.md", *sorted(DEPLOY.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))],
    ids=lambda file: file.name,
)
def test_every_command_in_a_document_exists(file: Path) -> None:
    """`signoff …` in a code span or block is a command, with options that it has."""
    text = file.read_text()
    blocks = re.findall(r"^ *```\w*\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL))
    for line in [line for block in blocks for line in block.splitlines()] + spans:
        for found in re.finditer(r"(?:^|[\s/$])signoff ((?:[a-z-]+|--[a-z-]+)(?: \S+)*)", line.partition("#")[0]):
            words = found[1].split()
            if words[0] in COMMANDS or words[0] == "--version" or re.match(r"^\s*(\$ )?signoff ", line):
                assert words[0] == "--version" or known_command(words), (file.name, line)
