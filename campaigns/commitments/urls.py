from django.urls import URLPattern, path

from campaigns.commitments.views import commitment, commitments

urlpatterns: list[URLPattern] = [
    path("commitments/", commitments.commitment_list, name="commitments"),
    path("commitments/figures/", commitments.chart, name="commitment_figures"),
    path("commitments/export/", commitments.export, name="commitment_export"),
    path("commitments/new/", commitments.new, name="new_commitment"),
    path("commitments/<int:pk>/", commitment.detail, name="commitment"),
    path("commitments/<int:pk>/change/", commitment.change, name="change_commitment"),
    path("commitments/<int:pk>/course/", commitment.set_course, name="commitment_course"),
    *(
        path(f"commitments/<int:pk>/{step}/", commitment.act, {"step": step}, name=f"commitment_{step}")
        for step in ("progress", "pay", "kept", "confirm", "send_back", "broken", "withdraw", "restore")
    ),
    path("commitments/<int:pk>/publish/", commitment.publish, name="publish_commitment"),
    path("commitments/payments/<int:pk>/cancel/", commitment.cancel_payment, name="cancel_instalment"),
]
