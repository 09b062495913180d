"""What every figure counts, and what every rate divides by what: the registry itself, as text or as JSON."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from reports.indicators import GROUPS, Indicator, Rate


def _indicator(one: Indicator) -> dict[str, Any]:
    return {
        "name": one.name,
        "label": one.label,
        "definition": one.definition,
        "records": one.source.model._meta.label,
        "parameter": one.parameter or None,
        "same_once": one.same_once or None,
    }


def _rate(one: Rate) -> dict[str, Any]:
    return {
        "name": one.name,
        "label": one.label,
        "definition": one.definition,
        "numerator": one.numerator.name,
        "denominator": [indicator.name for indicator in one.denominator],
        "measure": one.measure,
        "better": one.better,
    }


class Command(BaseCommand):
    help = "列出全部指标的口径。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="输出 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["json"]:
            groups = [
                {
                    "group": label,
                    "indicators": [_indicator(one) for one in indicators],
                    "rates": [_rate(one) for one in rates],
                }
                for label, indicators, rates in GROUPS
            ]
            self.stdout.write(json.dumps(groups, ensure_ascii=False, indent=2))
            return
        for label, indicators, rates in GROUPS:
            self.stdout.write(f"【{label}】")
            for rate in rates:
                self.stdout.write(f"{rate.label}（{rate.name}，{rate.measure}）：{rate.definition}")
                self.stdout.write(f"    ＝ {rate.numerator.label} ÷ {rate.denominator_label}")
            for indicator in indicators:
                self.stdout.write(f"{indicator.label}（{indicator.name}）：{indicator.definition}")
