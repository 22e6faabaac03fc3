"""What a page, a worker or the sweeper asks is found by an index, at a province's size.

The real server plans each statement over 100,000 resources and what belongs to them; none may read
a large table from end to end. What has to see all there is (the comparison of the index with the
database, the search for orphans, the operator's counts) is not listed here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Final

import pytest
from sqlalchemy import UniqueConstraint, event, text
from sqlalchemy.orm import Session

from services.home import pages as home_pages
from services.library import cards
from tests.databases import TEMPLATE, opened
from tests.servers.postgres import Postgres
from tongke import clock
from tongke.library import jobs, outbox, queries, queues, resources, reviews, uploads, watching
from tongke.library.queries import ResourceFilter
from tongke.library.vocabulary import Queue
from tongke.people import accounts, sign_in, slips
from tongke.people import queries as people
from tongke.people.audience import RoleName, Viewer
from tongke.publishing import sweeping
from tongke.storage.database import Base, Database
from workers import indexing

RESOURCES: Final = 100_000
# Of each: one or two rows in nearly every table that belongs to resources.
SCHOOLS: Final = 500
ACCOUNTS: Final = 50_000
# A table below this is read from end to end with no harm, and the planner rightly does so.
LARGE_ROWS: Final = 2_000

TEACHER, OFFICER, ADMINISTRATOR, OPERATOR = 1234, 2, 3, 1
PAGE: Final = list(range(RESOURCES - 40, RESOURCES - 20))

FILL: Final = f"""
INSERT INTO region (code, name, level, parent_code) VALUES ('430000', '湖南省', 'province', NULL);
INSERT INTO region SELECT '43' || lpad(n::text, 2, '0') || '00', '市' || n, 'city', '430000'
  FROM generate_series(1, 14) n;
INSERT INTO region
  SELECT '43' || lpad(c::text, 2, '0') || lpad(n::text, 2, '0'), '县' || c || n, 'county',
    '43' || lpad(c::text, 2, '0') || '00'
  FROM generate_series(1, 14) c, generate_series(1, 9) n;
INSERT INTO school (id, name, region_code, trusted)
  SELECT n, '第' || n || '中学',
    '43' || lpad((n % 14 + 1)::text, 2, '0') || '0' || (n % 9 + 1), false
  FROM generate_series(1, {SCHOOLS}) n;
INSERT INTO agreement
  (id, level, lead_school_id, supported_school_id, starts_on, ends_on, active)
  SELECT n, 'province', n, n + 250, '2020-01-01', '2040-01-01', true
  FROM generate_series(1, 250) n;
INSERT INTO account (id, username, name, created_at)
  SELECT n, 'user' || n, '老师' || n, now() FROM generate_series(1, {ACCOUNTS}) n;
INSERT INTO role (account_id, name, school_id, region_code) VALUES
  ({OPERATOR}, 'system_admin', NULL, NULL), ({OFFICER}, 'officer', NULL, '430303'),
  ({ADMINISTRATOR}, 'school_admin', 3, NULL);
INSERT INTO role (account_id, name, school_id)
  SELECT n, 'teacher', n % {SCHOOLS} + 1 FROM generate_series(4, {ACCOUNTS}) n;
INSERT INTO login_session
  (token_hash, account_id, created_at, expires_at, address, user_agent)
  SELECT 'hash' || n, n % {ACCOUNTS} + 1, now(), now() + n * interval '5 minutes', '10.0.0.1', ''
  FROM generate_series(1, 20000) n;
INSERT INTO api_token (token_hash, account_id, name, hint, created_at, expires_at)
  SELECT 'token' || n, n, '', '', now(), now() + interval '9 days' FROM generate_series(1, 5000) n;
INSERT INTO password_slip (code_hash, account_id, issued_by, created_at, expires_at, used_at)
  SELECT 'code' || n, n, 1, now(), now() + n * interval '5 minutes', now()
  FROM generate_series(1, 5000) n;
