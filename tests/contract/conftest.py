"""Publishers to the exchange of a test, and a user with few rights."""

import secrets
from collections.abc import Callable, Iterator

import pytest

from bee_customers.events.kombu_publisher import KombuPublisher
from tests.broker import Broker
from tests.servers import RabbitServer

PASSWORD = "hunter2"
Make = Callable[..., KombuPublisher]


@pytest.fixture
def make(broker: Broker) -> Iterator[Make]:
    """Makes publishers, to the broker of the test where no URLs are given."""
    made: list[KombuPublisher] = []

    def publisher(*urls: str, **seconds: float) -> KombuPublisher:
        made.append(KombuPublisher(urls or (broker.url,), broker.exchange, **seconds))
        return made[-1]

    yield publisher
    for each in made:
        each.close()


@pytest.fixture(scope="session")
def user(rabbit: RabbitServer) -> Iterator[str]:
    """May write to exchanges and make none."""
    name = f"bee{secrets.token_hex(4)}"
    rabbit.ctl("add_user", name, PASSWORD)
    rabbit.ctl("set_permissions", name, "^$", ".*", ".*")
    yield name
    rabbit.ctl("delete_user", name)


@pytest.fixture
def limited(broker: Broker, user: str) -> str:
    """The URL of that user."""
    return f"amqp://{user}:{PASSWORD}@127.0.0.1:{broker.server.port}//"
