"""docs/how-to/partner-quickstart.md and its example, run as written against the started hall."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest

from tests.halls import CHECKOUT, StartedHall, wait_for
from tests.networks.hub_receiver import HubReceiver

QUICKSTART = CHECKOUT / "docs" / "how-to" / "partner-quickstart.md"
EXAMPLE = CHECKOUT / "docs" / "examples" / "top_up_and_event.py"

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="the quickstart's lines need curl")


@pytest.fixture
def receiver() -> Iterator[HubReceiver]:
    there = HubReceiver()
    yield there
    there.close()


def run(script: str, environment: Mapping[str, str]) -> str:
    """Run shell lines as a person would, stopping at the first that fails."""
    done = subprocess.run(
        ["sh", "-euc", script], cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def one_after_another(text: str) -> list[Any]:
    """Read JSON values that follow each other without anything between."""
    decoder = json.JSONDecoder(parse_float=Decimal)
    values = []
    while text.strip():
        value, end = decoder.raw_decode(text.lstrip())
        values.append(value)
        text = text.lstrip()[end:]
    return values


def test_a_partner_comes_from_its_credentials_to_its_first_top_up_and_its_event(
    hall: StartedHall, receiver: HubReceiver
) -> None:
    operator, partner = re.findall(r"```sh\n(.*?)```", QUICKSTART.read_text(), re.DOTALL)
    assert partner.count("curl ") == 5
    secret = re.search(r"client_secret: (\S+)", run(operator, hall.environment))
    assert secret is not None
    environment = {
        **hall.environment,
        "HALL": hall.base_url,
        "CLIENT_ID": "marketplace",
        "CLIENT_SECRET": secret[1],
        "CALLBACK": receiver.url,
    }

    buckets, hub, top_up, _deliveries = one_after_another(run(partner, environment))
    [wallet] = buckets
    assert wallet["logicalResource"][0]["id"] == "13800138000"
    assert (top_up["status"], top_up["amount"]) == ("completed", {"amount": Decimal("49.9"), "units": "CNY"})
    assert top_up["bucket"]["id"] == wallet["id"]
    wait_for(lambda: receiver.events, seconds=60)
    [event] = receiver.events
    assert event["eventType"] == "TopupBalanceCreateEvent"
    assert event["event"]["topupBalance"]["id"] == top_up["id"]

    again, same_hub, same_top_up, deliveries = one_after_another(run(partner, environment))
    assert (same_hub, same_top_up) == (hub, top_up)
    assert again[0]["remainingValue"]["amount"] == wallet["remainingValue"]["amount"] + Decimal("49.9")
    assert [delivery["event"]["eventId"] for delivery in deliveries] == [event["eventId"]]

    # It listens by itself.
    environment.pop("CALLBACK")
    said = subprocess.run(
        [sys.executable, EXAMPLE, "13800138000"], env=environment, capture_output=True, text=True, timeout=120
    )
    assert re.fullmatch(r"order-\S+: completed\nTopupBalanceCreateEvent \S+: completed\n", said.stdout), (
        said.stdout + said.stderr
    )
