"""The pages on which an App is made from a manifest and installed, as GitHub shows them to whoever owns an account.

The manifest comes by a form of another site, on purpose, and only a press of the button here confirms it.
"""

import json
import secrets
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from bot.sandbox.github import installing
from bot.sandbox.github.errors import Refused, invalid
from bot.sandbox.github.identity import Actor, person
from bot.sandbox.github.pages.acting import acting
from bot.sandbox.github.records import Account, App, Manifest
from bot.sandbox.github.service import Service
from bot.sandbox.github.world import World


def blueprint(service: Service) -> Blueprint:
    """The pages over one service."""
    pages = Blueprint("making", __name__, template_folder="templates")

    def shown(template: str, **values: Any) -> str:
        return render_template(template, me=acting(service.world), people=[], messages=[], **values)

    @pages.post("/settings/apps/new")
    @pages.post("/organizations/<org>/settings/apps/new")
    def ask(org: str | None = None) -> str:
        with service.world.lock:
            _owner(service.world, org)
            wanted = _manifest(request.form.get("manifest", ""))
            _free(service.world, wanted["name"])
        return shown("manifest.html", title="Create App", wanted=wanted, org=org or "", manifest=json.dumps(wanted),
                     state=request.args.get("state", ""))  # fmt: skip

    @pages.post("/sandbox/manifest")
    def confirm() -> BaseResponse:
        _same_site()
        org = request.form.get("org") or None
        with service.act() as world:
            account, _ = _owner(world, org)
            wanted = _manifest(request.form.get("manifest", ""))
            _free(world, wanted["name"])
            code = secrets.token_hex(20)
            body = json.dumps(wanted)
            world.store.add(Manifest(code=code, owner_id=account.id, body=body, at=world.clock.seconds()))
        query = {"code": code} | ({"state": request.form["state"]} if request.form.get("state") else {})
        return redirect(f"{wanted['redirect_url']}?{urlencode(query)}", 302)

    @pages.route("/apps/<slug>/installations/new", methods=["GET", "POST"])
    def install(slug: str) -> str:
        if request.method == "GET":
            with service.world.lock:
                app = service.world.app(slug)
                account = service.world.account_by_id(app.owner_id)
            return shown("install.html", title=f"Install {slug}", app=app, account=account)
        _same_site()
        with service.act() as world:
            found: App = world.app(slug)
            owner = world.existing(Account, found.owner_id)
            account, who = _owner(world, owner.login if owner.kind == "Organization" else None)
            if world.installation(found, account.id) is None:
                installing.install(world, who, found, account)
        return shown("message.html", title="Installed", message=f"{slug} is installed in {account.login}.")

    @pages.errorhandler(Refused)
    def refused(error: Refused) -> tuple[str, int]:
        return shown("message.html", message=error.message, title=error.message), error.status

    @pages.after_request
    def guard(response: Response) -> Response:
        """No form-action: the redirect after the button leads to the site that asked."""
        policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
        response.headers["Content-Security-Policy"] = policy
        return response

    return pages


def _same_site() -> None:
    origin = request.headers.get("Origin")
    if origin and origin != "null" and urlsplit(origin).netloc != request.host:
        raise Refused(403, "This form must be sent from here")


def _owner(world: World, org: str | None) -> tuple[Account, Actor]:
    """The account that will own or have the App, and who acts for it: only an owner may."""
    who = person(world, acting(world))
    if org is None:
        return who.person, who
    account = world.account(org)
    if account.kind != "Organization" or account.members.get(who.person.id) != "admin":
        raise Refused(404, f"Not Found: {who.person.login} is no owner of {org}. Act as one, then press again.")
    return account, who


def _free(world: World, name: str) -> None:
    """An App's name is unique on all of GitHub, and its address is made of it."""
    if any(app.slug == installing.slug(name) for app in world.store.all(App)):
        raise Refused(422, f"The name {name} is already taken. Start again with another --name.")


def _manifest(text: str) -> dict[str, Any]:
    """What GitHub's documentation of manifests asks for: url, a webhook's address, and where to go back to."""
    try:
        wanted: dict[str, Any] = json.loads(text)
        named = (wanted["name"], wanted["url"], wanted["hook_attributes"]["url"], wanted["redirect_url"])
    except (ValueError, KeyError, TypeError):
        raise invalid("Invalid GitHub App configuration") from None
    if not all(isinstance(each, str) and each for each in named):
        raise invalid("Invalid GitHub App configuration")
    return wanted