INSERT INTO resource (id, kind, title, summary, stage, grade, subject, edition, unit, lesson,
    author_id, school_id, filename, size_bytes, duration_s, text, state, viewable_at, created_at,
    updated_at, deleted_at, views, version, original_key)
  SELECT n, (ARRAY['lesson_recording', 'courseware', 'policy'])[n % 3 + 1], '课' || n, '', '', '',
    (ARRAY['math', 'chinese', 'physics', 'music'])[n % 4 + 1], '', '单元' || n % 200, '',
    n % {ACCOUNTS} + 1, n % {SCHOOLS} + 1, 'a.mp4', 1000, 2400, '',
    CASE WHEN n % 500 = 0 THEN 'failed' WHEN n % 501 = 0 THEN 'checking' ELSE 'published' END,
    now() - ({RESOURCES} - n) * interval '5 minutes', now(), now(),
    CASE WHEN n % 1000 = 7 THEN now() - n * interval '1 minute' END, 0, n, 'originals/' || n
  FROM generate_series(1, {RESOURCES}) n;
INSERT INTO resource_token SELECT id, 'user:' || author_id FROM resource;
INSERT INTO resource_token SELECT id, 'school:' || school_id FROM resource WHERE id % 10 < 7;
INSERT INTO resource_token SELECT r.id, 'region:' || s.region_code
  FROM resource r JOIN school s ON s.id = r.school_id WHERE r.id % 10 < 3;
INSERT INTO resource_token SELECT id, 'everyone' FROM resource WHERE id % 10 = 1;
INSERT INTO resource_grant SELECT * FROM resource_token;
INSERT INTO review (resource_id, token, region_code, state, comment, asked_at)
  SELECT r.id, 'region:' || s.region_code, s.region_code,
    CASE WHEN r.id % 500 = 1 THEN 'waiting' WHEN r.id % 500 = 2 THEN 'returned' ELSE 'approved' END,
    '', now()
  FROM resource r JOIN school s ON s.id = r.school_id WHERE r.id % 10 < 3;
INSERT INTO job (resource_id, state, fence, leased_until, due_at, request_id, created_at)
  SELECT n, CASE WHEN n % 500 = 0 THEN 'failed' WHEN n % 2000 = 3 THEN 'running'
    WHEN n % 501 = 0 THEN 'queued' ELSE 'done' END, 1,
    CASE WHEN n % 2000 = 3 THEN now() + (n % 7 - 3) * interval '1 minute' END, now(), '', now()
  FROM generate_series(1, {RESOURCES}) n;
INSERT INTO job_step (job_id, position, name, state, percent, attempts)
  SELECT n, p, (ARRAY['checking', 'ladder'])[p + 1], 'done', 100, 1
  FROM generate_series(1, {RESOURCES}) n, generate_series(0, 1) p;
INSERT INTO rendition (resource_id, name, kind, prefix, playlist, codecs, bandwidth,
    average_bandwidth, size_bytes)
  SELECT n, '720p', 'video', 'a1-1/', '', '', 1, 1, 1 FROM generate_series(1, {RESOURCES}) n;
INSERT INTO asset (resource_id, role, number, prefix, name, details)
  SELECT n, (ARRAY['poster', 'storyboard'])[p + 1], 0, 'a1-1/', 'p.jpg', '{{}}'
  FROM generate_series(1, {RESOURCES}) n, generate_series(0, 1) p;
INSERT INTO upload (id, account_id, filename, length, fields, metadata_header, created_at,
    expires_at, touched_at, resource_id)
  SELECT md5(n::text), n % {ACCOUNTS} + 1, '', 1, '{{}}', '', now(),
    now() + n * interval '10 minutes', CASE WHEN n % 1000 = 0 THEN now() END,
    CASE WHEN n % 200 > 0 THEN n END
  FROM generate_series(1, 20000) n;
INSERT INTO watch_position
  SELECT n % {ACCOUNTS} + 1, n, 60, now() - n * interval '1 minute'
  FROM generate_series(1, {RESOURCES}) n;
INSERT INTO outbox (resource_id, created_at, request_id)
  SELECT n, now(), '' FROM generate_series(1, 5000) n;
