"""Questions about single sign-on."""

from dataclasses import dataclass

from allauth.socialaccount.models import SocialAccount, SocialApp
from django.db.models import Q, QuerySet
from django.urls import reverse

from answerable.lib.domains import is_free_mail
from answerable.people.models import Organization, Person, Role, SignOn, SignOnAttempt
from answerable.people.queries import domains_of, organization_of_address, vendor

STAFF = "staff"


def key_of(organization: Organization | None) -> str:
    """What stands in the addresses of this sign-on; the prefix keeps it apart from names that allauth knows."""
    return STAFF if organization is None else f"org-{organization.slug}"


def sign_ons() -> QuerySet[SignOn]:
    """All of them, with what is shown of them."""
    return SignOn.objects.select_related("organization", "app")


def sign_on_of_app(app_id: int) -> SignOn:
    """Whose identity provider this is."""
    return sign_ons().get(app_id=app_id)


def sign_on_of_organization(organization: Organization | None) -> SignOn | None:
    """The organization's, or that of the staff (None)."""
    return sign_ons().filter(organization=organization).first()


def sign_on_of_key(key: str) -> SignOn | None:
    """By what stands in its addresses."""
    organization = None if key == STAFF else Organization.objects.filter(slug=key.removeprefix("org-")).first()
    return sign_on_of_organization(organization) if key == STAFF or organization else None


def sign_on_at_work(organization: Organization | None) -> SignOn | None:
    """The same, unless it is switched off."""
    return sign_ons().filter(organization=organization, off_at__isnull=True).first()


def sign_on_for_address(address: str) -> SignOn | None:
    """Where the owner of such an address signs in: by its domain alone, so that it says nothing of accounts."""
    organization = organization_of_address(address)
    return sign_on_at_work(organization) if organization else None


def sign_on_for(person: Person) -> SignOn | None:
    """The one whose word holds for this person."""
    return sign_on_at_work(None) if person.is_staff else sign_on_for_address(person.email)


def people_of(sign_on: SignOn) -> QuerySet[Person]:
    """Whom `sign_on_for` leads to it: the staff, or customers with an address at the organization's domains."""
    if sign_on.organization is None:
        return Person.objects.filter(is_active=True).exclude(role=Role.CUSTOMER)
    at = Q(pk__in=[])
    for name in domains_of(sign_on.organization):
        if not is_free_mail(name):
            at |= Q(email__endswith=f"@{name}")
    return Person.objects.filter(at, role=Role.CUSTOMER)


def has_let_in(sign_on: SignOn) -> bool:
    """Whether somebody has signed in by it as it is set up now."""
    return sign_on.attempts.filter(outcome="let_in", at__gte=sign_on.set_up_at).exists()


def may_vouch_for(sign_on: SignOn, address: str) -> bool:
    """An identity provider speaks for the domains of its own organization; that of the staff, for staff of any."""
    if sign_on.organization is None:
        return True
    domain = address.rpartition("@")[2]
    return not is_free_mail(domain) and domain in domains_of(sign_on.organization)


def may_open(sign_on: SignOn, person: Person) -> bool:
    """A domain that was only claimed is staff's word: it opens no account that belongs to another organization, too."""
    if sign_on.organization is None or not person.memberships.exclude(organization=sign_on.organization).exists():
        return True
    domain = person.email.rpartition("@")[2]
    return sign_on.organization.domains.filter(name=domain, verified_at__isnull=False).exists()


def is_tied(person: Person) -> bool:
    """Whether an identity provider's account is known as this person's."""
    return bool(SocialAccount.objects.filter(user_id=person.pk).exists())


def start_url(sign_on: SignOn) -> str:
    """Where a log-in by it begins."""
    if sign_on.app.provider == "saml":
        return reverse("saml_login", kwargs={"organization_slug": sign_on.app.client_id})
    return reverse("openid_connect_login", kwargs={"provider_id": sign_on.app.provider_id})


def issuer_of(app: SocialApp) -> str:
    """Which identity provider this is."""
    return str(app.settings["idp"]["entity_id"] if app.provider == "saml" else app.settings["server_url"])


def entity_id(key: str) -> str:
    """Who we are to a SAML identity provider. By the policy's address, never by the Host header of whoever asks: an
    assertion made for another service must not count here because it was sent with that service's name.
    """
    return f"{vendor().portal_address}{reverse('saml_metadata', kwargs={'organization_slug': key})}"


def acs_address(key: str) -> str:
    """Where SAML identity providers send their answers; by the policy's address too."""
    return f"{vendor().portal_address}{reverse('saml_acs', kwargs={'organization_slug': key})}"


@dataclass(frozen=True)
class Check:
    """One step of setting it up: what it is, what it says, and whether that is as it should be."""

    name: str
    value: str
    is_right: bool


def attempts(sign_on: SignOn) -> list[SignOnAttempt]:
    """The last log-ins, newest first."""
    return list(sign_on.attempts.order_by("-id")[:20])
