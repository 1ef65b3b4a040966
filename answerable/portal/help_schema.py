"""A public article in the terms of schema.org, for search engines."""

from answerable.knowledge.queries import Shown


def article_schema(shown: Shown, address: str, publisher: str) -> dict[str, object]:
    """As JSON-LD."""
    return {
        "@context": "https://schema.org",
        "@type": "TechArticle",
        "headline": shown.title,
        "inLanguage": shown.locale,
        "articleSection": shown.section_title,
        "datePublished": shown.first_published_at.isoformat(),
        "dateModified": shown.published_at.isoformat(),
        "mainEntityOfPage": address,
        "publisher": {"@type": "Organization", "name": publisher},
    }
