"""Where mail goes, rule by rule: cases for rules of the mail contract that no story of `test_reception` tells."""

from datetime import timedelta

import pytest

from answerable.casework import actions as casework
from answerable.casework.tests.test_reception import ELIN, SUPPORT, arrives, from_elin, last_mail, ticket_of
from answerable.mail.queries import instance_id
from answerable.notify.models import Delivery
from answerable.tickets.models import Reply, Ticket
from tests.cast import NOW, Cast, a_ticket
from tests.running import mail


def test_a_participant_is_known_by_an_id_that_we_received_and_a_stranger_is_not_e33(cast: Cast) -> None:
    first = arrives(from_elin(Message_ID="<first@norrland.test>"))
    again = arrives(from_elin("other subject", "one more thing", In_Reply_To="<first@norrland.test>"))
    stranger = arrives(mail("mallory@elsewhere.test", "x", "let me in", In_Reply_To="<first@norrland.test>"))
    assert (again.outcome, again.ticket_id) == ("reply", first.ticket_id)
    assert (stranger.outcome, stranger.ticket_id == first.ticket_id) == ("new", False)


@pytest.mark.behaviour("B-224")
def test_an_id_that_came_twice_leads_nowhere_e81_e33(cast: Cast) -> None:
    arrives(from_elin(Message_ID="<first@norrland.test>"))
    planted = arrives(mail("mallory@elsewhere.test", "x", "other words", Message_ID="<first@norrland.test>"))
    again = arrives(from_elin("other subject", "one more thing", In_Reply_To="<first@norrland.test>"))
    assert "message_id_reused" in planted.flags
    assert again.outcome == "new"


@pytest.mark.parametrize("subject", ["Re: {} [#{}]", "[#1] {} [#{}]", "AW: [#{1}] {0}"])
def test_the_last_tag_of_the_subject_counts_for_who_takes_part_e34(cast: Cast, subject: str) -> None:
    ticket = a_ticket(cast)
    row = arrives(from_elin(subject.format("Export", ticket.number), "more"))
    assert (row.outcome, row.reason, row.ticket_id) == ("held", "unverified", ticket.pk)
    assert arrives(from_elin(f"Re: Export (#{ticket.number})", "no tag of ours")).outcome == "new"


def test_the_same_words_of_the_same_person_never_meet_e35(cast: Cast) -> None:
    first = arrives(from_elin(Message_ID="<1@norrland.test>"))
    second = arrives(from_elin("Re: Export fails", Message_ID="<2@norrland.test>"))
    assert (second.outcome, second.ticket_id == first.ticket_id) == ("new", False)


def test_of_two_requests_the_earlier_rule_wins_and_the_conflict_is_told_e36(cast: Cast) -> None:
    one = a_ticket(cast)
    ours = str(last_mail(ELIN)["Message-ID"])
    other = a_ticket(cast, NOW + timedelta(minutes=1))
    row = arrives(from_elin(f"Re: [#{other.number}]", "thanks", In_Reply_To=ours))
    assert (row.outcome, row.ticket_id) == ("reply", one.pk)
    assert "thread_conflict" in row.flags


def test_a_reply_reopens_what_was_solved_e37(cast: Cast) -> None:
    ticket = a_ticket(cast)
    ours = str(last_mail(ELIN)["Message-ID"])
    casework.set_status(cast.agent, ticket.pk, "solved", NOW + timedelta(hours=1))
    row = arrives(from_elin("Re: x", "it is not", In_Reply_To=ours), hours=2)
    assert (row.outcome, ticket_of(row).is_open) == ("reply", True)


def test_a_stranger_learns_nothing_of_the_request_whose_number_they_guess_e40(cast: Cast) -> None:
    ticket = a_ticket(cast)
    arrives(mail("mallory@elsewhere.test", f"Re: [#{ticket.number}] guess", "let me in"))
    told = last_mail("mallory@elsewhere.test").as_string()
    assert ticket.subject not in told
    assert "elin" not in told.lower()
    assert "Nothing has loaded" not in told


@pytest.mark.parametrize(
    ("text", "subject"),
    [("#close", "close"), ("Status: solved\nAssignee: mallory", "[urgent]"), ("@answerable solve", "/solve")],
)  # fmt: skip
def test_no_word_in_a_mail_commands_anything_e41(cast: Cast, text: str, subject: str) -> None:
    ticket = a_ticket(cast)
    ours = str(last_mail(ELIN)["Message-ID"])
    arrives(from_elin(subject, text, In_Reply_To=ours, X_Answerable_Command="solve", Control="close"))
    ticket.refresh_from_db()
    assert (ticket.is_open, ticket.assignee) == (True, None)


BOUNCE = {"Content_Type": "multipart/report; report-type=delivery-status; boundary=b0"}
RECEIPT = {"Content_Type": "multipart/report; report-type=disposition-notification; boundary=b0"}


@pytest.mark.parametrize(
    ("headers", "outcome", "reason"),
    [
        ({"own": "1"} | BOUNCE, "quarantine", "loop"),
        (BOUNCE | {"Auto_Submitted": "auto-replied", "List_Id": "<x.test>"}, "bounce", "unmatched"),
        (RECEIPT | {"Auto_Submitted": "auto-replied", "Precedence": "list"}, "auto", "mdn"),
        ({"Auto_Submitted": "auto-replied", "List_Id": "<x.test>"}, "auto", "vacation"),
        ({"List_Id": "<x.test>"}, "new", "list"),
    ],
)
def test_what_it_is_is_decided_in_order_e43(cast: Cast, headers: dict[str, str], outcome: str, reason: str) -> None:
    own = {"X_Answerable_Instance": instance_id()} if headers.pop("own", None) else {}
    row = arrives(mail("daemon@x.test", "x", "words", SUPPORT, **headers, **own))
    assert (row.outcome, row.reason) == (outcome, reason)


def test_one_request_one_acknowledgement_e94(cast: Cast) -> None:
    first = arrives(from_elin(Message_ID="<1@norrland.test>"))
    arrives(from_elin("Re", "more", In_Reply_To="<1@norrland.test>"))
    arrives(from_elin(Message_ID="<1@norrland.test>"))
    assert Delivery.objects.filter(kind="ack").count() == 1
    assert Ticket.objects.get().pk == first.ticket_id


def test_what_a_customer_passes_on_stays_theirs_and_whole_e98(cast: Cast) -> None:
    passed_on = "see below\n\n-----Original Message-----\nFrom: other@x.test\nSent: x\nTo: y\nSubject: z\n\nold words"
    row = arrives(from_elin("Fwd: z", passed_on))
    assert ticket_of(row).requester.email == ELIN
    assert "old words" in Reply.objects.get(ticket=row.ticket_id).new_text
