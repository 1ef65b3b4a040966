"""Articles from elsewhere: read from a folder of Markdown or an export of Zendesk Guide, taken in again and again."""
