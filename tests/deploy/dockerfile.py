"""Runs the steps of a Dockerfile where no container engine is: each instruction as written, up to a healthy service.

    unshare --mount --propagation private python dockerfile.py DOCKERFILE CONTEXT SCRATCH PORT

Every stage is an empty root folder of its own, entered by chroot. What a base image would bring, the machine's /usr and
its Python, is mounted into it, read-only; so this proves the steps, and nothing about the base. 8080 becomes PORT. At
the end the entry point is started as the file's user in a root that is read-only but for /tmp and its volume, and the
health check is run until it passes, past a proxy that leads nowhere. The database's address is given as compose and
Kubernetes give it, as a file in a folder of secrets; the service must have taken that one.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE = 60.0
CHROOT = shutil.which("chroot") or "/usr/sbin/chroot"


@dataclass
class Stage:
    """One root, and what later steps in it inherit."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    user: str = "0:0"
    entry: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)

    def furnish(self) -> None:
        """The machine's programs and Python, read-only, and empty places to write."""
        for name in ("proc", "dev", "tmp", "var/lib", "usr", "root"):
            (self.root / name).mkdir(parents=True)
        (self.root / "tmp").chmod(0o1777)
        shutil.copytree("/etc", self.root / "etc", symlinks=True)
        for name in ("bin", "sbin", "lib", "lib32", "lib64"):
            given = Path("/", name)
            if given.is_symlink():
                (self.root / name).symlink_to(given.readlink())
            elif given.is_dir():
                self.bind(str(given))
        for place in ("/usr", "/dev", "/proc", sys.base_prefix):
            if not place.startswith("/usr/"):
                self.bind(place)

    def bind(self, place: str) -> None:
        """Let the root see a folder of the machine."""
        inside = self.root / place.lstrip("/")
        inside.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "--rbind", place, str(inside)], check=True)
        if place not in {"/dev", "/proc"}:
            subprocess.run(["mount", "-o", "remount,bind,ro", str(inside)], check=True)

    def seal(self) -> None:
        """Read-only from here on, but for /tmp and the volume that the documentation names."""
        root, volume = str(self.root), str(self.root / "var/lib/signoff")
        for words in (
            ("--rbind", root, root), ("-o", "remount,bind,ro", root), ("-t", "tmpfs", "tmpfs", f"{root}/tmp"),  # noqa: S108  inside that root
            ("--bind", volume, volume), ("-o", "remount,bind,rw", volume),
        ):  # fmt: skip
            subprocess.run(["mount", *words], check=True)
        if (
            subprocess.run([CHROOT, root, "/bin/sh", "-c", "touch /opt/written 2>/dev/null"], check=False).returncode
            == 0
        ):
            sys.exit("the root can be written")

    def start(self, words: list[str]) -> "subprocess.Popen[str]":
        """A program in this root, as its user, in its folder."""
        kept = {
            key: value for key, value in os.environ.items() if not key.startswith(("SIGNOFF_", "PYTHON", "VIRTUAL"))
        }
        path = f"{Path(sys.base_prefix) / 'bin'}:/usr/sbin:/usr/bin:/sbin:/bin"
        environment = kept | {"PATH": path, "HOME": "/tmp"} | self.environment | settings()  # noqa: S108
        inner = f"cd {shlex.quote(self.folder)} && exec {shlex.join(words)}"
        outer = [CHROOT, f"--userspec={self.user}", str(self.root), "/bin/sh", "-c", inner]
        return subprocess.Popen(outer, env=environment, text=True)

    def run(self, words: list[str]) -> None:
        """The same, and it must succeed."""
        ended = self.start(words).wait()
        if ended:
            sys.exit(f"{shlex.join(words)} ended with {ended}")


def settings() -> dict[str, str]:
    """The product's settings, handed in under another name so that they reach only what runs inside."""
    return json.loads(os.environ.get("INSIDE", "{}"))


