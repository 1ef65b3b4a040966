"""A name server of the tests: it speaks DNS on a port of this machine, and knows what it is told."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
from dns.resolver import Resolver


@contextmanager
def name_server(records: Mapping[str, list[str] | int]) -> Iterator[Resolver]:
    """A resolver that asks a server which has these TXT records by name; a number is the error that it gives."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(0.2)
        stop = threading.Event()
        thread = threading.Thread(target=_serve, args=(server, records, stop), daemon=True)
        thread.start()
        resolver = Resolver(configure=False)
        resolver.nameservers = ["127.0.0.1"]
        resolver.port = server.getsockname()[1]
        try:
            yield resolver
        finally:
            stop.set()
            thread.join()


def _serve(server: socket.socket, records: Mapping[str, list[str] | int], stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            asked, sender = server.recvfrom(4096)
        except TimeoutError:
            continue
        server.sendto(_answer(dns.message.from_wire(asked), records).to_wire(), sender)


def _answer(query: dns.message.Message, records: Mapping[str, list[str] | int]) -> dns.message.Message:
    answer = dns.message.make_response(query)
    answer.flags |= dns.flags.RA
    name = query.question[0].name
    known = records.get(name.to_text(omit_final_dot=True))
    if known is None:
        answer.set_rcode(dns.rcode.NXDOMAIN)
    elif isinstance(known, int):
        answer.set_rcode(dns.rcode.Rcode(known))
    elif known:
        answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *known))
    return answer
