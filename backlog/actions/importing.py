"""Take a file in: upload it, choose what its values mean, then write all of it or nothing."""

from collections.abc import Mapping
from contextlib import contextmanager
from datetime import datetime

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection, connections, transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Organization
from backlog.actions.carrying import carry
from backlog.formats.tables import BadFile
from backlog.models import ImportRun, Product
from backlog.queries import imports
from core import events, outbox
from core.errors import RuleViolation
from core.permissions import require

UNEXPECTED = "Something unexpected went wrong; nothing was imported. The server's log tells more."
_TASK = "backlog.tasks.apply_import"


class NotWaiting(RuleViolation):
    code = "import_not_waiting"
    message = "This import is running or done already."


@transaction.atomic
def upload(file, *, source: str, organization: Organization, product: Product | None = None, by) -> ImportRun:
    """Keep a file to look at; nothing of it is imported yet. file: a Django File with its name.

    product: None where each project of the file becomes a product of its own.
    Raises PermissionDenied, BadFile.
    """
    _require(by, organization, product)
    if file.size > settings.IMPORT_MAX_BYTES:
        raise BadFile(
            f"The file is larger than {settings.IMPORT_MAX_BYTES // 2**20} MB. Split it, then import the parts."
        )
    run = ImportRun(organization=organization, product=product, source=source, file_name=file.name[-200:], by=by)
    run.file.save(file.name, file, save=False)
    try:
        run.mapping = {"columns": imports.suggested_columns(run)} if source == ImportRun.Source.CSV else {}
        if source == ImportRun.Source.JIRA:
            imports.survey(run)
    except BadFile:
        run.file.delete(save=False)
        raise
    run.save()
    events.record("import.uploaded", target=run, by=by, file_name=run.file_name)
    return run


@transaction.atomic
def choose(run: ImportRun, mapping: Mapping, *, by) -> ImportRun:
    """Keep what the file's values shall mean; `imports.suggest` tells the parts.

    Raises PermissionDenied, NotWaiting, InvalidInput.
    """
    run = _waiting(run, by)
    imports.refuse_unknown(mapping)
    run.mapping, run.status = run.mapping | dict(mapping), ImportRun.Status.UPLOADED
    run.save(update_fields=["mapping", "status"])
    events.record("import.mapped", target=run, by=by, mapping=run.mapping)
    return run


@transaction.atomic
def start(run: ImportRun, *, by) -> ImportRun:
    """Have the worker apply the import by the chosen mapping. Raises PermissionDenied, NotWaiting."""
    run = _waiting(run, by)
    run.status, run.progress = ImportRun.Status.APPLYING, 0
    run.save(update_fields=["status", "progress"])
    events.record("import.started", target=run, by=by)
    outbox.send([outbox.Message(topic=_TASK, payload={"run_id": run.pk})])
    return run


@transaction.atomic
def apply(run: ImportRun, *, by) -> ImportRun:
    """Write the whole file into its products, or nothing of it; an import that has ended stays as it is.

    Items that an earlier import brought are found by their source keys. They get what the file says newly, except
    where somebody has changed it here since; their order stays. The run's report tells what came of it.
    Raises PermissionDenied, BadFile, DatesUnknown, ProjectsUnknown, InvalidInput.
    """
    with connection.cursor() as cursor:
        # A file of 30,000 rows needs longer than a page may; two imports of one organization queue.
        cursor.execute("SET LOCAL statement_timeout = '10min'; SET LOCAL lock_timeout = '5min'")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '10min'")
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"import:{run.organization_id}"])
    run = ImportRun.objects.select_related("organization", "product").get(pk=run.pk)
    if run.status in (ImportRun.Status.APPLIED, ImportRun.Status.FAILED):
        return run
    _require(by, run.organization, run.product)
    with _progress(run) as tell:
        report = carry(run, tell, by=by)
    run.status, run.progress, run.report, run.finished_at = ImportRun.Status.APPLIED, 100, report, timezone.now()
    run.save(update_fields=["status", "progress", "report", "finished_at"])
    events.record("import.applied", target=run, by=by, counts=report["counts"])
    transaction.on_commit(lambda: run.file.delete(save=False))
    return run


def apply_or_fail(run: ImportRun, *, by) -> ImportRun:
    """Apply, and where that is refused keep the sentence on the run. What nobody foresaw is raised after that."""
    try:
        return apply(run, by=by)
    except RuleViolation as refusal:
        return fail(run, refusal.message, by=by)
    except PermissionDenied as refusal:
        return fail(run, str(refusal), by=by)
    except Exception:
        fail(run, UNEXPECTED, by=by)
        raise


@transaction.atomic
def discard(run: ImportRun, *, by) -> None:
    """Forget a file that shall not be imported after all. Raises PermissionDenied, NotWaiting."""
    _forget(_waiting(run, by), by)


@transaction.atomic
def discard_abandoned(*, before: datetime, by) -> int:
    """Forget the files that were uploaded or refused before this moment, and not applied since; tell how many.

    Raises PermissionDenied.
    """
    waiting = ImportRun.objects.filter(status__in=(ImportRun.Status.UPLOADED, ImportRun.Status.FAILED))
    old = waiting.annotate(rested_at=Coalesce("finished_at", "created_at")).filter(rested_at__lt=before)
    # Somebody may be applying one of them now.
    runs = list(old.select_for_update(skip_locked=True, of=["self"]).select_related("organization").order_by("pk"))
    for run in runs:
        require(by, "import.tidy", run.organization)
        _forget(run, by)
    return len(runs)


@transaction.atomic
def fail(run: ImportRun, sentence: str, *, by) -> ImportRun:
    """Say why nothing was imported; the file stays, so that another mapping can be tried.

    Asks for no permission: it also tells that the permission has gone.
    """
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    if run.status == ImportRun.Status.APPLIED:
        return run
    run.status, run.report, run.finished_at = ImportRun.Status.FAILED, {"error": sentence}, timezone.now()
    run.save(update_fields=["status", "report", "finished_at"])
    events.record("import.failed", target=run, by=by, error=sentence)
    return run


def _require(by, organization, product):
    if product is None:
        require(by, "product.create", organization)
    else:
        require(by, "import.run", product)


def _waiting(run, by):
    run = ImportRun.objects.select_for_update(of=["self"]).select_related("organization", "product").get(pk=run.pk)
    _require(by, run.organization, run.product)
    if not run.is_waiting:
        raise NotWaiting
    return run


def _forget(run, by):
    events.record("import.discarded", target=run, by=by, file_name=run.file_name)
    file = run.file
    run.delete()
    transaction.on_commit(lambda: file.delete(save=False))


@contextmanager
def _progress(run):
    # A connection of its own: what the import's transaction writes is seen by nobody until it ends.
    aside = connections.create_connection("default")

    def tell(percent):
        with aside.cursor() as cursor:
            cursor.execute("UPDATE backlog_importrun SET progress = %s WHERE id = %s", [percent, run.pk])

    try:
        yield tell
    finally:
        aside.close()
