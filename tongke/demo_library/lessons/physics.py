"""Physics: what sounds differ in."""

from __future__ import annotations

from tongke.demo_library import figures
from tongke.demo_library.recording import Lesson
from tongke.demo_library.slides import Slide

SOUND = Lesson(
    seconds=16,
    foot="橘洲路中学　八年级物理",
    audio_codec="libopus",
    pitch_hz=145.0,
    seed=2,
    slides=(
        Slide(
            "第 2 节　声音的特性", ("八年级上册　第二章　声现象", "执教　橘洲路中学"), cover=True
        ),
        Slide(
            "听一听",
            (
                "敲击大小不同的音叉，声音有什么不同？",
                "用力敲和轻轻敲，声音又有什么不同？",
                "声音的三个特性：*音调*、*响度*、*音色*",
            ),
            figure=figures.tuning_fork,
        ),
        Slide(
            "音调",
            (
                "声音的高低叫音调。",
                "物体每秒振动的次数叫*频率*，单位是赫兹（Hz）。",
                "频率越高，音调越高。",
                "人能听到 20 Hz 到 20 000 Hz 的声音。",
            ),
            figure=figures.pitch,
        ),
        Slide(
            "响度",
            (
                "声音的强弱叫响度。",
                "物体振动的幅度叫*振幅*。",
                "振幅越大，响度越大；离声源越近，听到的响度越大。",
            ),
            figure=figures.loudness,
        ),
        Slide(
            "音色",
            (
                "闭上眼睛，也能听出是谁在说话。",
                "不同的物体，材料、结构不同，发出声音的*音色*不同。",
                "唢呐和木叶吹同一支山歌，你分得出来吗？",
            ),
        ),
        Slide(
            "小结",
            ("音调——频率", "响度——振幅和距离", "音色——材料和结构"),
        ),
    ),
)
