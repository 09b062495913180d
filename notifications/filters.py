import django_filters

from notifications.models import UNDELIVERED, Channel, Kind, Notice, NoticeState


class UndeliveredFilter(django_filters.FilterSet):
    """What the administrator narrows the list to; it stays in the address."""

    state = django_filters.ChoiceFilter(
        label="状态",
        choices=[(state.value, NoticeState(state).label) for state in UNDELIVERED],
        empty_label="全部",
    )
    channel = django_filters.ChoiceFilter(
        label="渠道",
        choices=[(channel.value, channel.label) for channel in Channel if channel != Channel.INBOX],
        empty_label="全部",
    )
    kind = django_filters.ChoiceFilter(label="类别", choices=Kind.choices, empty_label="全部")

    class Meta:
        model = Notice
        fields = ["state", "channel", "kind"]
