"""Of a visit besides: photos, the letter, a request answered, a plan kept, and days that cannot be."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from core import clock
from core.models import HeldUpload
from liaisons.models import Visit, VisitPhoto, VisitRequest
from liaisons.services.assignments import assign
from policies.models import HandOut
from tests import factories as make
from tests.core.test_pictures import photo
from tests.portal.test_sitting import URL, cadre, firm, form, page, signed_in, unit  # noqa: F401


@pytest.fixture
def mine(cadre, firm, district):  # noqa: F811
    """The firm is the cadre's own since the fifth of January."""
    dispatcher = make.user(make.unit(district), "dispatcher")
    return assign(
        by=dispatcher, official=cadre.official, subject=firm, started=clock.today() - timedelta(days=30)
    )


# --- Photos ---------------------------------------------------------------------------------------


def test_photos_are_kept_small_with_the_visit(signed_in, cadre, firm):  # noqa: F811
    answer = signed_in.post(
        URL, form(cadre, firm) | {"photos": [photo(3000, 2000), photo(200, 100, kind="PNG", name="b.png")]}
    )
    assert answer.status_code == 302
    visit = Visit.objects.get()
    assert [(one.width, one.height) for one in visit.photos.all()] == [(1600, 1067), (200, 100)]
    assert "现场照片 2" in page(signed_in.get(f"/visits/{visit.pk}/"))
    shown = signed_in.get(f"/visits/photos/{visit.photos.first().pk}/")
    assert shown["Content-Type"] == "image/jpeg" and "private" in shown["Cache-Control"]
    assert Image.open(io.BytesIO(b"".join(shown.streaming_content))).size == (1600, 1067)


def test_a_photo_is_seen_by_whoever_sees_the_visit(client, signed_in, cadre, firm, district):  # noqa: F811
    signed_in.post(URL, form(cadre, firm) | {"photos": [photo(300, 200)]})
    picture = f"/visits/photos/{VisitPhoto.objects.get().pk}/"
    for person, status in [
        (make.user(make.unit(district), "dispatcher"), 200),
        (make.user(make.unit(district, "huihe"), "liaison"), 404),
    ]:
        client.force_login(person)
        assert client.get(picture).status_code == status
    client.logout()
    assert client.get(picture).status_code == 302


def test_good_photos_survive_an_error_elsewhere(signed_in, cadre, firm):  # noqa: F811
    broken = SimpleUploadedFile("坏.jpg", b"\xff\xd8\xff\xe0 broken")
    data = form(cadre, firm)
    first = signed_in.post(URL, data | {"photos": [photo(300, 200, name="好.jpg")], "occurred_at": ""})
    assert first.status_code == 422 and "好.jpg" in page(first)
    second = signed_in.post(URL, data | {"photos": [broken]})
    assert second.status_code == 422 and "“坏.jpg”打不开" in page(second)
    assert signed_in.post(URL, data).status_code == 302
    assert VisitPhoto.objects.count() == 1 and not HeldUpload.objects.exists()


def test_ten_photos_are_too_many(signed_in, cadre, firm):  # noqa: F811
    answer = signed_in.post(URL, form(cadre, firm) | {"photos": [photo(20, 20) for _ in range(10)]})
    assert answer.status_code == 422 and "一次最多上传9张照片" in page(answer)
    assert not Visit.objects.exists()


# --- The letter -----------------------------------------------------------------------------------


def test_the_letter_is_handed_out_like_a_policy_list(signed_in, cadre, firm):  # noqa: F811
    signed_in.post(URL, form(cadre, firm, rows={"hand_outs": [{"policy": "letter", "copies": "2"}]}))
    given = HandOut.objects.get()
    assert (given.paper, given.policy, given.copies) == ("letter", None, 2)
    assert "一封信" in page(signed_in.get(f"/visits/{Visit.objects.get().pk}/"))


def test_a_paper_that_does_not_exist_is_refused(signed_in, cadre, firm):  # noqa: F811
    data = form(cadre, firm, rows={"hand_outs": [{"policy": "999999", "copies": "1"}]})
    assert signed_in.post(URL, data).status_code == 422
    assert not Visit.objects.exists()


# --- Days -----------------------------------------------------------------------------------------


def test_a_visit_to_my_firm_is_not_older_than_my_looking_after_it(signed_in, cadre, firm, mine):  # noqa: F811
    long_ago = f"{timezone.localtime() - timedelta(days=40):%Y-%m-%dT%H:%M}"
    data = form(cadre, firm, occurred_at=long_ago) | {"firm": "mine", "mine": f"enterprise-{firm.pk}"}
    answer = signed_in.post(URL, data)
    assert answer.status_code == 422
    assert f"您从 {mine.started:%Y-%m-%d} 起联系这家企业" in page(answer) and "订单充足" in page(answer)
    as_another = form(cadre, firm, occurred_at=long_ago)
    assert signed_in.post(URL, as_another).status_code == 302


# --- Asked for ------------------------------------------------------------------------------------


def test_a_visit_answers_the_firms_request_if_one_says_so(signed_in, cadre, firm, mine):  # noqa: F811
    asked = VisitRequest.objects.create(
        district=firm.district, region=firm.region, enterprise=firm, contact_name="赵敏", contact_phone="13800001234",
        wish="想了解技改政策", recorded_at=clock.now() - timedelta(days=1),
    )  # fmt: skip
    address = f"{URL}?enterprise={firm.pk}"
    assert "这次走访回应了企业的约访" in page(signed_in.get(address))
    signed_in.post(address, form(cadre, firm))
    assert VisitRequest.objects.open().count() == 1
    signed_in.post(address, form(cadre, firm, answers_requests="on"))
    asked.refresh_from_db()
    assert (asked.state, asked.visit) == ("done", Visit.objects.latest("pk"))
    assert "回应了企业的约访" not in page(signed_in.get(address))
