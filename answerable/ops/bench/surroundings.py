"""What a bench run needs around it: a database and a data folder of its own, free ports, and the end of all that.

Everything is measured in a second process (`inside`), whose settings name these and nothing of the real instance.
"""

import contextlib
import socket
import tempfile
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from answerable.lib.errors import Refused
from answerable.ops import scratch
from answerable.policy.read import SHIPPED

DATABASE = "answerable_bench"


def run(options: Sequence[str]) -> str:
    """Measure with these options, and return the report as it was written. Leaves nothing behind, also on Ctrl-C."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="answerable-bench-")))
        url = stack.enter_context(scratch.database(settings.DATABASES["default"], DATABASE))
        report = folder / "report.json"
        words = ["bench", *options, "--inside", str(report)]
        if code := scratch.run("bench", words, _environment(folder, url)):
            raise Refused("bench_failed", f"the bench did not come to its end (exit {code}); what it said is above")
        return report.read_text()


def _environment(folder: Path, url: str) -> dict[str, str]:
    """The settings of the instance that is measured: mail goes to its outbox folder, forms are not counted."""
    policy = SHIPPED.read_text()
    for limit in ("per_address = 5 ", "per_network = 20 "):
        policy = policy.replace(limit, f"{limit.partition('=')[0]}= 100000 ")
    (folder / "support.toml").write_text(policy)
    return scratch.environment(
        url,
        ANSWERABLE_BENCH="1",
        ANSWERABLE_DATA=str(folder / "data"),
        ANSWERABLE_POLICY=str(folder / "support.toml"),
        ANSWERABLE_HOST="127.0.0.1",
        ANSWERABLE_SMTP_HOST="127.0.0.1",
        ANSWERABLE_PORT=str(_free_port()),
        ANSWERABLE_SMTP_PORT=str(_free_port()),
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
