"""Products of the vendor in which our widget stands, as the policy names them; the secrets are in the environment.

A product's host vouches for its signed-in user by a token (docs/decisions/0061); what one may say is in `vouches`.
"""

import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.crypto import salted_hmac

from answerable.lib.colours import hue_of
from answerable.lib.fresh import Fresh
from answerable.people.models import Person, Role
from answerable.people.queries import demo_accounts, vendor

# The key of the product that comes with demo data, and what stands for every domain.
DEMO, EVERYBODY = "demo-product", "*"
# RFC 7518: a key of HS256 has at least as many bytes as its digest.
LEAST_BYTES = 32


@dataclass(frozen=True)
class Key:
    """What a product's tokens are checked with: a secret by the name of its variable, or a public key in PEM."""

    id: str
    variable: str = ""
    public_key: str = ""
    # The demo's own.
    given: str = ""

    @property
    def material(self) -> str:
        """The key itself; "" where it is missing, or too short to be one."""
        if self.public_key or self.given:
            return self.public_key or self.given
        found = os.environ.get(self.variable, "").strip()
        return found if len(found.encode()) >= LEAST_BYTES else ""


@dataclass(frozen=True)
class Product:
    """One [widget.KEY]. `vouches_for`: e-mail domains, or EVERYBODY; `hue`: of the brand's colour, None for ours."""

    key: str
    name: str
    origins: tuple[str, ...]
    algorithm: str
    keys: tuple[Key, ...]
    vouches_for: tuple[str, ...]
    hue: int | None = None

    @property
    def audience(self) -> str:
        """What a token for this product, here, names as its audience."""
        return f"{vendor().portal_address}/widget/{self.key}"

    @property
    def signs_in(self) -> bool:
        """Whether tokens can be checked at all: without a key everybody is anonymous."""
        return any(key.material for key in self.keys)


def products() -> dict[str, Product]:
    """Those of the policy in force, by key; none while the channel is closed."""
    said = vendor().settings
    if not said.get("channels", {}).get("widget", True):
        return {}
    return {row["key"]: _product(row) for row in said.get("widget_products", [])} | _demo()


def product_of(key: str) -> Product | None:
    """The one with this key."""
    return products().get(key)


def _product(row: dict[str, object]) -> Product:
    keys = row.get("keys") or []
    assert isinstance(keys, list)
    return Product(
        key=str(row["key"]),
        name=str(row["name"]),
        origins=_texts(row["origins"]),
        algorithm=str(row["algorithm"]),
        keys=tuple(
            Key(one.get("id") or "", one.get("secret_variable") or "", one.get("public_key") or "") for one in keys
        ),
        vouches_for=_texts(row.get("vouches_for")),
        hue=hue_of(str(row["brand"])) if row.get("brand") else None,
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list) else ()


# Whether the demo's people are here: rows that come and go with `load-demo` alone.
_has_demo: Fresh[bool] = Fresh(lambda: demo_accounts() > 0)


def _demo() -> dict[str, Product]:
    """A product that plays the vendor's own, where the demo's people are. It stands on our own address."""
    if not _has_demo():
        return {}
    parts = urlsplit(vendor().portal_address)
    places = [vendor().portal_address]
    if parts.hostname in {"127.0.0.1", "localhost"}:
        places = [f"{parts.scheme}://{host}:{parts.port or 80}" for host in ("127.0.0.1", "localhost")]
    secret = salted_hmac("people.widget.demo", "key", secret=settings.SECRET_KEY, algorithm="sha256").hexdigest()
    keys = (Key("demo", given=secret),)
    return {DEMO: Product(DEMO, vendor().product, tuple(places), "HS256", keys, (EVERYBODY,))}


def demo_customers() -> list[Person]:
    """Whom the demo's product may sign in; the best known first."""
    return list(Person.objects.filter(demo=True, is_active=True, role=Role.CUSTOMER).order_by("pk"))
