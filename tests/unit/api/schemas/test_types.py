"""The strict types of the schemas."""

import colander
import pytest

from bee_customers.api.schemas.customers import NewCustomer
from bee_customers.api.schemas.types import Checked, StrictSchema
from bee_customers.errors import FieldFault, InvalidDocument, InvalidField
from bee_customers.services.rules import Rules

BUSINESS = "0190d3a4-6f5b-7c1e-9a53-2f8f4a1b7c9d"
GOOD = {"business_id": BUSINESS, "full_name": "Ana"}
NEW = NewCustomer().bind(rules=Rules("RO"))


def faults(document):
    with pytest.raises(colander.Invalid) as refused:
        NEW.deserialize(document)
    return set(refused.value.asdict())


def small(value):
    if value != 1 or isinstance(value, bool):
        raise InvalidField("must be 1")
    return value


class Honey(StrictSchema):
    jars = colander.SchemaNode(Checked(small, {"type": "integer"}))
    lid = colander.SchemaNode(Checked(small, {"type": "integer"}, is_nullable=True), missing=colander.drop)


@pytest.mark.parametrize("value", [[], "x", 7, True, None], ids=repr)
def test_an_object_is_an_object(value):
    with pytest.raises(colander.Invalid):
        Honey().deserialize(value)


def test_null_is_kept_where_it_may_be_and_absence_stays_absence():
    assert Honey().deserialize({"jars": 1, "lid": None}) == {"jars": 1, "lid": None}
    assert Honey().deserialize({"jars": 1}) == {"jars": 1}


@pytest.mark.parametrize("document", [{}, {"jars": None}, {"jars": True}, {"jars": "1"}, {"jars": 1, "lid": 2}])
def test_what_a_check_refuses_is_refused(document):
    with pytest.raises(colander.Invalid):
        Honey().deserialize(document)


def test_each_unknown_member_is_a_fault_of_its_own():
    with pytest.raises(colander.Invalid) as refused:
        Honey().deserialize({"jars": 2, "wax": 1, "": 1})
    assert refused.value.asdict() == {"jars": "must be 1", "wax": "is not known", "": "is not known"}


def test_faults_inside_a_list_are_children_by_index():
    def refuse(_):
        raise InvalidDocument([FieldFault("/3", "is wrong")])

    node = colander.SchemaNode(Checked(refuse, {"type": "array"}), name="tags")
    with pytest.raises(colander.Invalid) as refused:
        node.deserialize([])
    assert refused.value.asdict() == {"tags.3": "is wrong"}


def test_a_nullable_form_says_so():
    assert Checked(small, {"type": "integer"}, is_nullable=True).openapi == {
        "anyOf": [{"type": "integer"}, {"type": "null"}]
    }


def test_a_new_customer_needs_a_business_and_a_name():
    assert faults({}) == {"business_id", "full_name"}
    assert set(NEW.deserialize(GOOD)) == {"business_id", "full_name"}


@pytest.mark.parametrize("name", ["business_id", "full_name"])
def test_what_a_new_customer_needs_cannot_be_null(name):
    assert faults(GOOD | {name: None}) == {name}


@pytest.mark.parametrize("name", ["user_id", "email", "phone", "gender", "tags"])
@pytest.mark.parametrize("value", [True, 1.9, 3, "", [7], {}], ids=repr)
def test_a_member_of_the_wrong_kind_is_named(name, value):
    assert {fault.partition(".")[0] for fault in faults(GOOD | {name: value})} == {name}


@pytest.mark.parametrize("name", ["id", "version", "lifetime_value", "created_at", "avatar_url"])
def test_what_only_the_service_writes_is_unknown_here(name):
    assert faults(GOOD | {name: "1"}) == {name}
