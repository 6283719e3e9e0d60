"""Settings: every fault at once, secrets never shown, and the example file complete."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot import settings
from bot.cli.setup_secrets import SECRETS
from bot.model.errors import BadInputError
from bot.settings import PREFIX, Settings

ROOT = Path(__file__).parent.parent
KEY = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def test_every_fault_is_named_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody starts the service once for each mistake."""
    monkeypatch.setenv("SIGNOFF_LISTEN", "nowhere")
    monkeypatch.setenv("SIGNOFF_WORKERS", "many")
    monkeypatch.setenv("SIGNOFF_GITHUB_API_URL", "ftp://example.com")
    with pytest.raises(BadInputError) as caught:
        settings.load(None)
    for name in ("SIGNOFF_LISTEN", "SIGNOFF_WORKERS", "SIGNOFF_GITHUB_API_URL"):
        assert name in str(caught.value)


def test_a_half_configured_app_is_told_everything_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Key, secret and files that are not there."""
    monkeypatch.setenv("SIGNOFF_GITHUB_APP_ID", "12")
    monkeypatch.setenv("SIGNOFF_RULES", "/nowhere/rules.yaml")
    with pytest.raises(BadInputError) as caught:
        settings.load(None)
    assert "SIGNOFF_GITHUB_PRIVATE_KEY" in str(caught.value)
    assert "SIGNOFF_GITHUB_WEBHOOK_SECRET is needed" in str(caught.value)
    assert "SIGNOFF_RULES: /nowhere/rules.yaml cannot be read" in str(caught.value)


@pytest.mark.parametrize("wrong", ["acme/policy", "github:policy", "gitea:acme/policy", "github:acme/po licy"])
def test_a_policy_repository_is_named_with_its_forge(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    """A forge that there is, and a full name."""
    monkeypatch.setenv("SIGNOFF_POLICY_REPOSITORY", wrong)
    with pytest.raises(BadInputError, match="SIGNOFF_POLICY_REPOSITORY"):
        settings.load(None)


def test_rules_have_one_source(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files or a policy repository, not both."""
    monkeypatch.setenv("SIGNOFF_POLICY_REPOSITORY", "github:acme/policy")
    assert settings.load(None).policy_repository == "github:acme/policy"
    monkeypatch.setenv("SIGNOFF_ROSTER", str(ROOT / "roster.yaml"))
    with pytest.raises(BadInputError, match="one source, not both"):
        settings.load(None)


