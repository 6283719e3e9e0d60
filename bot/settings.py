"""Settings: environment variables, all `SIGNOFF_…`, read once at start and checked all at once.

Only the service commands read a `.env` file beside them; commands that run in other people's clones never do. Secrets
print as stars.
"""

import os
import re
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from dotenv import dotenv_values
from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.model.errors import BadInputError

PREFIX = "SIGNOFF_"
_ASSIGNED = re.compile(r"^\s*(?:export\s+)?(\w+)\s*=", re.MULTILINE)
_SIGNING_TOKEN = re.compile(r"whsec_[A-Za-z0-9+/]{43}=")
_SHORTEST_KEY = 32


def _no_slash(value: Any) -> Any:
    return value.rstrip("/") if isinstance(value, str) else value


def _nothing(value: Any) -> Any:
    return None if value == "" else value


Url = Annotated[str, BeforeValidator(_no_slash), Field(pattern=r"^https?://[^\s/]+")]
Optional = BeforeValidator(_nothing)


class Settings(BaseSettings):
    """Everything the service can be told. deploy/env.example lists every variable; a test holds that."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True, str_strip_whitespace=True)

    listen: str = Field("127.0.0.1:8080", description="Address and port to listen on.", pattern=r"^\S+:\d+$")
    public_url: Annotated[Url | None, Optional] = Field(
        None, description="Where people and forges reach the service; checks link to its pages there."
    )
    database_url: str = Field(
        "sqlite:///var/signoff.sqlite3",
        description="SQLAlchemy URL of the database: sqlite:/// or postgresql+psycopg://",
    )
    rules: Annotated[Path | None, Optional] = Field(
        None, description="Path of rules.yaml; without it the packaged one."
    )
    roster: Annotated[Path | None, Optional] = Field(
        None,
        description="Path of roster.yaml, or of a folder of such files, one per team; without it the packaged one.",
    )
    policy_repository: Annotated[str | None, Optional] = Field(
        None,
        description="Instead of both: a repository with them, github:organisation/repository or gitlab:group/project.",
        pattern=r"^[a-z]+:[\w.-]+(/[\w.-]+)+$",
    )
    sweep_seconds: int = Field(300, ge=5, description="Seconds between looks for changes of which no webhook told.")
    recheck_hours: int = Field(24, ge=1, description="Every open change is evaluated at least once in so many hours.")
    workers: int = Field(4, ge=1, le=64, description="Worker threads of this process.")
    work_listen: Annotated[str | None, Optional] = Field(
        None,
        description="Where `signoff work` answers /healthz, /readyz and /metrics; without it nowhere.",
        pattern=r"^\S+:\d+$",
    )
    web_threads: int = Field(8, ge=1, le=256, description="Threads that answer requests.")
    log_level: str = Field(
        "info",
        pattern="^(debug|info|warning|error)$",
        description="The least of what is logged: debug, info, warning, error.",
    )
    log_format: str = Field(
        "auto", pattern="^(auto|text|json)$", description="text, json, or auto: text on a terminal, else json."
    )
    body_limit: int = Field(26_214_400, ge=1024, description="Largest webhook body taken, in bytes (25 MB).")
    check_name: str = Field("senior-signoff", min_length=1, max_length=100, description="Name of the check.")
    lease_seconds: int = Field(
        60, ge=2, description="After so many seconds of silence a worker loses its change to another."
    )
    poison_cap: int = Field(20, ge=1, description="Failures in a row after which a change is parked with an alarm.")

    keep_days: int = Field(
        30, ge=1, description="Working notes (deliveries seen, checks written) are kept this many days."
    )
    keep_names_days: int = Field(
        365, ge=1, description="Names, mailboxes and quotes are erased so many days after they were last seen."
    )
    watch_seconds: int = Field(
        3600, ge=5, description="Seconds between looks at what guards each repository, and what came past it."
    )
    hook_token: Annotated[SecretStr | None, Optional] = Field(
        None,
        min_length=20,
        description="Token by which `signoff pre-receive` asks for allowed heads; without it nothing answers.",
    )
    secrets_directory: Annotated[Path | None, Optional] = Field(
        None,
        description="A folder of secrets as files, each named like its setting: SIGNOFF_GITHUB_WEBHOOK_SECRET, ...",
    )
    github_app_id: Annotated[int | None, Optional] = Field(None, ge=1, description="The GitHub App's id.")
    github_private_key: Annotated[SecretStr | None, Optional] = Field(None, description="The App's key, PEM text.")
    github_private_key_file: Annotated[Path | None, Optional] = Field(None, description="Or a file that holds it.")
    github_webhook_secret: Annotated[SecretStr | None, Optional] = Field(None, description="The App's webhook secret.")
    github_webhook_secret_previous: Annotated[SecretStr | None, Optional] = Field(
        None, description="The one before it, taken as well while it is being replaced."
    )
    github_api_url: Url = Field("https://api.github.com", description="GitHub Enterprise Server: https://HOST/api/v3")
    github_graphql_url: Annotated[Url | None, Optional] = Field(
        None, description="GitHub Enterprise Server: https://HOST/api/graphql; without it derived from the API's URL."
    )
    github_web_url: Url = Field(
        "https://github.com", description="Where people open GitHub; Enterprise Server: https://HOST"
    )

    gitlab_url: Url = Field("https://gitlab.com", description="GitLab's address, with the path it is served under.")
    gitlab_token: Annotated[SecretStr | None, Optional] = Field(
        None, description="Token of the bot's own GitLab account, scope api (docs/gitlab.md)."
    )
    gitlab_webhook_secret: Annotated[SecretStr | None, Optional] = Field(
        None, description="Master of the secrets that hooks send as X-Gitlab-Token; each project's is derived from it."
    )
    gitlab_webhook_secret_previous: Annotated[SecretStr | None, Optional] = Field(
        None, description="The one before it, taken as well while it is being replaced."
    )
    gitlab_signing_token: Annotated[SecretStr | None, Optional] = Field(
        None, description="GitLab 19.0 and later: master of what hooks sign with, whsec_ and 32 bytes in Base64."
    )
    gitlab_signing_token_previous: Annotated[SecretStr | None, Optional] = Field(
        None, description="The one before it, taken as well while it is being replaced."
    )
    github_oauth_client_id: Annotated[str | None, Optional] = Field(
        None, description="For people to log in to the pages: the App's client id."
    )
    github_oauth_client_secret: Annotated[SecretStr | None, Optional] = Field(None, description="Its client secret.")
    gitlab_oauth_client_id: Annotated[str | None, Optional] = Field(
        None, description="For people to log in with GitLab: an application's id; its scope is read_api."
    )
    gitlab_oauth_client_secret: Annotated[SecretStr | None, Optional] = Field(None, description="Its secret.")
    session_key: Annotated[SecretStr | None, Optional] = Field(
        None,
        min_length=32,
        description="Signs cookies and seals log-ins: 32 random characters or more, the same in every process.",
    )
    session_key_file: Annotated[Path | None, Optional] = Field(None, description="Or a file that holds it.")
    administrators: str = Field(
        "", description="Accounts that see every page whole, by forge and id: github:1009, gitlab:2009"
    )

    @model_validator(mode="after")
    def _whole(self) -> "Settings":
        looks = (_app_faults, _gitlab_faults, _source_faults, _unreadable, _no_key, _login_faults)
        faults = [fault for look in looks for fault in look(self)]
        if faults:
            raise ValueError("\n".join(faults))
        return self

    @property
    def has_forge(self) -> bool:
        """Whether any forge is configured."""
        return self.github_app_id is not None or self.gitlab_token is not None

    @property
    def github_key(self) -> str:
        """The App's key, from the setting or its file."""
        if self.github_private_key is not None:
            return self.github_private_key.get_secret_value().replace("\\n", "\n")
        assert self.github_private_key_file is not None  # noqa: S101  held by the validator
        return self.github_private_key_file.read_text()

    @property
    def has_log_in(self) -> bool:
        """Whether people log in to the pages."""
        return self.github_oauth_client_id is not None or self.gitlab_oauth_client_id is not None

    @property
    def is_public(self) -> bool:
        """Whether the settings say that people reach the service from other machines."""
        return self.public_url is not None and not _is_here(self.public_url)

    @property
    def session_secret(self) -> str:
        """The session key, from the setting or its file."""
        if self.session_key is not None:
            return self.session_key.get_secret_value()
        assert self.session_key_file is not None  # noqa: S101  held by the validator
        return self.session_key_file.read_text().strip()

    @property
    def administrator_accounts(self) -> frozenset[tuple[str, int]]:
        """The administrators by forge and account id."""
        named = (each.partition(":") for each in self.administrators.replace(",", " ").split())
        return frozenset((forge, int(number)) for forge, _, number in named)

    @property
    def github_secrets(self) -> tuple[str, ...]:
        """The webhook secrets in force, the current one first."""
        return _told(self.github_webhook_secret, self.github_webhook_secret_previous)

    @property
    def gitlab_secrets(self) -> tuple[str, ...]:
        """The masters of GitLab's plain webhook secrets in force, the current one first."""
        return _told(self.gitlab_webhook_secret, self.gitlab_webhook_secret_previous)

    @property
    def gitlab_signing_tokens(self) -> tuple[str, ...]:
        """The masters of GitLab's signing tokens in force, the current one first."""
        return _told(self.gitlab_signing_token, self.gitlab_signing_token_previous)


