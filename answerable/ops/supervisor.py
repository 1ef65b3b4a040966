"""Starts programs in order, keeps them alive, ends them in order. Knows nothing of Django.

What to run comes as data (`Plan`), so the tests run it with small programs of their own.
"""

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.ops.keeper import Keeper, live, nothing
from answerable.ops.processes import Program, cap
from answerable.ops.state import Record, State

log = logging.getLogger(__name__)

_TICK = 0.05
_SLOW_TICK = 60.0


@dataclass(frozen=True)
class Service:
    """A program that the others need. `before` each start; `ready` is asked until it says so, then `after`, once."""

    program: Program
    ready: Callable[[], bool]
    before: Callable[[], None] = nothing
    after: Callable[[], None] = nothing
    why_it_ended: Callable[[], str] = lambda: "it ended at once"


async def _at_once() -> None:
    """For a crew that nobody waits for."""


@dataclass(frozen=True)
class Plan:
    """First the `services`; then the `steps`, each to its end, while the `crew` loads; `greet` once they are `serving`.

    `done` is called when the last step is: until then the crew should wait. `greet` gets what the steps wrote to their
    standard output: words for the person who started us. `reinforcements` join the crew then: nobody waits for them,
    so they don't take the processors from what somebody waits for.
    """

    data: Path
    services: tuple[Service, ...] = ()
    steps: tuple[Program, ...] = ()
    crew: tuple[Program, ...] = ()
    reinforcements: tuple[Program, ...] = ()
    done: Callable[[], None] = nothing
    serving: Callable[[], Awaitable[None]] = _at_once
    greet: Callable[[list[str]], None] = lambda _told: None


def supervise(plan: Plan) -> int:
    """Run the plan until SIGTERM, SIGINT or SIGHUP. Refused: a first start failed. Hold `state.lock` meanwhile."""
    return asyncio.run(Supervisor(plan).run())


class Supervisor:
    """One run of one plan."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._state = State(pid=os.getpid(), started_at=clock.now().isoformat())
        self._services: list[Keeper] = []
        self._crew: list[Keeper] = []

    async def run(self) -> int:
        """0 after an ordinary stop. Everything that was started is ended, also when it raises."""
        loop = asyncio.get_running_loop()
        work = asyncio.create_task(self._work())
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup asks us not to hear it
                loop.add_signal_handler(number, work.cancel)
        try:
            # Not `await work`: that could not tell our being cancelled from its.
            await asyncio.wait({work})
        finally:
            log.info("stopping")
            await asyncio.gather(*(keeper.stop() for keeper in self._crew))
            for keeper in reversed(self._services):
                await keeper.stop()
            self._save()
        if not work.cancelled():
            work.result()
        return 0

    async def _work(self) -> None:
        self._save()
        for service in self._plan.services:
            await self._serve(service)
        self._crew += [self._keep(program) for program in self._plan.crew]
        told: list[str] = []
        for step in self._plan.steps:
            if code := await live(step, told=told):
                raise Refused("step_failed", f"{step.name} failed (exit {code}); what it said is above", exit=code)
        self._plan.done()
        await self._plan.serving()
        self._plan.greet(told)
        self._crew += [self._keep(program) for program in self._plan.reinforcements]
        while True:
            await asyncio.sleep(_SLOW_TICK)
            self._cap_logs()

    async def _serve(self, service: Service) -> None:
        keeper = self._keep(service.program, service.before)
        self._services.append(keeper)
        while not service.ready():
            if keeper.failed():
                raise Refused("no_start", service.why_it_ended())
            await asyncio.sleep(_TICK)
        service.after()

    def _keep(self, program: Program, before: Callable[[], None] = nothing) -> Keeper:
        record = self._state.programs.setdefault(program.name, Record())
        keeper = Keeper(program, record, self._save, before)
        keeper.start()
        return keeper

    def _save(self) -> None:
        try:
            self._state.write(self._plan.data)
        except OSError as error:  # a full disk must not keep a program from being started again
            log.warning("cannot note the state of the programs: %s", error)

    def _cap_logs(self) -> None:
        for keeper in [*self._services, *self._crew]:
            if keeper.program.log_file:
                cap(keeper.program.log_file)
