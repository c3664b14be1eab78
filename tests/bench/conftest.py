"""A small database of the benchmark's, with the service and the floor on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import data, pools, web, workloads
from bench.web import Web
from tests.servers import PostgresServer

CUSTOMERS = 2000


@pytest.fixture(scope="session")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bench")


@pytest.fixture(scope="session")
def made(postgres: PostgresServer) -> str:
    return data.prepare(postgres.url, CUSTOMERS)


@pytest.fixture(scope="session")
def drawn(made: str, directory: Path) -> pools.Pools:
    return pools.write(made, directory)


@pytest.fixture(scope="session")
def service(made: str, directory: Path) -> Iterator[Web]:
    with web.service(made, directory) as started:
        yield started


@pytest.fixture(scope="session")
def floor(made: str, directory: Path) -> Iterator[Web]:
    with web.floor(made, directory) as started:
        yield started


@pytest.fixture(scope="session")
def all_workloads(drawn: pools.Pools) -> dict[str, workloads.Workload]:
    return {each.name: each for each in workloads.all_of(drawn)}
