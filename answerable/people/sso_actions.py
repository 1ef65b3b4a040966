"""Single sign-on: set it up, and decide whom an identity provider may let in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from allauth.socialaccount.models import SocialAccount, SocialApp
from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import record
from answerable.lib import hosts
from answerable.lib.errors import Refused
from answerable.people.actions import contact, prove_address
from answerable.people.models import Organization, Person, Role, SeenAssertion, SignOn, SignOnAttempt
from answerable.people.person_actions import require_admin
from answerable.people.person_queries import lock_people
from answerable.people.queries import actor_of, by_email, vendor
from answerable.people.sso_queries import issuer_of, key_of, may_open, may_vouch_for

KEPT = timedelta(days=30)


@dataclass(frozen=True)
class OIDC:
    """An OpenID Connect provider. `trusts_addresses`: it never says whether an address is verified, and all are."""

    server_url: str
    client_id: str
    secret: str
    trusts_addresses: bool = False


@dataclass(frozen=True)
class SAML:
    """A SAML identity provider; `email_attribute` where the address is in one of its own, else the usual ones."""

    entity_id: str
    sso_url: str
    certificate: str
    email_attribute: str = ""


def set_up(
    by: Person, organization: Organization | None, idp: OIDC | SAML, now: datetime, *, sso_only: bool | None = None
) -> SignOn:
    """Single sign-on for an organization, or for the staff (None); or another identity provider where there is one.

    `sso_only` None: as it was. Who was known by the one provider is not known by the next one.
    """
    if not (by.is_staff and by.role == Role.ADMIN):
        raise Refused("not_allowed", _("Only administrators may set up single sign-on."))
    with transaction.atomic():
        found = SignOn.objects.select_for_update(of=("self",)).filter(organization=organization).select_related("app")
        row = found.first() or SignOn(organization=organization)
        before = row.app if row.pk else None
        key = key_of(organization)
        app = _oidc(key, idp, before) if isinstance(idp, OIDC) else _saml(key, idp)
        app.name = (organization.name if organization else "Staff")[:40]
        if before is not None:
            app.pk = before.pk
            # Many providers name the same person differently to each client.
            if (issuer_of(before), before.client_id) != (issuer_of(app), app.client_id):
                SocialAccount.objects.filter(provider=before.provider_id).delete()
        app.save()
        row.app, row.set_up_at = app, now
        row.sso_only = row.sso_only if sso_only is None else sso_only
        row.save()
        said: dict[str, object] = {"provider": app.provider, "issuer": issuer_of(app), "sso_only": row.sso_only}
        record(actor_of(by), "set_up_sso", ("organization", organization.pk if organization else None), now, **said)
    return row


def _oidc(key: str, idp: OIDC, before: SocialApp | None) -> SocialApp:
    _require_outside(idp.server_url)
    options = {"server_url": idp.server_url, "oauth_pkce_enabled": True, "verified_email": idp.trusts_addresses}
    app = SocialApp(provider="openid_connect", provider_id=key, client_id=idp.client_id, settings=options)
    app.secret = idp.secret or _kept_secret(app, before)
    return app


def _kept_secret(app: SocialApp, before: SocialApp | None) -> str:
    """The one there is, for the provider that gave it: it is shown to nobody, and sent to no other one."""
    if before is None or issuer_of(before) != issuer_of(app):
        raise Refused("invalid", _("Client secret: enter the one that this identity provider gave."), field="secret")
    return str(before.secret)


def _saml(key: str, idp: SAML) -> SocialApp:
    if not (hosts.is_https(idp.sso_url) or _is_this_machine(idp.sso_url)):
        raise Refused("not_https", _("Address to sign in at: it must begin with https://."), field="sso_url")
    options: dict[str, object] = {
        "idp": {"entity_id": idp.entity_id, "sso_url": idp.sso_url, "x509cert": idp.certificate},
        # What it signs for the organization's own domains, it has verified: they are its own.
        "verified_email": True,
    }
    if idp.email_attribute:
        options["attribute_mapping"] = {"email": idp.email_attribute}
    return SocialApp(provider="saml", provider_id=f"saml-{key}", client_id=key, settings=options)


def _require_outside(address: str) -> None:
    """We fetch tokens from there: by TLS, and never from inside of our own network."""
    if not (hosts.is_outside(address) or _is_this_machine(address)):
        words = _("Issuer: it must begin with https:// and name a host that is reached from everywhere.")
        raise Refused("not_https", words, field="server_url")


def _is_this_machine(address: str) -> bool:
    """Where we are tried out ourselves, without TLS, an identity provider may be beside us."""
    is_tried_out = not vendor().portal_address.startswith("https:")
    return is_tried_out and urlsplit(address).hostname in {"localhost", "127.0.0.1"}


@dataclass(frozen=True)
class Said:
    """What an identity provider says of somebody."""

    address: str
    is_verified: bool
    name: str = ""


def admit(sign_on: SignOn, said: Said, account: SocialAccount, now: datetime) -> Person:
    """The person whom this word lets in, made and a member if new; tied to the provider's `account`, as whom they came.

    Raises Refused where it must not count.
    """
    if sign_on.off_at is not None:
        raise Refused("sso_off", _("This sign-in is switched off. Sign in with your password, or write to support."))
    address = said.address.lower()
    if not address:
        raise Refused("sso_no_address", _("Your organization's sign-in told us no e-mail address of yours."))
    if not said.is_verified:
        raise Refused(
            "sso_unverified",
            _("Your organization's sign-in does not say that %s is verified as yours, so nobody was signed in.")
            % address,
        )
    if not may_vouch_for(sign_on, address):
        raise Refused("sso_outside", _("%s is not an address of the organization whose sign-in you used.") % address)
    with transaction.atomic():
        person = _locked(address)
        _require_its_own(sign_on, person)
        person = _enter(person or contact(address, said.name, now), said.name, now)
        _tie(person, account)
    return person


def _locked(address: str) -> Person | None:
    """Nobody is suspended or merged between what is found here and what is done with it."""
    person = by_email(address)
    if person is not None and person.email != address:
        # Merged: mail from the address is the other one's, but who holds the address does not hold that account.
        raise _other_person()
    return lock_people(person.pk)[person.pk] if person else None


def _other_person() -> Refused:
    """Whoever this is may be somebody whom we know, but not the one whom we knew so far."""
    return Refused("sso_other_person", _("Your organization's sign-in knew you by another address. Write to support."))


def _require_its_own(sign_on: SignOn, person: Person | None) -> None:
    """Customers through their organization, staff through the vendor's own: neither opens an account of the other."""
    for_staff = sign_on.organization is None
    if person is not None and not person.is_active:
        raise Refused(
            "sso_suspended", _("This account is switched off. If you think it should not be, write to support.")
        )
    if for_staff and (person is None or person.role == Role.CUSTOMER):
        raise Refused("sso_not_staff", _("There is no member of staff with this address."))
    if not for_staff and person is not None and person.role != Role.CUSTOMER:
        raise Refused("sso_staff", _("Staff sign in by their own way."))
    if person is not None and not may_open(sign_on, person):
        words = _("%s belongs to another organization, too. Write to support.")
        raise Refused("sso_elsewhere", words % person.email)


