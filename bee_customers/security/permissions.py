"""What may be done, and which role may do it."""

import enum


class Permission(enum.StrEnum):
    CUSTOMERS_CREATE = "customers:create"
    CUSTOMERS_READ = "customers:read"  # one customer: staff any of theirs, a customer itself
    CUSTOMERS_LIST = "customers:list"
    CUSTOMERS_UPDATE = "customers:update"
    CUSTOMERS_DELETE = "customers:delete"
    AVATARS_WRITE = "avatars:write"
    EVENTS_READ = "events:read"


class Role(enum.StrEnum):
    INTERNAL_SERVICE = "internal_service"
    CUSTOMER = "customer"
    ADMIN = "admin"


GRANTS: dict[Role, frozenset[Permission]] = {
    Role.INTERNAL_SERVICE: frozenset({Permission.CUSTOMERS_CREATE}),
    Role.CUSTOMER: frozenset({Permission.CUSTOMERS_READ}),
    Role.ADMIN: frozenset(
        {
            Permission.CUSTOMERS_READ,
            Permission.CUSTOMERS_LIST,
            Permission.CUSTOMERS_UPDATE,
            Permission.CUSTOMERS_DELETE,
            Permission.AVATARS_WRITE,
            Permission.EVENTS_READ,
        }
    ),
}
