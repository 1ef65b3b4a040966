"""Where the time zones come from."""

import importlib.resources
import os
import subprocess
import sys
import zoneinfo
from pathlib import Path

import answerable

BERLIN_AT_NOON = """
from datetime import UTC, datetime
from answerable.lib.zones import zone
print(datetime(2024, 6, 3, 12, tzinfo=UTC).astimezone(zone("Europe/Berlin")).hour)
"""


def test_zones_are_those_of_the_package_whatever_the_machine_holds(tmp_path: Path) -> None:
    package = importlib.resources.files("tzdata") / "zoneinfo"
    liar = tmp_path / "Europe" / "Berlin"
    liar.parent.mkdir()
    liar.write_bytes(package.joinpath("Asia", "Tokyo").read_bytes())
    done = subprocess.run(
        [sys.executable, "-c", BERLIN_AT_NOON],
        env=os.environ | {"PYTHONTZPATH": str(tmp_path), "PYTHONPATH": str(Path(answerable.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "14\n"


def test_so_they_are_in_this_process() -> None:
    assert zoneinfo.TZPATH == ()
