"""`tongke worker`: one process that takes steps from the queues."""

from __future__ import annotations

import os

import click

from tongke.cli.words import say
from tongke.library.vocabulary import Queue

ALL = "all"
# The ladder takes every core it gets, for minutes: pages and the quick steps go first.
LADDER_NICENESS = 10


@click.command(
    help=say(
        """启动一个后台处理进程，直到收到 SIGTERM 或 Ctrl-C；手上的步骤会交还。

        \b
        quick      检查、可看、缩略图、清查（几秒）
        documents  文档的文字和页面（要用 LibreOffice 的只有这里）
        index      把改动收进搜索
        thin       供慢速网络的声音和最小画面
        ladder     各档清晰度（几分钟，让出处理器）
        all        以上全部

        \b
        再加一个转码进程：      tongke worker --queue ladder
        一个进程取两个队列：    tongke worker --queue documents --queue index""",
        """Start one worker process; SIGTERM or Ctrl-C ends it, and its step is given back.

        \b
        quick      checking, making playable, thumbnails, looking for lost work (seconds)
        documents  text and pages of documents (LibreOffice is needed here alone)
        index      takes changes into the search index
        thin       sound and the smallest picture, for thin lines
        ladder     every quality (minutes; gives way to everything else)
        all        all of these

        \b
        One more for encoding:  tongke worker --queue ladder
        One for two queues:     tongke worker --queue documents --queue index""",
    )
)
@click.option(
    "--queue",
    "chosen",
    # Words: of a member click takes the name, which no command line has.
    type=click.Choice([*(queue.value for queue in Queue), ALL]),
    multiple=True,
    default=[ALL],
    show_default=True,
    help=say("从哪个队列取活，可以写几个", "Which queue to take from; may be given several times"),
)
def worker(chosen: tuple[str, ...]) -> None:
    from tongke.cli.opening import load_settings, require_schema

    settings = load_settings()
    require_schema(settings)
    from workers import heartbeat
    from workers.app import create_worker

    queues = tuple(Queue) if ALL in chosen else tuple(map(Queue, chosen))
    if set(queues) == {Queue.LADDER}:
        os.nice(LADDER_NICENESS)
    heartbeat.begin(settings, queues)
    create_worker(settings).worker_main(_arguments(chosen[0], queues))


def _arguments(name: str, queues: tuple[Queue, ...]) -> list[str]:
    return [
        # No banner in the log.
        "--quiet",
        "worker",
        "--pool=solo",
        f"--queues={','.join(queues)}",
        # The process number lets several take from one queue.
        f"--hostname={name}-{os.getpid()}@%h",
        # Workers have nothing to say to each other: they meet in the job table.
        "--without-gossip",
        "--without-mingle",
    ]
