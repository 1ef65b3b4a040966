"""Where outgoing mail goes, as EMAIL_URL says it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MailRelay:
    """`smtp://user:password@host:port?tls=starttls|ssl|none`, taken apart."""

    host: str
    port: int
    user: str
    password: str
    tls: str
