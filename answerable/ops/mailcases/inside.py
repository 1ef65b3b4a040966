"""Runs the cases, in the process whose settings are the scratch database's. Each case leaves nothing behind."""

import hashlib
import json
import logging
import re
import time
import traceback
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.db import transaction

from answerable.casework.inbound import Envelope, keep, result_of
from answerable.casework.reception import receive
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.lib.fresh import forget_all
from answerable.mail.models import RawMail
from answerable.notify.models import Delivery
from answerable.ops.mailcases.world import World, build, open_inboxes, placeholder, set_up
from answerable.ops.prepare import prepare
from answerable.tickets.models import Status, Ticket

logger = logging.getLogger(__name__)

DATABASE = "answerable_mail_cases"
Case = Mapping[str, Any]
_PLACEHOLDER = re.compile(rb"@@(MSGID|TOKEN|TAG|NUMBER|INSTANCE)(?::([^:@\s]+))?(?::([^\s]+?))?@@")


def run(cases: Path, out: TextIO) -> None:
    """One line for each case, in their order; a case that goes wrong says so in its line."""
    if settings.DATABASES["default"]["NAME"] != DATABASE:
        raise Refused("no_scratch", "this part is started by `answerable mail-cases` alone")
    prepare()
    lines = [json.loads(line) for line in cases.read_text(encoding="utf-8").splitlines() if line.strip()]
    spec = lines[0]["world"] if lines and "world" in lines[0] else None
    todo = [line for line in lines if "world" not in line]
    for series, together in groupby(_in_order(todo), key=lambda case: case.get("series") or id(case)):
        del series
        out.writelines(f"{json.dumps(result, default=str)}\n" for result in _alone(list(together), spec, cases.parent))
        out.flush()


def _in_order(cases: list[Case]) -> list[Case]:
    """A series stands where its first case does, its steps in their order."""
    first: dict[object, int] = {}
    for place, case in enumerate(cases):
        first.setdefault(case.get("series") or id(case), place)
    return sorted(cases, key=lambda case: (first[case.get("series") or id(case)], case.get("step", 0)))


def _alone(cases: list[Case], spec: Mapping[str, Any] | None, folder: Path) -> list[dict[str, Any]]:
    """A fresh state for these, which share it."""
    with transaction.atomic():
        try:
            return list(_run(cases, spec, folder))
        finally:
            transaction.set_rollback(True)
            forget_all()


def _run(cases: list[Case], spec: Mapping[str, Any] | None, folder: Path) -> Iterator[dict[str, Any]]:
    world = _world(cases[0], spec)
    arrived: dict[int, str] = {}
    for case in cases:
        try:
            with transaction.atomic():
                yield _one(case, world, folder, arrived)
        except Exception as error:
            logger.exception("case %s could not be run", case.get("id"))
            yield {"id": case.get("id"), "seconds": 0.0, "error": _words(error)}


def _words(error: Exception) -> str:
    return "".join(traceback.format_exception(error))[-2000:]


def _world(first: Case, spec: Mapping[str, Any] | None) -> World:
    now = clock.now()
    forget_all()
    if spec is not None:
        return build(spec, now)
    open_inboxes([first["inbox"]], None, (), now)
    return set_up(first["setup"], first["inbox"], now) if first.get("setup") else World()


def _one(case: Case, world: World, folder: Path, arrived: dict[int, str]) -> dict[str, Any]:
    raw = _PLACEHOLDER.sub(
        lambda found: placeholder(world, found[1].decode(), (found[2] or b"").decode(), (found[3] or b"").decode()),
        (folder / case["file"]).read_bytes(),
    )
    solved = set(Ticket.objects.filter(status=Status.SOLVED).values_list("pk", flat=True))
    broken = set(_broken())
    envelope_to = case.get("envelope_to") or ()
    envelope = Envelope(
        case.get("envelope_from"), (envelope_to,) if isinstance(envelope_to, str) else tuple(envelope_to)
    )
    now, began = clock.now(), time.perf_counter()
    raw_id = keep(raw, case["inbox"].lower(), envelope, now)
    receive(raw_id, now)
    seconds = time.perf_counter() - began
    result, row = result_of(raw_id), RawMail.objects.get(pk=raw_id)
    arrived[raw_id] = case["id"]
    ticket = Ticket.objects.select_related("requester").get(pk=row.ticket_id) if row.ticket_id else None
    return {
        "id": case["id"],
        "seconds": round(seconds, 4),
        "error": None,
        "raw_sha256": hashlib.sha256(bytes(row.body)).hexdigest(),
        "result": result.as_json(),
        "ticket_key": world.key_of(row.ticket_id),
        "requester": ticket.requester.email if ticket else "",
        "reopened": ticket is not None and ticket.pk in solved and ticket.is_open,
        "marks_failed": bool(set(_broken()) - broken),
        "duplicate_case": arrived.get(row.duplicate_of_id or 0),
    }


def _broken() -> Iterator[int]:
    return Delivery.objects.filter(state__in=["bounced", "failed"]).values_list("pk", flat=True).iterator()
