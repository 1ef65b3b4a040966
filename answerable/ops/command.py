"""The base of our management commands: none of Django's own options, and no system checks at every start."""

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """`make check` runs the system checks; a worker that comes back after a crash should not wait for them."""

    requires_system_checks = []
    suppressed_base_arguments = {
        "--version",
        "--verbosity",
        "--settings",
        "--pythonpath",
        "--traceback",
        "--no-color",
        "--force-color",
        "--skip-checks",
    }
