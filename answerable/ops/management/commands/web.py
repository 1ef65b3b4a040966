"""`answerable web`: Granian, several processes of one WSGI thread each (DESIGN.md §2)."""

import gc
import multiprocessing
import os
import signal
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connections
from django.urls import get_resolver
from granian.constants import HTTPModes, Interfaces
from granian.server import Server

from answerable.ops import ports
from answerable.ops.command import Command as Base
from answerable.ops.processes import ask_to_end_with_parent


class Command(Base):
    help = "Serve the pages on ANSWERABLE_HOST and ANSWERABLE_PORT."

    def handle(self, *_args: object, **_options: Any) -> None:
        ports.require_free(settings.WEB_HOST, settings.WEB_PORT, "ANSWERABLE_PORT")
        self._share_with_children()
        Server(
            "answerable.config.asgi:application",
            address=settings.WEB_HOST,
            port=settings.WEB_PORT,
            interface=Interfaces.ASGI,
            http=HTTPModes.http1,
            websockets=False,
            workers=settings.WEB_WORKERS,
            # Open streams count as well, and whoever comes after the last place waits unseen.
            backlog=4096,
            backpressure=4096,
            respawn_failed_workers=True,
            workers_kill_timeout=6,  # before the supervisor loses its patience
            log_dictconfig=settings.LOGGING,
        ).serve()

    def _share_with_children(self) -> None:
        """Load everything before the fork, so it is loaded once and its memory is shared."""
        multiprocessing.set_start_method("fork", force=True)
        _ = get_resolver().url_patterns
        connections.close_all()
        gc.collect()
        gc.freeze()
        os.register_at_fork(after_in_child=_begin_as_child(os.getpid()))


def _begin_as_child(parent: int) -> Callable[[], None]:
    def begin() -> None:
        # Killed hard, the server would leave its processes behind, and they would go on to answer on the port.
        ask_to_end_with_parent(signal.SIGKILL, parent)
        # Until Granian listens for signals here, those of the parent would be heard and forgotten.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    return begin
