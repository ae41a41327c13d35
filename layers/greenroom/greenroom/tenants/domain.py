"""Tenants of the AI proxy, and who somebody is in one. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from greenroom.kernel.tenants import Tenant
from greenroom.usage.domain import Plan

Role = Literal["admin", "member"]
PreschoolRole = Literal["admin", "teacher"]


@dataclass(frozen=True, slots=True)
class TenantEntry:
    """A person's way into a tenant. ``name`` is None while only the tenant's id is known."""

    tenant: Tenant
    name: str | None
    role: Role
    plan: Plan


@dataclass(frozen=True, slots=True)
class Preschool:
    """A preschool, as an operator has set it up."""

    preschool_id: str
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PreschoolMember:
    """Somebody who works in a preschool."""

    preschool_id: str
    user_id: str
    role: PreschoolRole


def role_in(preschool_role: str) -> Role:
    """What a preschool's role is to the proxy."""
    return "admin" if preschool_role == "admin" else "member"