def test_the_packaged_roster_signs_nothing_on_a_real_forge(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its invented logins belong to somebody there."""
    monkeypatch.setenv("SIGNOFF_GITHUB_APP_ID", "12")
    monkeypatch.setenv("SIGNOFF_GITHUB_PRIVATE_KEY", KEY)
    monkeypatch.setenv("SIGNOFF_GITHUB_WEBHOOK_SECRET", "s")
    with pytest.raises(BadInputError, match="SIGNOFF_ROSTER or SIGNOFF_POLICY_REPOSITORY is needed"):
        settings.load(None)
    (tmp_path / "roster.yaml").write_text("version: 1\n")
    monkeypatch.setenv("SIGNOFF_ROSTER", str(tmp_path / "roster.yaml"))
    assert settings.load(None).roster is not None


def test_a_half_configured_gitlab_is_told_everything_that_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The token, a secret for hooks in its form, and the forge that the rules come from."""
    monkeypatch.setenv("SIGNOFF_GITLAB_SIGNING_TOKEN", "no token")
    with pytest.raises(BadInputError) as caught:
        settings.load(None)
    assert "SIGNOFF_GITLAB_TOKEN is needed" in str(caught.value)
    assert "SIGNOFF_GITLAB_SIGNING_TOKEN: write whsec_" in str(caught.value)
    monkeypatch.setenv("SIGNOFF_GITLAB_SIGNING_TOKEN", "")
    monkeypatch.setenv("SIGNOFF_GITLAB_TOKEN", "an invented token")
    monkeypatch.setenv("SIGNOFF_POLICY_REPOSITORY", "github:acme/policy")
    with pytest.raises(BadInputError) as caught:
        settings.load(None)
    assert "or SIGNOFF_GITLAB_WEBHOOK_SECRET is needed" in str(caught.value)
    assert "github is not configured" in str(caught.value)
    monkeypatch.setenv("SIGNOFF_GITLAB_WEBHOOK_SECRET", "s")
    monkeypatch.setenv("SIGNOFF_POLICY_REPOSITORY", "gitlab:acme/policy")
    assert settings.load(None).has_forge


def test_a_secret_never_shows_in_the_settings_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the key nor the webhook secret."""
    monkeypatch.setenv("SIGNOFF_GITHUB_API_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("SIGNOFF_GITHUB_APP_ID", "12")
    monkeypatch.setenv("SIGNOFF_GITHUB_PRIVATE_KEY", KEY)
    monkeypatch.setenv("SIGNOFF_GITHUB_WEBHOOK_SECRET", "an invented secret")
    loaded = settings.load(None)
    assert "invented" not in repr(loaded)
    assert KEY.splitlines()[1] not in repr(loaded)
    assert loaded.github_secrets == ("an invented secret",)


def test_both_secrets_are_in_force_during_a_rotation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scenario 48: the current one first."""
    monkeypatch.setenv("SIGNOFF_GITHUB_API_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("SIGNOFF_GITHUB_APP_ID", "12")
    monkeypatch.setenv("SIGNOFF_GITHUB_PRIVATE_KEY", KEY)
    monkeypatch.setenv("SIGNOFF_GITHUB_WEBHOOK_SECRET", "new")
    monkeypatch.setenv("SIGNOFF_GITHUB_WEBHOOK_SECRET_PREVIOUS", "old")
    assert settings.load(None).github_secrets == ("new", "old")


def test_a_folder_of_secrets_may_have_empty_ones(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The units put an empty line for each secret that a site has not; those that are there are read whole."""
    for name in SECRETS:
        (tmp_path / name).write_text("\n")
    (tmp_path / "SIGNOFF_GITHUB_PRIVATE_KEY").write_text(KEY)
    (tmp_path / "SIGNOFF_GITHUB_WEBHOOK_SECRET").write_text("an invented secret\n")
    monkeypatch.setenv("SIGNOFF_SECRETS_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("SIGNOFF_GITHUB_API_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("SIGNOFF_GITHUB_APP_ID", "12")
    loaded = settings.load(None)
    assert (loaded.github_key.strip(), loaded.github_secrets) == (KEY.strip(), ("an invented secret",))
    assert (loaded.gitlab_token, loaded.hook_token, loaded.session_key) == (None, None, None)


def test_empty_settings_are_unset_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a copied env.example."""
    monkeypatch.setenv("SIGNOFF_RULES", "")
    monkeypatch.setenv("SIGNOFF_GITHUB_APP_ID", "")
    assert settings.load(None).rules is None


def test_a_misspelt_setting_is_noticed_with_the_one_that_was_meant(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A setting that is silently ignored is a setting somebody relies on."""
    monkeypatch.setenv("SIGNOFF_RULEZ", "x")
    monkeypatch.setenv("SIGNOFF_QQQQQQQQ", "x")
    monkeypatch.setenv("SIGNOFF_SETUP_GITLAB_TOKEN", "of the installation, which may run in the same shell")
    (tmp_path / ".env").write_text("SIGNOFF_WORKRES=9\n")
    assert settings.unknown(tmp_path / ".env") == {
        "SIGNOFF_QQQQQQQQ": None,
        "SIGNOFF_RULEZ": "SIGNOFF_RULES",
        "SIGNOFF_WORKRES": "SIGNOFF_WORKERS",
    }


def test_the_example_file_lists_every_setting_with_its_default() -> None:
    """Each under its description, in the order of the settings, and nothing else."""
    expected = [
        f"# {field.description}\n#{PREFIX}{name.upper()}={'' if field.default is None else field.default}"
        for name, field in Settings.model_fields.items()
    ]
    listed = (ROOT / "deploy" / "env.example").read_text().rstrip("\n").split("\n\n")
    assert listed[1:] == expected


def test_a_dotenv_file_is_read_only_where_it_is_asked_for(tmp_path: Path) -> None:
    """Commands that run in hostile clones read none."""
    (tmp_path / ".env").write_text("SIGNOFF_WORKERS=9\n")
    assert settings.load(tmp_path / ".env").workers == 9
    assert settings.load(None).workers == 4
