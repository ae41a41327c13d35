"""Lets ICE use the loopback address when it is the only one, so that a call works offline."""

import aioice.ice

_found_by_aioice = aioice.ice.get_host_addresses


def _host_addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:  # noqa: FBT001
    # aioice skips 127.0.0.1; without any other interface it would gather no candidate at all.
    return _found_by_aioice(use_ipv4, use_ipv6) or ["127.0.0.1"]


def allow_loopback() -> None:
    """Make aioice offer 127.0.0.1 on a machine without another interface. Idempotent."""
    aioice.ice.get_host_addresses = _host_addresses