ANALYZE;
"""


@pytest.fixture(scope="module")
def province(postgres_server: Postgres) -> Iterator[Database]:
    url = postgres_server.create("province", TEMPLATE)
    with opened(url) as database:
        with database.engine.begin() as connection:
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            # What is put in here refers to what is there; looking each up takes the most time.
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            for statement in FILL.split(";\n"):
                connection.execute(text(statement))
        yield database
    postgres_server.drop("province")


Ask = Callable[[Session, Viewer], object]
MINE = ResourceFilter(mine=True)
NEW = ResourceFilter(viewable=True)
OF_PARTNERS = ResourceFilter(school_ids=frozenset({3}), viewable=True)


def _soon() -> Any:
    return clock.now() + timedelta(minutes=9)


TEACHERS: dict[str, Ask] = {
    "a resource": lambda s, v: queries.visible_resource(s, v, 1233),
    "may see": lambda s, v: queries.may_see(s, v, 1233),
    "what is new": lambda s, v: queries.list_resources(s, v, NEW, limit=21),
    "an older page": lambda s, v: queries.list_resources(s, v, NEW, limit=21, before_id=50_000),
    "since a week": lambda s, v: queries.list_resources(
        s, v, ResourceFilter(viewable=True, since=clock.now() - timedelta(days=7)), limit=500
    ),
    "of a kind": lambda s, v: queries.list_resources(s, v, ResourceFilter(kind="policy"), limit=21),
    "of a unit": lambda s, v: queries.list_resources(
        s, v, ResourceFilter(unit="单元7", subject="math"), limit=21
    ),
    "of partners": lambda s, v: queries.list_resources(s, v, OF_PARTNERS, limit=4),
    "how many of partners": lambda s, v: queries.count_resources(s, v, OF_PARTNERS),
    "my work": lambda s, v: queries.list_resources(s, v, MINE, limit=21),
    "how much of mine": lambda s, v: queries.count_resources(s, v, MINE),
    "my work that failed": lambda s, v: queries.list_resources(
        s, v, ResourceFilter(mine=True, state="failed"), limit=21
    ),
    "my work that was returned": lambda s, v: queries.list_resources(
        s, v, ResourceFilter(mine=True, review="returned"), limit=21
    ),
    "my work that is shared": lambda s, v: queries.list_resources(
        s, v, ResourceFilter(mine=True, shared=True), limit=21
    ),
    "found by the index": lambda s, v: queries.visible_by_ids(s, v, PAGE),
    "jobs of a list": lambda s, v: queries.latest_jobs(s, PAGE),
    "the last job": lambda s, v: queries.latest_job(s, 500),
    "jobs of one": lambda s, v: queries.jobs_of(s, 500),
    "renditions": lambda s, v: queries.renditions(s, 500),
    "assets": lambda s, v: queries.assets(s, 500),
    "posters": lambda s, v: queries.posters(s, PAGE),
    "position": lambda s, v: watching.position(s, v, 1233),
    "keep a position": lambda s, v: watching.keep_position(s, v, 1233, 7.0),
    "watching": lambda s, v: watching.begun(s, v, 4),
    "uploads of mine": lambda s, v: queries.uploads_of(s, v),
    "cards": lambda s, v: cards.cards(s, v, queries.visible_by_ids(s, v, PAGE)),
    "what was sent back to me": lambda s, v: home_pages._returned(s, v),
    "edit": lambda s, v: resources.edit(s, v, 1233, {"title": "新"}),
    "delete": lambda s, v: resources.delete(s, v, 1233),
    "begin an upload": lambda s, v: uploads.begin(s, v, {"filename": "a.mp4"}, "", 8, 7),
    "viewer": lambda s, v: people.viewer_of(s, TEACHER),
    "sign in": lambda s, v: sign_in.credentials(s, "user1234", "10.0.0.1"),
    "by session": lambda s, v: sign_in.session_of(s, "secret"),
    "by token": lambda s, v: sign_in.token_of(s, "secret"),
    "my sessions": lambda s, v: sign_in.sessions(s, TEACHER),
    "my tokens": lambda s, v: sign_in.api_tokens(s, TEACHER),
    "end everything": lambda s, v: sign_in.end_everything(s, TEACHER),
    "void slips": lambda s, v: slips.void(s, TEACHER),
    "schools": lambda s, v: people.schools(s, region="430303"),
    "home school": lambda s, v: people.home_school(s, v),
}


def _approve(session: Session, viewer: Viewer) -> None:
    review = reviews.queue(session, viewer, limit=1)[0]
    reviews.approve(session, viewer, review.id, review.resource.updated_at)


OFFICERS: dict[str, Ask] = {
    "the queue": lambda s, v: reviews.queue(s, v, limit=21),
    "how much waits": lambda s, v: reviews.waiting(s, v),
    "approve": _approve,
}
ADMINISTRATORS: dict[str, Ask] = {
    "accounts of a school": lambda s, v: people.accounts(s, v, school_id=3),
    "how many": lambda s, v: people.account_total(s, v, school_id=3),
    "an account": lambda s, v: people.account_seen(s, v, 502),
    "a slip": lambda s, v: accounts.write_slip(s, v, 502),
}
OPERATORS: dict[str, Ask] = {
    "a page of accounts": lambda s, v: people.accounts(s, v, after=5_000),
    "administrators": lambda s, v: people.accounts(s, v, role=RoleName.SCHOOL_ADMIN),
}
WORKERS: dict[str, Ask] = {
    "views since the last round": lambda s, v: watching.count_views(s),
    "claim": lambda s, v: jobs.claim(s, 501, Queue.QUICK, lease_s=60),
    "overdue": lambda s, v: queues.overdue(s, clock.now(), sweeping.WOKEN_AT_ONCE),
    "the outbox": lambda s, v: outbox.waiting(s, 200),
    "done with": lambda s, v: outbox.done(s, list(range(1, 201))),
    "documents": lambda s, v: indexing.documents(s, dict.fromkeys(range(5000, 5200), 1)),
    "a page of all": lambda s, v: indexing._page_after(s, 50_000),
    "uploads left by their writers": lambda s, v: uploads.left(s, clock.now()),
    "a touch": lambda s, v: uploads.touch(s, "0" * 32),
    "uploads that ran out": lambda s, v: uploads.expired(s, _soon()),
    "deleted long ago": lambda s, v: sweeping._deleted_before(s, clock.now() - timedelta(days=68)),
    "purge": lambda s, v: sweeping._purge(s, 99_007, clock.now()),
    "sign-ins that ran out": lambda s, v: sweeping._forget_credentials(s, _soon()),
}
ASKED = [
    pytest.param(account, ask, id=name)
    for account, asked in (
        (TEACHER, TEACHERS),
        (OFFICER, OFFICERS),
        (ADMINISTRATOR, ADMINISTRATORS),
        (OPERATOR, OPERATORS | WORKERS),
    )
    for name, ask in asked.items()
]


@pytest.mark.parametrize(("account", "ask"), ASKED)
def test_no_large_table_is_read_from_end_to_end(province: Database, account: int, ask: Ask) -> None:
    engine = province.engine.execution_options(**province.writing)
    with Session(engine) as session:
        viewer = people.viewer_of(session, account)
        assert viewer is not None
        statements = said(session, lambda: ask(session, viewer))
        session.rollback()
        large = {
            name
            for name, rows in session.execute(text("SELECT relname, reltuples FROM pg_class"))
            if rows >= LARGE_ROWS
        }
        assert {"resource", "resource_token", "job", "account", "upload"} <= large
        found = {
            (table, statement)
            for statement, parameters in statements
            for table in scanned(session, statement, parameters)
            if table in large
        }
    assert not found, found


def test_what_goes_with_a_resource_is_found_by_an_index() -> None:
    """The database looks for it whenever one is removed, and no plan shows that."""
    for table in Base.metadata.tables.values():
        found = {next(iter(index.columns)).name for index in table.indexes}
        found |= {next(iter(table.primary_key.columns)).name}
        found |= {
            next(iter(constraint.columns)).name
            for constraint in table.constraints
            if isinstance(constraint, UniqueConstraint)
        }
        removed_with = {
            column.name
            for column in table.columns
            if any(
                key.ondelete and key.column.table.name != "account" for key in column.foreign_keys
            )
        }
        assert removed_with <= found, table.name


def said(session: Session, work: Callable[[], object]) -> list[tuple[str, Any]]:
    """The statements that something sends, with their parameters."""
    heard: list[tuple[str, Any]] = []

    def note(_line: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        heard.append((statement, parameters))

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    work()
    session.flush()
    event.remove(connection, "before_cursor_execute", note)
    assert heard
    return heard


def scanned(session: Session, statement: str, parameters: Any) -> set[str]:
    """The tables that the server would read from end to end."""
    if isinstance(parameters, list) or statement.startswith("INSERT"):
        return set()
    explain = f"EXPLAIN (FORMAT JSON) {statement}"
    (plan,) = session.connection().exec_driver_sql(explain, parameters).scalar_one()
    return set(_scans(plan["Plan"]))


def _scans(node: dict[str, Any]) -> Iterator[str]:
    if node["Node Type"] == "Seq Scan":
        yield node["Relation Name"]
    for child in node.get("Plans", ()):
        yield from _scans(child)
