"""Settings: environment over ini, and one line that says what is wrong."""

import dataclasses
import datetime

import pytest

from bee_customers.errors import InvalidSetting
from bee_customers.setting_values import Rate
from bee_customers.settings import Settings, load
from tests.unit.security.signing import EC_KEY, public_pem

PRODUCTION = {
    "ENVIRONMENT": "production",
    "DATABASE_URL": "postgresql://db/customers",
    "SECRET_KEY": "a-secret-of-thirty-two-characters",
}
SHARED = "a shared secret of thirty-two bytes or more"


def refusal(ini=None, **environ):
    with pytest.raises(InvalidSetting) as refused:
        load(ini or {}, environ)
    message = str(refused.value)
    assert len(message.splitlines()) == 1
    return message


def test_without_anything_it_is_development():
    settings = load({}, {})
    assert settings.is_development
    assert settings.database_url == "embedded:///var/pg"
    assert (settings.host, settings.port, settings.phone_region) == ("127.0.0.1", 8002, "RO")


def test_the_environment_wins_over_the_ini():
    ini = {"port": "1000", "phone_region": "GB"}
    settings = load(ini, {"PORT": "2000", "HOST": "0.0.0.0", "port": "3000"})
    assert (settings.port, settings.phone_region, settings.host) == (2000, "GB", "0.0.0.0")


def test_what_nobody_knows_is_left_alone():
    assert load({"here": "/srv", "use": "egg:bee-customers"}, {"PATH": "/bin"}) == load({}, {})


def test_spaces_around_a_value_do_not_count():
    assert load({"port": " 1000 "}, {"PHONE_REGION": " de\n"}).port == 1000


@pytest.mark.parametrize("field", dataclasses.fields(Settings), ids=lambda field: field.name)
def test_every_setting_says_what_it_means_and_has_a_good_default(field):
    assert field.metadata["doc"].endswith(".")
    field.metadata["parse"](field.metadata["default"])


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("ENVIRONMENT", "prod", "development, production"),
        ("ENVIRONMENT", "", "development, production"),
        ("PORT", "http", "from 0 to 65535"),
        ("PORT", "", "from 0 to 65535"),
        ("PORT", "-1", "from 0 to 65535"),
        ("PORT", "65536", "from 0 to 65535"),
        ("PORT", "8002.0", "from 0 to 65535"),
        ("PORT", "8_002", "from 0 to 65535"),
        ("PORT", "٨٠٠٢", "from 0 to 65535"),
        ("PORT", "9" * 5000, "from 0 to 65535"),
        ("THREADS", "0", "from 1 to 64"),
        ("THREADS", "65", "from 1 to 64"),
        ("LOG_LEVEL", "loud", "debug, info, warning, error"),
        ("PHONE_REGION", "Romania", "two letters"),
        ("PHONE_REGION", "R1", "two letters"),
        ("AUTH_SERVICE_URL", "auth:8001", "http://"),
        ("AUTH_SERVICE_URL", "ftp://auth", "http://"),
        ("AUTH_SERVICE_URL", "file:///etc/passwd", "http://"),
        ("AUTH_SERVICE_URL", "http://", "http://"),
        ("AUTH_SERVICE_URL", "http://auth?x=1", "http://"),
        ("AUTH_JWT_ALGORITHMS", "none", "RS256"),
        ("AUTH_JWT_ALGORITHMS", "RS256,none", "RS256"),
        ("AUTH_JWT_ALGORITHMS", "rs256", "RS256"),
        ("AUTH_JWT_ALGORITHMS", "", "RS256"),
        ("AUTH_JWT_ALGORITHMS", ",", "RS256"),
        ("CORS_ORIGINS", "example.com", "https://app.example.com"),
        ("CORS_ORIGINS", "https://*.example.com", "https://app.example.com"),
        ("CORS_ORIGINS", "https://example.com/app", "https://app.example.com"),
        ("CORS_ORIGINS", "null", "https://app.example.com"),
        ("RABBITMQ_EXCHANGE", "", "127 letters"),
        ("RABBITMQ_EXCHANGE", "amq.topic", "no amq. in front"),
        ("RABBITMQ_EXCHANGE", "bees and flowers", "127 letters"),
        ("RABBITMQ_EXCHANGE", "b" * 128, "127 letters"),
        ("RABBITMQ_EXCHANGE", "bienenköniginnen", "127 letters"),
        ("EVENT_CHANGES", "names", "values, fields"),
        ("EVENT_CHANGES", "", "values, fields"),
        ("EXPORT_TTL", "", "from 1m to 30d"),
        ("EXPORT_TTL", "24", "such as 90s, 15m, 24h or 7d"),
        ("EXPORT_TTL", "1.5h", "such as 90s"),
        ("EXPORT_TTL", "-24h", "such as 90s"),
        ("EXPORT_TTL", "59s", "from 1m to 30d"),
        ("EXPORT_TTL", "721h", "from 1m to 30d"),
        ("EXPORT_TTL", "٢٤h", "such as 90s"),
        ("EVENT_ATTEMPTS", "0", "from 1 to 100"),
        ("EVENT_ATTEMPTS", "101", "from 1 to 100"),
        ("EVENT_ATTEMPTS", "ten", "from 1 to 100"),
        ("CUSTOMER_PATCH_RATE", "", "such as 5/minute, or off"),
        ("CUSTOMER_PATCH_RATE", "5", "such as 5/minute"),
        ("CUSTOMER_PATCH_RATE", "0/minute", "such as 5/minute"),
        ("CUSTOMER_PATCH_RATE", "-5/minute", "such as 5/minute"),
        ("CUSTOMER_PATCH_RATE", "5/fortnight", "such as 5/minute"),
        ("CUSTOMER_PATCH_RATE", "5 per minute", "such as 5/minute"),
        ("API_RATE", "99999999/minute", "such as 5/minute"),
        ("API_RATE", "0.5/second", "such as 5/minute"),
        ("API_RATE", "none", "or off"),
        ("AUTH_FAILURE_RATE", "٥/minute", "such as 5/minute"),
        ("TRUSTED_PROXIES", "nginx", "such as 10.0.0.7,10.1.0.0/16"),
        ("TRUSTED_PROXIES", "10.0.0.7/16", "such as 10.0.0.7"),
        ("TRUSTED_PROXIES", "10.0.0.7 10.0.0.8", "separated by commas"),
        ("TRUSTED_PROXIES", "10.0.0.256", "addresses and networks"),
        ("TRUSTED_PROXIES", "0.0.0.0/0", "addresses and networks"),
        ("TRUSTED_PROXIES", "*", "addresses and networks"),
    ],
)
def test_a_wrong_value_is_named_with_what_it_got_and_what_is_expected(name, value, expected):
    for message in (refusal(**{name: value}), refusal(ini={name.lower(): value})):
        assert message.startswith(f"{name}: got {value[:80]!r}, expected")
        assert expected in message


