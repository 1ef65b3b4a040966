"""Single sign-on that is set up: switched off and on, made the only way in, taken away."""

from datetime import datetime

from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import record
from answerable.lib.errors import Refused
from answerable.people.models import Person, SignOn
from answerable.people.person_actions import require_admin
from answerable.people.queries import actor_of
from answerable.people.sessions import SessionStore
from answerable.people.sso_queries import has_let_in, people_of


def switch(by: Person, sign_on: SignOn, now: datetime, *, on: bool) -> None:
    """Off: nobody signs in by it and passwords work again, until it is switched on. Twice is once."""
    require_admin(by)
    with transaction.atomic():
        if SignOn.objects.filter(pk=sign_on.pk, off_at__isnull=not on).update(off_at=None if on else now):
            _record(by, sign_on, "switch_on_sso" if on else "switch_off_sso", now)
    sign_on.refresh_from_db(fields=["off_at"])


def make_only(by: Person, sign_on: SignOn, now: datetime, *, only: bool) -> None:
    """The only way in, or one beside passwords. Not before it has let somebody in, so that nobody shuts all out."""
    require_admin(by)
    if only and not has_let_in(sign_on):
        raise Refused("sso_untried", _("Nobody has signed in by it as it is set up now. Try it first, then come back."))
    with transaction.atomic():
        if SignOn.objects.filter(pk=sign_on.pk, sso_only=not only).update(sso_only=only):
            _record(by, sign_on, "require_sso" if only else "allow_passwords", now)
    sign_on.refresh_from_db(fields=["sso_only"])


def remove(by: Person, sign_on: SignOn, now: datetime) -> None:
    """As if it had never been set up; its people stay members, and choose a password by "Forgot your password"."""
    require_admin(by)
    with transaction.atomic():
        _record(by, sign_on, "remove_sso", now)
        SocialAccount.objects.filter(provider=sign_on.app.provider_id).delete()
        sign_on.app.delete()


def _record(by: Person, sign_on: SignOn, verb: str, now: datetime) -> None:
    record(actor_of(by), verb, ("organization", sign_on.organization_id), now)


def end_other_sessions(sign_on: SignOn) -> set[int]:
    """Where it is the only way in: end its people's sessions that did not begin by it. Returns whose they were."""
    if not sign_on.sso_only or sign_on.off_at is not None:
        return set()
    theirs = {row.session_key: row for row in UserSession.objects.filter(user__in=people_of(sign_on))}
    began_so = {
        row.session_key
        for row in Session.objects.filter(session_key__in=theirs)
        if _began_by(sign_on, SessionStore().decode(row.session_data))
    }
    ended = {key: row for key, row in theirs.items() if key not in began_so}
    Session.objects.filter(session_key__in=ended).delete()
    UserSession.objects.filter(session_key__in=ended).delete()
    return {row.user_id for row in ended.values()}


def _began_by(sign_on: SignOn, session: dict[str, object]) -> bool:
    # How the person signed in, by allauth's own notes; pages that ask again ("reauthenticate") add to them.
    records = session.get("account_authentication_methods")
    steps = records if isinstance(records, list) else []
    way = ("socialaccount", sign_on.app.provider_id)
    return any((step.get("method"), step.get("provider")) == way for step in steps)
