"""调研分析报告 about one kind of problem (S1 千名干部联万企): drafted from what was counted, written on by people."""
