"""`signoff pre-receive` in a real bare repository, with real pushes, and what it asks of the service."""

import http.server
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from bot.cli.asking import Service
from bot.forges import local
from bot.model.errors import TryAgainError
from bot.model.ids import Sha
from tests.detect.repositories import ENVIRONMENT, git, repository, save
from tests.stories.conftest import staged

TOKEN = "an invented token for hooks"
TRAILER = "Co-authored-by: Claude <noreply@anthropic.com>"


class Standing:
    """Stands in for the service: answers with the heads that are allowed, to whoever has the token."""

    def __init__(self) -> None:
        self.heads: dict[str, list[str]] = {}
        self.held: list[dict[str, object]] = []
        self.asked = 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked += 1
                known = self.headers["Authorization"] == f"Bearer {TOKEN}"
                query = parse_qs(urlsplit(self.path).query)
                self.send_response(200 if known and query["repository"] == ["acme/payments"] else 401)
                self.end_headers()
                heads = outer.heads.get(query["branch"][0], [])
                told = {"heads": heads, "held": outer.held} if known else {"error": "the hook's token is wrong"}
                self.wfile.write(json.dumps(told).encode())

            def log_message(self, *arguments: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def service() -> Iterator[Standing]:
    """A service that allows nothing yet."""
    found = Standing()
    yield found
    found.stop()


class Place:
    """A bare repository with the hook, and jo's clone of it."""

    def __init__(self, folder: Path, service: str, *options: str) -> None:
        self.clone = repository(folder / "clone")
        self.bare = folder / "payments.git"
        git(folder, "clone", "-q", "--bare", str(self.clone), str(self.bare))
        git(self.bare, "symbolic-ref", "HEAD", "refs/heads/main")
        git(self.clone, "remote", "add", "origin", str(self.bare))
        git(self.clone, "fetch", "-q", "origin")
        self.hook(service, *options)

    def hook(self, service: str, *options: str, path: str = "$PATH") -> None:
        """Install it, as the documentation says."""
        words = " ".join(("--repository acme/payments", f"--service {service}", *options))
        source = Path(__file__).parent.parent.parent
        hook = self.bare / "hooks" / "pre-receive"
        command = f"exec {sys.executable} -m bot.cli pre-receive {words}"
        hook.write_text(f"#!/bin/sh\nPATH={path} PYTHONPATH={source} SIGNOFF_HOOK_TOKEN='{TOKEN}' {command}\n")
        hook.chmod(0o755)

    def push(self, what: str, *options: str) -> tuple[bool, str]:
        """Whether a push came in, and what the hook said."""
        done = subprocess.run(
            ["git", "push", *options, "origin", what], cwd=self.clone, env=ENVIRONMENT, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        return done.returncode == 0, done.stderr


def test_ai_commits_come_in_through_an_allowed_change_and_not_beside_it(tmp_path: Path, service: Standing) -> None:
    """Direct, amended with more, force-pushed, added and taken back: refused. Merged, squashed: taken."""
    place = Place(tmp_path, service.url)
    start = git(place.clone, "rev-parse", "main")

    save(place.clone, f"Add retry\n\n{TRAILER}", {"retry.py": "RETRY = 1\n"})
    head = git(place.clone, "rev-parse", "HEAD")
    assert place.push("retry:retry")[0], "a branch that is not guarded is anybody's"
    taken, said = place.push("retry:main")
    assert (taken, f"{head[:10]} is AI-assisted" in said, "Traceback" in said) == (False, True, False), said

    git(place.clone, "checkout", "-q", "main")
    save(place.clone, "By hand", {"hand.py": "HAND = 1\n"})
    assert place.push("main:main")[0], "without AI, and like nothing that is held"

    service.heads = {"main": [head]}
    git(place.clone, "merge", "-q", "--no-ff", "-m", "Merge retry", "retry")
    (place.clone / "retry.py").write_text("RETRY = 2\n")
    git(place.clone, "commit", "-q", "-a", "--amend", "--no-edit")
    assert not place.push("main:main")[0], "a merge with more in it than what was allowed"
    git(place.clone, "reset", "-q", "--hard", "origin/main")

    save(place.clone, f"Other\n\n{TRAILER}", {"other.py": "x = 1\n"})
    git(place.clone, "revert", "--no-edit", "HEAD")
    git(place.clone, "merge", "-q", "--no-ff", "-m", "Merge retry", "retry")
    assert not place.push("main:main")[0], "what is taken back again on the way is history too"
    git(place.clone, "reset", "-q", "--hard", "origin/main")

    git(place.clone, "merge", "-q", "--squash", "retry")
    git(place.clone, "commit", "-q", "-m", f"Add retry (#7)\n\n{TRAILER}")
    taken, said = place.push("main:main")
    assert taken, said

    git(place.clone, "checkout", "-q", "-B", "main", start)
    save(place.clone, f"Rewritten\n\n{TRAILER}", {"retry.py": "RETRY = 1\n"})
    assert not place.push("main:main", "--force")[0], "a rewritten branch is no merge of anything"


def test_what_was_amended_until_no_commit_tells_is_known_by_what_it_brings(tmp_path: Path, service: Standing) -> None:
    """Amended, in part, moved: refused by content. What merging an allowed head gives, and what others wrote: taken."""
    place = Place(tmp_path, service.url)
    save(place.clone, f"Add retry\n\n{TRAILER}", {"src/retry.py": "RETRY = 1\n", "src/wait.py": "WAIT = 1\n"})
    head = git(place.clone, "rev-parse", "HEAD")
    assert place.push("retry:retry")[0]
    service.held = [{"number": 7, "heads": [head, "0" * 40], "blobs": []}]

    git(place.clone, "commit", "-q", "--amend", "-m", "Add retry")
    taken, said = place.push("retry:main")
    assert (taken, "as change #7 brought it" in said, "Traceback" in said) == (False, True, False), said
    git(place.clone, "mv", "src/retry.py", "elsewhere.py")
    git(place.clone, "rm", "-q", "src/wait.py")
    git(place.clone, "commit", "-q", "--amend", "-m", "Add half of it somewhere else")
    assert not place.push("retry:main")[0], "one file of it, moved"

    git(place.clone, "checkout", "-q", "main")
    save(place.clone, "By hand", {"hand.py": "HAND = 1\n"})
    assert place.push("main:main")[0], "what it did not bring"
    service.heads = {"main": [head]}
    git(place.clone, "merge", "-q", "--squash", head)
    git(place.clone, "commit", "-q", "-m", "Add retry (#7)")
    taken, said = place.push("main:main")
    assert taken, said

    save(place.clone, "More by hand", {"more.py": "MORE = 1\n"})
    blob = git(place.clone, "rev-parse", "HEAD:more.py")
    service.held = [{"number": 8, "heads": [], "blobs": [blob]}]
    assert not place.push("main:main")[0], "the service knows the content where this server has lost the head"


def test_a_path_cannot_pose_as_a_commit(tmp_path: Path) -> None:
    """What is between two line ends of Python's is one path: else its tail would say with what a file came in."""
    clone = repository(tmp_path / "clone")
    name = f"a\u2028{'1' * 40}\x0c{'2' * 40}"
    commit = save(clone, "Add", {name: "a\n", "b": "b\n"})
    pieces = local.Pushed(clone).brought([Sha(commit)], ["refs/heads/main"])
    assert {piece.commit for piece in pieces.values()} == {commit}
    assert {piece.path for piece in pieces.values()} == {"", name, "b"}


def test_a_push_costs_the_same_however_many_changes_are_open(tmp_path: Path, service: Standing) -> None:
    """One request and the same few runs of git, whether four changes are open or forty: each way it can end."""
    (tmp_path / "counting").mkdir()
    counting, log = tmp_path / "counting" / "git", tmp_path / "log"
    counting.write_text(f'#!/bin/sh\necho "$*" >> {log}\nexec {shutil.which("git")} "$@"\n')
    counting.chmod(0o755)
    place = Place(tmp_path, service.url)
    place.hook(service.url, path=f"{counting.parent}:$PATH")
    heads = []
    for number in range(42):
        git(place.clone, "checkout", "-q", "-B", f"change-{number}", "main")
        heads.append(save(place.clone, f"Add\n\n{TRAILER}", {f"src/{number}.py": f"NUMBER = {number}\n"}))
    assert place.push("refs/heads/change-*:refs/heads/change-*")[0], "these are not guarded"
    blobs = [git(place.clone, "rev-parse", f"{head}:src/{number}.py") for number, head in enumerate(heads)]

    def cost(allowed: list[int], held: list[int]) -> list[tuple[bool, int, int]]:
        service.heads = {"main": [heads[each] for each in allowed]}
        service.held = [{"number": each, "heads": [heads[each]], "blobs": [blobs[each]]} for each in held[:-1]]
        service.held += [{"number": each, "heads": [heads[each]], "blobs": []} for each in held[-1:]]
        told = []
        for pushed in (
            ("merge", "-q", "--no-ff", "-m", "Merge", f"change-{allowed[-1]}"),
            ("merge", "-q", "--no-ff", "-m", "Merge", "change-41"),
            ("checkout", "-q", "change-40", "--", "src"),
        ):
            git(place.clone, "checkout", "-q", "-B", "main", "origin/main")
            git(place.clone, *pushed)
            if pushed[0] == "checkout":
                save(place.clone, "By hand")
            log.write_text("")
            asked = service.asked
            taken, said = place.push("main:main")
            assert "Traceback" not in said, said
            told.append((taken, len(log.read_text().splitlines()), service.asked - asked))
        return told

    few = cost([0, 1], [38, 40])
    assert [(taken, requests) for taken, _, requests in few] == [(True, 1), (False, 1), (False, 1)]
    assert cost(list(range(1, 20)), list(range(20, 41))) == few


def test_without_an_answer_ai_commits_stay_out_unless_the_owner_chose_otherwise(
    tmp_path: Path, service: Standing
) -> None:
    """Closed by default; open or shut where configured, and that is said."""
    service.stop()
    place = Place(tmp_path, service.url)
    save(place.clone, f"Add retry\n\n{TRAILER}", {"retry.py": "RETRY = 1\n"})
    taken, said = place.push("retry:main")
    assert (taken, "gave no answer" in said) == (False, True), said
    place.hook(service.url, "--if-unreachable open")
    taken, said = place.push("retry:main")
    assert (taken, "taken, as this server is configured" in said) == (True, True), said

    git(place.clone, "checkout", "-q", "-B", "main", "retry")
    save(place.clone, "By hand", {"hand.py": "HAND = 1\n"})
    place.hook(service.url, "--if-unreachable shut")
    taken, said = place.push("main:main")
    assert (taken, "nothing is taken" in said) == (False, True), said
    place.hook(service.url)
    taken, said = place.push("main:main")
    assert (taken, "no commit discloses AI" in said) == (True, True), said


def test_a_question_that_the_service_refuses_is_told_with_its_reason(service: Standing) -> None:
    """Whoever keeps the server must see that the token is wrong, and not only that nothing was answered."""
    with pytest.raises(TryAgainError, match="answers 401: the hook's token is wrong"):
        Service(service.url, "another token", "github", "acme/payments").ask("main")


def test_a_token_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The push is refused as a misuse of the hook, by a message and not by a traceback."""
    options = ("--repository", "acme/payments", "--token-file", str(tmp_path / "nowhere"))
    ran = subprocess.run(
        [str(Path(sys.executable).parent / "signoff"), "pre-receive", *options],
        cwd=tmp_path,
        env=ENVIRONMENT,
        input="",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (
        2,
        f"signoff: {tmp_path}/nowhere: cannot be read: No such file or directory\n",
    )


def test_the_service_names_a_head_only_while_it_may_be_merged(tmp_path: Path) -> None:
    """To who has the token: allowed and published heads of a branch; a push takes the name off the list."""
    with staged(tmp_path, SIGNOFF_HOOK_TOKEN=TOKEN) as stage:
        world = stage.with_repository("acme/payments")
        number = world.opened()
        world.settled()
        ask = {"forge": "github", "repository": "acme/payments", "branch": "main"}

        def allowed(token: str = TOKEN, **more: str) -> requests.Response:
            headers = {"Authorization": f"Bearer {token}"}
            return requests.get(f"{world.service.url}/hooks/allowed", ask | more, headers=headers, timeout=10)

        assert allowed("another").status_code == 401
        assert allowed(repository="acme/none").status_code == 404
        waiting = world.forge.head("acme/payments", number)
        held = [{"number": number, "heads": [waiting], "blobs": []}]
        assert allowed().json() == {"heads": [], "held": held}, "it waits"
        world.forge.review("acme/payments", number, "grace")
        assert world.state(number) == "success"
        head = world.forge.head("acme/payments", number)
        assert allowed().json()["heads"] == [head]
        assert allowed(branch="release/1").json()["heads"] == [], "for the branch it goes into, and no other"
        moved = world.forge.push("acme/payments", "retry", {"src/pay.py": "evil\n"}, "More", "jo")
        world.settled()
        assert allowed().json()["heads"] == []
        assert sorted([head, moved]) == allowed().json()["held"][0]["heads"], "what it stood on before is remembered"
        world.forge.close("acme/payments", number, "jo")
        world.settled()
        assert allowed().json()["held"], "closing it takes nothing back"
