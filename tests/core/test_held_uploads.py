"""Files that survive a form's errors."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from core import clock, held_uploads
from core.models import HeldUpload

pytestmark = pytest.mark.django_db
TOKEN = "t" * 32
NOTHING = MultiValueDict()


def sent(*files: tuple[str, bytes]) -> MultiValueDict:
    return MultiValueDict({"attachments": [SimpleUploadedFile(name, content) for name, content in files]})


PDF = ("合同.pdf", b"%PDF-1.7 x")


def names(files: MultiValueDict) -> list[str]:
    return [file.name for file in files.getlist("attachments")]


def test_the_good_ones_are_held_under_the_forms_token_and_come_back_with_it():
    held_uploads.hold(sent(PDF, ("a.exe", b"MZ"), ("空.pdf", b"")), TOKEN)
    assert [held.name for held in held_uploads.held_for(TOKEN)] == ["合同.pdf"]
    back = held_uploads.with_held(sent(("新.txt", b"x")), QueryDict(), TOKEN)
    assert names(back) == ["新.txt", "合同.pdf"]
    assert back.getlist("attachments")[1].read() == PDF[1]
    assert names(held_uploads.with_held(NOTHING, QueryDict(), "another")) == []


def test_without_a_token_nothing_is_held_and_nothing_comes_back():
    for token in (None, ""):
        held_uploads.hold(sent(PDF), token)
        assert names(held_uploads.with_held(sent(PDF), QueryDict(), token)) == ["合同.pdf"]
        assert held_uploads.held_for(token) == []
    assert not HeldUpload.objects.exists()


def test_one_that_is_dropped_is_deleted_with_its_file():
    held_uploads.hold(sent(PDF), TOKEN)
    held = HeldUpload.objects.get()
    post = QueryDict(f"drop_held={held.pk}&drop_held=x&drop_held=%00&drop_held={'9' * 40}")
    assert names(held_uploads.with_held(NOTHING, post, TOKEN)) == []
    assert not HeldUpload.objects.exists() and not held.file.storage.exists(held.file.name)


def test_another_forms_file_cannot_be_dropped():
    held_uploads.hold(sent(PDF), TOKEN)
    held = HeldUpload.objects.get()
    held_uploads.with_held(NOTHING, QueryDict(f"drop_held={held.pk}"), "another")
    assert HeldUpload.objects.filter(pk=held.pk).exists()


def test_no_more_is_held_than_a_form_may_carry(settings):
    settings.ATTACHMENTS_MAX_BYTES = 25
    held_uploads.hold(sent(PDF, ("乙.pdf", PDF[1])), TOKEN)
    held_uploads.hold(sent(("丙.pdf", PDF[1])), TOKEN)
    assert [held.name for held in held_uploads.held_for(TOKEN)] == ["合同.pdf", "乙.pdf"]


def test_sending_the_same_form_again_and_again_holds_no_more_files_than_a_form_may_carry(settings):
    """A robot must not fill the disk with small files under one token."""
    for _ in range(3):
        held_uploads.hold(sent(*[PDF] * 5), TOKEN)
    assert HeldUpload.objects.count() <= settings.ATTACHMENTS_MAX_FILES


def test_a_form_that_went_through_releases_its_files():
    held_uploads.hold(sent(PDF), TOKEN)
    held_uploads.hold(sent(PDF), "another")
    held = held_uploads.held_for(TOKEN)[0]
    held_uploads.release(TOKEN)
    assert not held.file.storage.exists(held.file.name)
    assert [kept.token for kept in HeldUpload.objects.all()] == ["another"]
    held_uploads.release(TOKEN)


def test_what_nobody_came_back_for_is_forgotten_after_a_day():
    with clock.at(clock.now() - timedelta(hours=25)):
        held_uploads.hold(sent(PDF), TOKEN)
    old = HeldUpload.objects.get()
    held_uploads.hold(sent(PDF), "fresh")
    assert held_uploads.forget_old() == 1
    assert [kept.token for kept in HeldUpload.objects.all()] == ["fresh"]
    assert not old.file.storage.exists(old.file.name)


def test_a_very_long_name_is_held_by_its_end():
    held_uploads.hold(sent(("长" * 300 + ".pdf", PDF[1])), TOKEN)
    assert HeldUpload.objects.get().name.endswith(".pdf")
