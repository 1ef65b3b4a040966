"""A ticket set aside as spam or deleted, its sender blocked: first what that does, then the act; and taking it back."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.casework import merge_actions, removal_actions
from answerable.casework.sender_actions import block_sender, unblock_sender
from answerable.desk.frame import frame
from answerable.desk.views.ticket import find
from answerable.lib import clock
from answerable.lib.addresses import url
from answerable.lib.errors import Refused
from answerable.lib.paging import read_cursor
from answerable.mail.room_queries import is_blocked
from answerable.people.access import PersonRequest, staff_only
from answerable.people.models import Role
from answerable.tickets import access
from answerable.tickets.aside_queries import aside
from answerable.tickets.models import SetAside, Ticket

Who = dict[str, object]
ACTS = ("spam", "block", "unblock", "delete")


@dataclass(frozen=True)
class Asked:
    """An act before it is done: its name, what it does, and the button."""

    title: str
    does: tuple[str, ...]
    button: str


def _asked(what: str, ticket: Ticket) -> Asked:
    who = {"number": ticket.number, "address": ticket.requester.email}
    return {"spam": _spam, "delete": _delete, "block": _block, "unblock": _unblock}[what](who)


def _spam(who: Who) -> Asked:
    does = (
        _("It is closed, and nobody waits for an answer any more."),
        _("Its open promises count neither as kept nor as broken."),
        _("What %(address)s writes next is a new request: block the address, too, if nothing is to come of that.")
        % who,
        _("It can be taken back here at any time; then it goes on where it stood."),
    )
    return Asked(_("Mark #%(number)s as spam?") % who, does, _("Mark as spam"))


def _delete(who: Who) -> Asked:
    does = (
        _("No customer sees it any more, at once: not in the portal, not by the links in mails."),
        _("Mail about it that has not left yet does not leave. Nobody is told."),
        _("Its open promises count neither as kept nor as broken."),
        _("Leads and administrators find it under “Set aside”, and can bring it back as it was."),
    )
    return Asked(_("Delete #%(number)s?") % who, does, _("Delete"))


def _block(who: Who) -> Asked:
    does = (
        _("Mail from exactly %(address)s waits in quarantine, whatever it says.") % who,
        _("Requests that came already stay as they are, and the portal stays open."),
        _("It can be taken back here, or beside any of the messages that wait."),
    )
    return Asked(_("Block %(address)s?") % who, does, _("Block the sender"))


def _unblock(who: Who) -> Asked:
    does = (
        _("From now on mail from %(address)s is handled again.") % who,
        _("What waits in quarantine waits for a decision of its own."),
    )
    return Asked(_("%(address)s is blocked") % who, does, _("Unblock the sender"))


@require_safe
@staff_only
def confirm(request: PersonRequest, number: int, what: str) -> HttpResponse:
    """What the act does, before it is done."""
    now = clock.now()
    ticket, standing = find(request.user, number, now)
    if what not in ACTS:
        raise Refused("not_found", _("There is no such page."))
    access.require(access.may_delete(standing) if what == "delete" else access.may_work(standing))
    blocked = is_blocked(ticket.requester.email) if what != "delete" else False
    if what in {"block", "unblock"}:
        what = "unblock" if blocked else "block"
    asked = _asked(what, ticket)
    context = {
        "view_title": asked.title,
        "ticket": ticket,
        "asked": asked,
        "block_too": ticket.requester.email if what == "spam" and not blocked else "",
        "action": url("desk:aside_now", number=number, what=what),
    }
    return render(request, "desk/aside.html", context | frame(request.user, "ticket", now))


@require_POST
@staff_only
def act(request: PersonRequest, number: int, what: str) -> HttpResponse:
    """The act; the ticket's page says what became of it, and how it is taken back."""
    now = clock.now()
    ticket, standing = find(request.user, number, now)
    address = ticket.requester.email
    if what == "spam":
        removal_actions.mark_spam(request.user, ticket.pk, now)
        if request.POST.get("block"):
            block_sender(request.user, address, now)
    elif what == "delete":
        removal_actions.soft_delete(request.user, ticket.pk, now)
    elif what in {"block", "unblock"}:
        access.require(access.may_work(standing))
        (block_sender if what == "block" else unblock_sender)(request.user, address, now)
        said = _("Mail from %(address)s waits in quarantine") if what == "block" else _("%(address)s is unblocked")
        messages.success(request, said % {"address": address})
    else:
        raise Refused("not_found", _("There is no such page."))
    return redirect("desk:ticket", number=number)


@require_POST
@staff_only
def back(request: PersonRequest, number: int) -> HttpResponse:
    """Unmerge, no spam, bring back: whichever it is set aside as."""
    now = clock.now()
    ticket, _standing = find(request.user, number, now)
    take_back = {
        SetAside.MERGED: merge_actions.unmerge,
        SetAside.SPAM: removal_actions.unmark_spam,
        SetAside.DELETED: removal_actions.restore,
    }
    if not ticket.set_aside:
        raise Refused("conflict", _("Somebody has taken this back already."))
    take_back[SetAside(ticket.set_aside)](request.user, ticket.pk, now)
    return redirect("desk:ticket", number=number)


@require_safe
@staff_only
def show_all(request: PersonRequest) -> HttpResponse:
    """Deleted requests, for those who may bring them back, and spam."""
    now = clock.now()
    titles = {"spam": _("Spam")}
    if request.user.role in {Role.LEAD, Role.ADMIN}:
        titles["deleted"] = _("Deleted")
    how = request.GET.get("show", "")
    how = how if how in titles else "spam"
    after = read_cursor(request.GET.get("after", ""))
    page = aside(request.user, how, after, now)
    here = f"{url('desk:set_aside')}?show={how}"
    context = {
        "view_title": _("Set aside"),
        "how": how,
        "tabs": [(title, f"{url('desk:set_aside')}?show={key}", key == how) for key, title in titles.items()],
        "rows": page.rows,
        "first_url": here if after else "",
        "next_url": f"{here}&after={page.next}" if page.next else "",
    }
    return render(request, "desk/set_aside.html", context | frame(request.user, "set_aside", now))
