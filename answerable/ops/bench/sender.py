"""Sends mails over several SMTP connections, in a process of its own.

`python -m answerable.ops.bench.sender PORT TO FIRST COUNT CONNECTIONS` writes the second at which it began.
"""

import smtplib
import sys
import threading
import time
from collections.abc import Sequence

from answerable.ops.bench.messages import message


def send(port: int, mails: Sequence[tuple[str, str, bytes]]) -> None:
    """One connection: each mail is the server's when it has said 250. A refusal ends everything."""
    with smtplib.SMTP("127.0.0.1", port, local_hostname="bench.example", timeout=60) as smtp:
        for sender, to, raw in mails:
            smtp.sendmail(sender, [to], raw)


def main(port: int, to: str, numbers: range, connections: int) -> None:
    """All of them, shared out over the connections."""
    mails = [(f"person{number}@company{number}.example", to, message(number, to)) for number in numbers]
    threads = [threading.Thread(target=send, args=(port, mails[start::connections])) for start in range(connections)]
    began = time.time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.stdout.write(f"{began}\n")


if __name__ == "__main__":
    first = int(sys.argv[3])
    main(int(sys.argv[1]), sys.argv[2], range(first, first + int(sys.argv[4])), int(sys.argv[5]))
