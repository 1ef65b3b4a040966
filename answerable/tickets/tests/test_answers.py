"""Answers of the form: told in its order, whatever the policy says by now."""

import json

from answerable.tickets.answers import Answer, stored, told


def test_they_come_back_in_the_order_of_the_form() -> None:
    given = [
        Answer("zone", "Zone", "text", "eu-north"),
        Answer("a", "You may look", "checkbox", True),
        Answer("copy", "Copy me", "checkbox", False),
        Answer("since", "Since", "date", "2026-03-02"),
    ]
    kept = json.loads(json.dumps(stored(given), sort_keys=True))
    assert told(kept) == [("Zone", "eu-north"), ("You may look", "yes"), ("Copy me", "no"), ("Since", "2026-03-02")]


def test_what_has_another_shape_is_told_under_its_key_at_the_end() -> None:
    kept = {"build": 7, "flags": {"a": 1}, "nothing": None, **stored([Answer("zone", "Zone", "text", "eu")])}
    assert told(kept) == [("Zone", "eu"), ("build", "7"), ("flags", "{'a': 1}"), ("nothing", "")]
    assert told({}) == []
