import socket
from typing import Any

import pytest
from pytest_django import Settings

from partners.gateways.callback_address import AddressRefused, read_callback, resolve

PUBLIC = "93.184.215.14"


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Names and what they stand for; a name that is an address stands for itself."""
    known: dict[str, list[str]] = {}

    def look_up(host: str, port: int, **_options: Any) -> list[Any]:
        if host == "unknown.example.com":
            raise socket.gaierror
        return [(None, None, None, "", (address, port)) for address in known.get(host, [host])]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


class TestReadCallback:
    def test_takes_an_address_apart(self) -> None:
        callback = read_callback("https://Partner.example.com./events?of=hall")
        assert (callback.host, callback.port, callback.target) == ("partner.example.com", 443, "/events?of=hall")
        assert callback.authority == "partner.example.com"
        assert read_callback("https://[2606:4700::1111]:8443").authority == "[2606:4700::1111]:8443"
        assert read_callback("https://partner.example.com").target == "/"

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "partner.example.com/events",
            "ftp://partner.example.com/",
            "file:///etc/passwd",
            "https:///events",
            "https://user@partner.example.com/",
            "https://partner.example.com/#part",
            "https://partner.example.com:99999/",
            "https://partner.example.com/a b",
            "https://partner.example.com/\r\nX: y",
            "https://partner.example.com\\@127.0.0.1/",
            "https://[fe80::1%25eth0]/",
            "https://[::1/",
            "https://例子.example.com/",
        ],
    )
    def test_refuses_what_is_none(self, url: str) -> None:
        with pytest.raises(AddressRefused):
            read_callback(url)

    def test_takes_plain_http_in_demo_mode_only(self, settings: Settings) -> None:
        assert read_callback("http://127.0.0.1:8000/").port == 8000
        settings.DEMO_MODE = False
        with pytest.raises(AddressRefused):
            read_callback("http://partner.example.com/")


class TestResolve:
    @pytest.mark.parametrize(
        "address",
        [
            *("127.0.0.1", "127.9.9.9", "::1", "0.0.0.0", "::"),  # noqa: S104
            *("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fd12::1"),
            *("169.254.169.254", "fe80::1", "fe80::1%eth0"),
            *("100.64.0.1", "100.127.255.255"),
            *("224.0.0.1", "239.1.1.1", "ff02::1", "ff0e::1"),
            *("::ffff:127.0.0.1", "::ffff:93.184.215.14", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001::1"),
            *("192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "240.0.0.1", "255.255.255.255", "2001:db8::1"),
        ],
    )
    def test_refuses_what_is_not_public(self, address: str, names: dict[str, list[str]], settings: Settings) -> None:
        settings.DEMO_MODE = False
        names["partner.example.com"] = [address]
        with pytest.raises(AddressRefused):
            resolve(read_callback("https://partner.example.com/"))
        names["partner.example.com"] = [PUBLIC, address]
        with pytest.raises(AddressRefused):
            resolve(read_callback("https://partner.example.com/"))

    @pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "0.0.0.0"])  # noqa: S104
    def test_allows_loopback_alone_in_demo_mode(self, address: str, names: dict[str, list[str]]) -> None:
        names["here.example.com"], names["there.example.com"] = ["127.0.0.1"], [address]
        assert resolve(read_callback("https://here.example.com/")) == ["127.0.0.1"]
        with pytest.raises(AddressRefused):
            resolve(read_callback("https://there.example.com/"))

    def test_refuses_what_is_not_found(self, names: dict[str, list[str]]) -> None:
        with pytest.raises(AddressRefused):
            resolve(read_callback("https://unknown.example.com/"))

    def test_gives_public_addresses(self, names: dict[str, list[str]], settings: Settings) -> None:
        settings.DEMO_MODE = False
        names["partner.example.com"] = [PUBLIC, "2606:4700::1111", PUBLIC]
        assert resolve(read_callback("https://partner.example.com/")) == [PUBLIC, "2606:4700::1111"]
