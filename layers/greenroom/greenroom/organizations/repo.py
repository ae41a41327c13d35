"""A principal's way to the rows of their organisation.

It is made for a principal, whose organisation it takes, and makes its keys (``kernel.tenants`` says
why they keep organisations apart); stores take it and ids, never keys.
"""

from greenroom.kernel.errors import Forbidden
from greenroom.kernel.tenants import Tenant
from greenroom.organizations.principal import CustomerRef, Principal


class OrgRepo:
    """The rows of one principal's organisation."""

    __slots__ = ("principal", "tenant")

    def __init__(self, principal: Principal) -> None:
        """Make it.

        Raises:
            ValueError: the organisation's id is no part of a key.
        """
        self.tenant = Tenant("organization", principal.organization_id)
        self.principal = principal

    @classmethod
    def of_system(cls, organization_id: str) -> "OrgRepo":
        """The rows of an organisation that one of our own rows names, for our own work."""
        return cls(Principal(organization_id=organization_id, role="system"))

    @property
    def organization_id(self) -> str:
        """Our id of the organisation."""
        return self.principal.organization_id

    def pk(self, *parts: str) -> str:
        """The partition of what these parts name, or of the organisation itself.

        Raises:
            ValueError: a part is empty or would reach into another key.
        """
        return self.tenant.pk(*parts)

    def customer_pk(self, ref: CustomerRef) -> str:
        """The partition of a customer."""
        return self.pk("C", ref.sign, ref.customer_id)

    def require_staff(self) -> None:
        """Let in who works there.

        Raises:
            Forbidden: the principal does not.
        """
        if not self.principal.is_staff:
            raise Forbidden("Only the studio's staff may do this.")

    def require_admin(self) -> None:
        """Let in who administers it.

        Raises:
            Forbidden: the principal does not.
        """
        if self.principal.role != "admin":
            raise Forbidden("Only an admin of the studio may do this.")

    def require(self, ref: CustomerRef) -> None:
        """Let in the staff, and the customer themselves.

        Raises:
            Forbidden: it is another customer's business.
        """
        if not self.principal.is_staff and self.principal.customer != ref:
            raise Forbidden("This is another customer's.")


def organization_of(pk: str) -> str:
    """The organisation whose partition that is.

    Raises:
        ValueError: it is none.
    """
    tenant = Tenant.of_pk(pk)
    if tenant.kind != "organization":
        raise ValueError("no organisation's partition")
    return tenant.tenant_id
