"""The command `tongke`: one group, whose commands are modules of this package.

Commands import the faces (`services`, `workers`) and whatever is slow inside their functions, so
that `tongke --help` answers in a fraction of a second.
"""

from __future__ import annotations

import click

from tongke import lifeline
from tongke.cli.lazy import DEBUG, Lazy, LazyGroup
from tongke.cli.words import say
from tongke.errors import Text

COMMANDS = {
    "demo": Lazy(
        "tongke.cli.demo",
        "demo",
        Text("启动带示例资源的演示服务", "Start a demonstration with a small library"),
    ),
    "serve": Lazy(
        "tongke.cli.serve",
        "serve",
        Text("启动整个服务，或只启动一部分", "Start the whole service, or one part"),
    ),
    "worker": Lazy(
        "tongke.cli.worker",
        "worker",
        Text("启动一个后台处理进程", "Start one worker process"),
    ),
    "scheduler": Lazy(
        "tongke.cli.scheduler",
        "scheduler",
        Text("启动定时器（每个部署只要一个）", "Start the scheduler (one an installation)"),
    ),
    "migrate": Lazy(
        "tongke.cli.migrate",
        "migrate",
        Text("把数据库升级到这一版的结构", "Bring the database to this version's schema"),
    ),
    "reindex": Lazy(
        "tongke.cli.reindex",
        "reindex",
        Text("重建搜索索引", "Build the search index anew"),
    ),
    "backup": Lazy(
        "tongke.cli.archive",
        "backup",
        Text("备份数据库和全部文件", "Back up the database and every file"),
    ),
    "restore": Lazy(
        "tongke.cli.archive",
        "restore",
        Text("从备份恢复", "Bring a backup back"),
    ),
    "move": Lazy(
        "tongke.cli.move",
        "move",
        Text("搬到别的数据库、文件存储和索引上", "Move to other parts: database, store, index"),
    ),
    "region": Lazy(
        "tongke.cli.place",
        "region",
        Text("建地区", "Add regions"),
    ),
    "school": Lazy(
        "tongke.cli.place",
        "school",
        Text("建学校，给学校结对", "Add schools, pair them"),
    ),
    "account": Lazy(
        "tongke.cli.account",
        "account",
        Text("建账号、重设密码、列出账号", "Add accounts, set passwords, list"),
    ),
    "cert": Lazy(
        "tongke.cli.cert",
        "cert",
        Text("签发校园网用的 HTTPS 证书", "Make HTTPS certificates for a local network"),
    ),
    "nginx": Lazy(
        "tongke.cli.nginx",
        "nginx",
        Text("打印 nginx 的配置", "Print the configuration of an nginx before it"),
    ),
    "doctor": Lazy(
        "tongke.cli.doctor",
        "doctor",
        Text("检查每个部分，指出问题和解决办法", "Check every part; say what to mend and how"),
    ),
}


@click.group(
    cls=LazyGroup,
    lazy=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=say(
        """同课：结对学校的资源共享与同步课堂服务。

        \b
        先试试看：     tongke demo
        正式启动：     tongke serve
        哪里不对：     tongke doctor

        设置写在环境变量 TONGKE_… 或 .env 里，逐项说明见 docs/settings.md。""",
        """Tongke: resource sharing and synchronized classrooms for paired schools.

        \b
        To look around:        tongke demo
        To run it:             tongke serve
        When something is off: tongke doctor

        Settings are read from TONGKE_… in the environment or from .env; docs/settings.md
        explains each.""",
    ),
)
@click.option(
    "--debug", is_flag=True, help=say("出错时显示完整的调用栈", "Show tracebacks of errors")
)
@click.version_option(package_name="tongke", prog_name="tongke")
@click.pass_context
def cli(ctx: click.Context, debug: bool) -> None:
    ctx.meta[DEBUG] = debug
    # Its library takes as long to import as everything that help needs.
    from tongke.cli.log import errors_alone

    ctx.with_resource(errors_alone())


def main() -> None:
    """The entry point. A part that a supervisor started ties its life to it first."""
    lifeline.die_with_named_parent()
    cli()
