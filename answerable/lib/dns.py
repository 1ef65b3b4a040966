"""Ask the name service. The one place that does."""

import dns.exception
import dns.name
import dns.resolver
from dns.resolver import Resolver

# For one question, all servers and repetitions together.
MOST_SECONDS = 5.0


class NoAnswer(Exception):
    """The name service could not be asked, or said that it has trouble; asking later may help."""


def txt(name: str, resolver: Resolver | None = None) -> list[str]:
    """The TXT records of a name; none is an answer too. `resolver` None: as this machine is set up. Raises NoAnswer."""
    try:
        found = (resolver or Resolver()).resolve(
            dns.name.from_text(name), "TXT", lifetime=MOST_SECONDS, raise_on_no_answer=False, search=False
        )
    except dns.resolver.NXDOMAIN:
        return []
    except (dns.exception.DNSException, OSError, UnicodeError) as error:
        raise NoAnswer(str(error)) from error
    # A long record is several strings; what is not text is nobody's token.
    return [b"".join(row.strings).decode("utf-8", "replace") for row in found.rrset or ()]
