"""Which line of a TOML file a key or an array element stands on: tomllib tells what a file says, but not where.

For text that tomllib has accepted: this scanner trusts the syntax and only finds its way through it.
"""

import re
import tomllib

Place = tuple[str | int, ...]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)+")
# A bare value: number, date ("1979-05-27 07:32:00" too), true, inf. Ends before , ] } # or the line's end.
_SCALAR = re.compile(r"[^,\]}#\r\n]*")
# The long strings first: they may hold quotes, and end at the last three of up to five.
_STRING = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*+"{3,5}'
    r"|'''(?:[^']|'(?!''))*+'{3,5}"
    r'|"(?:[^"\\]|\\.)*+"'
    r"|'[^']*+'",
    re.DOTALL,
)


def lines(text: str) -> dict[Place, int]:
    """The line (from 1) of each table, key and array element, by its path: `("severities", "P1", "examples", 0)`."""
    scanner = _Scanner(text)
    scanner.document()
    return scanner.found


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.line = 1
        self.found: dict[Place, int] = {(): 1}
        self.arrays: dict[Place, int] = {}

    def document(self) -> None:
        table: Place = ()
        self.blank()
        while self.at < len(self.text):
            if self.ahead("[["):
                table = self.next_of_array(self.header("[[", "]]"))
            elif self.ahead("["):
                table = self.inside(self.header("[", "]"))
                self.mark(table)
            else:
                self.pair(table)
            self.blank()

    def header(self, opening: str, closing: str) -> list[str]:
        self.skip(len(opening))
        path = self.key()
        self.blank()
        self.skip(len(closing))
        return path

    def next_of_array(self, path: list[str]) -> Place:
        array = (*self.inside(path[:-1]), path[-1])
        self.mark(array)
        self.arrays[array] = self.arrays.get(array, -1) + 1
        table = (*array, self.arrays[array])
        self.mark(table)
        return table

    def inside(self, path: list[str]) -> Place:
        """The path with a number after each array of tables: such a name always means the last table so far."""
        place: Place = ()
        for name in path:
            place = (*place, name)
            if place in self.arrays:
                place = (*place, self.arrays[place])
        return place

    def pair(self, table: Place) -> None:
        place = table
        for name in self.key():
            place = (*place, name)
            self.mark(place)
        self.blank()
        self.skip(1)
        self.value(place)

    def value(self, place: Place) -> None:
        self.blank()
        if self.ahead("["):
            self.items(place, "]")
        elif self.ahead("{"):
            self.items(place, "}")
        elif self.ahead('"') or self.ahead("'"):
            self.take(_STRING)
        else:
            self.take(_SCALAR)

    def items(self, place: Place, closing: str) -> None:
        """An array's elements, or an inline table's pairs."""
        self.skip(1)
        count = 0
        self.blank()
        while not self.ahead(closing):
            if closing == "]":
                self.mark((*place, count))
                self.value((*place, count))
                count += 1
            else:
                self.pair(place)
            self.blank()
            if self.ahead(","):
                self.skip(1)
                self.blank()
        self.skip(1)

    def key(self) -> list[str]:
        parts = []
        while True:
            self.blank()
            if self.ahead('"') or self.ahead("'"):
                parts.append(str(tomllib.loads(f"k = {self.take(_STRING)}")["k"]))
            else:
                parts.append(self.take(_BARE))
            self.blank()
            if not self.ahead("."):
                return parts
            self.skip(1)

    def mark(self, place: Place) -> None:
        for length in range(1, len(place) + 1):
            self.found.setdefault(place[:length], self.line)

    def ahead(self, word: str) -> bool:
        return self.text.startswith(word, self.at)

    def blank(self) -> None:
        found = _BLANK.match(self.text, self.at)
        if found:
            self.skip(len(found[0]))

    def take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        if found is None:
            raise ValueError(f"line {self.line} is no TOML")
        self.skip(len(found[0]))
        return found[0]

    def skip(self, length: int) -> None:
        self.line += self.text.count("\n", self.at, self.at + length)
        self.at += length
