"""`answerable intake`: takes mail by SMTP and from IMAP mailboxes, and defers the mail room's job for each message."""

import asyncio
import gc
import logging
import signal
from typing import Any

from django.conf import settings

from answerable.casework.jobs import take_up
from answerable.lib.tls import Certificate
from answerable.mail.imap_watch import Watch
from answerable.mail.smtp_in import Intake, Rules, serve
from answerable.ops import ports
from answerable.ops.command import Command as Base

logger = logging.getLogger(__name__)


class Command(Base):
    help = "Take mail by SMTP on ANSWERABLE_SMTP_HOST and ANSWERABLE_SMTP_PORT, and from the policy's IMAP mailboxes."

    def handle(self, *_args: object, **_options: Any) -> None:
        ports.require_free(settings.SMTP_HOST, settings.SMTP_PORT, "ANSWERABLE_SMTP_PORT", "ANSWERABLE_SMTP_HOST")
        gc.collect()
        gc.freeze()  # what is loaded now stays, and need not be looked through again and again
        asyncio.run(_take_mail())


async def _take_mail() -> None:
    told_to_stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told_to_stop.set)
    intake, watch = Intake(take_up, _rules()), Watch(take_up)
    watch.start()
    leaving = asyncio.create_task(_leave(told_to_stop, watch))
    await serve(settings.SMTP_HOST, settings.SMTP_PORT, intake, told_to_stop, _say_where)
    await leaving


async def _leave(told_to_stop: asyncio.Event, watch: Watch) -> None:
    """Both ways in are left at the same time: the supervisor's patience is for the whole."""
    await told_to_stop.wait()
    await asyncio.to_thread(watch.stop)


def _rules() -> Rules:
    files = settings.SMTP_CERTIFICATE
    return Rules(
        relays=settings.SMTP_RELAYS,
        connections=settings.SMTP_CONNECTIONS,
        messages=settings.SMTP_MESSAGES,
        certificate=Certificate(*files, ports.CERTIFICATE_VARIABLES) if files else None,
    )


def _say_where(port: int) -> None:
    logger.info("taking mail on %s:%s", settings.SMTP_HOST, port)
