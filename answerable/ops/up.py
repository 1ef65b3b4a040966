"""`answerable up`: the whole product as the supervisor's plan. Imports no room, so it stays small in memory."""

import argparse
import contextlib
import logging
import sys
from collections.abc import Callable

from django.conf import settings

from answerable.lib.tls import Certificate
from answerable.lib.version import version
from answerable.ops import gate, ports, state
from answerable.ops.postgres import Cluster, Lock
from answerable.ops.processes import Program
from answerable.ops.supervisor import Plan, Service, supervise

log = logging.getLogger(__name__)


def crew() -> tuple[Program, ...]:
    """What somebody waits for at a start: pages, and a mail server that is told "taken"."""
    return (_program("web"), _program("intake"))


def workers() -> tuple[Program, ...]:
    """Jobs of one process share an interpreter: with two cores or more, more mail wants more workers."""
    names = ["worker", *(f"worker-{number}" for number in range(2, settings.WORKERS + 1))]
    return tuple(_program("worker", name=name) for name in names)


def main(arguments: list[str]) -> int:
    """Runs until it is told to stop. Refused: it already runs here, or something did not start."""
    parser = argparse.ArgumentParser(prog="answerable up", description="Start everything and keep it running.")
    parser.add_argument("--demo", action="store_true", help="load demo data into an empty database")
    options = parser.parse_args(arguments)
    # The same line as everyone's (settings.LOGGING), behind the same kind of prefix as the children's.
    logging.basicConfig(
        level="INFO", stream=sys.stdout, format=f"{'supervisor':<10} | %(asctime)s %(levelname)s %(name)s %(message)s"
    )
    with contextlib.ExitStack() as stack:
        stack.enter_context(state.lock(settings.DATA))
        ports.require_free(settings.WEB_HOST, settings.WEB_PORT, "ANSWERABLE_PORT")
        ports.require_free(settings.SMTP_HOST, settings.SMTP_PORT, "ANSWERABLE_SMTP_PORT", "ANSWERABLE_SMTP_HOST")
        if settings.SMTP_CERTIFICATE:  # what is wrong with it is said here, not by an intake that starts in vain
            Certificate(*settings.SMTP_CERTIFICATE, ports.CERTIFICATE_VARIABLES)
        services: tuple[Service, ...] = ()
        if settings.EMBEDDED:
            services = (_database(stack.enter_context(contextlib.closing(Lock(settings.DATA)))),)
        closed = stack.enter_context(gate.close(settings.DATA))
        return supervise(_plan(services, closed.close, demo=options.demo))


def _plan(services: tuple[Service, ...], open_gate: Callable[[], None], *, demo: bool) -> Plan:
    return Plan(
        data=settings.DATA,
        services=services,
        steps=(_program("prepare", *(["--demo"] if demo else [])),),
        crew=crew(),
        reinforcements=workers(),
        done=open_gate,
        serving=lambda: ports.until_answers(settings.WEB_HOST, settings.WEB_PORT, "/healthz"),
        greet=_greet,
    )


def _program(command: str, *options: str, name: str = "") -> Program:
    return Program(name=name or command, command=(sys.executable, "-m", "answerable", command, *options))


def _database(lock: Lock) -> Service:
    cluster = Cluster.of(settings.DATA)
    if not lock.try_to_take():
        log.info("waiting for another command, which has PostgreSQL running, to end")
        lock.take()
    cluster.prepare()

    def in_service() -> None:
        cluster.ensure_database()
        lock.share()

    return Service(
        program=cluster.program(),
        ready=cluster.ready,
        before=cluster.clear_stale_pid,
        after=in_service,
        why_it_ended=cluster.why_it_ended,
    )


def _greet(told: list[str]) -> None:
    web = f"http://{ports.in_url(settings.WEB_HOST)}:{settings.WEB_PORT}/"
    relay = settings.MAIL_RELAY
    lines = [
        "",
        f"Answerable {version()} is up.",
        "",
        f"  Desk and portal    {web}",
        f"  Mail comes in at   {settings.SMTP_HOST}:{settings.SMTP_PORT} (SMTP)",
        f"  Mail goes out by   {f'{relay.host}:{relay.port}' if relay else f'{settings.OUTBOX} (EMAIL_URL is unset)'}",
        *(["", *told] if told else []),
        "",
        f"Ctrl-C stops it. Everything is kept in {settings.DATA}.",
        "",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
