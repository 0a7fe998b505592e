from typing import Any

import pytest
from django.test import RequestFactory

from accounts.web.client_address import client_address


def seen(remote: str, forwarded: str = "") -> str:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return client_address(RequestFactory().get("/", REMOTE_ADDR=remote, headers=headers))


class TestClientAddress:
    def test_is_who_connected_when_no_proxy_of_ours_stands_before(self) -> None:
        assert seen("192.0.2.7", "198.51.100.1") == "192.0.2.7"

    def test_is_what_our_outermost_proxy_saw(self, settings: Any) -> None:
        settings.TRUSTED_PROXIES = 1
        assert seen("10.0.0.1", "203.0.113.9, 198.51.100.1") == "198.51.100.1"
        settings.TRUSTED_PROXIES = 2
        assert seen("10.0.0.1", "203.0.113.9, 198.51.100.1, 10.0.0.2") == "198.51.100.1"

    def test_is_the_connection_if_the_proxy_said_nothing(self, settings: Any) -> None:
        settings.TRUSTED_PROXIES = 1
        assert seen("10.0.0.1") == "10.0.0.1"

    def test_counts_an_ipv6_network_as_one(self) -> None:
        assert seen("2001:db8:1:2:3:4:5:6") == seen("2001:db8:1:2::9") == "2001:db8:1:2::/64"

    def test_counts_a_mapped_address_as_what_it_is(self) -> None:
        assert seen("::ffff:192.0.2.7") == "192.0.2.7"

    @pytest.mark.parametrize("remote", ["", "unix:", "not an address"])
    def test_counts_everybody_without_an_address_together(self, remote: str) -> None:
        assert seen(remote, "198.51.100.1") == "unknown"
