from django.urls import path

from policies.views import library, news, papers, payments

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
    path("payments/", payments.payment_list, name="payments"),
    path("payments/new/", payments.new_payment, name="new_payment"),
    path("payments/<int:pk>/reverse/", payments.reverse, name="reverse_payment"),
    path("hand-outs/", papers.hand_out_list, name="hand_outs"),
    path("hand-outs/new/", papers.new_hand_outs, name="new_hand_outs"),
    path("news/", news.news_list, name="news"),
    path("news/new/", news.new_news, name="new_news"),
    path("news/<int:pk>/edit/", news.edit_news, name="edit_news"),
]
