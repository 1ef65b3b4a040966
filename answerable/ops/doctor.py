"""`answerable doctor`: what is the case, in plain words, each wrong thing with its mend. It changes nothing."""

import shutil
import socket
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import OperationalError, connection
from procrastinate.contrib.django import app

from answerable.lib import clamd, clock
from answerable.mail.imap_in import examine as examine_mailbox
from answerable.mail.queries import addresses, checkers, mailboxes
from answerable.ops import (
    coverage_check,
    drill_check,
    ladder_check,
    on_call_check,
    outside_check,
    paging_check,
    ports,
    signing,
    state,
)
from answerable.ops.finding import Finding
from answerable.ops.jobs import SILENCE
from answerable.ops.places import as_root, cluster_folder
from answerable.ops.prepare import pending_migrations
from answerable.people.queries import demo_accounts, people_at, vendor
from answerable.sla.queries import defects_since, due_tickets, unfinished

OLDEST_POSTGRES = 15
LITTLE_SPACE = 2 * 1024**3
DEFECTS_FOR = timedelta(days=7)
LATE = timedelta(minutes=1)


def examine() -> Iterator[Finding]:
    """Everything, most basic first. That the settings can be read is known already: without them nobody gets here."""
    yield Finding("ok", "the settings can be read")
    yield from _folder(settings.DATA)
    yield from _secret(settings.DATA)
    found = state.read(settings.DATA)
    yield from _supervisor(found)
    yield from _ports(bool(found and found.alive))
    yield from _database(up=bool(found and found.alive))
    yield from _mail()
    yield from signing.examine(settings.DKIM)
    yield from _scanner()


def _folder(data: Path) -> Iterator[Finding]:
    if data.stat().st_mode & (stat.S_IRWXO & ~stat.S_IXOTH):
        yield Finding(
            "note", f"others on this machine may look into {data}: chmod {'711' if as_root() else '700'} {data}"
        )
    for part in (settings.FILES, settings.OUTBOX):
        if part.is_dir() and part.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            yield Finding(
                "wrong", f"others on this machine may read {part}, which holds what customers wrote: chmod 700"
            )
    free = shutil.disk_usage(data).free
    level = "ok" if free >= LITTLE_SPACE else "wrong"
    yield Finding(level, f"{free / 1024**3:.1f} GB are free for {data}{'' if level == 'ok' else ': make room'}")
    if settings.EMBEDDED:
        yield Finding("ok", f"PostgreSQL keeps its data in {cluster_folder(data)}")


def _secret(data: Path) -> Iterator[Finding]:
    path = data / "secret_key"
    if path.exists() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield Finding("wrong", f"others on this machine may read the secret key: chmod 600 {path}")
    else:
        yield Finding("ok", "the secret key is ours alone")


def _supervisor(found: state.State | None) -> Iterator[Finding]:
    if found is None or not found.alive:
        yield Finding("note", "`answerable up` is not running here")
        return
    yield Finding("ok", f"`answerable up` is running (process {found.pid}, since {found.started_at})")
    for name, record in found.programs.items():
        times = "once" if record.restarts == 1 else f"{record.restarts} times"
        if record.pid is None:
            yield Finding("wrong", f"{name} is down ({record.last_exit}): see what it said in the output of `up`")
        elif record.restarts:
            yield Finding(
                "note",
                f"{name} was restarted {times}, last at {record.last_exit_at} after it ended ({record.last_exit})",
            )
        else:
            yield Finding("ok", f"{name} is running (process {record.pid})")


def _ports(up: bool) -> Iterator[Finding]:
    for what, host, port, variable in (
        ("pages", settings.WEB_HOST, settings.WEB_PORT, "ANSWERABLE_PORT"),
        ("mail", settings.SMTP_HOST, settings.SMTP_PORT, "ANSWERABLE_SMTP_PORT"),
    ):
        try:
            with socket.create_connection((ports.reachable(host), port), timeout=2):
                listening = True
        except OSError:
            listening = False
        if up == listening:
            yield Finding("ok", f"port {port} ({what}) {'answers' if up else 'is free'}")
        elif up:
            yield Finding("wrong", f"nobody listens on port {port} ({what}), though `up` is running")
        else:
            yield Finding("wrong", f"port {port} ({what}) is taken by another program: set another {variable}")


