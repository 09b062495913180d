from django.urls import path

from policies.views import claims, conditions, fits, library, lists, news, papers, payments

app_name = "policies"
urlpatterns = [
    path("", library.policy_list, name="list"),
    path("new/", library.new_policy, name="new"),
    path("print/", library.print_list, name="print"),
    path("<int:pk>/", library.policy_detail, name="policy"),
    path("<int:pk>/edit/", library.edit_policy, name="edit"),
    path("<int:pk>/end/", library.end, name="end"),
    path("<int:pk>/restore/", library.restore, name="restore"),
    path("<int:pk>/firms/", library.policy_firms, name="firms"),
    path("<int:pk>/conditions/", conditions.conditions, name="conditions"),
    path("conditions/<int:pk>/remove/", conditions.remove, name="remove_condition"),
    path("fits/", fits.find, name="find_fits"),
    path("fits/enterprises/<int:pk>/", fits.enterprise_fits, name="enterprise_fits"),
    path("fits/projects/<int:pk>/", fits.project_fits, name="project_fits"),
    path("lists/", lists.list_list, name="lists"),
    path("lists/new/", lists.new_list, name="new_list"),
    path("lists/<int:pk>/", lists.one_list, name="one_list"),
    path("lists/<int:pk>/edit/", lists.edit_list, name="edit_list"),
    path("lists/<int:pk>/switch/", lists.switch, name="switch_list"),
    path("claims/", claims.claim_list, name="claims"),
    path("claims/new/", claims.new_claim, name="new_claim"),
    path("claims/<int:pk>/", claims.claim_detail, name="claim"),
    *(
        path(f"claims/<int:pk>/{step}/", claims.act, {"step": step}, name=f"{step}_claim")
        for step in ("approve", "refuse", "withdraw")
    ),
    path("payments/totals/", claims.totals, name="payment_totals"),
    path("payments/", payments.payment_list, name="payments"),
    path("payments/new/", payments.new_payment, name="new_payment"),
    path("payments/<int:pk>/reverse/", payments.reverse, name="reverse_payment"),
    path("hand-outs/", papers.hand_out_list, name="hand_outs"),
    path("hand-outs/new/", papers.new_hand_outs, name="new_hand_outs"),
    path("news/", news.news_list, name="news"),
    path("news/new/", news.new_news, name="new_news"),
    path("news/<int:pk>/edit/", news.edit_news, name="edit_news"),
]
