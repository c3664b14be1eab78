"""The keys a development service makes for itself."""

import stat
import threading
from concurrent.futures import ThreadPoolExecutor

import jwt
import pytest

from bee_customers import settings as settings_module
from bee_customers.errors import InvalidSetting
from bee_customers.security import development
from bee_customers.wsgi import key_source

PRODUCTION = {
    "ENVIRONMENT": "production",
    "DATABASE_URL": "postgresql://localhost/bee",
    "SECRET_KEY": "a secret for production of 32 or more",
}


def own(base, **environ):
    return development.with_own_keys(settings_module.load({}, environ), base)


def test_keys_are_made_once_and_kept(tmp_path):
    first, second = own(tmp_path), own(tmp_path)
    assert (first.auth_jwt_key, first.secret_key) == (second.auth_jwt_key, second.secret_key)
    assert len(first.auth_jwt_key) >= 32
    assert first.auth_jwt_key not in first.secret_key


def test_another_directory_has_other_keys(tmp_path):
    assert own(tmp_path / "a").auth_jwt_key != own(tmp_path / "b").auth_jwt_key


def test_only_the_owner_can_read_them(tmp_path):
    own(tmp_path)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "var").iterdir()}
    assert modes == {"development-jwt.key": 0o600, "development-secret.key": 0o600}


def test_what_was_configured_is_left_alone(tmp_path):
    given = {"AUTH_JWT_KEY": "k" * 32, "AUTH_JWT_ALGORITHMS": "HS256", "SECRET_KEY": "mine"}
    settings = own(tmp_path, **given)
    assert (settings.auth_jwt_key, settings.secret_key) == ("k" * 32, ("mine",))
    assert list(tmp_path.iterdir()) == []


def test_an_auth_service_makes_a_key_of_its_own_needless(tmp_path):
    settings = own(tmp_path, AUTH_SERVICE_URL="http://auth.example")
    assert settings.auth_jwt_key == ""
    assert not development.can_mint(settings)


def test_production_is_given_nothing(tmp_path):
    settings = own(tmp_path, **PRODUCTION)
    assert settings.auth_jwt_key == ""
    assert list(tmp_path.iterdir()) == []


def test_production_mints_nothing_even_with_a_shared_secret(tmp_path):
    settings = own(tmp_path, **PRODUCTION, AUTH_JWT_KEY="k" * 32, AUTH_JWT_ALGORITHMS="HS256")
    assert not development.can_mint(settings)


def test_a_minted_token_holds(tmp_path):
    settings = own(tmp_path)
    token = development.mint(settings, subject="ana", roles=["admin"], businesses=["b"], lifetime=60)
    key = key_source(settings).key_for(None)
    claims = jwt.decode(token, key, ["HS256"], audience=settings.auth_audience, issuer=settings.auth_issuer)
    assert (claims["sub"], claims["roles"], claims["business_id"]) == ("ana", ["admin"], ["b"])
    assert claims["exp"] - claims["iat"] == 60


def test_processes_that_start_together_agree_on_the_keys(tmp_path):
    starters = 8
    together = threading.Barrier(starters)

    def start(base):
        together.wait()
        settings = own(base)
        return settings.auth_jwt_key, settings.secret_key

    with ThreadPoolExecutor(starters) as pool:
        for number in range(20):
            keys = set(pool.map(start, [tmp_path / str(number)] * starters))
            assert len(keys) == 1
            assert len(keys.pop()[0]) >= 32


@pytest.mark.parametrize("left", ["", "\n"])
def test_a_key_file_that_a_crash_left_unfinished_is_never_a_key(tmp_path, left):
    (tmp_path / "var").mkdir()
    for name in ("jwt", "secret"):
        (tmp_path / "var" / f"development-{name}.key").write_text(left)
    try:
        settings = own(tmp_path)
    except InvalidSetting:
        return
    assert len(settings.auth_jwt_key) >= 32
    assert len(settings.secret_key[0]) >= 32
