"""What belongs to one customer is not there for another: every address and method, and all that pages lead to.

The addresses come from the URL table, the names from the other customer's rows, the links and forms from the pages
themselves, so that what is new is tried without being named here.
"""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.test import Client
from django.urls import resolve, reverse
from pytest_django import Settings

from accounts.models import Line
from billing.models import TopUp
from kernel.ids import PublicId
from kernel.phone import national_number
from kernel.rest.registry import list_resources
from kernel.rest.resource import Resource
from tests.factories.accounts import signed_in_client, staff_client
from tests.factories.partners import Partner, make_partner
from tests.factories.whole_customer import make_whole_customer
from tests.rest.samples import list_samples
from tests.site_map import METHODS, REST, STAFF, Address, list_addresses, pages_and_forms, submit, undone, walk
from tests.strangers import OWNED_ARGUMENTS, list_owned_models, row_ids, snapshot, spelled, values_of, words_of

pytestmark = pytest.mark.django_db

NOT_THERE, NOT_ALLOWED, NO_SUCH_METHOD, OVERTAKEN = 404, 403, 405, 409
# A visitor may name another customer's number here: to pay for it. The payment is that customer's too.
PAYS_FOR_OTHERS = {"billing:top-up", "billing:top-up-other", "billing:recharge-card", "billing:recharge-card-other"} | {
    "billing:card-payment"
}
# Open to all. Whatever else is asked for leads a stranger to signing in.
OPEN = {
    *("home", "healthz", "readyz", "page_mode", "set_language", "complaints", "accessibility", "styleguide"),
    *("functions", "help", "manifest", "service-worker", "offline"),
    *("openapi-schema", "openapi-docs"),
    *("accounts:sign-in", "accounts:sign-in-code", "accounts:resend-code", "accounts:sign-in-password"),
    *("accounts:sign-out", "packages:catalogue", "packages:offering", "packages:compare"),
    *("care:outlets", "care:hotspots"),
    # Of machines, which show a signature or a secret.
    *("billing:payment-callback", "messaging:report-notice", "oauth2_provider:token", "oauth2_provider:revoke-token"),
}


@pytest.fixture(autouse=True)
def _as_in_production(settings: Settings) -> None:
    """The demo's handset and cashier show everything to everybody; they are not there otherwise."""
    settings.DEMO_MODE = False


@pytest.fixture
def mine() -> Line:
    return make_whole_customer(name="令狐晓甲", yuan=2_321, email="mine@example.com")


@pytest.fixture
def theirs() -> Line:
    return make_whole_customer(name="欧阳明月乙", yuan=3_765, email="theirs@example.com")


class Watch:
    """Tells what another customer could notice, and what one could learn of them."""

    def __init__(self, *, mine: Line, theirs: Line) -> None:
        self.theirs = theirs
        self.words = words_of(theirs, beside=mine)
        self.before = snapshot(theirs.account_id)

    def told(self, answer: Any) -> set[str]:
        """Return what an answer says of the other customer."""
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        return set(self.words.findall(content.decode(errors="replace")))

    def changed(self) -> list[str]:
        """Return the tables in which the other customer's rows are no longer what they were."""
        after = snapshot(self.theirs.account_id)
        return [table for table, kept in self.before.items() if after[table] != kept]


def tried_paths(address: Address, line: Line) -> list[str]:
    """Return the paths of an address with everything of a customer that it could name."""
    paths: list[dict[str, str]] = [{}]
    for converter, argument in address.arguments:
        paths = [{**path, argument: value} for path in paths for value in values_of(converter, argument, line)]
    return [address.path(path) for path in paths]


def leads_to_proof(answer: Any) -> bool:
    """Tell whether a visitor is sent to prove who they are."""
    asks = (reverse("accounts:sign-in"), reverse("accounts:step-up"), reverse("admin:login"))
    return bool(answer.status_code == 302 and answer.headers["Location"].startswith(asks))


def names_of(mine: Line, theirs: Line) -> dict[str, str]:
    """Return the other customer's name for each name that the visitor's pages and bodies use."""
    pairs = [(mine.account_id, theirs.account_id), *_pairs_of_rows(mine, theirs)]
    swapped = {str(own): str(other) for own, other in pairs}
    swapped |= {own.hex: other.hex for own, other in pairs}
    swapped |= {str(PublicId(mine.account_id, own)): str(PublicId(theirs.account_id, other)) for own, other in pairs}
    swapped |= {mine.msisdn: theirs.msisdn, national_number(mine.msisdn): national_number(theirs.msisdn)}
    numbers = TopUp.objects.order_by("id").values_list("payment_number", flat=True)
    own, others = numbers.filter(account_id=mine.account_id), numbers.filter(account_id=theirs.account_id)
    return swapped | dict(zip(own, others, strict=True))


