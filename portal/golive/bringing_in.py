"""The sheets of a setup, once its district exists: received, checked and written one after the other by a tick."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from accounts.models import Unit, User
from core.xlsx import SheetError
from districts.models import DistrictProfile, Region
from imports import engine
from imports.models import SheetImport
from portal.golive import files as sheets
from portal.golive.launch import service_account
from portal.models import Setup, SetupFile


def bring_in(setup: Setup) -> None:
    """Take the setup's sheets a step further, one after the other; nothing is left to do once all are in.

    Each is received and confirmed here and checked and written by the import's own worker, so that 4,000 firms
    keep nobody waiting. Doing it again is harmless.
    """
    if setup.district is None or setup.is_change:
        return
    waiting = [
        file
        for code in sheets.ORDER
        for file in setup.files.filter(kind=code, refused=False).select_related("sheet_import")
    ]
    if not waiting:
        return
    service = _service(setup.district)
    for file in waiting:
        if not _advanced(file, service):
            return


def _advanced(file: SetupFile, service: User) -> bool:
    """Whether it is done with, so that the next one may begin."""
    state = SheetImport.State
    if file.sheet_import is None:
        _receive(file, service)
        if file.sheet_import is None:
            return True
    sheet = file.sheet_import
    if engine.is_small(sheet) and sheet.state == state.WAITING:
        engine.check(sheet)
    sheet.refresh_from_db()
    if sheet.state == state.CHECKED:
        engine.confirm(sheet_import=sheet, by=service)
        if engine.is_small(sheet):
            engine.apply(sheet)
        sheet.refresh_from_db()
    return not sheet.is_busy


def _receive(file: SetupFile, service: User) -> None:
    with transaction.atomic():
        locked = SetupFile.objects.select_for_update().get(pk=file.pk)
        if locked.sheet_import_id is None:
            with locked.file.open("rb") as content:
                upload = SimpleUploadedFile(locked.name, content.read())
            try:
                locked.sheet_import = engine.receive(by=service, kind=locked.kind, upload=upload)
            except SheetError as error:
                locked.problems, locked.refused = [str(error)], True
            locked.save(update_fields=["sheet_import", "problems", "refused"])
    file.sheet_import = locked.sheet_import


def _service(district: Region) -> User:
    lead = DistrictProfile.objects.in_force(district).rules.lead_bureau
    return service_account(district, Unit.objects.get(district=district, code=lead))


def unfinished() -> list[Setup]:
    """Setups with a district whose sheets are not all in."""
    done = [
        SheetImport.State.APPLIED,
        SheetImport.State.UNDONE,
        SheetImport.State.UNDOING,
        SheetImport.State.FAILED,
    ]
    waiting = SetupFile.objects.filter(kind__in=sheets.ORDER, refused=False).exclude(
        sheet_import__state__in=done
    )
    found = Setup.objects.filter(district__isnull=False, kind=Setup.Kind.NEW, pk__in=waiting.values("setup"))
    return list(found.select_related("district"))
