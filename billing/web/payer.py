"""What a payment provider is told of the browser that goes on to its page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.web.client_address import UNKNOWN, client_address
from billing.gateways.base import Payer

_NO_ADDRESS = "127.0.0.1"


def payer_of(request: HttpRequest) -> Payer:
    """Return who is about to pay. Browsers say whether they run on a phone, newer ones in a header of its own."""
    hint = request.headers.get("Sec-CH-UA-Mobile")
    on_handset = hint == "?1" if hint else "Mobi" in request.headers.get("User-Agent", "")
    address = client_address(request).partition("/")[0]
    return Payer(address=_NO_ADDRESS if address == UNKNOWN else address, on_handset=on_handset)


def redirect_to_payment(next_url: str) -> HttpResponse:
    """Send the browser on. WeChat Pay opens its page only for whom it sees to come from the merchant's own site."""
    response = redirect(next_url)
    response["Referrer-Policy"] = "strict-origin-when-cross-origin"
    return response
