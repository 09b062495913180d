"""企业分类监管 (绿黄红标): graded by law-enforcement organs, field by field, after 叶集区's plan. Never public.

``eligible_for_honours``, and ``without_excluded`` for a list, are what other rooms ask before they propose a firm for
评先评优 or offer it a policy that is an honour. They answer yes or no for whoever decides, without telling the grade;
a page that shows the answer shows it to the entitled alone.
"""

from enterprises.grades.eligibility import eligible_for_honours, without_excluded

__all__ = ["eligible_for_honours", "without_excluded"]