def _told(*secrets: SecretStr | None) -> tuple[str, ...]:
    return tuple(secret.get_secret_value() for secret in secrets if secret is not None)


def _unreadable(settings: Settings) -> list[str]:
    named = {
        "GITHUB_PRIVATE_KEY_FILE": settings.github_private_key_file,
        "RULES": settings.rules,
        "ROSTER": settings.roster,
        "SESSION_KEY_FILE": settings.session_key_file,
    }
    return [
        f"{PREFIX}{name}: {path} cannot be read"
        for name, path in named.items()
        if path is not None and not os.access(path, os.R_OK)
    ]


def _app_faults(settings: Settings) -> list[str]:
    """What is missing of, or contradicts itself in, the settings of the App."""
    faults = []
    key, file = settings.github_private_key, settings.github_private_key_file
    if settings.github_app_id is not None:
        if key is None and file is None:
            faults.append(f"{PREFIX}GITHUB_PRIVATE_KEY or {PREFIX}GITHUB_PRIVATE_KEY_FILE is needed")
        if settings.github_webhook_secret is None:
            faults.append(f"{PREFIX}GITHUB_WEBHOOK_SECRET is needed: without it no delivery can be believed")
    elif settings.github_webhook_secret or key or file:
        faults.append(f"{PREFIX}GITHUB_APP_ID is needed beside the other {PREFIX}GITHUB_ settings")
    if key and file:
        faults.append(f"give one of {PREFIX}GITHUB_PRIVATE_KEY and {PREFIX}GITHUB_PRIVATE_KEY_FILE, not both")
    return faults


