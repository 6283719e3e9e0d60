"""For the small servers beside the service: they do not write down who asked for what."""

from werkzeug.serving import WSGIRequestHandler


class Quiet(WSGIRequestHandler):
    """Probes come every few seconds and are no news; the address of a first run holds the forge's code."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""
