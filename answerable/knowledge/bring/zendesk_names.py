"""What articles, sections and categories of Zendesk Guide are called in `external_id`, by their ids there."""

ARTICLE = "zendesk:{}"
SECTION = "zendesk:section:{}"
CATEGORY = "zendesk:category:{}"