def _source_faults(settings: Settings) -> list[str]:
    """Whether rules and roster have one source, and on a real forge a roster of real people."""
    source = settings.policy_repository
    if source is None:
        if settings.roster is not None or all(_is_here(url) for url in _forge_urls(settings)):
            return []
        text = "the packaged roster has invented people and is for a simulated forge only"
        return [f"{PREFIX}ROSTER or {PREFIX}POLICY_REPOSITORY is needed: {text}"]
    faults = []
    if settings.rules is not None or settings.roster is not None:
        faults.append(f"give {PREFIX}POLICY_REPOSITORY, or {PREFIX}RULES and {PREFIX}ROSTER: one source, not both")
    named = {"github": settings.github_app_id, "gitlab": settings.gitlab_token}
    if source.partition(":")[0] not in named:
        faults.append(f"{PREFIX}POLICY_REPOSITORY: write github:organisation/repository or gitlab:group/project")
    elif settings.has_forge and named[source.partition(":")[0]] is None:
        faults.append(f"{PREFIX}POLICY_REPOSITORY: {source.partition(':')[0]} is not configured")
    return faults


def _forge_urls(settings: Settings) -> list[str]:
    """Where the configured forges are."""
    github = [settings.github_api_url] if settings.github_app_id is not None else []
    return github + ([settings.gitlab_url] if settings.gitlab_token is not None else [])


def _gitlab_faults(settings: Settings) -> list[str]:
    """What is missing of the settings of GitLab, or is none."""
    secrets, tokens = settings.gitlab_secrets, settings.gitlab_signing_tokens
    faults = []
    if settings.gitlab_token is None and (secrets or tokens):
        faults.append(f"{PREFIX}GITLAB_TOKEN is needed beside the other {PREFIX}GITLAB_ settings")
    if settings.gitlab_token is not None and not secrets and not tokens:
        faults.append(
            f"{PREFIX}GITLAB_SIGNING_TOKEN or {PREFIX}GITLAB_WEBHOOK_SECRET is needed: without either no delivery "
            "can be believed"
        )
    if not all(map(is_signing_token, tokens)):
        faults.append(f"{PREFIX}GITLAB_SIGNING_TOKEN: write whsec_ and 32 bytes in Base64, as GitLab does")
    return faults


