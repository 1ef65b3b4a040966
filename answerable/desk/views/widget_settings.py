"""The support center in the vendor's products, for administrators: what the policy says of each, and what to paste."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from answerable.desk.frame import frame
from answerable.desk.widget_examples import examples, pasted
from answerable.lib import clock
from answerable.people.access import PersonRequest, admins_only
from answerable.people.queries import vendor
from answerable.people.widget_queries import DEMO, EVERYBODY, products


@require_safe
@admins_only
def show(request: PersonRequest) -> HttpResponse:
    """All of them. Secrets are named and never shown."""
    found = products()
    context = {
        "view_title": _("Widget"),
        "products": [
            {"product": one, "paste": pasted(one), "examples": examples(one), "all": EVERYBODY in one.vouches_for}
            for one in found.values()
            if one.key != DEMO
        ],
        "is_open": vendor().settings.get("channels", {}).get("widget", True),
        "has_demo": DEMO in found,
    }
    return render(request, "desk/widget.html", context | frame(request.user, "widget", clock.now()))
