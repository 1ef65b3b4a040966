"""What tests of the whole product share: one running instance, and the customers' mail server."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.chromium import CHROMIUM
from tests.running import Instance, Sink, free_port, sink, wait_for


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium, one for each file: a test of another room may have its own in this process."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM)
        yield found
        found.close()


@pytest.fixture(scope="session")
def customers() -> Iterator[tuple[Sink, int]]:
    with sink() as found:
        yield found


@pytest.fixture(scope="session")
def instance(test_folder: Path, customers: tuple[Sink, int]) -> Iterator[Instance]:
    """One instance for each process of the run, with the demo's people in it."""
    one = Instance(
        test_folder / f"story-{os.environ.get('PYTEST_XDIST_WORKER', '')}",
        free_port(),
        free_port(),
        email_url=f"smtp://127.0.0.1:{customers[1]}",
    )
    one.lay_tables()
    one.start("--demo")
    wait_for(one.does_jobs)
    yield one
    assert one.stop() == 0
