"""What becomes of survey samples when two firms turn out to be one: it is asked once."""

from campaigns.models import SurveySample
from enterprises.merging import mover
from enterprises.models import Enterprise


@mover("campaigns.surveysample")
def join_samples(kept: Enterprise, duplicate: Enterprise) -> None:
    """Both drawn in one round: the answered one stays, else the kept firm's; the answer of another goes with it."""
    mine = {sample.round_id: sample for sample in SurveySample.objects.filter(enterprise=kept)}
    for other in SurveySample.objects.filter(enterprise=duplicate, round__in=mine):
        own = mine[other.round_id]
        answered = SurveySample.State.ANSWERED
        (own if other.state == answered and own.state != answered else other).delete()
