"""What is in the demonstration library, and the making of it.

The items name their author and their audience by keys, since accounts and pairings are the
service's: whoever fills the library maps the keys to them.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tongke.demo_library import courseware, papers, recording
from tongke.demo_library.lessons import chinese, mathematics, physics
from tongke.demo_library.recording import Lesson

# Each lesson keeps one encoder busy; the smallest classroom PC has two cores.
_AT_ONCE = 2

# Called with how many files are there, how many there will be, and the last one's name.
Progress = Callable[[int, int, str], None]
Maker = Callable[[Path, str], None]


@dataclass(frozen=True)
class DemoItem:
    """A file of the library and what its author says of it.

    author_key: `lead_math`, `lead_chinese`, `lead_office`, `supported_math`. audience_key: `self`,
    `school`, `pairing`, `county`, `everyone`. The other fields are those of a resource.
    """

    filename: str
    kind: str
    title: str
    summary: str
    stage: str
    grade: str
    subject: str
    edition: str
    unit: str
    lesson: str
    author_key: str
    audience_key: str


def _paper(
    filename: str, kind: str, title: str, summary: str, author_key: str, audience_key: str
) -> DemoItem:
    """A paper of the whole junior school, of no subject."""
    fields = ("junior", "", "", "", "", "")
    return DemoItem(filename, kind, title, summary, *fields, author_key, audience_key)


_EDITION = "人教版（2024）"

ITEMS: tuple[DemoItem, ...] = (
    DemoItem(
        filename="5.3 实际问题与一元一次方程（第2课时）.mp4",
        kind="lesson_recording",
        title="5.3　实际问题与一元一次方程（第 2 课时）",
        summary="从做灯笼说起，列表找配套问题的等量关系，解方程并检验。桐木溪、白竹坪两校同步听讲。",
        stage="junior",
        grade="7",
        subject="math",
        edition=_EDITION,
        unit="第五章　一元一次方程",
        lesson="5.3　实际问题与一元一次方程",
        author_key="lead_math",
        audience_key="pairing",
    ),
    DemoItem(
        filename="2.1.1 有理数的加法（第1课时）.mp4",
        kind="lesson_recording",
        title="2.1.1　有理数的加法（第 1 课时）",
        summary="在数轴上走一走，归纳同号、异号两数相加的法则，先定符号，再算绝对值。",
        stage="junior",
        grade="7",
        subject="math",
        edition=_EDITION,
        unit="第二章　有理数的运算",
        lesson="2.1　有理数的加法与减法",
        author_key="lead_math",
        audience_key="everyone",
    ),
    DemoItem(
        filename="圆的面积.mov",
        kind="lesson_recording",
        title="圆的面积",
        summary="从晒谷簟有多大问起，把圆剪成 16 份拼成近似的长方形，推出面积公式。",
        stage="primary",
        grade="6",
        subject="math",
        edition="人教版",
        unit="第五单元　圆",
        lesson="圆的面积",
        author_key="supported_math",
        audience_key="pairing",
    ),
    DemoItem(
        filename="望岳.mp4",
        kind="lesson_recording",
        title="望岳",
        summary="抓住一个“望”字，读出远望、近望、细望和想望，品“钟”“割”二字，体会青年杜甫的气概。",
        stage="junior",
        grade="7",
        subject="chinese",
        edition="统编版",
        unit="古代诗歌",
        lesson="望岳",
        author_key="lead_chinese",
        audience_key="pairing",
    ),
    DemoItem(
        filename="声音的特性.mkv",
        kind="lesson_recording",
        title="第 2 节　声音的特性",
        summary="用音叉和波形图认识音调、响度和音色，分清频率和振幅。",
        stage="junior",
        grade="8",
        subject="physics",
        edition=_EDITION,
        unit="第二章　声现象",
        lesson="第 2 节　声音的特性",
        author_key="lead_office",
        audience_key="school",
    ),
    DemoItem(
        filename="手机拍摄_撕角拼平角.mp4",
        kind="lesson_recording",
        title="撕一撕，拼一拼：三角形的内角和",
        summary="手机竖拍的课堂片段：把三个角撕下来拼成平角，再问这算不算证明。",
        stage="junior",
        grade="8",
        subject="math",
        edition=_EDITION,
        unit="第十三章　三角形",
        lesson="13.3　三角形的内角与外角",
        author_key="supported_math",
        audience_key="school",
    ),
    DemoItem(
        filename="5.3 配套问题课件.pptx",
        kind="courseware",
        title="5.3　实际问题与一元一次方程（第 2 课时）课件",
        summary="与同名课堂实录配套，8 页，备注里写了给听讲班停顿的地方。",
        stage="junior",
        grade="7",
        subject="math",
        edition=_EDITION,
        unit="第五章　一元一次方程",
        lesson="5.3　实际问题与一元一次方程",
        author_key="lead_math",
        audience_key="pairing",
    ),
    DemoItem(
        filename="“配套问题”教学案例.docx",
        kind="teaching_case",
        title="“配套问题”教学案例：让听讲班的孩子先开口",
        summary="同步课堂上停顿七次，每次都先请听讲班说话：课怎么上、效果怎样、哪里还要改。",
        stage="junior",
        grade="7",
        subject="math",
        edition=_EDITION,
        unit="第五章　一元一次方程",
        lesson="5.3　实际问题与一元一次方程",
        author_key="lead_math",
        audience_key="self",
    ),
    _paper(
        "学生考勤与请销假管理办法（2026年修订）.docx",
        "management_policy",
        "学生考勤与请销假管理办法（2026 年修订）",
        "六章二十六条，含请假条和缺勤追踪登记表。迟到、旷课、请假、销假、家访各由谁管，几时办完。",
        "lead_office",
        "pairing",
    ),
    _paper(
        "教师教学常规检查与评价方案.pdf",
        "management_policy",
        "教师教学常规检查与评价方案",
        "备课、上课、作业、辅导、教研怎样查、怎样评、怎样用，并写明不许另要材料。",
        "lead_office",
        "everyone",
    ),
    _paper(
        "学生综合素质评价实施细则.docx",
        "student_evaluation",
        "学生综合素质评价实施细则",
        "五个维度写实记录，自评、互评、教师评语和家长寄语怎样形成一份学期评价。",
        "lead_office",
        "county",
    ),
    _paper(
        "冬季长跑与体育节活动方案.txt",
        "activity_plan",
        "冬季长跑与体育节活动方案",
        "大课间长跑的距离、队形和安全，体育节的项目，以及与橘洲路中学云上同赛。",
        "supported_math",
        "pairing",
    ),
)


def _lesson(lesson: Lesson) -> Maker:
    return partial(recording.record, lesson)


def _written(write: Callable[[papers.Paper, Path], None], name: str) -> Maker:
    def make_paper(target: Path, _ffmpeg: str) -> None:
        write(papers.read(name), target)

    return make_paper


def _courseware(lesson: Lesson) -> Maker:
    def make_courseware(target: Path, _ffmpeg: str) -> None:
        courseware.write(lesson, target)

    return make_courseware


_MAKERS: dict[str, Maker] = dict(
    zip(
        (item.filename for item in ITEMS),
        (
            _lesson(mathematics.EQUATION),
            _lesson(mathematics.ADDITION),
            _lesson(mathematics.CIRCLE),
            _lesson(chinese.GAZING),
            _lesson(physics.SOUND),
            _lesson(mathematics.TRIANGLE),
            _courseware(mathematics.EQUATION),
            _written(papers.write_docx, "equation_case"),
            _written(papers.write_docx, "attendance"),
            _written(papers.write_pdf, "inspection"),
            _written(papers.write_docx, "evaluation"),
            _written(papers.write_txt, "winter_run"),
        ),
        strict=True,
    )
)


def make(folder: Path, ffmpeg: str, on_progress: Progress) -> list[Path]:
    """Makes every file of ITEMS that `folder` lacks; their paths, in the order of ITEMS.

    ffmpeg: the program, with libx264, aac and libopus. CalledProcessError: it failed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / item.filename for item in ITEMS]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        making = {pool.submit(_make, path, ffmpeg): path for path in paths}
        for done, future in enumerate(as_completed(making), start=1):
            future.result()
            on_progress(done, len(paths), making[future].name)
    return paths


def _make(path: Path, ffmpeg: str) -> None:
    """Under another name until it is whole: what has the name is never half a file."""
    if path.exists():
        return
    unfinished = path.with_name(f"unfinished-{path.name}")
    _MAKERS[path.name](unfinished, ffmpeg)
    unfinished.rename(path)
