"""Pages of the virtual handset; they exist in demo mode only."""

from django.urls import path

from channels.web.handset import call, hang_up, panel, reply, texts

app_name = "handset"
urlpatterns = [
    path("handset/", panel, name="panel"),
    path("handset/texts/", texts, name="texts"),
    path("handset/reply/", reply, name="reply"),
    path("handset/call/", call, name="call"),
    path("handset/hang-up/", hang_up, name="hang-up"),
]
