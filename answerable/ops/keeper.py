"""One program under the supervisor's care: run it, pass on what it says, start it again when it dies."""

import asyncio
import contextlib
import logging
import os
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Callable
from typing import IO

from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.ops.processes import Program, ending, how_to_start, sweep
from answerable.ops.state import Record

log = logging.getLogger(__name__)

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 30.0
LONG_LIFE = 60.0  # who lived this long died of something new: begin again with the first pause
_LONGEST_LINE = 64 * 1024


def nothing() -> None:
    """For a program that needs no hand before its start."""


class Keeper:
    """Keeps one program alive until `stop`. `record` is kept up to date; `save` is called after each change to it."""

    def __init__(
        self, program: Program, record: Record, save: Callable[[], None], before: Callable[[], None] = nothing
    ) -> None:
        self.program = program
        self.record = record
        self._save = save
        self._before = before
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep())
        self._task.add_done_callback(self._given_up)

    def _given_up(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()):
            log.error("%s is no longer looked after", self.program.name, exc_info=error)

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.wait({self._task})

    def failed(self) -> bool:
        """It has ended at least once, or could not be kept at all."""
        return bool(self.record.last_exit) or (self._task is not None and self._task.done())

    async def _keep(self) -> None:
        pause = FIRST_PAUSE
        loop = asyncio.get_running_loop()
        while True:
            begun = loop.time()
            how = await self._live()
            if loop.time() - begun >= LONG_LIFE:
                pause = FIRST_PAUSE
            self._note(None, how)
            log.warning("%s ended (%s); it starts again in %.1f s", self.program.name, how, pause)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            self.record.restarts += 1

    async def _live(self) -> str:
        try:
            self._before()
            return ending(await live(self.program, started=self._note))
        except (OSError, Refused) as error:
            return f"could not start: {error}"
        finally:
            self.record.pid = None

    def _note(self, pid: int | None, how: str = "") -> None:
        self.record.pid = pid
        if how:
            self.record.last_exit = how
            self.record.last_exit_at = clock.now().isoformat()
        self._save()


async def live(
    program: Program,
    *,
    started: Callable[[int], None] = lambda _pid: None,
    told: list[str] | None = None,
) -> int:
    """Run it to its end and return its exit code. Cancelled: end it first. `told`, if given, takes what it prints."""

    def echo(line: str) -> None:
        say(program.name, line)

    async with contextlib.AsyncExitStack() as stack:
        err = out = stack.enter_context(program.log_file.open("ab")) if program.log_file else await _ear(stack, echo)
        if told is not None:
            out = await _ear(stack, told.append)
        process = await asyncio.create_subprocess_exec(
            *program.command, stdin=DEVNULL, stdout=out, stderr=err, **how_to_start(program)
        )
        for file in {out, err}:
            file.close()  # it has its own now, and we hear the end only when nobody has one
        started(process.pid)
        try:
            return await process.wait()
        except asyncio.CancelledError:
            await _end(process, program)
            raise
        finally:
            sweep(process.pid)


async def _ear(stack: contextlib.AsyncExitStack, take: Callable[[str], object]) -> IO[bytes]:
    """A file for a program to write to; each line of it is taken. Leaving the stack hears what is still to be heard.

    Not asyncio's own pipes: with those, waiting for a program also waits for all that it started and left behind.
    """
    read, write = os.pipe()
    stream = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(read, "rb")
    )
    stack.callback(transport.close)
    listening = asyncio.create_task(_listen(stream, take))
    stack.push_async_callback(asyncio.wait, {listening}, timeout=1)
    return stack.enter_context(os.fdopen(write, "wb"))


async def _end(process: Process, program: Program) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(program.ends_by)
        try:
            await asyncio.wait_for(process.wait(), program.patience)
        except TimeoutError:
            log.warning("%s did not end within %.0f s: killed", program.name, program.patience)
            process.kill()
            await process.wait()


async def _listen(stream: asyncio.StreamReader, take: Callable[[str], object]) -> None:
    async for line in _lines(stream):
        take(line.decode(errors="replace").rstrip())


async def _lines(stream: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Line by line; a line without end comes in pieces, where StreamReader.readline would give up."""
    rest = b""
    while block := await stream.read(_LONGEST_LINE):
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            yield line
        if len(rest) > _LONGEST_LINE:
            yield rest
            rest = b""
    if rest:
        yield rest


def say(name: str, line: str) -> None:
    """One line of the common log. Whoever read it may be gone; that is no reason to stop."""
    with contextlib.suppress(OSError):
        sys.stdout.write(f"{name:<10} | {line}\n")
        sys.stdout.flush()
