from django.urls import path

from accounts.web.lines import sign_out, switch_line
from accounts.web.preferences import preferences
from accounts.web.sign_in import resend_code, sign_in, sign_in_code

app_name = "accounts"
urlpatterns = [
    path("sign-in/", sign_in, name="sign-in"),
    path("sign-in/code/", sign_in_code, name="sign-in-code"),
    path("sign-in/code/again/", resend_code, name="resend-code"),
    path("sign-out/", sign_out, name="sign-out"),
    path("preferences/", preferences, name="preferences"),
    path("lines/current/", switch_line, name="switch-line"),
]