def _enter(person: Person, name: str, now: datetime) -> Person:
    """Whatever password waited in an account whose address was never proven is nobody's we know."""
    with transaction.atomic():
        if person.email_verified_at is None and person.has_usable_password():
            person.set_unusable_password()
            person.save(update_fields=["password"])
        prove_address(person, now, name, "sso")
    return person


def _tie(person: Person, account: SocialAccount) -> None:
    """A subject of a provider is one person, and a person one subject: an address that is given to somebody else there
    opens nothing. No `uid`: the provider names another one each time, and nothing is tied.
    """
    if not account.uid:
        return
    ties = SocialAccount.objects.filter(provider=account.provider)
    if ties.filter(user=person).exclude(uid=account.uid).exists():
        raise _other_person()
    tie, _is_new = ties.get_or_create(
        provider=account.provider, uid=account.uid, defaults={"user": person, "extra_data": account.extra_data}
    )
    if tie.user_id != person.pk:
        raise _other_person()


def loosen(by: Person, person: Person, now: datetime) -> None:
    """Whoever comes next with the person's address is them: for one who got a new account at their provider."""
    require_admin(by)
    with transaction.atomic():
        count, _kinds = SocialAccount.objects.filter(user=person).delete()
        if count:
            record(actor_of(by), "loosen_sso", ("person", person.pk), now)


def note_attempt(sign_on: SignOn, outcome: str, email: str, detail: str, now: datetime) -> None:
    """For the page that shows whoever sets it up what happened."""
    SignOnAttempt.objects.filter(sign_on=sign_on, at__lt=now - KEPT).delete()
    SignOnAttempt.objects.create(sign_on=sign_on, at=now, outcome=outcome[:32], email=email[:254], detail=detail[:500])


def use_assertion(sign_on: SignOn, assertion_id: str, until: datetime, now: datetime) -> None:
    """Each assertion once. Raises Refused for one that was used before."""
    SeenAssertion.objects.filter(until__lt=now).delete()
    _row, is_new = SeenAssertion.objects.get_or_create(
        key=f"{sign_on.pk}:{assertion_id}"[:400], defaults={"until": until}
    )
    if not is_new:
        raise Refused("sso_replayed", _("This sign-in was used before. Please begin again."))
