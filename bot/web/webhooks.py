"""The doorbell: `POST /webhooks/FORGE`. Verifies, stores, answers; everything else happens later.

202 taken (also a duplicate, and an event of no interest), 400 not this forge's, 401 a wrong signature, 404 no such
forge here, 413 too large, 429 too many refused ones from one address, 503 it could not be stored: the forge shows it as
failed, and it can be sent again.
"""

import structlog
from flask import Blueprint, Response, request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from bot.model.errors import RefusedDeliveryError, SignoffError
from bot.service.context import Context
from bot.service.intake import Intake
from bot.web.limits import Limiter

log = structlog.get_logger()

MOST_REFUSED = 300
"""How many refused deliveries a minute one address is answered, and each logged; a good one is always taken."""


def blueprint(context: Context, intake: Intake) -> Blueprint:
    """The routes of the webhooks."""
    routes = Blueprint("webhooks", __name__, url_prefix="/webhooks")
    refused = Limiter(MOST_REFUSED)

    @routes.post("/<forge>")
    def receive(forge: str) -> Response:
        door = context.forges.get(forge)
        if door is None:
            return _answer(f"no forge {forge[:40]!r} is configured here", 404)
        try:
            body = request.get_data(cache=False)
            fresh = intake.take(door, dict(request.headers), body)
        except RequestEntityTooLarge:
            return _answer("the delivery is larger than this service takes", 413)
        except ClientDisconnected:
            return _answer("the delivery did not arrive whole", 400)
        except RefusedDeliveryError as error:
            if not refused.allows(request.remote_addr or "", context.clock().timestamp()):
                return _answer("too many deliveries that cannot be believed", 429)
            log.warning("delivery_refused", forge=forge, status=error.status, why=str(error))
            return _answer(str(error), error.status)
        except SignoffError as error:
            log.error("delivery_not_stored", forge=forge, why=str(error))  # noqa: TRY400  expected; no traceback
            return _answer("the delivery could not be stored; send it again", 503)
        return _answer("taken" if fresh else "nothing to do", 202)

    return routes


def _answer(text: str, status: int) -> Response:
    return Response(text + "\n", status=status, mimetype="text/plain")
