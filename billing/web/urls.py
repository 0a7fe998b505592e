from django.urls import path

from billing.web.automatic_top_up import automatic_top_up, automatic_top_up_off
from billing.web.barring import barring, report_lost, restore, stop
from billing.web.bills import bill, bill_pdf, bills, latest_bill
from billing.web.card_payment import card_payment
from billing.web.e_invoices import e_invoice_request, e_invoice_withdraw, e_invoices
from billing.web.link_card import link_card, link_card_code, link_card_resend
from billing.web.payment_callback import payment_callback
from billing.web.payment_methods import payment_methods, unlink_card
from billing.web.points import points, points_exchange
from billing.web.recharge_card import recharge_card, recharge_card_other
from billing.web.sandbox_cashier import cashier
from billing.web.star import star
from billing.web.statement import statement, statement_export
from billing.web.top_up import top_up, top_up_other, top_up_pay, top_up_result

app_name = "billing"
urlpatterns = [
    path("top-up/", top_up, name="top-up"),
    path("top-up/other/", top_up_other, name="top-up-other"),
    path("top-up/card/", recharge_card, name="recharge-card"),
    path("top-up/card/other/", recharge_card_other, name="recharge-card-other"),
    path("top-up/bank-card/", card_payment, name="card-payment"),
    path("payment-methods/", payment_methods, name="payment-methods"),
    path("payment-methods/link/", link_card, name="link-card"),
    path("payment-methods/<slug:public_id>/code/", link_card_code, name="link-card-code"),
    path("payment-methods/<slug:public_id>/code/again/", link_card_resend, name="link-card-resend"),
    path("payment-methods/<slug:public_id>/unlink/", unlink_card, name="unlink-card"),
    path("automatic-top-up/", automatic_top_up, name="automatic-top-up"),
    path("automatic-top-up/off/", automatic_top_up_off, name="automatic-top-up-off"),
    path("top-up/<slug:public_id>/", top_up_result, name="top-up-result"),
    path("top-up/<slug:public_id>/pay/", top_up_pay, name="top-up-pay"),
    path("cashier/<slug:payment_number>/", cashier, name="cashier"),
    path("payment-callback/<slug:provider>/", payment_callback, name="payment-callback"),
    path("barring/", barring, name="barring"),
    path("barring/lost/", report_lost, name="barring-lost"),
    path("barring/stop/", stop, name="barring-stop"),
    path("barring/restore/", restore, name="barring-restore"),
    path("bill/", latest_bill, name="bill"),
    path("bill/<slug:month>/", bill, name="bill"),
    path("bill/<slug:month>/pdf/", bill_pdf, name="bill-pdf"),
    path("bills/", bills, name="bills"),
    path("e-invoices/", e_invoices, name="e-invoices"),
    path("e-invoices/ask/<slug:subject>/", e_invoice_request, name="e-invoice-request"),
    path("e-invoices/<slug:public_id>/withdraw/", e_invoice_withdraw, name="e-invoice-withdraw"),
    path("points/", points, name="points"),
    path("points/exchange/", points_exchange, name="points-exchange"),
    path("star/", star, name="star"),
    path("statement/", statement, name="statement"),
    path("statement/export/", statement_export, name="statement-export"),
]
