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
    NOTES_READ = "notes:read"
    NOTES_WRITE = "notes:write"
    TAGS_READ = "tags:read"
    TAGS_WRITE = "tags:write"
    ORDERS_READ = "orders:read"
    ORDERS_WRITE = "orders:write"
    STATS_READ = "stats:read"
    EXPORTS_REQUEST = "exports:request"  # of oneself alone
    ERASURES_REQUEST = "erasures:request"  # of oneself alone
    ERASURES_CANCEL = "erasures:cancel"
    PRIVACY_REQUESTS_READ = "privacy_requests:read"
    OPERATIONS_READ = "operations:read"  # of the service, so only where no business is named


class Role(enum.StrEnum):
    INTERNAL_SERVICE = "internal_service"
    CUSTOMER = "customer"
    ADMIN = "admin"


GRANTS: dict[Role, frozenset[Permission]] = {
    Role.INTERNAL_SERVICE: frozenset({Permission.CUSTOMERS_CREATE, Permission.ORDERS_WRITE}),
    Role.CUSTOMER: frozenset(
        {
            Permission.CUSTOMERS_READ,
            Permission.EXPORTS_REQUEST,
            Permission.ERASURES_REQUEST,
            Permission.ERASURES_CANCEL,
            Permission.PRIVACY_REQUESTS_READ,
        }
    ),
    Role.ADMIN: frozenset(
        {
            Permission.CUSTOMERS_READ,
            Permission.CUSTOMERS_LIST,
            Permission.CUSTOMERS_UPDATE,
            Permission.CUSTOMERS_DELETE,
            Permission.AVATARS_WRITE,
            Permission.EVENTS_READ,
            Permission.NOTES_READ,
            Permission.NOTES_WRITE,
            Permission.TAGS_READ,
            Permission.TAGS_WRITE,
            Permission.ORDERS_READ,
            Permission.STATS_READ,
            Permission.ERASURES_CANCEL,
            Permission.PRIVACY_REQUESTS_READ,
            Permission.OPERATIONS_READ,
        }
    ),
}
