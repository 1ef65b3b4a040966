"""Files are looked at by a virus scanner soon after they came, where the operator has one (email contract E-70)."""

import logging
from datetime import datetime

from django.conf import settings

from answerable.audit.actions import record, system
from answerable.lib import clock
from answerable.lib.clamd import NotScanned, virus_in
from answerable.tickets.files import mark_scanned, path_of, unscanned

logger = logging.getLogger(__name__)
AT_ONCE = 100


def scan_new(until: datetime) -> None:
    """Look at files that nobody has looked at, latest first, until this moment. While the daemon is away they wait."""
    if not settings.CLAMD:
        return
    for pk, sha256 in unscanned(AT_ONCE):
        if clock.exact() > until or not _scan(pk, sha256):
            return


def _scan(pk: int, sha256: str) -> bool:
    """False: the scanner is away, so others need not be tried."""
    path, virus = path_of(sha256), ""
    if path.exists():
        try:
            virus = virus_in(settings.CLAMD, path)
        except NotScanned:
            logger.warning("file %s is too large for the virus scanner", pk)
        except OSError as error:
            logger.warning("the virus scanner at %s cannot be asked: %s", settings.CLAMD, error)
            return False
    now = clock.now()
    mark_scanned(pk, now, virus)
    if virus:
        logger.warning("file %s is infected: %s", pk, virus)
        record(system("virus scanner"), "infected", ("file", pk), now, virus=virus)
    return True
