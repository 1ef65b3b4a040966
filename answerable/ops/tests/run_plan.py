"""A supervisor with small programs: `python -m answerable.ops.tests.run_plan PLAN`, the plan as JSON."""

import json
import logging
import sys
from pathlib import Path

from answerable.lib.errors import Refused
from answerable.ops import state
from answerable.ops.processes import Program
from answerable.ops.supervisor import Plan, Service, supervise


def programs(words: dict[str, str]) -> tuple[Program, ...]:
    """Each a line for the shell, which it replaces."""
    return tuple(Program(name, ("/bin/sh", "-c", line), patience=1.0) for name, line in words.items())


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    given = json.loads(sys.argv[1])
    data = Path(given["data"])
    plan = Plan(
        data=data,
        services=tuple(
            Service(program, ready=(data / f"{program.name}.ready").exists) for program in programs(given["services"])
        ),
        steps=programs(given["steps"]),
        crew=programs(given["crew"]),
        reinforcements=programs(given.get("reinforcements", {})),
        greet=lambda told: say(" ".join(["UP", *told])),
    )
    logging.basicConfig(level="INFO", stream=sys.stdout)
    try:
        with state.lock(data):
            return supervise(plan)
    except Refused as refused:
        say(refused.message)
        return 1


if __name__ == "__main__":
    sys.exit(main())
