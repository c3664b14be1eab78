"""What a file's own names mean."""

import pytest

from bee_customers.errors import WrongColumns
from bee_customers.services.imports.columns import REJECT_COLUMNS
from bee_customers.services.imports.customer_rows import COLUMNS, FIELDS
from bee_customers.services.imports.order_rows import COLUMNS as ORDER_COLUMNS

NONE = COLUMNS.names({})


@pytest.mark.parametrize(
    "name", ["full_name", "Full Name", " FULL  NAME ", "full name", "Full\tName", "\u00a0full_name"]
)
def test_a_name_is_known_in_any_case_and_with_blanks(name):
    assert NONE.field_of(name) == "full_name"


@pytest.mark.parametrize(
    "name", ["avatar_url", "Lifetime Value", "total_orders", "version", "updated_at", *REJECT_COLUMNS]
)
def test_what_only_the_service_writes_is_passed_over(name):
    assert NONE.field_of(name) is None


@pytest.mark.parametrize("name", ["", " ", "name", "fullname", "e-mail", "ｆull_name", "full_name\0"])
def test_another_name_is_unknown(name):
    with pytest.raises(KeyError):
        NONE.field_of(name)


def test_a_mapping_gives_names_their_meaning_or_none():
    names = COLUMNS.names({"E-Mail": "email", "Notes": "", "phone": ""})
    assert [names.field_of(name) for name in ("e-mail", " E-MAIL", "notes", "phone", "email")] == [
        "email",
        "email",
        None,
        None,
        "email",
    ]


@pytest.mark.parametrize("field", ["name", "Email", " email", "version", "reject_line"])
def test_a_mapping_to_a_field_that_is_none_is_refused(field):
    with pytest.raises(WrongColumns, match=f"^x={field}: there is no such field; there are id, user_id, "):
        COLUMNS.names({"x": field})


def positions(*header, **mapping):
    return COLUMNS.names(mapping).positions(header, "people.csv")


def refusal(*header, **mapping):
    with pytest.raises(WrongColumns) as refused:
        positions(*header, **mapping)
    return str(refused.value)


def test_fields_are_found_where_they_stand():
    assert positions("Email", "version", "id") == {"email": 0, "id": 2}
    assert positions("Mail", "junk", "id", mail="email", junk="") == {"email": 0, "id": 2}
    assert positions(*FIELDS) == {name: index for index, name in enumerate(FIELDS)}


def test_unknown_columns_are_named_with_a_way_out():
    told = refusal("id", "nick", "shoe size")
    assert told.startswith(
        "people.csv, line 1: the columns 'nick', 'shoe size' are not known; known are id, user_id,"
    )
    assert told.endswith("--map COLUMN=FIELD gives a column its meaning, --map COLUMN= passes it over")


def test_not_more_of_them_are_told_than_can_be_read():
    told = refusal("id", *(f"column {number} {'x' * 1000}" for number in range(1000)))
    assert len(told) < 600
    assert "'column 4 " in told
    assert "'column 5 " not in told


def test_an_odd_name_does_nothing_to_a_terminal():
    told = refusal("id", "a\nb", "\x1b[31m", "\udcff")
    assert told.isprintable()


@pytest.mark.parametrize(
    ("header", "mapping"),
    [
        (("email", "Email"), {}),
        (("email", "e-mail"), {"e-mail": "email"}),
        (("e-mail", "E-mail"), {"e-mail": "email"}),
        (("a", "b"), {"a": "email", "b": "email"}),
    ],
)
def test_a_field_is_there_once(header, mapping):
    assert refusal(*header, **mapping) == "people.csv, line 1: the column email is there twice"


def test_what_is_passed_over_may_be_there_twice():
    assert positions("version", "version", "x", "x", "id", x="") == {"id": 4}


def test_a_mapped_column_that_is_missing_is_named():
    told = refusal("id", "email", nick="full_name")
    assert told == "--map: the column 'nick' is not in line 1 of people.csv"


def test_a_nameless_column_is_told_of():
    assert "the column '' is not known" in refusal("id", "")
    assert "the column ' ' is not known" in refusal("id", " ")


def test_orders_have_columns_of_their_own():
    header = ("customer_id", "order_id", "kind", "status", "amount", "ordered_at", "updated_at")
    assert list(ORDER_COLUMNS.names({}).positions(header, "x")) == list(header)
    with pytest.raises(WrongColumns, match="'full_name'"):
        ORDER_COLUMNS.names({}).positions((*header, "full_name"), "x")
