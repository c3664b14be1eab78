"""An exchange of another kind, one that goes, and users who may not do everything."""

import pytest

from tests.faults.relaying import publisher, relaying
from tests.servers import wait_until

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def user(rabbit_server):
    """Makes a user, or gives one other rights: on what it may configure, write and read."""

    def with_rights(name, configure, write, read):
        expression = f"""
            User = <<"{name}">>,
            rabbit_auth_backend_internal:exists(User)
                orelse rabbit_auth_backend_internal:add_user(User, <<"secret">>, <<"tests">>),
            rabbit_auth_backend_internal:set_permissions(
                User, <<"/">>, <<"{configure}">>, <<"{write}">>, <<"{read}">>, <<"tests">>)."""
        assert rabbit_server.ctl("eval", expression).strip() == "ok"
        return rabbit_server.url.replace("guest:guest", f"{name}:secret")

    return with_rights


def test_an_exchange_of_another_type_is_named_as_the_reason_until_it_is_gone(
    rabbit, exchange, inbox, changes, relay, oracle, caplog
):
    with inbox.channel() as channel:
        channel.exchange_declare(exchange, "direct", durable=True, auto_delete=False)
    changes.commit_many(customers=5, versions=2)
    with relay() as running:
        wait_until(lambda: running.faults("mismatch") >= 2, 10, "the relay to meet the exchange, twice")
        assert f"the exchange {exchange} is there with another type or other options (406)" in caplog.text
        assert oracle.waiting == 10
        with inbox.channel() as channel:
            channel.exchange_delete(exchange)
        inbox.bind()
        wait_until(lambda: oracle.waiting == 0, 20, "all to be published")
    oracle.check()


def test_an_exchange_that_is_deleted_under_the_relay_is_made_again(exchange, bound, changes, relay, oracle):
    changes.commit_many(customers=5, versions=1)
    with relay():
        wait_until(lambda: oracle.waiting == 0, 10, "all to be published")
        with bound.channel() as channel:
            channel.exchange_delete(exchange)
        changes.commit_many(customers=5, versions=1)
        wait_until(lambda: is_there(bound, exchange), 10, "the relay to make the exchange")
        bound.bind()
        wait_until(lambda: oracle.waiting == 0, 20, "all to be published")
    oracle.check()


def is_there(inbox, exchange):
    with inbox.channel() as channel:
        try:
            channel.exchange_declare(exchange, "topic", passive=True)
        except channel.connection.channel_errors:
            return False
        return True


def test_a_user_who_may_write_but_not_create_is_enough_where_the_exchange_is(
    committing_database, exchange, bound, changes, user, oracle
):
    changes.commit_many(customers=5, versions=2)
    url = user("writer", "", ".*", "")
    with relaying(committing_database, publisher(url, exchange)):
        wait_until(lambda: oracle.waiting == 0, 10, "all to be published")
    oracle.check()


def test_a_user_who_may_not_write_is_named_as_the_reason_until_it_may(
    committing_database, exchange, bound, changes, user, oracle, caplog
):
    changes.commit_many(customers=5, versions=2)
    url = user("reader", ".*", "", ".*")
    with relaying(committing_database, publisher(url, exchange)) as running:
        wait_until(lambda: running.faults("refused") >= 2, 10, "the relay to be refused, twice")
        assert "the broker refuses the user, its password, virtual host or rights" in caplog.text
        assert "secret" not in caplog.text
        assert oracle.waiting == 10
        user("reader", ".*", ".*", ".*")
        wait_until(lambda: oracle.waiting == 0, 20, "all to be published")
    oracle.check()


def test_a_wrong_password_is_named_as_the_reason_and_not_shown(
    committing_database, rabbit, exchange, bound, changes, oracle, caplog
):
    changes.commit_many(customers=5, versions=2)
    wrong = publisher(rabbit.url.replace("guest:guest", "guest:hunter2"), exchange)
    with relaying(committing_database, wrong) as running:
        wait_until(lambda: running.faults("refused") >= 2, 10, "the relay to be refused, twice")
    assert "the broker refuses the user, its password" in caplog.text
    assert "hunter2" not in caplog.text
    assert oracle.waiting == 10
