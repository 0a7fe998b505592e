"""docs/how-to/partner-quickstart.md, run as written against the started hall."""

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from tests.halls import CHECKOUT, StartedHall

QUICKSTART = CHECKOUT / "docs" / "how-to" / "partner-quickstart.md"

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="the quickstart's lines need curl")


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


def test_a_partner_comes_from_its_credentials_to_its_first_top_up(hall: StartedHall) -> None:
    operator, partner = re.findall(r"```sh\n(.*?)```", QUICKSTART.read_text(), re.DOTALL)
    secret = re.search(r"client_secret: (\S+)", run(operator, hall.environment))
    assert secret is not None
    environment = {
        **hall.environment,
        "HALL": hall.base_url,
        "CLIENT_ID": "marketplace",
        "CLIENT_SECRET": secret[1],
    }

    buckets, top_up, top_ups = one_after_another(run(partner, environment))
    [wallet] = buckets
    assert wallet["logicalResource"][0]["id"] == "13800138000"
    assert (top_up["status"], top_up["amount"]) == ("completed", {"amount": Decimal("49.9"), "units": "CNY"})
    assert top_up["bucket"]["id"] == wallet["id"]
    assert top_ups == [top_up]

    again, same_top_up, _top_ups = one_after_another(run(partner, environment))
    assert same_top_up == top_up
    assert again[0]["remainingValue"]["amount"] == wallet["remainingValue"]["amount"] + Decimal("49.9")
