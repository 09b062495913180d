"""企业分类监管 (绿黄红标): graded by law-enforcement organs, field by field, after 叶集区's plan. Never public."""
