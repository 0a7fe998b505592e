from django.urls import path

from care.web.sites import hotspots, outlets
from care.web.tickets import open_page, reply, ticket, tickets

app_name = "care"
urlpatterns = [
    path("outlets/", outlets, name="outlets"),
    path("hotspots/", hotspots, name="hotspots"),
    path("tickets/", tickets, name="tickets"),
    path("tickets/open/", open_page, name="ticket-open"),
    path("tickets/<slug:public_id>/", ticket, name="ticket"),
    path("tickets/<slug:public_id>/reply/", reply, name="ticket-reply"),
]
