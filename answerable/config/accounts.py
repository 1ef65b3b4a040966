"""Which of allauth's pages this product has, and ours beside them: log-in, passwords, second steps, single sign-on."""

from allauth.account import views
from allauth.mfa.base import views as second_step
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount.providers.openid_connect import views as oidc
from allauth.socialaccount.providers.saml import views as saml
from django.urls import path, re_path
from django.views.generic import RedirectView

from answerable.portal.views import account, sign_up, sso
from answerable.portal.views.sso import few

# allauth leads back to its own overviews by these names; ours is one page.
_account = RedirectView.as_view(pattern_name="account")
_second_step = [
    path("2fa/", _account, name="mfa_index"),
    path("2fa/authenticate/", second_step.authenticate, name="mfa_authenticate"),
    path("2fa/reauthenticate/", second_step.reauthenticate, name="mfa_reauthenticate"),
    path("2fa/app/on/", app.activate_totp, name="mfa_activate_totp"),
    path("2fa/app/off/", app.deactivate_totp, name="mfa_deactivate_totp"),
    path("2fa/codes/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("2fa/codes/new/", recovery.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("2fa/codes/download/", recovery.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("2fa/passkeys/", _account, name="mfa_list_webauthn"),
    path("2fa/passkeys/add/", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path("2fa/passkeys/<int:pk>/remove/", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
    path("2fa/passkeys/reauthenticate/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("2fa/passkeys/login/", passkeys.login_webauthn, name="mfa_login_webauthn"),
]
_sign_on = [
    path("sso/", sso.find, name="account_sso"),
    path("sso/cancelled/", sso.cancelled, name="socialaccount_login_cancelled"),
    path("oidc/<str:provider_id>/login/", few(sso.begin_oidc), name="openid_connect_login"),
    path("oidc/<str:provider_id>/login/callback/", few(oidc.callback), name="openid_connect_callback"),
    path("saml/<str:organization_slug>/login/", few(saml.login), name="saml_login"),
    path("saml/<str:organization_slug>/metadata/", saml.metadata, name="saml_metadata"),
    path("saml/<str:organization_slug>/acs/", few(sso.take_saml), name="saml_acs"),
    path("saml/<str:organization_slug>/acs/finish/", few(sso.finish_saml), name="saml_finish_acs"),
    path("saml/<str:organization_slug>/sls/", sso.single_logout, name="saml_sls"),
]
urlpatterns = [
    *_second_step,
    *_sign_on,
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    # Ours, under the names by which allauth's pages link to them.
    path("", account.show, name="account"),
    path("sessions/end/", account.end_sessions, name="account_end_sessions"),
    path("signup/", sign_up.show, name="account_signup"),
    path("signup/sent/", sign_up.sent, name="account_email_verification_sent"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    # Who came by single sign-on has none yet: a first one is chosen by a link in a mail, like any other.
    path("password/set/", RedirectView.as_view(pattern_name="account_reset_password"), name="account_set_password"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("password/reset/key/done/", views.password_reset_from_key_done, name="account_reset_password_from_key_done"),
]
