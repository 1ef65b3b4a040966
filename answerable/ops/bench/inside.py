"""The measuring itself, in the process whose settings are the bench's own."""

import json
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.ops.bench import crew, intake, knowledge, live, pages, paging, promises
from answerable.ops.bench.stage import Filled, fill
from answerable.ops.bench.surroundings import DATABASE
from answerable.ops.prepare import prepare

BOTH = ("pages", "intake")
# These are measured by themselves: for promises every ticket is open, live pages write replies, and paging pages.
PARTS = (*BOTH, "promises", "live", "paging", "knowledge")
# The help center needs people and organizations, not their requests.
_FEW_TICKETS = 1000


def measure(tickets: int, parts: tuple[str, ...], report: Path) -> None:
    """Fill, start, measure, weigh; the report is JSON."""
    if not settings.BENCH or settings.DATABASES["default"]["NAME"] != DATABASE:
        raise Refused("no_bench", "this part of the bench is started by `answerable bench` alone")
    say(f"preparing {DATABASE}")
    prepare()
    _require_durable()
    tickets = min(tickets, _FEW_TICKETS) if parts == ("knowledge",) else tickets
    began = time.monotonic()
    filled = fill(tickets, clock.now(), say, closed=0.0 if parts == ("promises",) else 0.93)
    say(f"{tickets:,} tickets in place after {time.monotonic() - began:.0f} s")
    report.write_text(json.dumps(_measured(tickets, parts, filled)))


def _measured(tickets: int, parts: tuple[str, ...], filled: Filled) -> dict[str, Any]:
    result: dict[str, Any] = {"tickets": tickets}
    if "knowledge" in parts:
        result["knowledge"] = knowledge.furnish(say)
    words = crew.WORDS if "intake" in parts else ("web", "worker")
    if parts in {("promises",), ("paging",)}:
        words = ("web", "worker", "worker:2")
    with crew.at_work(words) as at_work:
        promises.rest(say)
        if parts == ("promises",):
            result["promises"] = promises.measure(at_work, filled, say)
        if "pages" in parts:
            floor_ms, found = pages.measure(say)
            result |= {"floor_ms": round(floor_ms, 3), "pages": found}
        if "intake" in parts:
            result["intake"] = intake.measure(say)
        if "paging" in parts:
            result["paging"] = paging.measure(say)
        if "knowledge" in parts:
            result["knowledge"] |= knowledge.measure(say)
        if "live" in parts:
            result["live"] = live.measure(at_work, say)
        result["memory_mb"] = crew.memory_mb(at_work)
    return result


def _require_durable() -> None:
    """A figure without fsync is no figure."""
    with connection.cursor() as cursor:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            cursor.execute("SELECT current_setting(%s)", [name])
            value = (cursor.fetchone() or [""])[0]
            if value != "on":
                say(f"beware: {name} is {value} on this server, so mail looks faster than it is")


def say(line: str) -> None:
    """Progress, for whoever waits."""
    sys.stderr.write(f"bench: {line}\n")
    sys.stderr.flush()