def steps(text: str) -> list[tuple[str, str]]:
    """The instructions of a Dockerfile with their arguments, in order."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    whole = "\n".join(lines).replace("\\\n", " ")
    found = []
    for line in whole.splitlines():
        word, _, rest = line.strip().partition(" ")
        found.append((word, rest.strip()))
    return found


def allowed(context: Path, ignore: Path, name: str) -> bool:
    """Whether the context that is sent holds a path: the ignore file begins with `*` and lets some in."""
    lines = ignore.read_text().split()
    return lines[0] == "*" and f"!{name.strip('/')}" in lines and (context / name).exists()


def copy(stages: dict[str, Stage], stage: Stage, rest: str, context: Path, ignore: Path) -> None:
    """COPY, from the context or from another stage."""
    words = shlex.split(rest)
    source = context
    if words[0].startswith("--from="):
        source = stages[words.pop(0).removeprefix("--from=")].root
    *names, target = words
    base = stage.root / target.lstrip("/") if target.startswith("/") else stage.root / stage.folder.lstrip("/") / target
    for name in names:
        if source == context and not allowed(context, ignore, name):
            sys.exit(f"COPY {name}: the context does not hold it")
        given = source / name.lstrip("/")
        if given.is_dir():
            shutil.copytree(given, base, symlinks=True, dirs_exist_ok=True)
        else:
            inside = target.endswith("/") or len(names) > 1 or base.is_dir()
            place = base / given.name if inside else base
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(given, place)


def build(file: Path, context: Path, scratch: Path, port: str) -> Stage:
    """Every step of the file; the last stage."""
    stages: dict[str, Stage] = {}
    stage = Stage(scratch)
    ignore = file.with_name(file.name + ".dockerignore")
    for word, rest in steps(file.read_text().replace("8080", port)):
        match word:
            case "ARG":
                continue
            case "FROM":
                name = rest.partition(" AS ")[2] or "last"
                stage = stages[name] = Stage(scratch / name)
                stage.furnish()
            case "RUN":
                stage.run(["/bin/sh", "-ec", rest])
            case "COPY":
                copy(stages, stage, rest, context, ignore)
            case "ENV":
                stage.environment |= dict(pair.split("=", 1) for pair in shlex.split(rest))
            case "WORKDIR":
                stage.folder = rest
                (stage.root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
            case "USER":
                stage.user = rest
            case "ENTRYPOINT":
                stage.entry = json.loads(rest)
            case "CMD":
                stage.command = json.loads(rest)
            case "HEALTHCHECK":
                stage.health = json.loads(rest[rest.index("CMD") + 4 :])
            case "EXPOSE":
                continue
            case _:
                sys.exit(f"{word}: no step that is known here")
    return stage


def main() -> None:
    """Build, start, wait for a healthy answer, stop."""
    file, context, scratch, port = sys.argv[1:]
    stage = build(Path(file), Path(context), Path(scratch), port)
    stage.run([*stage.entry, "--version"])
    secrets = stage.root / "run" / "secrets"
    secrets.mkdir(parents=True)
    (secrets / "SIGNOFF_DATABASE_URL").write_text("sqlite:////var/lib/signoff/secret.sqlite3\n")
    stage.environment["SIGNOFF_SECRETS_DIRECTORY"] = "/run/secrets"
    stage.seal()
    served = stage.start([*stage.entry, *stage.command])
    stage.environment |= {"http_proxy": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
    deadline = time.monotonic() + PATIENCE
    while (code := stage.start(stage.health).wait()) and time.monotonic() < deadline and served.poll() is None:
        time.sleep(0.5)
    if (stage.root / "tmp" / ".gunicorn").exists():
        sys.exit("a control socket is open in the home")
    owner = (stage.root / "var/lib/signoff/secret.sqlite3").stat().st_uid if not code else None
    served.terminate()
    served.wait(30)
    print(json.dumps({"healthy": code == 0, "owner": owner}))  # noqa: T201  its answer
    sys.exit(code)


if __name__ == "__main__":
    main()
