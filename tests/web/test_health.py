"""What a load balancer and a browser tell us, and what they are told."""

import shutil

from studyhub.app import from_environment, readiness
from studyhub.workflows.worker import mark_seen
from tests.staged import study_in_files
from tests.web.visits import Visit


def test_the_process_says_that_it_lives(visit):
    answer = visit.get("/healthz")

    assert answer.json == {"status": "ok"}


def test_a_whole_instance_is_ready_though_no_worker_runs(visit):
    answer = visit.get("/readyz")

    assert answer.status_code == 200
    assert answer.json["status"] == "ok"
    assert answer.json["checks"] == {
        "database": "ok",
        "keystore": "ok",
        "objects": "ok",
        "schema": "ok",
        "free_space": "ok",
        "worker": "missing",
    }


def test_a_worker_that_was_there_lately_is_seen(visit, small_study):
    mark_seen(small_study.hub)

    assert visit.get("/readyz").json["checks"]["worker"] == "ok"
    small_study.clock.advance(minutes=11)
    assert visit.get("/readyz").json["checks"]["worker"] == "missing"


def test_without_keystore_or_objects_it_is_not_ready(visit, small_study):
    settings = small_study.hub.settings
    settings.keystore.unlink()
    shutil.rmtree(settings.objects)

    answer = visit.get("/readyz")

    assert answer.status_code == 503
    found = answer.json["checks"]
    assert (found["keystore"], found["objects"], found["database"]) == (
        "missing",
        "missing",
        "ok",
    )


def test_without_a_database_it_is_not_ready_but_lives(tmp_path, monkeypatch):
    with study_in_files("sqlite", tmp_path / "instance") as folder:
        monkeypatch.setenv("STUDYHUB_INSTANCE", str(folder))
        app = from_environment()
        assert readiness(app.extensions["studyhub"])["schema"]
        app.extensions["studyhub"].sessions.engine.dispose()
        (folder / "studyhub.sqlite3").write_bytes(b"not a database at all" * 100)
        visit = Visit(app)

        assert visit.get("/healthz").status_code == 200
        assert visit.get("/readyz").status_code == 503
        app.extensions["studyhub"].sessions.engine.dispose()


def test_reports_of_browsers_are_counted_and_not_kept(visit, small_study):
    report = b'{"csp-report": {"document-uri": "https://hub.example/l/secret"}}'

    for headers in ({}, {"Origin": "null"}):
        answer = visit.client.post(
            "/csp-report", data=report, content_type="application/csp-report", headers=headers
        )
        assert answer.status_code == 204
    small_study.clock.advance(hours=2)
    counted = small_study.hub.counters.take_counts(small_study.clock())

    assert [(row.kind, row.tries) for row in counted] == [("csp_report", 2)]
    assert b"secret" not in small_study.hub.settings.sessions.read_bytes()


def test_a_long_report_is_not_taken(visit):
    answer = visit.client.post("/csp-report", data=b"x" * 20_000)

    assert answer.status_code == 413
