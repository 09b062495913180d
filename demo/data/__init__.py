"""The words of the invented district: names, appeals, answers, visits, policies. Nobody in them exists."""
