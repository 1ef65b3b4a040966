"""Ask for an account: an address, then a link in its mailbox. The answer never says who has an account."""

from allauth.core.ratelimit import consume_or_429
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from answerable.casework.account_actions import ask_link
from answerable.lib import clock
from answerable.people.access import anyone
from answerable.people.queries import account_rules
from answerable.portal.forms import SignUpForm


@require_http_methods(["GET", "HEAD", "POST"])
@anyone
def show(request: HttpRequest) -> HttpResponse:
    """The form; sent, it leads to the same page for everybody."""
    if request.user.is_authenticated:
        return redirect("account")
    if not account_rules().sign_up:
        return render(request, "account/signup_closed.html")
    form = SignUpForm(request.POST or None)
    if not form.is_valid():
        return render(request, "account/signup.html", {"form": form}, status=422 if form.is_bound else 200)
    too_many: HttpResponse | None = consume_or_429(request, action="signup", key=form.cleaned_data["email"])
    if too_many is None:
        ask_link(form.cleaned_data["email"], clock.now(), signs_up=True)
    return too_many or redirect("account_email_verification_sent")


@require_safe
@anyone
def sent(request: HttpRequest) -> HttpResponse:
    """Look in your mail."""
    return render(request, "account/verification_sent.html")
