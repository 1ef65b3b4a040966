"""What staff do on a ticket: each post is one verb, and answers with the page or, for htmx, with what it moved."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from answerable.casework import actions as casework
from answerable.casework import cc_actions, clock_actions, draft_actions, held_actions, note_actions
from answerable.casework.begun_actions import Sent
from answerable.casework.moving_actions import split
from answerable.casework.sensitive_actions import mark_sensitive
from answerable.desk import quoting
from answerable.desk.forms import AssignForm, ExcuseForm, NoteForm, ReplyForm, SeverityForm, StatusForm
from answerable.desk.views.meeting import moved, stopped_or_sent
from answerable.desk.views.ticket import changed, find, page
from answerable.lib import clock
from answerable.lib.addresses import url
from answerable.lib.errors import Refused
from answerable.lib.forms import checked
from answerable.lib.html import from_markdown
from answerable.lib.uploads import read_all
from answerable.people.access import PersonRequest, staff_only
from answerable.tickets.actions import Message, Upload
from answerable.tickets.placeholders import unfilled
from answerable.tickets.since import read_seen


def _answer(request: PersonRequest, number: int, *, composer: bool = False) -> HttpResponse:
    """`composer`: what stands in it has changed too."""
    if not request.htmx:
        return redirect(f"{url('desk:ticket', number=number)}{'#composer-dock' if composer else ''}")
    now = clock.now()
    ticket, standing = find(request.user, number, now)
    return changed(request, ticket, standing, now, composer=composer)


@require_POST
@staff_only
def reply(request: PersonRequest, number: int) -> HttpResponse:
    """A public answer to everybody on the ticket, which leaves in some seconds; a warning first, where it repeats what
    only staff may read."""
    now = clock.now()
    ticket, _standing = find(request.user, number, now)
    data = checked(ReplyForm(request.POST))
    written = _written(request, data)
    _require_filled(written.message.text)
    warned = quoting.warning(ticket, written.message.text)
    if warned is None or warned.key == data["ack"]:
        return stopped_or_sent(request, ticket, written, now) or _answer(request, number, composer=True)
    if not request.htmx:
        draft_actions.put_aside(request.user, ticket.pk, written, now)
        return _answer(request, number, composer=True)
    told = {"warning": warned, "status": data["status"]}
    response = render(request, "desk/_send_warning.html", told, status=422)
    response["HX-Retarget"], response["HX-Reswap"] = "#reply-warning", "innerHTML"
    return response


def _written(request: PersonRequest, data: dict[str, Any]) -> draft_actions.Written:
    text = data["text"].replace("\r\n", "\n").replace("\x00", "").strip()
    files = tuple(Upload(one.name, one.content_type, one.content) for one in read_all(request.FILES.getlist("files")))
    return draft_actions.Written(
        Message(text=text, new_text=text, html=from_markdown(text), channel="desk", files=files),
        casework.Next(status=data["status"]),
        data["draft"],
        _numbers(request, "keep"),
        _sent(request, text),
        tuple(one for one in data["cc"].replace(";", ",").replace(" ", ",").split(",") if one),
        tuple(one.strip() for one in data["tags"].split(",") if one.strip()),
        read_seen(request.POST.get("seen", "")),
    )


def _numbers(request: PersonRequest, name: str) -> tuple[int, ...]:
    return tuple(int(pk) for pk in request.POST.getlist(name) if pk.isdecimal() and len(pk) < 19)


def _sent(request: PersonRequest, text: str) -> Sent:
    """What of the text under way this is."""
    return Sent(text, tuple(request.POST.getlist("mark")[:4]), _numbers(request, "with"))


def _require_filled(text: str) -> None:
    """A canned reply's place that nothing is known for is filled in by who sends it, or taken out."""
    waiting = unfilled(text)
    if waiting:
        words = _("Not sent: %(marks)s still stands in it. Fill it in, or take it out.")
        raise Refused("unfilled", words % {"marks": ", ".join(dict.fromkeys(waiting))})


@require_POST
@staff_only
def undo(request: PersonRequest, number: int, pk: int) -> HttpResponse:
    """Take back a reply that has not left: it is in the composer again."""
    now = clock.now()
    ticket, _standing = find(request.user, number, now)
    draft_actions.undo(request.user, ticket.pk, pk, now)
    return _answer(request, number, composer=True)


@require_POST
@staff_only
def discard(request: PersonRequest, pk: int) -> HttpResponse:
    """Throw away a reply that was not sent; `number`: from its request's page, else from the list of them."""
    draft_actions.discard(request.user, pk, clock.now())
    number = request.POST.get("number", "")
    if number.isdecimal() and len(number) < 19:
        return _answer(request, int(number), composer=True)
    return redirect("desk:unsent")


