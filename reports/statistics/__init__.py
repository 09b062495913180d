"""统计分析: where the district, or one unit, is stuck; every figure out of the registry of indicators."""
