"""What a portal page listens to."""

from answerable.lib.addresses import url
from answerable.live.access import MOST_SECONDS, sign
from answerable.people.models import Person


def live(person: Person, streams: list[str], seconds: int = MOST_SECONDS) -> dict[str, object]:
    """What base.html tells live.js: a token, and where to get the next. `seconds`: less where a grant ends sooner.

    Staff who look with the person's eyes hear nothing: a stream knows no rights but those of its own person.
    """
    if person.seen_by is not None:
        return {}
    return {
        "live_token": sign(streams, person.pk, seconds),
        "live_url": f"{url('portal:live')}?streams={','.join(streams)}",
    }
