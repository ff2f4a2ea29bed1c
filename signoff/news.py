"""What has just happened, as text for tabs that are not drawn again this moment."""

from __future__ import annotations

from collections.abc import Callable

from signoff.database.news import Happened, Place
from signoff.dialects.masking import mask_secrets, secret_keys
from signoff.errors import BackendUnavailable
from signoff.reviews import Json
from signoff.service import Service


class Reporter:
    """Tells each piece of news once, for all tabs of this process."""

    def __init__(self, service: Callable[[], Service]) -> None:
        self._service = service
        self._place: Place | None = None

    def report(self) -> Json:
        """Return what happened since the last report, None for nothing, and where the desk does not answer.

        ``{"at": version, "news": [{"review", "title", "outcome", "by"}, …], "more": false}`` in the order of
        `signoff.database.news`, secrets masked; a drawing at that version or a later one shows all of it. ``outcome``
        and ``by`` are null for what is new; ``more`` says that so much has happened that it is not told in full.
        """
        service = self._service()
        try:
            found = service.desk.database.news.since(self._place)
        except BackendUnavailable:
            return None
        self._place = found.place
        secret = secret_keys(service.settings.masking.keys)
        news = [_told(one, secret) for one in found.happened]
        return {"at": found.version, "news": news, "more": found.more} if news else None


def _told(one: Happened, secret: tuple[str, ...]) -> Json:
    title, by = mask_secrets([one.title, one.reviewer], secret)
    return {"review": one.review_id, "title": title, "outcome": one.outcome, "by": by}