@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_READ_URL"])
@pytest.mark.parametrize("scheme", ["mysql", "sqlite", "http", "postgresqls", ""])
def test_another_database_is_refused_without_its_password(name, scheme):
    message = refusal(**{name: f"{scheme}://bee:hunter2@db/customers"})
    assert message.startswith(f"{name}: got a value that is not shown, expected")
    assert "hunter2" not in message


@pytest.mark.parametrize(
    "url", ["postgresql://bee:hunter2@db:port/customers", "postgresql://bee:hunter2@db:99x/c"]
)
def test_a_database_url_that_cannot_be_read_is_refused_without_its_password(url):
    message = refusal(DATABASE_URL=url)
    assert message.startswith("DATABASE_URL: got")
    assert "hunter2" not in message


@pytest.mark.parametrize(
    "url", ["postgres://db/c", "postgresql://db/c", "postgresql+asyncpg://db/c", "postgresql://one,two:6432/c"]
)
def test_postgresql_is_taken_in_all_its_writings(url):
    assert load({}, {"DATABASE_URL": url, "DATABASE_READ_URL": url}).database_read_url == url


def test_reads_cannot_go_to_an_embedded_database_of_their_own():
    assert refusal(DATABASE_READ_URL="embedded:///var/other").startswith("DATABASE_READ_URL:")


def test_lists_are_split_at_commas():
    settings = load({}, {"CORS_ORIGINS": " https://a.example , http://b.example:81,", "SECRET_KEY": "new, old"})
    assert settings.cors_origins == ("https://a.example", "http://b.example:81")
    assert settings.secret_key == ("new", "old")


