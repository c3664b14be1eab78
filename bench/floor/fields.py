"""A customer's fields in the order they are shown, and the SQL that reads them."""

FIELDS = (
    "id",
    "user_id",
    "business_id",
    "full_name",
    "email",
    "phone",
    "gender",
    "avatar_url",
    "total_orders",
    "lifetime_value",
    "tags",
    "version",
    "created_at",
    "updated_at",
)
OWN_FIELDS = tuple(name for name in FIELDS if name != "tags")
OWN_COLUMNS = ", ".join(OWN_FIELDS).replace("lifetime_value", "lifetime_value::text")
TAGS = "SELECT name FROM customer_tag JOIN tag ON tag.id = tag_id WHERE customer_id = {} ORDER BY name_key"
CARRIED = TAGS.format("%s")