def _pairs_of_rows(mine: Line, theirs: Line) -> list[tuple[Any, Any]]:
    return [
        pair
        for model in list_owned_models()
        for pair in zip(row_ids(model, mine.account_id), row_ids(model, theirs.account_id), strict=False)
    ]


class TestTheCustomers:
    def test_have_a_row_in_every_table_of_customers(self, theirs: Line) -> None:
        counts = snapshot(theirs.account_id)
        empty = [model._meta.label for model in list_owned_models() if not counts[model._meta.db_table][0]]
        assert empty == [], "Give make_whole_customer (tests/factories/whole_customer.py) a row of these too."

    def test_are_told_apart_by_words_that_their_own_pages_show(self, mine: Line, theirs: Line) -> None:
        watch = Watch(mine=mine, theirs=theirs)
        browser = signed_in_client(theirs)
        shown = {
            name: watch.told(browser.get(reverse(name))) != set()
            for name in ("home", "billing:statement", "billing:bills", "billing:e-invoices", "packages:usage-details")
        }
        assert shown == dict.fromkeys(shown, True)


class TestEveryAddress:
    def test_hides_what_another_customer_has(self, mine: Line, theirs: Line) -> None:
        browser, watch = signed_in_client(mine), Watch(mine=mine, theirs=theirs)
        browser.raise_request_exception = False
        addresses = pages_and_forms()
        assert len(addresses) > 70
        faults = [fault for address in addresses for fault in self.faults_of(address, browser, watch)]
        assert faults == []
        assert browser.get("/bills/").status_code == 200, "somebody signed out sees nothing anyway"

    def faults_of(self, address: Address, browser: Client, watch: Watch) -> Iterator[str]:
        names_theirs = any(argument in OWNED_ARGUMENTS for _converter, argument in address.arguments)
        paths = tried_paths(address, watch.theirs)
        with undone(browser):
            for method in METHODS:
                # A door looks at the method before it looks at what is named; the other three are refused alike.
                for path in paths if method in ("GET", "POST") else paths[:1]:
                    answer = browser.generic(method, path)
                    if answer.status_code >= 500:
                        yield f"{method} {path}: {answer.status_code}"
                    elif names_theirs and not self.is_refusal(answer):
                        yield f"{method} {path}: {answer.status_code} and not 404"
                    if told := watch.told(answer):
                        yield f"{method} {path}: says {told}"
            if changed := watch.changed():
                yield f"{address.route}: changes {changed}"

    def is_refusal(self, answer: Any) -> bool:
        return answer.status_code in (NOT_THERE, NOT_ALLOWED, NO_SUCH_METHOD) or leads_to_proof(answer)

    def test_leads_a_stranger_to_signing_in(self, theirs: Line) -> None:
        browser = Client(raise_request_exception=False)
        closed = [address for address in pages_and_forms() if address.name not in OPEN]
        assert len(closed) > 50
        faults = [
            f"{method} {path}: {answer.status_code}"
            for address in closed
            for path in tried_paths(address, theirs)[:1]
            for method in METHODS
            for answer in (browser.generic(method, path),)
            if not self.is_refusal(answer)
        ]
        assert faults == []

    def test_would_notice_a_page_that_forgets_whose_it_is(
        self, mine: Line, theirs: Line, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("packages_app.web.owned.list_signed_in_lines", lambda _request: [theirs])
        browser, watch = signed_in_client(mine), Watch(mine=mine, theirs=theirs)
        named = {address.name: address for address in pages_and_forms()}
        seen = list(self.faults_of(named["packages:order-evidence"], browser, watch))
        assert [fault for fault in seen if "says" in fault]
        ended = list(self.faults_of(named["packages:cancel"], browser, watch))
        assert [fault for fault in ended if "changes" in fault and "packages_subscription" in fault]

    def test_says_what_to_add_when_an_argument_is_new(self, theirs: Line) -> None:
        new = Address("parcels/<slug:parcel>/", "care:parcel", (("slug", "parcel"),))
        with pytest.raises(AssertionError, match="<slug:parcel> of a path names"):
            tried_paths(new, theirs)


class TestLinksAndForms:
    """Of the visitor's own pages, with the other customer's names in the place of the visitor's."""

    def test_do_nothing_with_what_another_customer_has(self, mine: Line, theirs: Line) -> None:
        browser, watch = signed_in_client(mine), Watch(mine=mine, theirs=theirs)
        browser.raise_request_exception = False
        names = names_of(mine, theirs)
        links, forms = walk(browser)
        tries: list[tuple[str, str, list[tuple[str, str]]]] = [("GET", link, []) for link in sorted(links)]
        tries += [(form.method, form.action, form.fields) for form in forms]
        swapped = {
            (method, _swapped_address(address, names), tuple((name, _swapped(value, names)) for name, value in fields))
            for method, address, fields in tries
            if _names_anything(address, fields, names)
        }
        assert len(swapped) > 25
        faults = [
            fault
            for method, address, fields in sorted(swapped)
            for fault in self.faults_of(browser, watch, method, address, list(fields))
        ]
        assert faults == []

    def faults_of(
        self, browser: Client, watch: Watch, method: str, address: str, fields: list[tuple[str, str]]
    ) -> Iterator[str]:
        name = resolve(urlsplit(address).path).view_name
        with undone(browser):
            answer = submit(browser, method, address, fields)
            # What the visitor wrote is theirs to see again, and whether it is the right person's.
            may_say = set(spelled(watch.theirs)) if name in PAYS_FOR_OTHERS else set()
            told = watch.told(answer) - may_say
            if answer.status_code >= 500:
                yield f"{method} {address} {fields}: {answer.status_code}"
            if told:
                yield f"{method} {address} {fields}: says {told}"
            if name not in PAYS_FOR_OTHERS and (changed := watch.changed()):
                yield f"{method} {address} {fields}: changes {changed}"


def _names_anything(address: str, fields: list[tuple[str, str]], names: dict[str, str]) -> bool:
    swapped = _swapped_address(address, names)
    return swapped != address or any(_swapped(value, names) != value for name, value in fields if name != "next")


def _swapped(value: str, names: dict[str, str]) -> str:
    for own, other in names.items():
        if own in value:
            return value.replace(own, other)
    return value


def _swapped_address(address: str, names: dict[str, str]) -> str:
    parts = urlsplit(address)
    query = [(name, _swapped(value, names)) for name, value in parse_qsl(parts.query) if name != "next"]
    return _swapped(parts.path, names) + (f"?{urlencode(query)}" if query else "")


class TestRest:
    def test_hides_what_a_partner_may_not_see(self, mine: Line, theirs: Line) -> None:
        partner = make_partner(mine)
        watch = Watch(mine=mine, theirs=theirs)
        addresses = [one for one in list_addresses() if one.route.startswith(REST) and one.name]
        assert len(addresses) >= 10
        faults = [fault for address in addresses for fault in self.faults_of(address, partner, watch)]
        assert faults == []

    def faults_of(self, address: Address, partner: Partner, watch: Watch) -> Iterator[str]:
        browser = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {partner.token}"})
        # The same resource answers with and without the last slash.
        paths = tried_paths(address, watch.theirs)[: 1 if address.route.endswith("/") else None]
        with undone(browser):
            for method in METHODS:
                for path in paths if method == "GET" else paths[:1]:
                    answer = browser.generic(method, path, b"{}", content_type="application/json")
                    if answer.status_code >= 500 or (address.arguments and answer.status_code not in (404, 405)):
                        yield f"{method} {path}: {answer.status_code}"
                    if told := watch.told(answer):
                        yield f"{method} {path}: says {told}"
            if changed := watch.changed():
                yield f"{address.route}: changes {changed}"

    def test_does_nothing_for_a_body_that_names_somebody_else(self, mine: Line, theirs: Line) -> None:
        """Good bodies, so that nothing but whom they name can be the reason of a refusal."""
        partner, watch, names = make_partner(mine), Watch(mine=mine, theirs=theirs), names_of(mine, theirs)
        made = [one for one in list_resources() if one.creation]
        changed = [one for one in list_resources() if one.change]
        assert (len(made) >= 5, len(changed) >= 1) == (True, True)
        faults = [fault for resource in made for fault in self.faults_of_making(resource, partner, watch, mine, names)]
        faults += [fault for resource in changed for fault in self.faults_of_changing(resource, partner, watch)]
        assert faults == []

    def faults_of_making(
        self, resource: Resource[Any], partner: Partner, watch: Watch, mine: Line, names: dict[str, str]
    ) -> Iterator[str]:
        sample = list_samples()[resource.name]
        assert sample.body is not None
        own, whole = json.dumps(sample.body(mine)), json.dumps(sample.body(watch.theirs))
        # What a body is about may have been made for it.
        watch.before = snapshot(watch.theirs.account_id)
        with undone(Client()):
            sample.make(mine)
            taken = partner.post(resource.path, own.encode(), key="own").status_code
            # A sample's day may be over; that is told to whoever may see what it is about.
            if taken >= 300 and taken != OVERTAKEN:
                yield f"{resource.path}: {taken} for a good body"
        # All of it somebody else's, and one name after the other.
        others = {whole, *(own.replace(name, other) for name, other in names.items() if name in own)} - {own}
        for number, named in enumerate(sorted(others)):
            with undone(Client()):
                answer = partner.post(resource.path, named.encode(), key=f"other-{number}")
                if answer.status_code != NOT_THERE:
                    yield f"{resource.path} {named}: {answer.status_code} and not 404"
                if told := watch.told(answer):
                    yield f"{resource.path} {named}: says {told}"
                if changed := watch.changed():
                    yield f"{resource.path} {named}: changes {changed}"

    def faults_of_changing(self, resource: Resource[Any], partner: Partner, watch: Watch) -> Iterator[str]:
        changes = list_samples()[resource.name].changes
        assert changes is not None
        with undone(Client()):
            for name in values_of("str", "id", watch.theirs):
                answer = partner.patch(f"{resource.path}/{name}", changes(watch.theirs))
                if answer.status_code != NOT_THERE:
                    yield f"PATCH {resource.path}/{name}: {answer.status_code} and not 404"
            if changed := watch.changed():
                yield f"PATCH {resource.path}: changes {changed}"

    def test_would_notice_a_resource_that_forgets_who_may_see_an_account(self, mine: Line, theirs: Line) -> None:
        partner, watch, names = make_partner(mine, theirs), Watch(mine=mine, theirs=theirs), names_of(mine, theirs)
        [top_ups] = [one for one in list_resources() if one.name == "topupBalance"]
        seen = list(self.faults_of_making(top_ups, partner, watch, mine, names))
        assert [fault for fault in seen if "201 and not 404" in fault]
        assert [fault for fault in seen if "changes" in fault and "billing_top_up" in fault]

    def test_is_closed_without_a_token_and_to_a_customers_session(self, mine: Line) -> None:
        addresses = [one for one in list_addresses() if one.route.startswith(REST) and one.name]
        assert addresses
        faults = [
            f"{method} {path}: {answer.status_code}"
            for browser in (Client(), signed_in_client(mine))
            for address in addresses
            for path in tried_paths(address, mine)[:1]
            for method in METHODS
            for answer in (browser.generic(method, path, b"{}", content_type="application/json"),)
            if answer.status_code not in (401, 405)
        ]
        assert faults == []


class TestTheStaffDesk:
    def test_is_closed_to_customers(self, mine: Line) -> None:
        browser = signed_in_client(mine)
        faults = [
            f"{method} {path}: {answer.status_code}"
            for path in desk_paths()
            for method in ("GET", "POST")
            for answer in (browser.generic(method, path),)
            if not (leads_to_proof(answer) or answer.status_code in (NOT_THERE, NOT_ALLOWED, NO_SUCH_METHOD))
        ]
        assert faults == []

    @pytest.mark.parametrize("role", ["clerk", "supervisor", "product", "finance", "operations", "auditor"])
    def test_breaks_for_no_role(self, role: str, mine: Line) -> None:
        browser = staff_client(role)
        browser.raise_request_exception = False
        answers = {path: browser.get(path).status_code for path in desk_paths()}
        assert {path: status for path, status in answers.items() if status >= 500} == {}
        assert 200 in answers.values()


def desk_paths() -> list[str]:
    """Return the staff desk's addresses that name no row. What opens to all there is signing in and out."""
    open_to_all = {"admin:login", "admin:logout"}
    desk = [one for one in list_addresses() if one.route.startswith(STAFF) and one.name not in open_to_all]
    paths = [address.path({}) for address in desk if not address.arguments]
    assert len(paths) > 50
    return paths
