"""What the doctor looks at of the signature of outgoing mail: the record in the DNS, and whose mail it is for."""

from collections.abc import Iterator

from answerable.lib.dns import NoAnswer, txt
from answerable.lib.signing import SigningKey
from answerable.ops.finding import Finding


def examine(key: SigningKey | None) -> Iterator[Finding]:
    """Whether receivers find the key that we sign with."""
    if key is None:
        yield Finding("ok", "no DKIM key is set: your relay signs outgoing mail, or nobody does")
        return
    try:
        found = [record for record in txt(key.name) if "p=" in record]
    except NoAnswer as error:
        yield Finding("note", f"outgoing mail is signed, but the DNS could not be asked for {key.name}: {error}")
        return
    if not found:
        yield Finding("wrong", f"the DNS has no DKIM record: add a TXT record {key.name} with: {key.record}")
    elif len(found) > 1:
        yield Finding("wrong", f"the DNS has {len(found)} DKIM records at {key.name}: leave this one: {key.record}")
    else:
        yield from _compare(key, _tags(found[0]))


def _compare(key: SigningKey, tags: dict[str, str]) -> Iterator[Finding]:
    kind = key.algorithm.partition("-")[0]
    if not tags["p"]:
        yield Finding("wrong", f"the DKIM key at {key.name} is revoked: put there: {key.record}")
    elif tags["p"] != key.public or tags.get("k", "rsa") != kind:
        yield Finding("wrong", f"the DNS has another DKIM key at {key.name} than we sign with: put there: {key.record}")
    else:
        yield Finding("ok", f"outgoing mail is signed, and the DNS has its key ({key.name})")
        if "y" in tags.get("t", "").split(":"):
            yield Finding("note", f"the DKIM record {key.name} says that it is a test (t=y): receivers may ignore it")


def _tags(record: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip().lower(): "".join(value.split()) for name, _, value in pairs if name.strip()}


def compare(key: SigningKey | None, sender: str) -> Iterator[Finding]:
    """Whether what is signed is what the mail comes from: else it counts for nothing (DMARC's alignment)."""
    domain = sender.rpartition("@")[2].lower()
    if key is None or domain == key.domain or domain.endswith(f".{key.domain}") or key.domain.endswith(f".{domain}"):
        return
    yield Finding(
        "wrong",
        f"mail is signed for {key.domain} but comes from {sender}: set DKIM_DOMAIN to the domain of that address",
    )
