"""企业分类监管 (绿黄红标): graded by law-enforcement organs, field by field, after 叶集区's plan. Never public.

``eligible_for_honours`` is what other rooms ask before they propose a firm for 评先评优. It answers yes or no for
whoever decides, without telling the grade; a page that shows the answer shows it to the entitled alone.
"""

from enterprises.grades.eligibility import eligible_for_honours

__all__ = ["eligible_for_honours"]
