"""A customer of a started hall who needs no browser: forms over plain HTTP."""

import re

import requests

from kernel.phone import national_number
from messaging.models import StubText
from tests.halls import StartedHall, wait_for

PATIENCE_SECONDS = 40
_FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
_CODE = re.compile(r"#(\d{6})$")


class Customer:
    """Signed in with the code of a text. Use it while the hall's records are open."""

    def __init__(self, hall: StartedHall, msisdn: str) -> None:
        self.base_url = hall.base_url
        self.session = requests.Session()
        self.msisdn = msisdn
        self.post("/sign-in/", self.fields_of("/sign-in/") | {"msisdn": national_number(msisdn)})
        wait_for(lambda: self.texts(_CODE.pattern), seconds=PATIENCE_SECONDS)
        [code] = _CODE.findall(self.texts(_CODE.pattern)[0])
        signed_in = self.post("/sign-in/code/", self.fields_of("/sign-in/code/") | {"code": code})
        assert signed_in.headers["Location"] == "/"

    def texts(self, pattern: str) -> list[str]:
        """Return the texts on this customer's handset that match."""
        found = StubText.objects.filter(msisdn=self.msisdn, body__regex=pattern)
        return list(found.values_list("body", flat=True))

    def fields_of(self, path: str) -> dict[str, str]:
        """Return the hidden fields of the page's own form, as a browser would send them."""
        page = self.session.get(self.base_url + path, timeout=20)
        assert page.status_code == 200
        return dict(_FIELD.findall(page.text.partition("<main")[2].partition("</main>")[0]))

    def post(self, path: str, form: dict[str, str]) -> requests.Response:
        return self.session.post(self.base_url + path, data=form, timeout=20, allow_redirects=False)
