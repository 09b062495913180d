"""The manual's chapters, in the groups of the navigation; each is a page of its own and stands in the whole one.

What a chapter says is ``templates/portal/manual/<code>.html``.
"""

from dataclasses import dataclass

from core.wording import spoken


@dataclass(frozen=True)
class Chapter:
    code: str
    title: str
    lead: str = ""
    flush: bool = False
    """It is one table from edge to edge."""

    @property
    def template(self) -> str:
        return f"portal/manual/{self.code}.html"


@dataclass(frozen=True)
class Part:
    title: str
    chapters: tuple[Chapter, ...]


ROLES = Chapter("roles", "按角色：每天做什么")

PARTS = (
    Part(
        "企业诉求",
        (
            Chapter("registering", "登记、受理和交办"),
            Chapter("flow", "办理流程图", "与系统实际执行的规则同源。", flush=True),
            Chapter("workflow", "办理流程总表", "每个动作由谁办、办后到哪一步。", flush=True),
            Chapter("colours", "时限和颜色"),
            Chapter("requests", "申请、裁定和说“不”"),
            Chapter("revisits", "回访"),
            Chapter("supervision", "督办"),
            Chapter("backlog", "存量问题攻坚清零"),
            Chapter("clusters", "回应一个诉求、解决一类问题"),
            Chapter("provincial", "省平台录入"),
        ),
    ),
    Part(
        spoken("包保联系"),
        (
            Chapter("visits", "走访"),
            Chapter("assignments", spoken("包保联系")),
            Chapter("plaques", spoken("公示牌和企业约访")),
            Chapter("officers", "联络员和意见建议"),
            Chapter("roster", spoken("导入表格和半年底册")),
            Chapter("grades", "企业分类监管（绿黄红标）和检查计划"),
        ),
    ),
    Part(
        "活动、政策和专项行动",
        (
            Chapter("events", "活动"),
            Chapter("policies", "政策、兑现、材料和宣传"),
            Chapter("campaigns", "专项行动"),
            Chapter("needs", "需求清单：用工、求职、融资"),
            Chapter("commitments", "履约践诺"),
            Chapter("satisfaction", "满意度"),
            Chapter("rotas", "窗口值守和每月记录"),
        ),
    ),
    Part(
        "统计报送",
        (
            Chapter("weekly", "工作情况表"),
            Chapter("statistics", "统计分析、指标口径和公开数据"),
            Chapter("ledgers", "台账导出"),
            Chapter("bulletins", "通报和考核"),
            Chapter("typical-cases", "典型案例"),
            Chapter("documents", "公文"),
        ),
    ),
    Part(
        "系统",
        (
            Chapter("notices", "通知"),
            Chapter("golive", "新区县上线", "不用编程。"),
            Chapter("trouble", "常见情况"),
        ),
    ),
)
CHAPTERS = {chapter.code: chapter for part in PARTS for chapter in part.chapters}
