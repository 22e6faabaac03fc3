"""The closed lists by which a resource is described: kinds, stages, grades, subjects.

The values are what is stored, sent and searched by. Their labels belong to the face.
"""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a resource is (clause 2.2 of the notice)."""

    LESSON_RECORDING = "lesson_recording"
    TEACHING_CASE = "teaching_case"
    MANAGEMENT_POLICY = "management_policy"
    STUDENT_EVALUATION = "student_evaluation"
    INCENTIVE_SCHEME = "incentive_scheme"
    ACTIVITY_PLAN = "activity_plan"
    COURSEWARE = "courseware"
    RESEARCH_OUTPUT = "research_output"


class Stage(StrEnum):
    PRESCHOOL = "preschool"
    PRIMARY = "primary"
    JUNIOR = "junior"
    SENIOR = "senior"


class Subject(StrEnum):
    CHINESE = "chinese"
    MATH = "math"
    ENGLISH = "english"
    PHYSICS = "physics"
    CHEMISTRY = "chemistry"
    BIOLOGY = "biology"
    HISTORY = "history"
    GEOGRAPHY = "geography"
    POLITICS = "politics"
    MUSIC = "music"
    ART = "art"
    PE = "pe"
    IT = "it"
    SCIENCE = "science"
    LABOR = "labor"
    PSYCHOLOGY = "psychology"


# 一年级 is "1", 高三 is "12".
GRADES = tuple(str(number) for number in range(1, 13))


def stage_of(grade: str) -> Stage:
    """The stage that a grade belongs to."""
    number = int(grade)
    if number <= 6:
        return Stage.PRIMARY
    return Stage.JUNIOR if number <= 9 else Stage.SENIOR


class Medium(StrEnum):
    """What a resource is made of; decided from the file's content while it is checked."""

    VIDEO = "video"
    SOUND = "sound"
    DOCUMENT = "document"


class AssetRole(StrEnum):
    """What something made of a resource is for, beside its renditions."""

    POSTER = "poster"
    STORYBOARD = "storyboard"
    PAGE = "page"
    HTML = "html"
    OUTLINE = "outline"
    SECTIONS = "sections"
    DOWNLOAD = "download"


class DownloadKind(StrEnum):
    """What can be taken along."""

    VIDEO = "video"
    SOUND = "sound"
    DOCUMENT = "document"
    ORIGINAL = "original"


class State(StrEnum):
    """Where a resource stands, in the words of the upload page."""

    CHECKING = "checking"
    PLAYABLE = "playable"
    ENCODING = "encoding"
    PUBLISHED = "published"
    FAILED = "failed"


class Step(StrEnum):
    """The steps of a job, in the order in which they are taken."""

    # Of a class that has ended; of a file that was uploaded, the check is the first.
    JOINING = "joining"
    CHECKING = "checking"
    PLAYABLE = "playable"
    THUMBNAILS = "thumbnails"
    THIN = "thin"
    LADDER = "ladder"
    DOCUMENT = "document"


class Queue(StrEnum):
    """The queues of the workers: see docs/decisions/jobs.md."""

    QUICK = "quick"
    DOCUMENTS = "documents"
    INDEX = "index"
    THIN = "thin"
    LADDER = "ladder"


QUEUE_OF = {
    Step.JOINING: Queue.QUICK,
    Step.CHECKING: Queue.QUICK,
    Step.PLAYABLE: Queue.QUICK,
    Step.THUMBNAILS: Queue.QUICK,
    Step.DOCUMENT: Queue.DOCUMENTS,
    Step.THIN: Queue.THIN,
    Step.LADDER: Queue.LADDER,
}
