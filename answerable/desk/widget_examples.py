"""What a vendor pastes to have the support center in a product: the tag, and how its server says who its user is."""

from answerable.people.queries import vendor
from answerable.people.widget_queries import Product

TAG = '<script src="%(base)s/widget.js" data-product="%(key)s" async></script>'

IDENTIFY = """(window.answerableQueue ??= []).push((answerable) =>
  answerable.identify(async () => (await fetch("/support-token")).text()));"""

POLICY = "script-src %(base)s; frame-src %(base)s"

PYTHON = """import os, time, uuid
import jwt  # PyJWT

def support_token(user):
    now = int(time.time())
    claims = {
        "aud": "%(audience)s",
        "iat": now,
        "exp": now + 300,
        "jti": str(uuid.uuid4()),
        "sub": str(user.id),
        "email": user.email,
        "email_verified": user.email_is_verified,
        "name": user.name,
    }
    return jwt.encode(claims, os.environ["%(variable)s"], algorithm="%(algorithm)s"%(python_kid)s)
"""

NODE = """const jwt = require("jsonwebtoken");
const { randomUUID } = require("node:crypto");

function supportToken(user) {
  const claims = { email: user.email, email_verified: user.emailIsVerified, name: user.name };
  return jwt.sign(claims, process.env.%(variable)s, {
    algorithm: "%(algorithm)s",
    audience: "%(audience)s",
    subject: String(user.id),
    jwtid: randomUUID(),
    expiresIn: 300,%(node_kid)s
  });
}
"""

RUBY = """require "jwt"
require "securerandom"

def support_token(user)
  now = Time.now.to_i
  claims = {
    aud: "%(audience)s",
    iat: now,
    exp: now + 300,
    jti: SecureRandom.uuid,
    sub: user.id.to_s,
    email: user.email,
    email_verified: user.email_verified?,
    name: user.name
  }
  JWT.encode(claims, %(ruby_key)s, "%(algorithm)s"%(ruby_kid)s)
end
"""


def examples(product: Product) -> list[tuple[str, str]]:
    """(language, code) that signs a token for the product, with the key that is named last: the newer one."""
    key = product.keys[-1] if product.keys else None
    kid, shared = (key.id if key else ""), product.algorithm == "HS256"
    variable = key.variable if key and key.variable else "SUPPORT_PRIVATE_KEY"
    own = f'ENV.fetch("{variable}")'
    names = {
        "audience": product.audience,
        "algorithm": product.algorithm,
        "variable": variable,
        "ruby_key": own if shared else f"OpenSSL::PKey::RSA.new({own})",
        "python_kid": f', headers={{"kid": "{kid}"}}' if kid else "",
        "node_kid": f'\n    keyid: "{kid}",' if kid else "",
        "ruby_kid": f', {{ kid: "{kid}" }}' if kid else "",
    }
    return [("Python", PYTHON % names), ("Node", NODE % names), ("Ruby", RUBY % names)]


def pasted(product: Product) -> dict[str, str]:
    """The tag, the call, and what the page's content policy must allow."""
    names = {"base": vendor().portal_address, "key": product.key}
    return {"tag": TAG % names, "identify": IDENTIFY, "policy": POLICY % names}
