from django.urls import path

from accounts.web.lines import detach_line, sign_out, switch_line
from accounts.web.preferences import preferences
from accounts.web.privacy import data_download, data_download_request, privacy, privacy_choices
from accounts.web.profile import contact, profile, puk
from accounts.web.service_password import change, reset, send_code, service_password, withdraw
from accounts.web.sign_in import resend_code, sign_in, sign_in_code, sign_in_password
from accounts.web.sign_ins import end, end_others, sign_ins
from accounts.web.step_up import send_step_up_code, step_up

app_name = "accounts"
urlpatterns = [
    path("sign-in/", sign_in, name="sign-in"),
    path("sign-in/code/", sign_in_code, name="sign-in-code"),
    path("sign-in/code/again/", resend_code, name="resend-code"),
    path("sign-in/password/", sign_in_password, name="sign-in-password"),
    path("service-password/", service_password, name="service-password"),
    path("service-password/change/", change, name="service-password-change"),
    path("service-password/code/", send_code, name="service-password-code"),
    path("service-password/reset/", reset, name="service-password-reset"),
    path("service-password/reset/withdraw/", withdraw, name="service-password-withdraw"),
    path("step-up/", step_up, name="step-up"),
    path("step-up/code/", send_step_up_code, name="step-up-code"),
    path("sign-out/", sign_out, name="sign-out"),
    path("profile/", profile, name="profile"),
    path("profile/contact/", contact, name="contact"),
    path("puk/", puk, name="puk"),
    path("preferences/", preferences, name="preferences"),
    path("privacy/", privacy, name="privacy"),
    path("privacy/choices/", privacy_choices, name="privacy-choices"),
    path("privacy/copy/", data_download_request, name="data-download-request"),
    path("privacy/copy/<slug:public_id>/", data_download, name="data-download"),
    path("sign-ins/", sign_ins, name="sign-ins"),
    path("sign-ins/end/", end, name="sign-in-end"),
    path("sign-ins/end-others/", end_others, name="sign-ins-end"),
    path("lines/detach/", detach_line, name="detach-line"),
    path("lines/current/", switch_line, name="switch-line"),
]