@require_POST
@staff_only
def note(request: PersonRequest, number: int) -> HttpResponse:
    """A note for the team, with its files; who it names is told."""
    now = clock.now()
    ticket, _standing = find(request.user, number, now)
    text = checked(NoteForm(request.POST))["text"].replace("\r\n", "\n").replace("\x00", "").strip()
    files = tuple(Upload(one.name, one.content_type, one.content) for one in read_all(request.FILES.getlist("files")))
    jotted = note_actions.Jotted(text, files, _numbers(request, "mention"), _sent(request, text))
    noted = note_actions.jot(request.user, ticket.pk, jotted, now)
    if not request.htmx:
        if noted.untold:
            messages.warning(request, _untold(noted.untold))
        return _answer(request, number)
    ticket, standing = find(request.user, number, now)
    context = page(request.user, ticket, standing, now)
    return render(request, "desk/_noted.html", context | {"untold": _untold(noted.untold) if noted.untold else ""})


def _untold(names: tuple[str, ...]) -> str:
    words = _("Your note is there. %(names)s may not see this request, so they were not told.")
    return words % {"names": ", ".join(names)}


@require_POST
@staff_only
def status(request: PersonRequest, number: int) -> HttpResponse:
    """Open, pending, hold, solved."""
    now = clock.now()
    ticket, _standing = find(request.user, number, now)
    data = checked(StatusForm(request.POST))
    was = request.POST.get("was_status")
    change = partial(casework.set_status, request.user, ticket.pk, data["status"], now, data["reason"], was=was)
    return moved(request, change) or _answer(request, number)


@require_POST
@staff_only
def assign(request: PersonRequest, number: int) -> HttpResponse:
    """To a person, a team, or nobody."""
    now = clock.now()
    ticket, _standing = find(request.user, number, now)
    data = checked(AssignForm(request.POST))
    was = request.POST.get("was_assigned")
    change = partial(casework.assign, request.user, ticket.pk, data["assignee"], data["team"], now, was=was)
    return moved(request, change) or _answer(request, number)


@require_POST
@staff_only
def severity(request: PersonRequest, number: int) -> HttpResponse:
    """Staff's determination."""
    now = clock.now()
    ticket, _standing = find(request.user, number, now)
    data = checked(SeverityForm(request.POST))
    was = request.POST.get("was_severity")
    said = (data["severity"], data["reason"], now)
    change = partial(casework.determine_severity, request.user, ticket.pk, *said, was=was)
    return moved(request, change) or _answer(request, number)


@require_POST
@staff_only
def sensitive(request: PersonRequest, number: int) -> HttpResponse:
    """Hidden from the organization's readers, or shown to them again."""
    now = clock.now()
    ticket, _standing = find(request.user, number, now)
    mark_sensitive(request.user, ticket.pk, now, sensitive=request.POST.get("sensitive") == "yes")
    return _answer(request, number)


@require_POST
@staff_only
def settle_cc(request: PersonRequest, number: int, pk: int) -> HttpResponse:
    """Let somebody in who asked, or whom a customer named from outside; or not."""
    now = clock.now()
    ticket, _standing = find(request.user, number, now)
    cc_actions.answer_cc(request.user, ticket.pk, pk, now, allowed=request.POST.get("decision") == "allow")
    return _answer(request, number)


@require_POST
@staff_only
def add_cc(request: PersonRequest, number: int) -> HttpResponse:
    """CC somebody by address."""
    ticket, _standing = find(request.user, number, clock.now())
    cc_actions.add_cc(request.user, ticket.pk, request.POST.get("address", ""), clock.now())
    return _answer(request, number)


@require_POST
@staff_only
def remove_cc(request: PersonRequest, number: int, pk: int) -> HttpResponse:
    """Take somebody off."""
    ticket, _standing = find(request.user, number, clock.now())
    cc_actions.remove_cc(request.user, ticket.pk, pk, clock.now())
    return _answer(request, number)


@require_POST
@staff_only
def settle_held(request: PersonRequest, number: int, pk: int) -> HttpResponse:
    """Let a held message join the conversation, make a request of it, or keep it out."""
    now = clock.now()
    find(request.user, number, now)
    decision = request.POST.get("decision", "")
    if decision == "refuse":
        held_actions.dismiss(request.user, pk, now)
    elif decision == "spam":
        held_actions.spam(request.user, pk, now)
    elif decision == "split":
        split(request.user, pk, now)
    else:
        held_actions.approve(request.user, pk, now, join=decision == "approve_and_join")
    return _answer(request, number)


@require_POST
@staff_only
def excuse(request: PersonRequest, number: int) -> HttpResponse:
    """A lead's word that a broken promise does not count."""
    now = clock.now()
    ticket, _standing = find(request.user, number, now)
    data = checked(ExcuseForm(request.POST))
    clock_actions.excuse(request.user, ticket.pk, (data["metric"], data["index"]), data["why"], now)
    return redirect("desk:explain", number=number)
