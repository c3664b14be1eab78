"""From RABBITMQ_URL to what kombu connects with."""

import socket
import ssl

import kombu
import pytest

from bee_customers.events.amqp_url import connection_parameters


def made(url):
    """The connection that would be made, not opened."""
    return kombu.Connection(**connection_parameters(url, 3.0))


@pytest.mark.parametrize(
    ("url", "virtual_host"),
    [
        ("amqp://bee:hunter2@mq:5673", "/"),
        ("amqp://bee:hunter2@mq:5673/", "/"),
        ("amqp://bee:hunter2@mq:5673//", "/"),
        ("amqp://bee:hunter2@mq:5673/%2F", "/"),
        ("amqp://bee:hunter2@mq:5673/bees", "bees"),
        ("amqp://bee:hunter2@mq:5673/bees?heartbeat=10", "bees"),
    ],
)
def test_host_user_and_virtual_host_are_those_of_the_url(url, virtual_host):
    connection = made(url)
    assert (connection.hostname, connection.port) == ("mq", 5673)
    assert (connection.userid, connection.password) == ("bee", "hunter2")
    assert (connection.virtual_host or "/") == virtual_host
    assert not connection.ssl


def test_a_password_may_hold_signs_of_its_own():
    connection = made("amqps://bee:p%40ss%2Fword%3F@mq/bees?cacertfile=/etc/ca.pem")
    assert (connection.password, connection.virtual_host) == ("p@ss/word?", "bees")


def test_waiting_is_bounded_and_heartbeats_are_left_to_tcp():
    connection = made("amqp://mq")
    assert (connection.connect_timeout, connection.heartbeat) == (3.0, 0)
    options = connection.transport_options
    # kombu's own way of confirming takes any confirm for that of the message
    assert options["confirm_publish"] is False
    assert options["socket_settings"][socket.TCP_USER_TIMEOUT] == 10_000
    assert options["socket_settings"][socket.TCP_KEEPIDLE] == 20


def test_amqps_always_checks_certificate_and_name():
    parameters = connection_parameters("amqps://mq.example:5671/bees", 3.0)
    assert parameters["ssl"] == {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": "mq.example"}


def test_certificates_are_named_as_rabbitmq_names_them():
    query = "cacertfile=/etc/ca.pem&certfile=/etc/own.pem&keyfile=/etc/own%20key.pem&verify=verify_none"
    parameters = connection_parameters(f"amqps://mq/bees?{query}", 3.0)
    assert parameters["ssl"] == {
        "cert_reqs": ssl.CERT_REQUIRED,
        "server_hostname": "mq",
        "ca_certs": "/etc/ca.pem",
        "certfile": "/etc/own.pem",
        "keyfile": "/etc/own key.pem",
    }
    assert parameters["hostname"] == "amqps://mq/bees"
