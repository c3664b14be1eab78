"""The rules of the house, so that they stay true."""

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
