"""The program that reads mail for `bounded`: it knows the parser, and nothing of the database, settings or secrets.

Messages go in and what they say comes out, one after the other over one socket. It dies with the thread that started
it, and it may be killed at any time.
"""

import ctypes
import gc
import mmap
import os
import pickle
import resource
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from io import BufferedRWPair

from answerable.mail import parse

Read = Callable[[bytes, str | None], object]

_PR_SET_PDEATHSIG = 1
_IDLE = 120.0  # seconds after which a reader that nobody asks gives its memory back
_SPARE = 16 * 1024 * 1024  # let go when memory has run out, so that there is some to say so


def main(read: Read, words: list[str]) -> None:
    """`words`: the descriptor of the socket, our parent's process id, and how many bytes of memory we may take."""
    descriptor, parent, memory = map(int, words)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for our parent, who finishes the message first
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:
        return  # it died before we could ask
    gc.freeze()
    spare = mmap.mmap(-1, _SPARE)
    _confine(memory)
    with socket.socket(fileno=descriptor) as line:
        line.sendall(b"+")
        with line.makefile("rwb") as stream:
            while select.select([line], [], [], _IDLE)[0] and _one(stream, read, spare):
                pass


def _confine(memory: int) -> None:
    """No more memory than that, no file written, and no core dump with somebody's mail in it."""
    for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(kind, (most, most))


def _one(stream: BufferedRWPair, read: Read, spare: mmap.mmap) -> bool:
    """Read one message. False: nobody asks any more, or we are not fit for another one."""
    fit = True
    try:
        sender, raw = pickle.load(stream)
        answer: tuple[str, object] = ("read", read(raw, sender))
    except (EOFError, ConnectionError):
        return False
    except MemoryError:
        spare.close()
        answer, fit = ("memory", ""), False
    except Exception:
        answer = ("error", traceback.format_exc())
    # Straight into the socket: a large file is not copied once more on its way.
    pickle.Pickler(stream, pickle.HIGHEST_PROTOCOL).dump(answer)
    stream.flush()
    return fit


if __name__ == "__main__":
    main(lambda raw, sender: parse.read(raw, envelope_from=sender), sys.argv[1:])
