"""Workers on their own tell how they are."""

from pathlib import Path

import requests

from tests.support.sandbox import Sandbox
from tests.support.service import METRICS, Service, free_port


def test_a_worker_process_answers_probes_and_shows_its_own_counters(tmp_path: Path) -> None:
    """`signoff work` with SIGNOFF_WORK_LISTEN: health and metrics, no pages and no webhooks; secrets come as files."""
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    port = free_port()
    with Sandbox("demo", app_key_out=tmp_path / "app.pem") as forge:
        settings = forge.app_settings()
        (secrets / "SIGNOFF_GITHUB_WEBHOOK_SECRET").write_text(settings.pop("SIGNOFF_GITHUB_WEBHOOK_SECRET") + "\n")
        own = {"SIGNOFF_SECRETS_DIRECTORY": str(secrets), "SIGNOFF_WORK_LISTEN": f"127.0.0.1:{port}"}
        service = Service(tmp_path, settings | own, port)
        service.start("work")
        try:
            asked = 'signoff_forge_requests_total{forge="github",kind="SignoffChange",outcome="ok"}'
            service.until(lambda: service.labelled(asked) > 0, "it reads no change")
            assert set(METRICS) <= service.families()
            assert requests.get(f"{service.url}/readyz", timeout=5).json() == {"faults": [], "status": "ready"}
            assert requests.get(f"{service.url}/", timeout=5).status_code == 404
            assert requests.post(f"{service.url}/webhooks/github", data=b"{}", timeout=5).status_code == 404
        finally:
            service.stop()