def _login_faults(settings: Settings) -> list[str]:
    """What is missing for people to log in, or left over."""
    faults = []
    for forge in ("github", "gitlab"):
        both = (getattr(settings, f"{forge}_oauth_client_id"), getattr(settings, f"{forge}_oauth_client_secret"))
        if (both[0] is None) is not (both[1] is None):
            name = f"{PREFIX}{forge.upper()}_OAUTH_CLIENT"
            faults.append(f"{name}_ID and {name}_SECRET belong together: give both or none")
    accounts = settings.administrators.replace(",", " ").split()
    if not all(re.fullmatch(r"[a-z]+:[0-9]{1,18}", each) for each in accounts):
        faults.append(
            f"{PREFIX}ADMINISTRATORS: write forge and account id, as in github:1009; a login can change hands"
        )
    if not settings.has_log_in:
        return faults
    key, file = settings.session_key, settings.session_key_file
    if key is None and file is None:
        faults.append(f"{PREFIX}SESSION_KEY or {PREFIX}SESSION_KEY_FILE is needed for people to log in")
    if key is not None and file is not None:
        faults.append(f"give one of {PREFIX}SESSION_KEY and {PREFIX}SESSION_KEY_FILE, not both")
    if file is not None and os.access(file, os.R_OK) and len(file.read_text().strip()) < _SHORTEST_KEY:
        faults.append(f"{PREFIX}SESSION_KEY_FILE: 32 random characters or more are needed")
    if settings.public_url is None:
        faults.append(f"{PREFIX}PUBLIC_URL is needed for people to log in: the forge sends them back there")
    if settings.github_oauth_client_id is not None and settings.github_app_id is None:
        faults.append(f"{PREFIX}GITHUB_APP_ID is needed beside {PREFIX}GITHUB_OAUTH_CLIENT_ID")
    return faults


def _is_here(url: str) -> bool:
    """Whether a URL leads to this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _no_key(settings: Settings) -> list[str]:
    """Whether the App's key is none; its text is not repeated."""
    file = settings.github_private_key_file
    if settings.github_app_id is None or (settings.github_private_key is None and file is None):
        return []
    if settings.github_private_key is None and file is not None and not os.access(file, os.R_OK):
        return []
    name = f"{PREFIX}GITHUB_PRIVATE_KEY" + ("_FILE" if settings.github_private_key is None else "")
    try:
        load_pem_private_key(settings.github_key.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm, OSError):
        return [f"{name}: this is no private key in PEM form without a passphrase, as GitHub gives it for an App"]
    return []


def is_signing_token(text: str) -> bool:
    """Whether a text is a signing token in GitLab's form."""
    return _SIGNING_TOKEN.fullmatch(text) is not None


def load(env_file: Path | None = Path(".env")) -> Settings:
    """The settings of this process; `BadInputError` names every fault at once. `env_file` None: none is read."""
    folder = _secrets_folder(env_file)
    try:
        return Settings(_env_file=env_file, _secrets_dir=folder)
    except ValidationError as error:
        raise BadInputError("the settings cannot be used:\n" + "\n".join(_faults(error))) from None


def raw(env_file: Path = Path(".env")) -> dict[str, str]:
    """What the environment, the `.env` file and the folder of secrets say, the first that says it, not judged.

    For setting up, when much of what the service needs is missing yet.
    """
    folder = _secrets_folder(env_file)
    found = {path.name: path.read_text() for path in folder.iterdir() if path.is_file()} if folder else {}
    found |= {name: value for name, value in dotenv_values(env_file).items() if value}
    found |= {name: value for name, value in os.environ.items() if value.strip()}
    return {name: value.strip() for name, value in found.items() if name.startswith(PREFIX) and value.strip()}


def _secrets_folder(env_file: Path | None) -> Path | None:
    """The folder that `SIGNOFF_SECRETS_DIRECTORY` names, in the environment or the `.env` file."""
    name = PREFIX + "SECRETS_DIRECTORY"
    named = os.environ.get(name) or (dotenv_values(env_file).get(name) if env_file is not None else None)
    if not named:
        return None
    if not Path(named).is_dir():
        raise BadInputError(f"the settings cannot be used:\n  {name}: {named} is no directory that can be read")
    return Path(named)


def _faults(error: ValidationError) -> list[str]:
    faults = []
    for fault in error.errors():
        name = "".join(PREFIX + str(part).upper() + ": " for part in fault["loc"][:1])
        text = fault["msg"].removeprefix("Value error, ")
        faults += [f"  {name}{line}" for line in text.split("\n")]
    return faults


def unknown(env_file: Path | None = Path(".env")) -> dict[str, str | None]:
    """Variables, of the environment or the file, that look like settings and are none, probably misspelt; each with
    the setting most like it. What the guided installation is given (SIGNOFF_SETUP_…) is none of the service's.
    """
    known = sorted(PREFIX + name.upper() for name in Settings.model_fields)
    text = env_file.read_text(errors="replace") if env_file is not None and os.access(env_file, os.R_OK) else ""
    ours = {name.upper() for name in (*os.environ, *_ASSIGNED.findall(text)) if name.upper().startswith(PREFIX)}
    guides = PREFIX + "SETUP_"
    strange = sorted(name for name in ours - set(known) if not name.startswith(guides))
    return {name: next(iter(get_close_matches(name, known, 1)), None) for name in strange}
