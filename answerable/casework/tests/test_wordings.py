"""What mails say: built in, or as an administrator changed it; every version kept, none lost, mistakes never sent."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from answerable.audit.models import Record
from answerable.casework import actions as casework
from answerable.casework.grant_actions import revoke
from answerable.casework.wording_actions import change_wording, restore_wording
from answerable.casework.wordings import MAILS, source
from answerable.lib.errors import Refused
from answerable.lib.fresh import forget_all
from answerable.mail.models import Wording
from answerable.mail.wording import problems
from answerable.notify.models import Delivery
from answerable.people.models import Grant, Vendor
from tests.cast import NOW, Cast, a_ticket, says

ACK = "{{greeting}}\n\nnumber *{{number}}*, at {{link}}.\n{{promise}}\n"


def latest(kind: str) -> Delivery:
    return Delivery.objects.filter(kind=kind).latest("id")


@pytest.mark.parametrize("key", MAILS)
def test_what_is_built_in_is_right(key: str) -> None:
    assert problems(MAILS[key].built_in(), MAILS[key].places) == []


@pytest.mark.behaviour("B-236")
def test_a_changed_text_is_what_the_next_mail_says(cast: Cast) -> None:
    change_wording(cast.admin, "ack", ACK, 0, NOW)
    ticket = a_ticket(cast, subject="<b>*Sync*</b>")
    mail = latest("ack")
    assert mail.text.startswith(f"Hello Elin Berg,\n\nnumber *{ticket.number}*, at http://portal.vendor.test/r/")
    assert "promise for severity P2" in mail.text
    assert f"<em>{ticket.number}</em>" in mail.html
    assert "<b>" not in mail.html
    row = Record.objects.get(verb="change_wording")
    assert (row.actor_id, row.data) == (cast.admin.pk, {"key": "ack", "language": "en", "built_in": False})


@pytest.mark.behaviour("B-236")
def test_around_an_answer_stands_what_the_administrator_wrote(cast: Cast) -> None:
    text = "{{greeting}}\n\n{{message}}\n\n{{others}}\n--\n{{author}} on {{number}}, {{link}}\n{{solved}}"
    change_wording(cast.admin, "reply", text, 0, NOW)
    ticket = a_ticket(cast)
    casework.add_reply(cast.agent, ticket.pk, says("{{link}} **done**"), NOW, casework.Next(status="solved"))
    mail = Delivery.objects.get(kind="reply", address=cast.requester.email)
    assert "\n\n{{link}} **done**\n\nA. Lund\n" in mail.text
    assert "Tomas Kral, Acme Data support on" in mail.text
    assert "We consider this solved." in mail.text
    assert "<div><p>{{link}} **done**</p></div>" in mail.html


@pytest.mark.behaviour("B-236")
def test_what_people_are_told_of_grants_is_text_and_html(cast: Cast) -> None:
    change_wording(cast.admin, "access", "Dear {{greeting}}\n\n{{news}}\n\n{{link}}\n", 0, NOW)
    revoke(cast.csm, Grant.objects.get(person=cast.reader), NOW)
    mail = latest("access")
    assert mail.text.startswith("Dear Hello J. Holm,\n\nMaria Costa has revoked your leave")
    assert "<p>Maria Costa has revoked your leave" in mail.html


@pytest.mark.behaviour("B-237")
def test_a_wrong_text_is_refused_and_one_that_became_wrong_is_not_sent(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    for text, why in [("{{numbr}}", "Line 1"), ("{{link}}", "number"), ("  ", "no text")]:
        with pytest.raises(Refused, match=why):
            change_wording(cast.admin, "ack", text, 0, NOW)
    # The requester's own address may be a stranger's there: nothing that was typed has a name.
    with pytest.raises(Refused, match="subject"):
        change_wording(cast.admin, "ack_unconfirmed", "{{number}} {{confirm}} {{subject}}", 0, NOW)
    assert not Wording.objects.exists()
    Wording.objects.create(key="ack", text="{{gone}}", at=NOW, by_id=1, by_label="x")
    forget_all()
    assert source("ack") == MAILS["ack"].built_in()
    assert "{{gone}} is not known" in caplog.text


@pytest.mark.behaviour("B-238")
def test_every_version_is_kept_and_each_can_hold_again(cast: Cast) -> None:
    first = change_wording(cast.admin, "ack", ACK, 0, NOW)
    second = change_wording(cast.admin, "ack", ACK + "P.S.", first.pk, NOW + timedelta(minutes=1))
    assert change_wording(cast.admin, "ack", ACK + "P.S.", second.pk, NOW) == second
    with pytest.raises(Refused) as refused:
        change_wording(cast.admin, "ack", ACK + "Mine.", first.pk, NOW)
    assert refused.value.code == "conflict"
    third = restore_wording(cast.admin, "ack", first.pk, second.pk, NOW)
    assert (source("ack"), third.pk > second.pk) == (ACK, True)
    fourth = restore_wording(cast.admin, "ack", None, third.pk, NOW)
    assert source("ack") == MAILS["ack"].built_in()
    assert list(Wording.objects.order_by("id").values_list("pk", flat=True)) == [
        first.pk, second.pk, third.pk, fourth.pk,
    ]  # fmt: skip
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        first.delete()


@pytest.mark.behaviour("B-238")
def test_administrators_alone_change_them(cast: Cast) -> None:
    verbs: list[Callable[..., object]] = [
        lambda who: change_wording(who, "ack", ACK, 0, NOW),
        lambda who: restore_wording(who, "ack", None, 0, NOW),
    ]
    for who in (cast.lead, cast.agent, cast.csm, cast.requester):
        for verb in verbs:
            with pytest.raises(Refused) as refused:
                verb(who)
            assert refused.value.code == "not_allowed"
    assert not Wording.objects.exists()


@pytest.mark.behaviour("B-238")
def test_what_the_file_owns_is_changed_there_and_desk_edits_are_kept(cast: Cast) -> None:
    change_wording(cast.admin, "ack", ACK, 0, NOW)
    Vendor.objects.update(settings={"mail_texts": {"copied": "{{by}}: {{number}} {{link}}"}})
    forget_all()
    assert (source("ack"), source("copied")) == (MAILS["ack"].built_in(), "{{by}}: {{number}} {{link}}")
    with pytest.raises(Refused, match="The file"):
        change_wording(cast.admin, "ack", ACK, Wording.objects.get().pk, NOW)
    Vendor.objects.update(settings={})
    forget_all()
    assert source("ack") == ACK
