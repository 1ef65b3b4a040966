"""The mails of the intake measurement: about 5 KB each, every one from another person at another domain."""

SIZE = 5 * 1024
_WORDS = (
    "The nightly load stopped after the third table and the report was empty this morning, so the team looked at the "
    "log of the scheduler and found that the connection pool had given up after five minutes without an answer. "
)


def message(number: int, to: str) -> bytes:
    """Message `number`: its sender, domain, Message-ID, subject and first line are its own."""
    sender = f"person{number}@company{number}.example"
    head = (
        f"Received: from mail.company{number}.example by mx.example; Mon, 2 Mar 2026 09:00:00 +0000\r\n"
        f"From: Person {number} <{sender}>\r\n"
        f"To: Support <{to}>\r\n"
        f"Subject: Load {number} stopped after the third table\r\n"
        f"Message-ID: <bench-{number}@company{number}.example>\r\n"
        "Date: Mon, 02 Mar 2026 09:00:00 +0000\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: 8bit\r\n\r\n"
    )
    lines = [f"Hello, this is load {number}.", ""]
    size = len(head)
    while size < SIZE:
        lines += [_WORDS[start : start + 76] for start in range(0, len(_WORDS), 76)] + [""]
        size = len(head) + sum(len(line) + 2 for line in lines)
    return (head + "\r\n".join(lines))[: SIZE - 2].encode() + b"\r\n"
