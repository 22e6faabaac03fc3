"""The murmur of a teacher's voice: syllables with vowels and the four tones, and no words.

A lesson needs sound that levels, codecs and players can be judged by. A pitch that glides, three
vowels, pauses after a phrase: the level moves as in speech, and nobody mistakes it for a recording
that went wrong.
"""

from __future__ import annotations

import array
import math
import random
import wave
from pathlib import Path

RATE_HZ = 24_000
# A phrase book of this length is made once and repeated; nobody learns it by heart.
PHRASES_S = 9.0
# Quiet: about -23 dBFS in the mean, so that loudness has something to mend.
_PEAK = 0.28
_SYLLABLE_S = (0.14, 0.26)
_PAUSE_S = (0.25, 0.7)
_SYLLABLES_IN_A_PHRASE = (4, 9)
# The four tones as the pitch at the beginning and the end, against the speaker's middle.
_TONES = ((1.18, 1.18), (0.95, 1.2), (0.82, 0.9), (1.25, 0.8))
# The first two formants of a, i, u (Hz).
_VOWELS = ((800, 1300), (320, 2300), (340, 800))
_TABLE = 512


def write(path: Path, seconds: float, pitch_hz: float, seed: int) -> None:
    """Writes `seconds` of murmur as mono 16-bit WAV. The same seed gives the same voice."""
    chance = random.Random(seed)  # noqa: S311 - a voice, not a secret
    tables = [_wavetable(vowel, pitch_hz) for vowel in _VOWELS]
    phrases = array.array("h")
    while len(phrases) < PHRASES_S * RATE_HZ:
        for _ in range(chance.randint(*_SYLLABLES_IN_A_PHRASE)):
            table = chance.choice(tables)
            length = chance.uniform(*_SYLLABLE_S)
            phrases.extend(_syllable(table, length, pitch_hz, chance.choice(_TONES)))
        phrases.extend([0] * round(chance.uniform(*_PAUSE_S) * RATE_HZ))
    wanted = round(seconds * RATE_HZ)
    sound = (phrases * (wanted // len(phrases) + 1))[:wanted]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(sound.tobytes())


def _wavetable(formants: tuple[int, int], pitch_hz: float) -> list[float]:
    """One period of a voice: harmonics that fall off, raised where the vowel resonates."""
    harmonics = range(1, 24)

    def strength(number: int) -> float:
        frequency = number * pitch_hz
        raised = sum(math.exp(-(((frequency - formant) / 160) ** 2)) for formant in formants)
        return (0.12 + raised) / math.pow(number, 0.7)

    strengths = [strength(number) for number in harmonics]
    samples = [
        sum(
            level * math.sin(2 * math.pi * number * at / _TABLE)
            for number, level in zip(harmonics, strengths, strict=True)
        )
        for at in range(_TABLE)
    ]
    loudest = max(abs(sample) for sample in samples)
    return [sample / loudest for sample in samples]


def _syllable(
    table: list[float], seconds: float, pitch_hz: float, tone: tuple[float, float]
) -> list[int]:
    count = round(seconds * RATE_HZ)
    samples, phase = [], 0.0
    for at in range(count):
        done = at / count
        phase += pitch_hz * (tone[0] + (tone[1] - tone[0]) * done) / RATE_HZ * _TABLE
        swell = math.pow(math.sin(math.pi * done), 0.6)
        samples.append(round(table[int(phase) % _TABLE] * swell * _PEAK * 32767))
    return samples
