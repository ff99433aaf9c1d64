"""The table [interface]: laws of contact between the phases, by name."""

from __future__ import annotations

from typing import Literal

from scl_fem.registry import Registry
from scl_fem.settings import Settings


class InterfaceSettings(Settings):
    """A law of the interface; each has its own keys."""

    law: str


INTERFACE_LAWS: Registry[type[InterfaceSettings]] = Registry("interface law")


@INTERFACE_LAWS.register("perfect")
class PerfectContact(InterfaceSettings):
    """phi and mu_e are continuous."""

    law: Literal["perfect"] = "perfect"
