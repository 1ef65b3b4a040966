"""What people are told by mail of who may read an organization's requests, and who is CC'd on all of them."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from answerable.casework.account_mail import post_account_mail
from answerable.casework.wordings import greeting, several, words
from answerable.lib.zones import zone
from answerable.mail.wording import Value
from answerable.people.models import Grant, Organization, Person, StandingCC
from answerable.people.organization_queries import readers
from answerable.people.queries import vendor


def tell(person: Person, subject: str, lines: list[str], now: datetime, **about: object) -> None:
    """One mail in plain words, with the address of the person's requests."""
    house = vendor()
    values = {
        "greeting": greeting(person.name),
        "news": several(lines),
        "link": Value(f"{house.portal_address}/my/requests"),
        "vendor": Value(house.name),
    }
    text, html = words("access", values, subject)
    post_account_mail(person, subject, text, now, kind="access", html=html, **about)


def moment_for(person: Person, organization: Organization, at: datetime) -> str:
    """A moment as this person reads it."""
    theirs = timezone.localtime(at, zone(person.zone, organization.zone, vendor().zone))
    return f"{theirs:%-d %B %Y, %H:%M} ({theirs.tzname()})"


def tell_granted(grant: Grant, now: datetime) -> None:
    """The person, and the others who may read the same."""
    names = {"who": grant.granted_by.label, "person": grant.person.label, "organization": grant.organization.name}
    subject = _("You may read the requests of %(organization)s") % names
    lines = [
        _("%(who)s lets you read every request of %(organization)s, except sensitive ones.") % names,
        _("Reason: %(reason)s") % {"reason": grant.reason},
        _until(grant, grant.person),
        _("To comment on a request or close it, ask to be CC'd on it."),
    ]
    tell(grant.person, subject, lines, now, grant=grant.pk)
    subject = _("%(person)s may read the requests of %(organization)s") % names
    for other in _others(grant, now):
        lines = [
            _("%(who)s lets %(person)s read every request of %(organization)s, as you do.") % names,
            _until(grant, other.person),
        ]
        tell(other.person, subject, lines, now, grant=other.pk)


def _until(grant: Grant, reader: Person) -> str:
    if grant.expires_at is None:
        return _("This holds until it is revoked.")
    return _("This ends by itself on %(time)s.") % {"time": moment_for(reader, grant.organization, grant.expires_at)}


def _others(grant: Grant, now: datetime) -> list[Grant]:
    return [row for row in readers(grant.organization, now) if row.person_id != grant.person_id]


def tell_over(grant: Grant, revoked_by: Person | None, now: datetime) -> None:
    """The same people, that it is over: `revoked_by` None: by itself."""
    names = {"person": grant.person.label, "organization": grant.organization.name}
    names["who"] = revoked_by.label if revoked_by else ""
    yours = _("Your leave to read the requests of %(organization)s has ended") % names
    if revoked_by:
        why = _("%(who)s has revoked your leave to read every request of %(organization)s.") % names
        theirs = _("%(who)s has revoked it: %(person)s no longer reads the requests of %(organization)s.") % names
    else:
        why = _("Your leave to read every request of %(organization)s has ended, as was set when it was given.") % names
        theirs = _("As was set, %(person)s no longer reads the requests of %(organization)s.") % names
    own = _("You still see your own requests, and those that you are CC'd on.")
    tell(grant.person, yours, [why, own], now)
    subject = _("%(person)s no longer reads the requests of %(organization)s") % names
    for other in _others(grant, now):
        tell(other.person, subject, [theirs], now, grant=other.pk)


def tell_standing(row: StandingCC, now: datetime, *, open_too: bool) -> None:
    """The person who is CC'd on every request from now on."""
    names = {"who": row.set_by.label, "organization": row.organization.name}
    lines = [
        _("%(who)s has you CC'd on each new request of %(organization)s, except sensitive ones.") % names,
        _("You get its answers by mail, and may comment on it and close it."),
        _("You are put on all open requests too.")
        if open_too
        else _("Requests that are open already stay as they are."),
    ]
    if row.until is not None:
        when = moment_for(row.person, row.organization, row.until)
        lines.append(_("This ends by itself on %(time)s.") % {"time": when})
    subject = _("You are CC'd on the requests of %(organization)s") % names
    tell(row.person, subject, lines, now, standing=row.pk)


def tell_standing_over(row: StandingCC, by: Person | None, now: datetime) -> None:
    """The same person, that it is over; `by` None: by itself."""
    names = {"who": by.label if by else "", "organization": row.organization.name}
    if by:
        why = _("%(who)s has ended it: you are no longer CC'd on every request of %(organization)s.") % names
    else:
        why = _("As was set, you are no longer CC'd on every request of %(organization)s.") % names
    own = _("You still see your own requests, and those on which somebody put you by name.")
    tell(row.person, _("You are no longer CC'd on the requests of %(organization)s") % names, [why, own], now)
