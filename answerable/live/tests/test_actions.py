"""Publishing: with the transaction or not at all, and never text."""

import psycopg
import pytest
from django.db import connection, transaction

from answerable.live.actions import Event, publish, publish_many
from answerable.live.pump import connection_parameters

pytestmark = pytest.mark.django_db(transaction=True)


def heard(*, stop_after: int, work: object) -> list[str]:
    """What a listener hears of the work."""
    parameters = connection_parameters(connection.settings_dict)
    with psycopg.connect(**parameters, autocommit=True) as listener:
        listener.execute("LISTEN live")
        assert callable(work)
        work()
        return [note.payload for note in listener.notifies(timeout=2, stop_after=stop_after)]


def test_an_event_is_heard_when_the_transaction_commits() -> None:
    def work() -> None:
        with transaction.atomic():
            publish("desk", "first", ticket=1)
        with transaction.atomic():
            publish("desk", "undone", ticket=1)
            transaction.set_rollback(True)
        publish_many([Event("desk", "second"), Event("ticket:1:staff", "second", {"ticket": 1, "v": 2})])

    assert heard(stop_after=3, work=work) == [
        '{"s":"desk","k":"first","ticket":1}',
        '{"s":"desk","k":"second"}',
        '{"s":"ticket:1:staff","k":"second","ticket":1,"v":2}',
    ]


def test_many_events_are_one_statement(django_assert_num_queries: object) -> None:
    assert callable(django_assert_num_queries)
    with django_assert_num_queries(1):
        publish_many([Event("desk", "changed", {"ticket": number}) for number in range(50)])
    with django_assert_num_queries(0):
        publish_many([])


def test_an_event_cannot_hold_text_or_claim_another_stream() -> None:
    with pytest.raises(ValueError, match="never text"):
        publish("desk", "replied", body="x" * 8000)
    with pytest.raises(ValueError, match="stream"):
        publish("desk", "replied", s="ticket:1:staff")
