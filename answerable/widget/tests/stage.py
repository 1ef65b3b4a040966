"""A product on the stage, and its host's server, which signs tokens for its users."""

import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import jwt
from django.test import Client

from answerable.lib import clock
from answerable.lib.fresh import forget_all
from answerable.people.models import Vendor

SECRET, OLDER = "s" * 40, "o" * 40
ORIGIN = "https://app.vendor.test"
AUDIENCE = "http://portal.vendor.test/widget/cloud"


def policy(**more: Any) -> None:
    """As [widget.cloud] of a policy."""
    keys = [{"id": "new", "secret_variable": "CLOUD_NEW"}, {"id": "old", "secret_variable": "CLOUD_OLD"}]
    said: dict[str, Any] = {"key": "cloud", "name": "Cloud", "origins": [ORIGIN], "algorithm": "HS256", "keys": keys}
    said |= {"vouches_for": ["norrland.test"], "brand": None, **more}
    row = Vendor.objects.get()
    row.settings = row.settings | {"widget_products": [said]}
    row.save()
    forget_all()


@dataclass
class Host:
    """The product's host and a browser in which its page is."""

    client: Client = field(default_factory=Client)
    bearer: str = ""

    def token(self, key: str = SECRET, headers: dict[str, str] | None = None, **claims: Any) -> str:
        """Of Elin, as it should be, but for these claims."""
        now = clock.now()
        said = {
            "sub": "u-17",
            "jti": str(uuid.uuid4()),
            "aud": AUDIENCE,
            "iat": now,
            "exp": now + timedelta(minutes=5),
            "email": "elin@norrland.test",
            "email_verified": True,
            "name": "Elin Berg",
        }
        said = {name: value for name, value in (said | claims).items() if value is not None}
        return jwt.encode(said, key, algorithm="HS256", headers=headers)

    def exchange(self, token: str, origin: str = ORIGIN, key: str = "cloud") -> Any:
        """What our page in the frame does with it."""
        return self.client.post(
            f"/widget/{key}/session",
            {"token": token, "origin": origin},
            headers={"Accept": "application/json", "Sec-Fetch-Site": "same-origin"},
        )

    def sign_in(self, **claims: Any) -> "Host":
        """A browser with a session of its own."""
        answer: Any = self.exchange(self.token(**claims))
        assert answer.status_code == 200, answer.content
        return Host(bearer=answer.json()["token"])

    def get(self, path: str, **data: str) -> Any:
        return self.client.get(f"/widget/cloud/{path}", data, headers=self._headers())

    def post(self, path: str, **data: Any) -> Any:
        return self.client.post(f"/widget/cloud/{path}", data, headers=self._headers())

    def _headers(self) -> dict[str, str]:
        own = {"Authorization": f"Bearer {self.bearer}"} if self.bearer else {}
        return {"Accept": "application/json, text/html;q=0.9", "User-Agent": "Mozilla/5.0 Firefox/140", **own}