def test_production_starts_with_a_database_and_a_secret():
    settings = load({}, PRODUCTION)
    assert not settings.is_development
    assert (settings.auth_service_url, settings.cors_origins) == ("http://auth:8001", ())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", None),
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "embedded:///var/pg"),
        ("SECRET_KEY", None),
        ("SECRET_KEY", ""),
        ("SECRET_KEY", ","),
        ("SECRET_KEY", "hunter2"),
        ("SECRET_KEY", PRODUCTION["SECRET_KEY"] + ",hunter2"),
        ("SUBJECT_KEY", "hunter2"),
        ("CORS_ORIGINS", "*"),
        ("CORS_ORIGINS", "https://a.example,*"),
        ("AUTH_SERVICE_URL", ""),
        ("DATABASE_READ_URL", "embedded:///var/pg"),
    ],
)
def test_production_refuses_what_is_fit_for_development_only(name, value):
    environ = {key: kept for key, kept in (PRODUCTION | {name: value}).items() if kept is not None}
    message = refusal(**environ)
    assert message.startswith(f"{name}: got")
    assert "hunter2" not in message


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("60s", datetime.timedelta(minutes=1)),
        ("90m", datetime.timedelta(hours=1.5)),
        ("24h", datetime.timedelta(days=1)),
        ("30d", datetime.timedelta(days=30)),
    ],
)
def test_a_duration_is_a_number_and_a_unit(written, meant):
    assert load({}, {"EXPORT_TTL": written}).export_ttl == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("5/minute", Rate(5, 60)),
        ("1/SECOND", Rate(1, 1)),
        ("9999999/hour", Rate(9_999_999, 3600)),
        ("10/day", Rate(10, 86_400)),
        ("off", None),
        ("OFF", None),
    ],
)
@pytest.mark.parametrize("name", ["CUSTOMER_PATCH_RATE", "API_RATE", "AUTH_FAILURE_RATE"])
def test_a_rate_is_a_number_in_a_time_or_off(name, written, meant):
    assert getattr(load({}, {name: written}), name.lower()) == meant


def test_by_default_there_are_limits_and_no_proxy_is_trusted():
    settings = load({}, {})
    assert (settings.customer_patch_rate, settings.api_rate) == (Rate(5, 60), Rate(600, 60))
    assert (settings.auth_failure_rate, settings.trusted_proxies) == (Rate(20, 60), ())


def test_proxies_are_addresses_and_networks_of_both_kinds():
    found = load({}, {"TRUSTED_PROXIES": "10.0.0.7, 10.1.0.0/16,fd00::/8"}).trusted_proxies
    assert [str(network) for network in found] == ["10.0.0.7/32", "10.1.0.0/16", "fd00::/8"]


def test_production_needs_no_auth_service_where_it_has_a_key():
    key = public_pem(EC_KEY)
    assert load({}, PRODUCTION | {"AUTH_SERVICE_URL": "", "AUTH_JWT_KEY": key}).auth_jwt_key == key.strip()


def test_a_shared_secret_goes_with_hs256():
    settings = load({}, {"AUTH_JWT_KEY": SHARED, "AUTH_JWT_ALGORITHMS": "HS256,HS512"})
    assert settings.auth_jwt_algorithms == ("HS256", "HS512")


@pytest.mark.parametrize(
    ("key", "algorithms"),
    [
        (public_pem(EC_KEY), "HS256"),
        (public_pem(EC_KEY), "ES256,HS256"),
        ("\n " + public_pem(EC_KEY), "HS256"),
        (SHARED, "RS256"),
        (SHARED, "RS256,HS256"),
        ("", "HS256"),
        ("hunter2", "HS256"),
        ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA bee", "RS256"),
    ],
    ids=["pem_hs", "pem_both", "pem_indented_hs", "secret_rs", "secret_both", "hs_alone", "short", "ssh_rs"],
)
def test_shared_secrets_and_public_keys_are_never_mixed(key, algorithms):
    message = refusal(AUTH_JWT_KEY=key, AUTH_JWT_ALGORITHMS=algorithms)
    assert message.startswith(("AUTH_JWT_ALGORITHMS:", "AUTH_JWT_KEY:"))
    assert not key or key.strip() not in message


def test_a_key_that_no_token_can_be_checked_with_is_refused():
    broken = "-----BEGIN PUBLIC KEY-----\nhunter2\n-----END PUBLIC KEY-----"
    message = refusal(AUTH_JWT_KEY=broken)
    assert message.startswith("AUTH_JWT_KEY:")
    assert "hunter2" not in message


def test_settings_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        load({}, {}).port = 1


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("LOG_FORMAT", "xml", "expected one of auto, json, console"),
        ("DOCS", "yes", "expected one of on, off"),
        ("METRICS_TOKEN", "too short", "expected 16 characters or more"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317", "expected a URL that starts with http"),
        ("SENTRY_DSN", "https://sentry.example.com/1", "expected a DSN such as"),
    ],
)
def test_what_operators_are_told_with_is_checked(name, value, expected):
    message = refusal(**{name: value})
    assert message.startswith(f"{name}: got ")
    assert expected in message
    assert value not in message or name not in ("METRICS_TOKEN", "SENTRY_DSN")


def test_without_settings_the_log_suits_who_reads_it_and_nothing_is_sent():
    settings = load({}, {})
    assert (settings.log_format, settings.metrics_token, settings.docs) == ("auto", "", True)
    assert load({}, {"DOCS": "OFF"}).docs is False
    assert (settings.otel_exporter_otlp_endpoint, settings.sentry_dsn) == ("", "")
