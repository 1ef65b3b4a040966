"""Uptime as a child would count it: second by second, each asked by itself, with floats nowhere. The reference.

A case is in the shape of sla contract §9. Written from section 6 alone; `tick` seconds are looked at as one where all
instants of the case are multiples of it.
"""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import floor
from typing import Any
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
NEVER = datetime.max.replace(tzinfo=UTC)


def read(text: str | None) -> datetime:
    return NEVER if text is None else datetime.fromisoformat(text).astimezone(UTC)


def first_of(tz: str, year: int, number: int) -> datetime:
    """When the wall has first shown this 1st or more, minute by minute from two days before."""
    year, number = year + (number - 1) // 12, (number - 1) % 12 + 1
    wanted, zone = datetime(year, number, 1), ZoneInfo(tz)  # noqa: DTZ001  what a wall shows has no zone
    at = wanted.replace(tzinfo=UTC) - timedelta(days=2)
    while at.astimezone(zone).replace(tzinfo=None) < wanted:
        at += MINUTE
    return at


class Naive:
    def __init__(self, case: dict[str, Any], tick: int) -> None:
        self.case, self.tick = case, timedelta(seconds=tick)
        year, number = map(int, case["month"].split("-"))
        self.start = first_of(case["tz"], year, number)
        self.end = max(self.start, min(first_of(case["tz"], year, number + 1), read(case["now"])))
        self.weights = {state: Fraction(*pair) for state, pair in case["weights"].items()}

    def eligible(self, component: str, at: datetime) -> bool:
        for window in self.case["maintenance"]:
            if window["components"] is not None and component not in window["components"]:
                continue
            if window["announced_at"] is None:
                continue
            notice = read(window["start"]) - read(window["announced_at"])
            if notice < timedelta(seconds=self.case["maintenance_notice"]):
                continue
            used = window["used"] or window
            if read(window["start"]) <= at < read(window["end"]) and read(used["start"]) <= at < read(used["end"]):
                return True
        return False

    def overrun(self, component: str, at: datetime) -> bool:
        return any(
            (window["components"] is None or component in window["components"])
            and window["used"] is not None
            and at >= read(window["end"])
            and read(window["used"]["start"]) <= at < read(window["used"]["end"])
            for window in self.case["maintenance"]
        )

    def state(self, component: dict[str, Any], at: datetime) -> str:
        seen = [one for one in component["spans"] if read(one["start"]) <= at < read(one["end"])]
        made = [(one["corrects"], number) for number, one in enumerate(seen) if one.get("corrects")]
        if made:
            return str(seen[max(made)[1]]["state"])
        states = {one["state"] for one in seen} | ({"down"} if self.overrun(component["id"], at) else set())
        return next((state for state in ("down", "partial", "degraded", "up", "unknown") if state in states), "up")

    def count(self) -> dict[str, Any]:
        """[S, X, U, D] of each component, and of the product."""
        parts = self.case["components"]
        sums: dict[str, list[Any]] = {one["id"]: [0, 0, 0, Fraction(0)] for one in parts}
        whole: list[Any] = [0, 0, 0, Fraction(0)]
        spent, cap, at = 0, self.case["maintenance_cap"], self.start
        step = self.tick // timedelta(seconds=1)
        while at < self.end:
            asked = {one["id"] for one in parts if self.eligible(one["id"], at)}
            excused = asked if cap is None or spent < cap else set()
            spent += step if excused else 0
            weighed, any_unknown, any_excused = Fraction(0), False, False
            for one in parts:
                state, mine = self.state(one, at), sums[one["id"]]
                mine[0] += step
                if one["id"] in excused:
                    mine[1] += step
                elif state == "unknown":
                    mine[2] += step
                else:
                    mine[3] += step * self.weights.get(state, Fraction(0))
                if one["essential"]:
                    any_excused |= one["id"] in excused
                    any_unknown |= one["id"] not in excused and state == "unknown"
                    if one["id"] not in excused:
                        weighed = max(weighed, self.weights.get(state, Fraction(0)))
            whole[0] += step
            if weighed:
                whole[3] += step * weighed
            elif any_excused or any_unknown:
                whole[1 if any_excused else 2] += step
            at += self.tick
        product = whole if any(one["essential"] for one in parts) else None
        return {"components": sums, "product": product}

    def figure(self, sums: list[Any]) -> dict[str, Any]:
        """What the door should say of these sums."""
        seconds, excluded, unknown, down = sums
        counted = seconds - excluded - unknown
        target = Fraction(*self.case["target"])
        allowed = counted * (1 - target)
        uptime = Fraction(counted - down, counted) if counted else None
        owed = 0
        if uptime is not None:
            credit = self.case["credit"]
            reached = sorted((Fraction(*one["from"]), one["percent"]) for one in credit["tiers"])
            reached = [one for one in reached if one[0] <= uptime]
            owed = floor(Fraction(credit["fee"] * reached[-1][1], 100)) if reached else 0
            owed = owed if credit["cap"] is None else min(owed, credit["cap"])
        percent = floor(uptime * 100 * 1000) if uptime is not None else 0
        return {
            "S": seconds,
            "X": excluded,
            "U": unknown,
            "E": counted,
            "D": [down.numerator, down.denominator],
            "insufficient": Fraction(unknown) > Fraction(seconds - excluded, 20),
            "uptime_num": uptime.numerator if uptime is not None else None,
            "uptime_den": uptime.denominator if uptime is not None else None,
            "shown": f"{percent // 1000}.{percent % 1000:03d}" if uptime is not None else "no data",
            "met": uptime >= target if uptime is not None else None,
            "budget_seconds": floor(allowed) if counted else 0,
            "remaining": floor(allowed - down) if counted else 0,
            "credit": owed,
        }

    def answer(self) -> dict[str, Any]:
        counted = self.count()
        return {
            "components": [{"id": name, **self.figure(sums)} for name, sums in counted["components"].items()],
            "product": None if counted["product"] is None else self.figure(counted["product"]),
        }
