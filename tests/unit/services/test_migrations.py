"""Up, down and up again, by one process or two."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from sqlalchemy import inspect, text

from bee_customers.db.engine import Database
from bee_customers.errors import DatabaseUnavailable
from bee_customers.models import Base
from bee_customers.services import health, migrations
from bee_customers.services.text import email_key
from tests.servers import ROOT
from tests.unit.fresh_database import fresh_database

SCRIPTS = ROOT / "alembic"


@pytest.fixture
def empty(postgres):
    with fresh_database(postgres) as url:
        database = Database(url)
        yield database
        database.close()


def downgrade(engine):
    config = migrations._config(SCRIPTS)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        connection.commit()


def tables(engine):
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_up_down_and_up_again_ends_without_drift(empty):
    assert migrations.current_revision(empty.writer) is None
    migrations.upgrade(empty.writer, SCRIPTS)
    assert tables(empty.writer) == set(Base.metadata.tables)
    downgrade(empty.writer)
    assert tables(empty.writer) == set()
    migrations.upgrade(empty.writer, SCRIPTS)
    assert migrations.current_revision(empty.writer) == migrations.head_revision(SCRIPTS)
    assert migrations.drift(empty.writer) == []


def test_two_upgrades_at_once_take_turns(empty):
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(migrations.upgrade, empty.writer, SCRIPTS) for _ in range(2)]:
            done.result(30)
    assert tables(empty.writer) == set(Base.metadata.tables)


def test_the_schema_of_a_later_version_is_served_and_left_as_it_is(empty):
    migrations.upgrade(empty.writer, SCRIPTS)
    with empty.session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        session.commit()
    migrations.upgrade(empty.writer, SCRIPTS)
    assert migrations.current_revision(empty.writer) == "9999"
    assert health.Checks(empty).check().status == health.OK


@pytest.mark.parametrize(("revision", "is_newer"), [(None, False), ("0001", False), ("9999", True), ("00", True)])
def test_what_these_scripts_do_not_know_is_newer(revision, is_newer):
    assert migrations.is_newer(revision, SCRIPTS) is is_newer


def test_an_upgrade_leaves_no_lock_and_no_lax_session_behind(empty):
    migrations.upgrade(empty.writer, SCRIPTS)
    locks = text(
        "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database "
        "WHERE locktype = 'advisory' AND datname = current_database()"
    )
    assert empty.read(locks)[0][0] == 0
    with empty.session() as session:
        assert session.scalar(text("SHOW statement_timeout")) == "15s"


def to(engine, revision):
    config = migrations._config(SCRIPTS)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()


def test_email_keys_of_customers_who_were_there_before_are_filled(empty):
    to(empty.writer, "0003")
    emails = ["Ana@Example.COM", "ȘTEFAN@example.com", None, "Straße@example.com", "ion@example.com"]
    insert = text(
        "INSERT INTO customer (id, business_id, full_name, email, name_key, search_text, created_at, updated_at)"
        " VALUES (gen_random_uuid(), gen_random_uuid(), 'x', :email, 'x', 'x', now(), now())"
    )
    with empty.session() as session:
        session.execute(insert, [{"email": email} for email in emails])
        session.commit()
    migrations.upgrade(empty.writer, SCRIPTS)
    found = dict(empty.read(text("SELECT email, email_key FROM customer")))
    assert found == {email: email_key(email) if email else None for email in emails}


def test_a_failing_upgrade_leaves_the_database_as_it_was(empty):
    with empty.session() as session:
        session.execute(text("CREATE TABLE tag (honey int)"))
        session.commit()
    with pytest.raises(Exception, match="already exists"):
        migrations.upgrade(empty.writer, SCRIPTS)
    assert tables(empty.writer) == {"tag"}
    assert migrations.current_revision(empty.writer) is None


def test_an_upgrade_of_a_database_that_is_away_is_named(postgres):
    with pytest.raises(DatabaseUnavailable):
        migrations.upgrade(Database(postgres.url + "_nowhere").writer, SCRIPTS)


def test_a_schema_without_the_trigram_index_has_not_drifted(empty):
    migrations.upgrade(empty.writer, SCRIPTS)
    with empty.session() as session:
        session.execute(text("DROP INDEX IF EXISTS ix_customer_search_text"))
        session.commit()
    assert migrations.drift(empty.writer) == []


def test_drift_is_seen(empty):
    migrations.upgrade(empty.writer, SCRIPTS)
    damages = {
        "DROP INDEX ix_event_fresh": "ix_event_fresh",
        "ALTER TABLE customer ALTER version DROP DEFAULT": "modify_default",
        "ALTER TABLE customer ALTER email TYPE varchar(254)": "modify_type",
        "ALTER TABLE customer ALTER gender SET NOT NULL": "modify_nullable",
        "ALTER TABLE customer_tag DROP CONSTRAINT fk_customer_tag_tag_id_tag": "fk_customer_tag_tag_id_tag",
        "ALTER TABLE customer DROP COLUMN avatar_url": "avatar_url",
        "ALTER TABLE customer ADD honey text": "honey",
        "CREATE TABLE wax (id int)": "wax",
    }
    for number, (damage, named) in enumerate(damages.items(), start=1):
        with empty.session() as session:
            session.execute(text(damage))
            session.commit()
        found = migrations.drift(empty.writer)
        assert len(found) == number
        assert any(named in line for line in found)
