"""What Granian runs: `granian --interface asgi answerable.config.asgi:application`."""

from django.conf import settings

from answerable.config.entry import entry
from answerable.config.wsgi import application as django
from answerable.live.pump import Pump, connection_parameters

application = entry(
    django, Pump(connection_parameters(settings.DATABASES["default"])), settings.FILES, settings.MAX_REQUEST_BYTES
)
