"""Whether outside tools can be told and can answer: what doctor says of them."""

from collections.abc import Iterator

from answerable.escalation.outside import OutsideTool
from answerable.escalation.outside_policy import ALERTMANAGER, tools
from answerable.notify.tool_out import secret_of
from answerable.ops.finding import Finding


def examine() -> Iterator[Finding]:
    """Secrets that this command's environment lacks, tools that are told nothing, and those that failed last."""
    for tool in tools():
        found = list(_tool(tool))
        yield from found or [Finding("ok", f"outside tool {tool.key} has its secrets")]


def _tool(tool: OutsideTool) -> Iterator[Finding]:
    for name in (tool.key_variable, tool.secret_variable):
        if name and not secret_of(name):
            yield Finding(
                "wrong",
                f"outside tool {tool.key}: its secret is missing; set the environment variable {name} where `web` and "
                "`worker` run",
            )
    if tool.kind != ALERTMANAGER and not tool.policies:
        yield Finding("note", f"outside tool {tool.key} is told of nothing: name it as `outside` of a [paging.KEY]")
    if tool.hear_failed_at and (tool.heard_at is None or tool.hear_failed_at > tool.heard_at):
        yield Finding("note", f"what outside tool {tool.key} last sent was not taken ({tool.hear_error})")
    if tool.send_failed_at and (tool.sent_at is None or tool.send_failed_at > tool.sent_at):
        yield Finding("wrong", f"outside tool {tool.key} could not be told ({tool.send_error}): test it at the desk")
