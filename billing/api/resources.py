"""What this app serves over REST (`kernel.rest.registry`)."""

from django.urls import path

from billing.api.applied_billing_rate import APPLIED_RATE
from billing.api.bill_document import BillDocumentView
from billing.api.bill_on_demand import BILL_ON_DEMAND
from billing.api.customer_bill import CUSTOMER_BILL
from billing.api.customer_bill_management import API
from billing.api.payment import PAYMENT
from billing.api.refund import REFUND

RESOURCES = (CUSTOMER_BILL, BILL_ON_DEMAND, APPLIED_RATE, PAYMENT, REFUND)
OTHER_DOORS = {
    API: [
        path("customerBill/<str:id>/document/", BillDocumentView.as_view(schema=None)),
        path("customerBill/<str:id>/document", BillDocumentView.as_view(), name="customerBill-document"),
    ],
}
