"""Made-up products with the support center in them, for the gallery: (template, context) by name."""

from types import SimpleNamespace

from answerable.desk.widget_examples import IDENTIFY, POLICY, PYTHON, TAG
from answerable.people.widget_queries import Key
from answerable.ui.tests.people import RAIL

BASE = "https://support.acme.example"
NAMES = {"base": BASE, "key": "cloud", "audience": f"{BASE}/widget/cloud", "algorithm": "HS256", "python_kid": ""}
CLOUD = SimpleNamespace(
    key="cloud", name="Acme Cloud", origins=("https://app.acme.example", "https://staging.acme.example:8443"),
    algorithm="HS256", keys=(Key("2026-05", "A_KEY_THAT_NOBODY_HAS_SET"), Key("2026-11", given="x")),
    vouches_for=("norrland.example", "kivubank.example"), signs_in=True, audience=NAMES["audience"],
)  # fmt: skip
DOCS = SimpleNamespace(
    key="docs", name="Documentation", origins=("https://docs.acme.example",), algorithm="HS256", keys=(),
    vouches_for=(), signs_in=False, audience="",
)  # fmt: skip


def pages() -> dict[str, tuple[str, dict[str, object]]]:
    """By name."""
    paste = {"tag": TAG % NAMES, "identify": IDENTIFY, "policy": POLICY % NAMES}
    code = [("Python", PYTHON % {**NAMES, "variable": "ACME_CLOUD_WIDGET"})]
    shown: list[dict[str, object]] = [
        {"product": CLOUD, "paste": paste, "examples": code, "all": False},
        {"product": DOCS, "paste": paste, "examples": [], "all": False},
    ]
    context = {"view_title": "Widget", "rail": RAIL, "is_open": True, "has_demo": True, "products": shown}
    return {
        "widget-settings": ("desk/widget.html", context),
        "widget-settings-empty": ("desk/widget.html", context | {"products": [], "has_demo": False}),
    }
