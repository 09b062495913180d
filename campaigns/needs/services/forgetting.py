"""What is no longer needed of seekers is erased: on request, and by itself when the time of the consent is over, or soon
after they took up work or stopped looking.

A seeker's data lies in three places: the row, the row of the sheet it came in by, and that sheet's file. What is left,
trade, age band and township, names nobody and keeps the figures true.
"""

from datetime import timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts import audit
from accounts.models import User
from campaigns.models import JobSeeker, Recommendation
from campaigns.needs.permissions import WHO_KEEPS, may_keep_seeker
from core import clock
from districts.models import DistrictProfile, Region
from imports.models import SheetImport, SheetRow

State = JobSeeker.State
SHEET = "job_seekers"
"""The kind of sheet by which seekers come in (``campaigns.needs.seeker_sheet``)."""
DONE = (SheetImport.State.APPLIED, SheetImport.State.UNDONE, SheetImport.State.FAILED)


@transaction.atomic
def erase_seeker(*, by: User, seeker: JobSeeker) -> bool:
    """On request. Whoever was never put forward leaves no row at all; True if so."""
    rows = JobSeeker.objects.select_for_update(of=("self",)).select_related("district", "region", "unit")
    seeker = rows.get(pk=seeker.pk)
    if not may_keep_seeker(by, seeker):
        raise PermissionDenied(WHO_KEEPS)
    if seeker.erased_at:
        raise ValidationError("个人信息已经删除。")
    _erase(seeker)
    audit.record(by, "seeker.erased", seeker)
    if Recommendation.objects.filter(seeker=seeker).exists():
        return False
    seeker.delete()
    return True


def erase_due(district: Region, *, dry_run: bool = False) -> int:
    """Whose consent has run out: anonymised one by one, so that a crash leaves none half done. How many there are.

    With ``dry_run`` nothing is changed. Old sheets, with the rows nobody wanted, go too.
    """
    due = JobSeeker.objects.filter(district=district).to_erase()
    if dry_run:
        return due.count()
    erased = 0
    for key in list(due.values_list("pk", flat=True)):
        with transaction.atomic():
            # Somebody may have recorded a new consent meanwhile.
            seeker = JobSeeker.objects.to_erase().select_for_update().filter(pk=key).first()
            if seeker is None:
                continue
            _erase(seeker)
            audit.record(None, "seeker.expired", seeker)
            erased += 1
    _forget_old_sheets(district)
    return erased


def _erase(seeker: JobSeeker) -> None:
    for name in ("called", "phone", "skills", "post"):
        setattr(seeker, name, "")
    seeker.wage_hoped, seeker.erased_at = None, clock.now()
    if seeker.state == State.LOOKING:
        seeker.state = State.LEFT
    seeker.save()
    Recommendation.objects.running().filter(seeker=seeker).update(
        state=Recommendation.State.FAILED, result="个人信息已删除", changed_at=clock.now()
    )
    rows = SheetRow.objects.filter(sheet_import__kind=SHEET, entry=seeker.pk)
    sheets = list(SheetImport.objects.filter(pk__in=rows.values("sheet_import"), state__in=DONE))
    _blank(rows)
    # The file holds the others' data too, and nobody reads it again once its rows are in.
    _drop_files(sheets)


def _forget_old_sheets(district: Region) -> None:
    kept = timedelta(days=DistrictProfile.objects.in_force(district).rules.needs.retention_days)
    old = SheetImport.objects.filter(kind=SHEET, district=district, created_at__lt=clock.now() - kept)
    rows = SheetRow.objects.filter(sheet_import__in=old).exclude(cells=[])
    with transaction.atomic():
        _drop_files(list(old.exclude(file="")))
        _blank(rows)


def _blank(rows) -> None:  # type: ignore[no-untyped-def]
    rows.update(cells=[], values={}, changes=[], before={})


def _drop_files(sheets: list[SheetImport]) -> None:
    for sheet in sheets:
        if sheet.file:
            storage, name = sheet.file.storage, sheet.file.name
            SheetImport.objects.filter(pk=sheet.pk).update(file="")
            transaction.on_commit(lambda storage=storage, name=name: storage.delete(name))  # type: ignore[misc]
