from django.urls import URLPattern, path

from campaigns.views import commitments

urlpatterns: list[URLPattern] = [
    path("commitments/", commitments.commitment_list, name="commitments"),
    path("commitments/figures/", commitments.chart, name="commitment_figures"),
    path("commitments/export/", commitments.export, name="commitment_export"),
    path("commitments/new/", commitments.new, name="new_commitment"),
    path("commitments/<int:pk>/", commitments.detail, name="commitment"),
    path("commitments/<int:pk>/change/", commitments.change, name="change_commitment"),
    path("commitments/<int:pk>/course/", commitments.set_course, name="commitment_course"),
    *(
        path(f"commitments/<int:pk>/{step}/", commitments.act, {"step": step}, name=f"commitment_{step}")
        for step in ("progress", "pay", "kept", "confirm", "send_back", "broken", "withdraw", "restore")
    ),
    path("commitments/<int:pk>/publish/", commitments.publish, name="publish_commitment"),
    path("commitments/payments/<int:pk>/cancel/", commitments.cancel_payment, name="cancel_instalment"),
]
