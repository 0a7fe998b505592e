from django.urls import path

from packages_app.web.allowance import allowance, lift
from packages_app.web.cart import add, cart, remove
from packages_app.web.catalogue import catalogue, compare, offering
from packages_app.web.order_check import order
from packages_app.web.orders import again, confirm, order_waiting, orders, refuse, resend
from packages_app.web.port_out import port_out
from packages_app.web.proof import order_evidence
from packages_app.web.subscriptions import cancel, subscriptions
from packages_app.web.usage_details import usage_details, usage_details_export

app_name = "packages"
urlpatterns = [
    path("usage/", allowance, name="allowance"),
    path("usage/cap/", lift, name="lift-cap"),
    path("usage/details/", usage_details, name="usage-details"),
    path("usage/details/export/", usage_details_export, name="usage-details-export"),
    path("packages/", catalogue, name="catalogue"),
    path("packages/compare/", compare, name="compare"),
    path("packages/<slug:code>/", order, name="order"),
    path("packages/<slug:code>/about/", offering, name="offering"),
    path("cart/", cart, name="cart"),
    path("cart/add/<slug:code>/", add, name="cart-add"),
    path("cart/remove/<slug:code>/", remove, name="cart-remove"),
    path("orders/", orders, name="orders"),
    path("orders/<slug:public_id>/", order_waiting, name="order-waiting"),
    path("orders/<slug:public_id>/confirm/", confirm, name="confirm"),
    path("orders/<slug:public_id>/refuse/", refuse, name="refuse"),
    path("orders/<slug:public_id>/again/", again, name="again"),
    path("orders/<slug:public_id>/resend/", resend, name="resend"),
    path("orders/<slug:public_id>/evidence/", order_evidence, name="order-evidence"),
    path("port-out/", port_out, name="port-out"),
    path("subscriptions/", subscriptions, name="subscriptions"),
    path("subscriptions/<slug:public_id>/cancel/", cancel, name="cancel"),
]
