"""Every error of the domain has a place in the contract."""

import dataclasses
import inspect
import uuid

import orjson
import pytest
from pyramid.request import Request

from bee_customers import errors
from bee_customers.api import problems

# A token's fault is told by the security policy, a setting's at the start, that of counters and the relay's in the
# log, and what only commands meet by the command.
TOLD_ELSEWHERE = {
    errors.InvalidToken,
    errors.InvalidSetting,
    errors.CountersUnavailable,
    errors.EventNotSerialisable,
    errors.BrokerUnavailable,
    errors.FallbackUnavailable,
    errors.BadLines,
    errors.ErasureIncomplete,
    errors.EventsUnderWay,
    errors.ImportStopped,
    errors.ImportUnderWay,
    errors.ImportUnfinished,
    errors.InvalidLedger,
    errors.InvalidReceipt,
    errors.LedgerTooLarge,
    errors.LedgerWouldShrink,
    errors.RowExists,
    errors.UnreadableFile,
    errors.WrongColumns,
    errors.WrongMapping,
}
ARGUMENTS = {
    errors.InvalidDocument: ([errors.FieldFault("/email", "is wrong")],),
    errors.CustomerExists: (uuid.UUID(int=7),),
    errors.VersionMismatch: (7,),
}
ALL = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.DomainError) and kind is not errors.DomainError and kind not in TOLD_ELSEWHERE
]


def reply(error):
    request = Request.blank("/")
    request.registry = {}
    response = problems.of_exception(error, request)
    return response, orjson.loads(response.body)


@pytest.mark.parametrize("kind", ALL)
def test_every_error_of_the_domain_has_a_problem(kind):
    response, document = reply(kind(*ARGUMENTS.get(kind, ("what happened",))))
    assert response.status_int != 500
    assert response.content_type == "application/problem+json"
    assert document["status"] == response.status_int
    assert document["type"].removeprefix("/problems/") in problems.ALL
    assert {"type", "title", "status", "detail", "instance", "trace_id"} <= set(document)


def test_problems_are_known_by_their_slugs():
    types = [value for value in vars(problems).values() if isinstance(value, problems.ProblemType)]
    assert len({problem.slug for problem in types}) == len(types) == len(problems.ALL)
    assert all(problems.ALL[slug].slug == slug for slug in problems.ALL)


@pytest.mark.parametrize("problem", problems.ALL.values(), ids=lambda problem: problem.slug)
def test_a_problem_is_an_error_with_a_title(problem):
    assert 400 <= problem.status < 600
    assert all(dataclasses.asdict(problem).values())


def test_an_unexpected_error_tells_nothing(caplog):
    response, document = reply(RuntimeError("hunter2"))
    assert response.status_int == 500
    assert "hunter2" not in response.text
    assert "RuntimeError" not in document["detail"]
    assert "unexpected RuntimeError" in caplog.text


def test_a_stale_version_is_told_the_current_one():
    assert reply(errors.VersionMismatch(7))[0].headers["ETag"] == '"7"'


def test_the_customer_that_is_there_already_is_named():
    assert reply(errors.CustomerExists(uuid.UUID(int=7)))[1]["customer_id"] == str(uuid.UUID(int=7))


@pytest.mark.parametrize("kind", [errors.DatabaseUnavailable, errors.TransactionConflict, errors.KeysUnavailable])
def test_what_may_succeed_later_says_when_to_come_back(kind):
    response, _ = reply(kind("away"))
    assert response.status_int == 503
    assert int(response.headers["Retry-After"]) > 0


def test_every_fault_is_listed_up_to_a_bound():
    found = [errors.FieldFault(f"/tags/{number}", "is wrong") for number in range(1000)]
    assert reply(errors.InvalidDocument(found[:2]))[1]["errors"] == [
        {"pointer": "/tags/0", "detail": "is wrong"},
        {"pointer": "/tags/1", "detail": "is wrong"},
    ]
    assert len(reply(errors.InvalidDocument(found))[1]["errors"]) <= 100


def test_a_wrong_parameter_is_named_as_one():
    assert reply(problems.InvalidQuery([errors.FieldFault("limit", "is wrong")]))[1]["errors"] == [
        {"parameter": "limit", "detail": "is wrong"}
    ]
