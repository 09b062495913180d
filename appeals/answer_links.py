"""A link by which the firm answers for itself: signed, for one round of one appeal, for a few days.

Whoever has it may judge as with the secret code, so it is dead once the appeal is not waiting for revisits.
"""

from datetime import timedelta

from django.core import signing

from appeals.models import Appeal, Status
from core import clock
from districts.models import Region

VALID = timedelta(days=7)
ANSWERABLE = frozenset({Status.ANSWERED, Status.REVISITED})


def _signer() -> signing.TimestampSigner:
    # Chat programs end a link at a colon.
    return signing.TimestampSigner(salt="appeals.answer_link", sep=".")


def make_token(appeal: Appeal) -> str:
    return _signer().sign_object([appeal.pk, appeal.round])


def opens(appeal: Appeal, round_: int) -> bool:
    """Is this still the round that was to be judged?"""
    return appeal.round == round_ and appeal.status in ANSWERABLE


def appeal_of(token: str, district: Region) -> Appeal | None:
    """The appeal that the token opens; one uniform None for every token that opens nothing."""
    try:
        pk, round_ = _signer().unsign_object(token, max_age=VALID)
    except signing.BadSignature:
        return None
    return Appeal.objects.filter(pk=pk, round=round_, district=district, status__in=ANSWERABLE).first()


def message(appeal: Appeal, url: str) -> str:
    """What is sent to the firm, by WeChat or text message."""
    last = clock.local_date(clock.now() + VALID)
    return (
        f"【{appeal.district.name}】{appeal.subject_name}：贵公司反映的“{appeal.title}”（编号{appeal.number}）已经答复。"
        f"请在{last:%-m月%-d日}前点开链接，评价办理结果，告诉我们问题是否解决：{url}"
    )
