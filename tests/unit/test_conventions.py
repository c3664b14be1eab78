"""The rules of the house, so that they stay true."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError
from pyramid.request import Request
from pyramid.response import Response

from bee_customers.api import security_policy
from tests.servers import ROOT

PACKAGE = ROOT / "bee_customers"
NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc", "base2", "tools"}


def lint_imports(directory):
    """import-linter's verdict on the package in a directory."""
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    return subprocess.run(command, cwd=directory, capture_output=True, text=True)


@pytest.fixture
def copy(tmp_path):
    """The package and its contracts, to break."""
    shutil.copy(ROOT / "setup.cfg", tmp_path)
    shutil.copytree(PACKAGE, tmp_path / "bee_customers", ignore=shutil.ignore_patterns("__pycache__", "static"))
    return tmp_path


def test_imports_run_downwards():
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout


def test_an_unbroken_copy_is_well(copy):
    assert lint_imports(copy).returncode == 0


@pytest.mark.parametrize(
    ("path", "breach"),
    [
        ("services/text.py", "import pyramid.request"),
        ("services/text.py", "from bee_customers.api import body"),
        ("errors.py", "import bee_customers.settings"),
        ("api/replies.py", "import sqlalchemy"),
        ("cli/token.py", "from bee_customers.models import Customer"),
        ("rate_limiting/limiter.py", "import pyramid.request"),
        ("rate_limiting/limiter.py", "from bee_customers.security import sealing"),
    ],
)
def test_a_breach_of_the_import_rules_is_found(copy, path, breach):
    broken = copy / "bee_customers" / path
    broken.write_text(f"{broken.read_text()}\n{breach}\n")
    done = lint_imports(copy)
    assert done.returncode == 1
    assert "BROKEN" in done.stdout


@pytest.mark.parametrize("directory", ["bee_customers", "tests"])
def test_every_module_has_a_name_that_says_something(directory):
    assert [path for path in (ROOT / directory).rglob("*.py") if path.stem in NAMELESS] == []


def test_migrations_are_no_package():
    assert not (ROOT / "alembic" / "__init__.py").exists()


def configurator():
    config = Configurator()
    config.registry["tokens"] = None
    config.include(security_policy)
    config.add_route("honey", "/honey")
    return config


def honey(request: Request) -> Response:
    return Response("honey")


def test_a_view_without_a_permission_stops_the_start():
    config = configurator()
    config.add_view(honey, route_name="honey")
    with pytest.raises(ConfigurationError, match=r"honey.* declares no permission"):
        config.make_wsgi_app()


@pytest.mark.parametrize("permission", ["customers:read", "__no_permission_required__"])
def test_a_view_with_a_permission_does_not(permission):
    config = configurator()
    config.add_view(honey, route_name="honey", permission=permission)
    assert config.make_wsgi_app()


def test_an_exception_view_needs_none():
    config = configurator()
    config.add_exception_view(honey, context=KeyError)
    assert config.make_wsgi_app()


def modules():
    return [
        (path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text("utf-8")))
        for path in PACKAGE.rglob("*.py")
    ]


def imported(tree):
    """The modules that a module imports, by their whole names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def test_nothing_but_the_keys_is_fetched_from_an_address():
    """Whoever could make the service ask an address of its own choice would reach what only the service may."""
    clients = {"urllib.request", "http.client", "urllib3", "requests", "httpx", "aiohttp"}
    asking = {path for path, tree in modules() if clients & set(imported(tree))}
    assert asking == {"security/keys.py"}


def test_secrets_are_compared_in_constant_time():
    """Where something is proved by a secret, no digest, signature or token is compared by `==`."""
    secret = re.compile("digest|signature|signed|mac|token|secret")
    plainly = [
        f"{path}:{node.lineno}"
        for path, tree in modules()
        if "hmac" in imported(tree)
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        and any(isinstance(sign, ast.Eq | ast.NotEq) for sign in node.ops)
        and any(secret.search(ast.unparse(side)) for side in (node.left, *node.comparators))
    ]
    assert plainly == []
