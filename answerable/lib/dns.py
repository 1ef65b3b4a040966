"""Ask the name service. The one place that does."""

from typing import Any

import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver
from dns.resolver import Resolver

# For one question, all servers and repetitions together.
MOST_SECONDS = 5.0


class NoAnswer(Exception):
    """The name service could not be asked, or said that it has trouble; asking later may help."""


def txt(name: str, resolver: Resolver | None = None, seconds: float = MOST_SECONDS) -> list[str]:
    """The TXT records of a name; none is an answer too. `resolver` None: as this machine is set up. Raises NoAnswer."""
    # A long record is several strings; what is not text is nobody's token.
    return [b"".join(row.strings).decode("utf-8", "replace") for row in records(name, "TXT", resolver, seconds)]


def records(name: str, kind: str, resolver: Resolver | None = None, seconds: float = MOST_SECONDS) -> list[Any]:
    """The records of a name as dnspython has them. Raises NoAnswer, also for a name that cannot be one."""
    try:
        found = (resolver or system()).resolve(
            dns.name.from_text(name),
            dns.rdatatype.from_text(kind),
            lifetime=seconds,
            raise_on_no_answer=False,
            search=False,
        )
    except dns.resolver.NXDOMAIN:
        return []
    except (dns.exception.DNSException, OSError, UnicodeError) as error:
        raise NoAnswer(str(error)) from error
    return list(found.rrset or ())


def system() -> Resolver:
    """As this machine is set up."""
    return Resolver()
