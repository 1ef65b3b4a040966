"""Many pages by mail leave in one job, which gives way to what is more urgent."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from answerable.casework import paging_actions as paging
from answerable.casework.later import PAGE_PRIORITY, deliver
from answerable.lib.relay import MailRelay
from answerable.notify import actions as notify
from answerable.notify.models import Delivery
from tests.cast import NOW, Cast
from tests.running import free_port


@pytest.fixture
def mails(cast: Cast) -> list[int]:
    """Three pages that wait, each with a job of its own."""
    for _ in range(3):
        paging.test_mail(cast.agent, NOW)
    return list(Delivery.objects.order_by("id").values_list("id", flat=True))


def run_first(mails: list[int]) -> None:
    """As a worker does: the job is its own, and runs."""
    with connection.cursor() as asked:
        asked.execute("DELETE FROM procrastinate_jobs WHERE args->>'delivery_id' = %s", [str(mails[0])])
    deliver.func(delivery_id=mails[0])


def states() -> list[str]:
    return list(Delivery.objects.order_by("id").values_list("state", flat=True))


def waiting() -> list[int]:
    """The mails of the jobs that wait."""
    jobs = ProcrastinateJob.objects.filter(status="todo", task_name=deliver.name).order_by("id")
    return [job.args["delivery_id"] for job in jobs]


@pytest.mark.behaviour("B-541")
def test_a_page_takes_those_behind_it_along(mails: list[int], run_jobs: Callable[[], int]) -> None:
    assert run_jobs() == 1
    assert states() == ["sent"] * 3
    assert waiting() == []


@pytest.mark.behaviour("B-541")
def test_none_is_taken_along_while_something_more_urgent_waits(mails: list[int]) -> None:
    app.configure_task("urgent", priority=PAGE_PRIORITY + 1, allow_unknown=True).defer()
    run_first(mails)
    assert states() == ["sent", "queued", "queued"]
    assert waiting() == mails[1:]


def test_what_is_urgent_only_later_keeps_none_from_it(mails: list[int]) -> None:
    later = app.configure_task("urgent", priority=PAGE_PRIORITY + 1, allow_unknown=True, schedule_in={"seconds": 60})
    later.defer()
    run_first(mails)
    assert states() == ["sent"] * 3


def test_other_mail_takes_none_along(mails: list[int]) -> None:
    Delivery.objects.filter(pk=mails[0]).update(kind="account")
    run_first(mails)
    assert states() == ["sent", "queued", "queued"]


def test_one_that_cannot_be_sent_keeps_its_job_and_is_not_held_against_the_first(mails: list[int]) -> None:
    Delivery.objects.filter(pk=mails[1]).update(headers={})
    run_first(mails)
    assert states() == ["sent", "queued", "queued"]
    assert waiting() == mails[1:]
    with pytest.raises(KeyError):
        run_first(mails[1:])


def test_while_the_relay_is_away_each_is_put_off_with_a_job_as_urgent_as_before(
    mails: list[int], settings: Settings
) -> None:
    settings.MAIL_RELAY = MailRelay("127.0.0.1", free_port(), "", "", "none")
    run_first(mails)
    assert states() == ["deferred"] * 3
    jobs = ProcrastinateJob.objects.filter(status="todo")
    assert {(job.priority, job.scheduled_at is not None) for job in jobs} == {(PAGE_PRIORITY, True)}
    assert sorted(waiting()) == mails


class Killed(BaseException):
    """What no code catches: the worker is gone in this very moment."""


@pytest.mark.behaviour("B-559")
def test_one_that_waits_for_its_relay_is_never_without_a_job(
    mails: list[int], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MAIL_RELAY = MailRelay("127.0.0.1", free_port(), "", "", "none")
    real, tries = deliver.configure, 0

    def configure(**more: Any) -> Any:
        nonlocal tries
        tries += 1
        if tries > 1:
            raise Killed
        return real(**more)

    monkeypatch.setattr(deliver, "configure", configure)
    with pytest.raises(Killed):
        run_first(mails)
    assert states() == ["deferred", "queued", "queued"]
    assert sorted(waiting()) == mails


def test_a_mail_is_locked_with_all_that_the_models_read(mails: list[int]) -> None:
    found, expected = notify.lock(mails[0]), Delivery.objects.select_related("person").get(pk=mails[0])
    for one, other in ((found, expected), (found.person, expected.person)):
        fields = [field.attname for field in one._meta.concrete_fields]
        assert {name: getattr(one, name) for name in fields} == {name: getattr(other, name) for name in fields}
    with pytest.raises(Delivery.DoesNotExist):
        notify.lock(0)
