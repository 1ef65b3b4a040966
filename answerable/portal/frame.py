"""What a portal page listens to."""

from django.urls import reverse

from answerable.live.access import sign
from answerable.people.models import Person


def live(person: Person, streams: list[str]) -> dict[str, object]:
    """What base.html tells live.js: a token, and where to get the next one."""
    return {
        "live_token": sign(streams, person.pk),
        "live_url": f"{reverse('portal:live')}?streams={','.join(streams)}",
    }
