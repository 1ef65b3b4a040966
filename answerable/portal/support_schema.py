"""The vendor and how to reach it in schema.org's words (JSON-LD), which search engines read beside the page."""

from typing import Any

from answerable.portal.support_page import Page


def organization(page: Page, address: str) -> dict[str, Any]:
    """An Organization with a ContactPoint for each way in, and nothing that the page doesn't say."""
    return {
        "@context": "https://schema.org",
        "@type": "Organization",
        "name": page.vendor,
        "url": page.address,
        "contactPoint": [
            {"@type": "ContactPoint", "contactType": "technical support", "name": way.name, **_reach(page, way.address)}
            | {"availableLanguage": page.locale, "productSupported": page.product, **_hours(page)}
            for way in page.ways
        ],
        "mainEntityOfPage": address,
    }


def _reach(page: Page, address: str) -> dict[str, str]:
    if address.startswith("mailto:"):
        return {"email": address.removeprefix("mailto:")}
    return {"url": f"{page.address}{address}" if address.startswith("/") else address}


def _hours(page: Page) -> dict[str, Any]:
    """Day and night, if a request of the usual level counts so. Other hours are left out: they can name no zone."""
    usual = next(row.calendar for row in page.plans[0].rows if row.level == page.default_level)
    if not any(one.always_open for one in page.hours if one.key == usual):
        return {}
    days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    return {
        "hoursAvailable": {
            "@type": "OpeningHoursSpecification",
            "dayOfWeek": days,
            "opens": "00:00",
            "closes": "23:59",
        }
    }
