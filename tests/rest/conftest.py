"""A caller with two lines of its own and one that is somebody else's, each with an entity of the resource."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import time_machine
from django.conf import settings

from accounts.models import Line
from kernel.rest.resource import Resource
from tests.factories.billing import NOW, make_line
from tests.factories.partners import Partner, make_partner
from tests.rest.samples import Sample, list_samples


@dataclass(frozen=True)
class Case:
    """One resource, ready to be called."""

    resource: Resource[Any]
    sample: Sample
    partner: Partner
    lines: list[Line]
    other: Line

    @property
    def path(self) -> str:
        return self.resource.path

    def entities(self) -> list[dict[str, Any]]:
        """Return all that the partner sees."""
        response = self.partner.get(self.path)
        assert response.status_code == 200, response.content
        return response.json()  # type: ignore[no-any-return]

    def first_path(self) -> str:
        """Return the address of one entity."""
        href: str = self.entities()[0]["href"]
        return href.removeprefix(settings.PUBLIC_URL)

    def own_path(self) -> str:
        """Return the address of an entity that the caller may change and take away, as far as there are any."""
        if not self.sample.changes_own_only:
            return self.first_path()
        assert self.sample.body is not None
        made = self.partner.post(self.path, self.sample.body(self.lines[0]), key="own")
        assert made.status_code == 201, made.content
        return str(made.json()["href"]).removeprefix(settings.PUBLIC_URL)


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def case(request: pytest.FixtureRequest, db: None) -> Case:
    resource: Resource[Any] = request.param
    sample = list_samples()[resource.name]
    lines = [make_line(cash_fen=100_00) for _ in range(2)]
    other = make_line(cash_fen=100_00)
    for line in (*lines, other):
        sample.make(line)
    return Case(resource, sample, make_partner(*lines), lines, other)
