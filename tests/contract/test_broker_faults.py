"""A broker that cannot be used: which kind of fault it is, in clear words, and never the password."""

import errno
import socket
from pathlib import Path

import pytest

from bee_customers.errors import BrokerUnavailable
from bee_customers.events import amqp_faults
from bee_customers.events.kombu_publisher import KombuPublisher
from tests.broker import Broker
from tests.certificates import Authority
from tests.contract.conftest import PASSWORD
from tests.outgoing import message
from tests.servers import RabbitServer, free_port


def fault_of(url: str, exchange: str) -> BrokerUnavailable:
    """What publishing one message comes to; the publisher must not hold on to anything."""
    outcome = KombuPublisher([url], exchange).publish([message()])
    assert outcome.fault is not None
    assert (outcome.confirmed, outcome.refused) == (frozenset(), {})
    assert PASSWORD not in f"{outcome.fault!s} {outcome.fault!r}"
    assert len(str(outcome.fault).splitlines()) == 1
    return outcome.fault


def test_a_wrong_password(broker: Broker) -> None:
    fault = fault_of(broker.url.replace("guest@", f"{PASSWORD}@"), broker.exchange)
    assert fault.kind == "refused"
    assert "refuses the user, its password" in str(fault)


def test_a_virtual_host_that_is_not_there(broker: Broker, limited: str) -> None:
    fault = fault_of(f"{limited[:-2]}/nowhere", broker.exchange)
    assert fault.kind == "refused"
    assert "virtual host" in str(fault)


def test_an_exchange_of_another_type(broker: Broker) -> None:
    broker.declare("fanout")
    fault = fault_of(broker.url, broker.exchange)
    assert fault.kind == "mismatch"
    assert f"the exchange {broker.exchange} is there with another type" in str(fault)


def test_nothing_listens(broker: Broker) -> None:
    fault = fault_of(f"amqp://bee:{PASSWORD}@127.0.0.1:{free_port()}//", broker.exchange)
    assert fault.kind == "unreachable"
    assert str(fault) == "the broker cannot be reached: Connection refused"


def test_a_host_that_has_no_address(broker: Broker) -> None:
    fault = fault_of(f"amqp://bee:{PASSWORD}@no-such-host.invalid//", broker.exchange)
    assert fault.kind == "unreachable"
    assert "cannot be reached" in str(fault)


def test_a_user_without_the_right_to_make_exchanges_is_enough_where_there_is_one(
    broker: Broker, limited: str
) -> None:
    broker.queue()
    one = message()
    publisher = KombuPublisher([limited], broker.exchange)
    assert publisher.publish([one]).confirmed == {one.event_id}
    publisher.close()


def test_where_there_is_none_such_a_user_is_told_so(broker: Broker, limited: str) -> None:
    fault = fault_of(limited, broker.exchange)
    assert fault.kind == "mismatch"
    assert f"the exchange {broker.exchange} is not there, and the user may not make it" in str(fault)


def test_a_server_of_another_protocol(broker: Broker) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.settimeout(5)
        url = f"amqp://bee:{PASSWORD}@127.0.0.1:{other.getsockname()[1]}//"
        publisher = KombuPublisher([url], broker.exchange, connect_seconds=0.3)
        fault = publisher.publish([message()]).fault
    assert fault is not None
    assert (fault.kind, str(fault)) == ("timeout", "the broker did not answer in time")


def test_the_certificate_of_a_known_authority_is_trusted(
    rabbit: RabbitServer, broker: Broker, certificates: Authority
) -> None:
    broker.queue()
    publisher = KombuPublisher([f"{rabbit.tls_url}?cacertfile={certificates.file}"], broker.exchange)
    one = message()
    assert publisher.publish([one]).confirmed == {one.event_id}
    publisher.close()


@pytest.mark.parametrize("authority", ["another", "that of the system"])
def test_the_certificate_of_an_unknown_authority_is_not(
    rabbit: RabbitServer, broker: Broker, tmp_path: Path, authority: str
) -> None:
    query = f"?cacertfile={Authority(tmp_path).file}" if authority == "another" else ""
    fault = fault_of(rabbit.tls_url.replace("guest@", f"{PASSWORD}@") + query, broker.exchange)
    assert fault.kind == "unreachable"
    assert "no secure connection" in str(fault)
    assert "certificate verify failed" in str(fault)


def test_a_certificate_for_another_name_is_not_trusted(
    rabbit: RabbitServer, broker: Broker, certificates: Authority
) -> None:
    url = rabbit.tls_url.replace("localhost", "127.0.0.1")
    fault = fault_of(f"{url}?cacertfile={certificates.file}", broker.exchange)
    assert "certificate is not valid for '127.0.0.1'" in str(fault)


def test_a_certificate_file_that_is_not_there_is_told(rabbit: RabbitServer, broker: Broker) -> None:
    fault = fault_of(f"{rabbit.tls_url}?cacertfile=/nowhere/ca.pem", broker.exchange)
    assert str(fault) == "a file that RABBITMQ_URL names is not there"


def test_an_error_without_words_is_told_by_its_name() -> None:
    fault = amqp_faults.named(ConnectionResetError(), "bees")
    assert (fault.kind, str(fault)) == ("lost", "the connection to the broker broke: ConnectionResetError")


def test_a_blocked_broker_is_told_as_such_whatever_broke() -> None:
    fault = amqp_faults.named(OSError(errno.EPIPE, "Broken pipe"), "bees", is_blocked=True)
    assert fault.kind == "blocked"
    assert fault.kind in amqp_faults.SLOW
