"""Finding an appeal for whoever asks: what is not visible does not exist."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.actors import Actor
from appeals import answer_links, numbers, selectors
from appeals.models import Appeal
from core.phones import MOBILE
from core.search import normalise
from districts.models import DistrictProfile, Region

HELD = "holds"
SLIPS = "slips"
SLIPS_KEPT = 10


def appeal_or_404(request: HttpRequest, number: str) -> Appeal:
    appeal = selectors.visible(request.user, number)
    if appeal is None:
        raise Http404
    return appeal


def district_or_404(code: str) -> tuple[Region, DistrictProfile]:
    """The district of a public address, with the profile in force."""
    district = Region.objects.districts().filter(code=code).first()
    if district is None:
        raise Http404
    try:
        return district, DistrictProfile.objects.in_force(district)
    except DistrictProfile.DoesNotExist:
        raise Http404 from None


def too_many(request: HttpRequest, context: dict) -> HttpResponse:
    """Somebody without an account asked too often."""
    message = "操作太频繁了。请过一会儿再试，或拨打为企服务热线。"
    return render(request, "429.html", context | {"message": message}, status=429)


# --- Holders of a secret code ---------------------------------------------------------------------


def check_code(district: Region, number: str, secret: str) -> Appeal | None:
    """The appeal whose number and secret (code, or the contact's mobile phone) fit; one uniform None."""
    appeal = Appeal.objects.filter(district=district, number=normalise(number).upper()).first()
    if appeal is None:
        # The same work as for a number that exists, so that the answer's time tells nothing.
        numbers.matches(secret, numbers.digest(number))
        return None
    phone = normalise(secret).replace(" ", "")
    is_phone = bool(MOBILE.fullmatch(phone)) and phone == appeal.contact_phone
    return appeal if numbers.matches(secret, appeal.secret_digest) or is_phone else None


def hold(request: HttpRequest, appeal: Appeal, *, by_link: bool = False) -> None:
    """Remember in the session that this visitor proved to hold the appeal.

    ``by_link``: for this round's judgement alone, by a link that was sent; the code is worth more.
    """
    held = {pk: round for pk, round in request.session.get(HELD, {}).items() if pk != str(appeal.pk)}
    knows_the_code = str(appeal.pk) in request.session.get(HELD, {}) and not held_by_link(request, appeal)
    round = appeal.round if by_link and not knows_the_code else 0
    request.session[HELD] = dict(list(held.items())[-9:]) | {str(appeal.pk): round}


def held_by_link(request: HttpRequest, appeal: Appeal) -> bool:
    return bool(request.session.get(HELD, {}).get(str(appeal.pk)))


def held_or_404(request: HttpRequest, district: Region, number: str) -> Appeal:
    """The appeal, for a visitor who proved to hold it; somebody else's number is 404."""
    appeal = selectors.find(number)
    held = request.session.get(HELD, {})
    if appeal is None or appeal.district_id != district.pk or str(appeal.pk) not in held:
        raise Http404
    if held_by_link(request, appeal) and not answer_links.opens(appeal, held[str(appeal.pk)]):
        raise Http404
    return appeal


def holder(appeal: Appeal) -> Actor:
    return Actor.holder(appeal.pk)


def keep_slip(request: HttpRequest, appeal: Appeal, key: str) -> None:
    """Let this browser see the slip with the secret code.

    Kept is the form's token, which leads to the code with the server's key: the code itself is stored nowhere.
    """
    slips = dict(list(request.session.get(SLIPS, {}).items())[-(SLIPS_KEPT - 1) :])
    request.session[SLIPS] = slips | {appeal.number: key}


def slip_code(request: HttpRequest, number: str) -> str | None:
    key = request.session.get(SLIPS, {}).get(number)
    return numbers.secret_code(key) if key else None
