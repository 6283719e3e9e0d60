"""What is released installs and runs outside the checkout: sdist to wheel, wheel to service, image to service."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
import requests

from bot import __version__
from bot.detect.load import packaged
from tests.deploy import dockerfile
from tests.support.sandbox import Sandbox
from tests.support.service import free_port

ROOT = Path(__file__).parent.parent.parent


def run(*words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A program, to its end, away from the checkout."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("SIGNOFF_", "PYTHON"))}
    return subprocess.run(
        words, cwd=cwd, env=own | environment, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the unpacked sdist: what a distributor would do."""
    folder = tmp_path_factory.mktemp("dist")
    made = run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(folder), cwd=ROOT)
    assert made.returncode == 0, made.stderr
    shutil.unpack_archive(next(folder.glob("*.tar.gz")), folder, filter="data")
    source = next(path for path in folder.iterdir() if path.is_dir())
    made = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=source)
    assert made.returncode == 0, made.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel alone; its dependencies are seen where they are installed for the tests.

    A path file is not followed further, so the checkout, which the tests' own environment links to, is out of sight.
    """
    folder = tmp_path_factory.mktemp("installed")
    assert run(sys.executable, "-m", "venv", "--without-pip", str(folder / "venv"), cwd=folder).returncode == 0
    python = folder / "venv" / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index", str(wheel))
    ended = run(*pip, cwd=folder)
    assert ended.returncode == 0, ended.stderr
    site = next((folder / "venv" / "lib").glob("python*")) / "site-packages"
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def test_the_installed_wheel_tells_its_versions_judges_a_repository_and_serves(installed: Path) -> None:
    """`--version` names the catalogue too, `check` decides in a fresh repository, and /healthz answers."""
    signoff = str(installed / "venv" / "bin" / "signoff")
    where = run(str(installed / "venv" / "bin" / "python"), "-c", "import bot; print(bot.__file__)", cwd=installed)
    assert str(installed) in where.stdout, "it is not the checkout that is tested"
    told = run(signoff, "--version", cwd=installed)
    assert told.stdout == f"signoff {__version__} (catalogue {packaged().version})\n"

    clone = installed / "clone"
    clone.mkdir()
    git = ("git", "-c", "user.name=Jo", "-c", "user.email=jo@example.com", "-c", "init.defaultBranch=main")
    run(*git, "init", "--quiet", cwd=clone)
    run(*git, "commit", "--quiet", "--allow-empty", "-m", "Begin", cwd=clone)
    run(*git, "switch", "--quiet", "-c", "retry", cwd=clone)
    (clone / "pay.py").write_text("PAY = 1\n")
    run(*git, "add", ".", cwd=clone)
    message = "Add retry\n\nCo-authored-by: Claude <noreply@anthropic.com>"
    run(*git, "commit", "--quiet", "-m", message, cwd=clone)
    judged = run(signoff, "check", "--json", "main..HEAD", cwd=clone)
    assert (judged.returncode, json.loads(judged.stdout)["class"]) == (1, "ai-assisted"), judged.stderr

    port = free_port()
    with Sandbox("demo", app_key_out=installed / "app.pem") as forge:
        own = {name: value for name, value in os.environ.items() if not name.startswith(("SIGNOFF_", "PYTHON"))}
        settings = forge.app_settings() | {"SIGNOFF_LISTEN": f"127.0.0.1:{port}"}
        with (installed / "log").open("w") as log:
            served = subprocess.Popen([signoff, "serve"], cwd=installed, env=own | settings, stdout=log, stderr=log)
            try:
                assert until_healthy(port), (installed / "log").read_text()
                assert requests.get(f"http://127.0.0.1:{port}/", timeout=5).ok, "templates are in the wheel"
            finally:
                served.terminate()
                served.wait(30)


def until_healthy(port: int) -> bool:
    """Whether /healthz answers within some seconds."""
    session = requests.Session()
    session.trust_env = False
    session.mount("http://", requests.adapters.HTTPAdapter(max_retries=requests.adapters.Retry(8, backoff_factor=0.2)))
    with session:
        return session.get(f"http://127.0.0.1:{port}/healthz", timeout=20).ok


def may_mount() -> bool:
    """Whether a mount namespace can be had, which takes root."""
    if shutil.which("unshare") is None or shutil.which("chroot") is None:
        return False
    return run("unshare", "--mount", "--propagation", "private", "true", cwd=ROOT).returncode == 0 and os.getuid() == 0


def test_the_steps_of_the_dockerfile_make_a_service_that_passes_its_own_health_check(tmp_path: Path) -> None:
    """Each step runs as written in an empty root, dependencies by hash from the package index; no root serves.

    Without root and mount namespaces only what the steps name is looked at.
    """
    file = ROOT / "deploy" / "Dockerfile"
    for word, rest in dockerfile.steps(file.read_text()):
        if word == "COPY" and not rest.startswith("--from="):
            for name in rest.split()[:-1]:
                assert dockerfile.allowed(ROOT, file.with_name("Dockerfile.dockerignore"), name), name
    if not may_mount():
        return
    port = str(free_port())
    with Sandbox("demo", app_key_out=tmp_path / "app.pem") as forge:
        settings = forge.app_settings()
        settings["SIGNOFF_GITHUB_PRIVATE_KEY"] = Path(settings.pop("SIGNOFF_GITHUB_PRIVATE_KEY_FILE")).read_text()
        ended = run(
            *("unshare", "--mount", "--propagation", "private", sys.executable),
            *(dockerfile.__file__, str(file), str(ROOT)),
            *(str(tmp_path / "roots"), port),
            cwd=tmp_path,
            INSIDE=json.dumps(settings),
        )
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-4000:]
    assert json.loads(ended.stdout.splitlines()[-1]) == {"healthy": True, "owner": 10001}
    assert f"signoff {__version__} (catalogue" in ended.stdout
    shutil.rmtree(tmp_path / "roots")


def test_the_bill_of_materials_names_every_dependency_with_its_hash(tmp_path: Path) -> None:
    """What `make release` writes is valid CycloneDX, and complete against what the image installs."""
    (recipe,) = [line for line in (ROOT / "Makefile").read_text().split("\n\n") if "release: $(VENV)" in line]
    command = next(line for line in recipe.replace("\\\n", " ").splitlines() if "cyclonedx_py" in line).split()
    target = tmp_path / "sbom.json"
    words = [sys.executable, *command[1:]]
    words[words.index("dist/sbom.cdx.json")] = str(target)
    ended = run(*words, cwd=ROOT)
    assert ended.returncode == 0, ended.stderr
    ended = run(sys.executable, "-m", "tests.deploy.materials", str(target), cwd=ROOT)
    assert ended.returncode == 0, ended.stderr
    listed = json.loads(target.read_text())
    assert listed["metadata"]["component"]["version"] == __version__
    needed = {each["ref"]: each.get("dependsOn", []) for each in listed["dependencies"]}
    flask = next(each for each in listed["components"] if each["name"] == "flask")
    assert flask["licenses"] == [{"expression": "BSD-3-Clause"}]
    assert flask["bom-ref"] in needed[listed["metadata"]["component"]["bom-ref"]]
    assert len(needed[flask["bom-ref"]]) > 3
    assert (listed["bomFormat"], listed["metadata"]["component"]["name"]) == ("CycloneDX", "signoff-bot")
    pinned = {
        line.partition("==")[0]
        for line in (ROOT / "deploy" / "requirements.txt").read_text().splitlines()
        if line[:1].isalnum()
    }
    assert {each["name"] for each in listed["components"]} == pinned
    assert all(each["externalReferences"][0]["hashes"] for each in listed["components"])
