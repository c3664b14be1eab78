"""bee-customers token"""

import time
import uuid

import jwt
import pytest

from bee_customers.cli.environment import load
from bee_customers.security.permissions import Role
from bee_customers.security.tokens import TokenVerifier
from bee_customers.wsgi import key_source

BUSINESSES = [str(uuid.uuid4()), str(uuid.uuid4())]


@pytest.fixture
def identity(call, ini):
    """What the service makes of the token that the command prints."""

    def made(*arguments):
        result = call("token", *arguments)
        assert result.exit_code == 0, result.output
        _, settings = load(None)
        verifier = TokenVerifier(
            key_source(settings),
            algorithms=settings.auth_jwt_algorithms,
            issuer=settings.auth_issuer,
            audience=settings.auth_audience,
        )
        return verifier.verify(result.output.strip())

    return made


def test_without_options_it_is_an_admin_of_every_business_for_an_hour(identity):
    made = identity()
    assert (made.roles, made.businesses) == ({Role.ADMIN}, None)
    assert uuid.UUID(made.subject)
    assert 3590 < made.expires_at - time.time() <= 3600


@pytest.mark.parametrize("role", Role)
def test_a_role_can_be_chosen(identity, role):
    assert identity("--role", role.value).roles == {role}


def test_several_roles_can_be_chosen(identity):
    assert identity("--role", "admin", "--role", "customer").roles == {Role.ADMIN, Role.CUSTOMER}


def test_the_subject_can_be_chosen(identity):
    assert identity("--subject", "ana").subject == "ana"


def test_two_tokens_without_a_subject_are_for_two(identity):
    assert identity().subject != identity().subject


def test_businesses_can_be_chosen(identity):
    made = identity("--business", BUSINESSES[0], "--business", BUSINESSES[1])
    assert made.businesses == {uuid.UUID(business) for business in BUSINESSES}


def test_the_lifetime_can_be_chosen(identity):
    assert identity("--lifetime", "60").expires_at <= time.time() + 60


@pytest.mark.parametrize(
    "arguments",
    [
        ["--role", "root"],
        ["--business", "north"],
        ["--lifetime", "0"],
        ["--lifetime", "604801"],
        ["--lifetime", "x"],
    ],
)
def test_a_wrong_option_is_wrong_usage(call, ini, arguments):
    assert call("token", *arguments).exit_code == 2


def test_nothing_but_the_token_is_printed(call, ini):
    result = call("token")
    assert jwt.get_unverified_header(result.stdout.strip())["alg"] == "HS256"
    assert result.stderr == ""


@pytest.mark.parametrize("key", [{}, {"AUTH_JWT_KEY": "k" * 32, "AUTH_JWT_ALGORITHMS": "HS256"}])
def test_production_makes_no_token(call, key):
    production = {"ENVIRONMENT": "production", "DATABASE_URL": "postgresql://db/c", "SECRET_KEY": "s" * 32}
    result = call("token", **production, **key)
    assert result.exit_code == 1
    assert len(result.output.splitlines()) == 1


def test_with_an_auth_service_no_token_is_made(call, ini):
    assert call("token", AUTH_SERVICE_URL="http://auth.example").exit_code == 1
