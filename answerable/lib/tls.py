"""A certificate of ours and its key, as a server presents them. Files that changed are read anew."""

import logging
import ssl
import time
from pathlib import Path

from answerable.lib.errors import BadSetting

logger = logging.getLogger(__name__)

# How often it is asked whether the files changed: certificates are renewed long before they end.
_LOOK_SECONDS = 30.0


class Certificate:
    """Raises BadSetting, naming the variable, when the files are no certificate and key that belong together."""

    def __init__(self, certificate: Path, key: Path, variables: tuple[str, str]) -> None:
        self._files = certificate, key
        self._variables = variables
        self._context = self._load()
        self._seen, self._looked = self._stamp(), time.monotonic()

    def context(self) -> ssl.SSLContext:
        """What to serve with now. New files that are wrong change nothing, and the log says so."""
        if time.monotonic() - self._looked > _LOOK_SECONDS:
            self._looked = time.monotonic()
            self._look()
        return self._context

    def _look(self) -> None:
        try:
            stamp = self._stamp()
            if stamp != self._seen:
                self._seen = stamp
                self._context = self._load()
                logger.info("the certificate %s was read anew", self._files[0])
        except (OSError, BadSetting) as error:
            logger.warning("the certificate was not read anew, the one from before still serves: %s", error)

    def _stamp(self) -> tuple[tuple[int, int, int], ...]:
        return tuple((found.st_mtime_ns, found.st_size, found.st_ino) for found in (one.stat() for one in self._files))

    def _load(self) -> ssl.SSLContext:
        for path, variable in zip(self._files, self._variables, strict=True):
            try:
                path.read_bytes()
            except OSError as error:
                raise BadSetting(variable, f"cannot read {path}: {error.strerror}") from None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            # Without a password, or a key that has one would be asked for at a terminal that nobody sees.
            context.load_cert_chain(*self._files, password="")
        except (ssl.SSLError, ValueError) as error:
            words = f"{self._files[0]} and {self._files[1]} are no certificate and key (without a password) that belong"
            raise BadSetting(self._variables[0], f"{words} together, both in PEM: {error}") from None
        return context