def _database(*, up: bool) -> Iterator[Finding]:
    try:
        connection.ensure_connection()
    except OperationalError as error:
        mend = "start `answerable up`" if settings.EMBEDDED else "check DATABASE_URL and that server"
        yield Finding("wrong", f"the database cannot be reached ({str(error).strip().splitlines()[0]}): {mend}")
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
        (major,) = cursor.fetchone()
    if major < OLDEST_POSTGRES:
        yield Finding("wrong", f"the database is PostgreSQL {major}: it must be {OLDEST_POSTGRES} or newer")
    else:
        yield Finding("ok", f"the database is reached (PostgreSQL {major})")
    if pending := pending_migrations():
        yield Finding("wrong", f"{len(pending)} migrations are not applied ({pending[0]} …): run `answerable prepare`")
        return
    yield Finding("ok", "its tables are up to date")
    yield from signing.compare(settings.DKIM, vendor().support_address)
    yield from _clocks(clock.now(), up=up)
    yield from ladder_check.examine(clock.now(), up=up)
    yield from _jobs()
    yield from _demo()
    yield from _senders()
    yield from _mailboxes()
    yield from on_call_check.examine(clock.now())
    yield from paging_check.examine()
    yield from coverage_check.examine(clock.now())
    yield from drill_check.examine(clock.now())
    yield from outside_check.examine()


def _senders() -> Iterator[Finding]:
    """Whether anybody proves who wrote, and whether the reply domain is shared with people (E-86, "own address")."""
    known, seen = addresses(), checkers()
    for box in known.inboxes:
        if box.believed or box.verify_senders:
            continue
        names = ", ".join(one.authserv_id for one in seen.get(box.address, [])[:3])
        offered = f" (these say that they check its mail: {names})" if names else ""
        yield Finding(
            "note",
            f"nobody proves the senders of {box.address}, so mail of your own people will be held: confirm your "
            f"provider's server at the desk, under Mail, Senders, or name it in trusted_authserv{offered}",
        )
    if known.inboxes and (count := people_at(known.reply_domain)):
        yield Finding(
            "note",
            f"{count} people have addresses at {known.reply_domain}, where signed reply addresses live: see that "
            "reply+…@ of it comes here and theirs do not, or set [mail] reply_domain to a domain of its own",
        )


def _mailboxes() -> Iterator[Finding]:
    """Each one is tried, with the secrets of this command's environment."""
    for mailbox in mailboxes():
        what = f"mailbox {mailbox.name} ({mailbox.user})"
        wrong, note = examine_mailbox(mailbox)
        if wrong:
            yield Finding("wrong", f"{what}: {wrong}")
        else:
            yield Finding("ok", f"{what} can be read{f'; {note}' if note else ''}")
        if mailbox.tls == "none" and mailbox.host not in {"localhost", "127.0.0.1", "::1"}:
            yield Finding("note", f"{what}: without TLS its secret can be read on the way to {mailbox.host}")


def _jobs() -> Iterator[Finding]:
    stalled = list(async_to_sync(app.job_manager.get_stalled_jobs)(seconds_since_heartbeat=2 * SILENCE))
    if stalled:
        names = ", ".join(sorted({job.task_name for job in stalled}))
        yield Finding(
            "wrong", f"{len(stalled)} jobs lost their worker and were not taken up ({names}): is a worker running?"
        )
    else:
        yield Finding("ok", "no background job is stuck")


def _demo() -> Iterator[Finding]:
    if not (count := demo_accounts()):
        return
    local = settings.WEB_HOST in {"127.0.0.1", "::1"}
    yield Finding(
        "note" if local else "wrong",
        f"{count} accounts have the published demo password"
        + ("" if local else f", and {settings.WEB_HOST} can be reached from elsewhere: deactivate them"),
    )


def _clocks(now: datetime, *, up: bool) -> Iterator[Finding]:
    """Whether what is stored of promises is what their events say, and whether something still waits to be told."""
    if found := defects_since(now - DEFECTS_FOR):
        first = found[0]
        yield Finding(
            "wrong",
            f"{len(found)} stored clocks were found to differ from their events (last #{first.number}, {first.metric}, "
            f"{first.found_at:%Y-%m-%d %H:%M} UTC): they were put right; please report it, it should not happen",
        )
    else:
        yield Finding("ok", "stored clocks agree with their events")
    if walk := unfinished():
        what = f"{walk.kind} {walk.key}".rstrip()
        yield Finding("note", f"open clocks are worked out anew ({what}): {walk.done:,} of {walk.total:,} done")
    if up and due_tickets(now - LATE, 1):
        yield Finding("wrong", "promises fell due a minute ago and are not recorded: is a worker running, and free?")


def _mail() -> Iterator[Finding]:
    if relay := settings.MAIL_RELAY:
        yield Finding("ok", f"mail goes out by {relay.host}:{relay.port}")
        return
    kept = len(list(settings.OUTBOX.glob("*.eml"))) if settings.OUTBOX.is_dir() else 0
    yield Finding(
        "note", f"EMAIL_URL is unset, so mails reach nobody; they are kept in {settings.OUTBOX} ({kept} so far)"
    )


def _scanner() -> Iterator[Finding]:
    if not settings.CLAMD:
        return
    if clamd.answers(settings.CLAMD):
        yield Finding("ok", f"the virus scanner at {settings.CLAMD} answers")
    else:
        yield Finding("wrong", f"no virus scanner answers at {settings.CLAMD} (CLAMD_SOCKET): files wait unscanned")
