"""What a person can mend: `Refused` is raised anywhere below a door and rendered once, as page, fragment or JSON."""


class Refused(Exception):
    """A request that is well understood and not done.

    `code` is a stable machine word (`not_allowed`, `already_closed`), `message` one sentence for the person who asked,
    `data` what a program may want to know.
    """

    def __init__(self, code: str, message: str, **data: object) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


class BadSetting(Exception):
    """An environment variable or setting that the operator must mend. `name` is the variable, `mend` what to do."""

    def __init__(self, name: str, mend: str) -> None:
        super().__init__(f"{name}: {mend}")
        self.name = name
        self.mend = mend


class Undeliverable(Exception):
    """A channel could not hand a message over. `permanent`: trying again cannot help. `status`: the x.y.z of RFC 3463
    that the other side gave for its recipient; "" for none. `after_seconds`: it asks for so much patience."""

    def __init__(self, reason: str, *, permanent: bool, status: str = "", after_seconds: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.status = status
        self.after_seconds = after_seconds
