"""The bench's figures as a table for people."""

from collections.abc import Iterator, Mapping
from typing import Any

_COLUMNS = ("median_ms", "p95_ms", "rps_1", "rps_8", "queries", "x_floor")
_HEADS = ("median ms", "p95 ms", "1 client/s", "8 clients/s", "queries", "× floor")


def table(found: Mapping[str, Any]) -> str:
    """All of it, in lines."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"{found['tickets']:,} tickets"
    if "pages" in found:
        yield ""
        yield f"{'page':<14}" + "".join(f"{head:>13}" for head in _HEADS)
        for name, figures in found["pages"].items():
            yield f"{name:<14}" + "".join(f"{figures[column]:>13}" for column in _COLUMNS)
        yield f"The floor, one row by its key through the same server: {found['floor_ms']} ms."
    if "intake" in found:
        mail = found["intake"]
        yield ""
        yield (
            f"Mail: {mail['messages_per_s']} messages/s from SMTP to committed ticket; "
            f"the floor stores {mail['floor_per_s']}/s, {mail['x_floor']} times as many."
        )
    if "promises" in found:
        yield from _promises(found["promises"])
    if "live" in found:
        yield from _live(found["live"])
    if "knowledge" in found:
        yield from _knowledge(found["knowledge"])
    if "paging" in found:
        paged = found["paging"]
        yield ""
        yield (
            f"Paging: of {paged['alerts']} alerts raised at once half had paged somebody by mail after "
            f"{paged['half_s']} s, all of them after {paged['all_s']} s."
        )
    yield ""
    yield "Memory (PSS, MB): " + ", ".join(f"{name} {value}" for name, value in found["memory_mb"].items())


def _promises(found: Mapping[str, Any]) -> Iterator[str]:
    sweep, walk = found["sweep"], found["replan"]
    yield ""
    yield (
        f"Sweep: {sweep['due']} promises fell due in a minute; {sweep['recorded']} recorded, {sweep['twice']} twice, "
        f"{sweep['missed']} missed; {sweep['late_s_median']} s after their due time (median), {sweep['late_s_max']} s "
        f"at most. Of one core, both workers used {sweep['workers_share']:.0%} ({sweep['idle_share']:.0%} when nothing "
        f"falls due), PostgreSQL {sweep['server_share']:.0%}."
    )
    yield (
        f"Re-planning: {walk['tickets']:,} clocks in {walk['seconds']} s ({walk['per_s']}/s), {walk['moved']:,} moved."
    )
    yield (
        f"The queue page meanwhile: {found['queue_ms']} ms at rest, {sweep['queue_ms']} ms during the sweep, "
        f"{walk['queue_ms']} ms while re-planning (at most {walk['queue_ms_max']} ms)."
    )


def _live(found: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    all_of_it = found["replies"] * found["listeners"]
    yield (
        f"Live: {found['listeners']} listeners, {found['replies']} replies at {found['replies_per_s']}/s. From commit "
        f"to each listener {found['p50_ms']} ms (median), {found['p99_ms']} ms (p99), {found['max_ms']} ms at most; "
        f"{found['missing']} of {all_of_it} did not arrive. The web process held {found['web_mb']} MB meanwhile."
    )


def _knowledge(found: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    yield f"Help center with {found['articles']['all']:,} articles, one client; the floor: {found['floor_ms']} ms."
    for name, figures in found["pages"].items():
        yield (
            f"  {name:<12} {figures['median_ms']} ms (p95 {figures['p95_ms']}), {figures['queries']} queries, "
            f"{figures['x_floor']} × floor"
        )
    for which in ("alone", "all"):
        one = found[which]
        yield (
            f"{one['questions']} questions among {found['articles'][which]:,} articles, recall@3 and MRR: "
            f"suggestions {one['suggest_recall_3']} and {one['suggest_mrr']}, "
            f"search {one['search_recall_3']} and {one['search_mrr']}."
        )
