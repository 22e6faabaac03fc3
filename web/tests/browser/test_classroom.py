"""What a classroom's scripts compute, without a line: its clock, its steering, its times."""

from __future__ import annotations

import pytest

from web.tests.browser.scripts import Script

pytestmark = pytest.mark.browser


# The lesson's clock


def test_the_answer_with_the_smallest_round_trip_counts(run: Script) -> None:
    """The service is 5000 ms ahead; slow answers are slow on one way only, and would mislead."""
    found = run("""
        const core = new clock.LessonClock();
        core.answered({ asked: 1000, received: 1200, at: 6010 });
        core.answered({ asked: 2000, received: 2008, at: 7004 });
        for (let at = 3000; at < 9000; at += 1000) {
            core.answered({ asked: at, received: at + 150, at: at + 5140 });
        }
        return core.at(20000) - 20000;
    """)
    assert found == pytest.approx(5000)


def test_an_answer_older_than_eight_others_is_forgotten(run: Script) -> None:
    found = run("""
        const core = new clock.LessonClock();
        core.answered({ asked: 0, received: 2, at: 5001 });
        for (let at = 1000; at < 9000; at += 1000) {
            core.answered({ asked: at, received: at + 20, at: at + 5050 });
        }
        return core.at(60000) - 60000;
    """)
    assert found == pytest.approx(5040)


@pytest.mark.parametrize("correction", [-3000, -150, -12, 12, 150, 3000])
def test_corrections_never_turn_the_clock_back(run: Script, correction: int) -> None:
    found = run(f"""
        const core = new clock.LessonClock();
        core.answered({{ asked: 0, received: 40, at: 5020 }});
        const told = [];
        for (let local = 40; local < 20000; local += 10) {{
            const at = 5990 + {correction};
            if (local === 1000) core.answered({{ asked: 980, received: 1000, at }});
            told.push(core.at(local));
        }}
        const steps = told.slice(1).map((time, index) => time - told[index]);
        return [Math.min(...steps), told[told.length - 1] - 19990];
    """)
    assert found[0] > 0
    assert found[1] == pytest.approx(5000 + correction)


# Steering

SIMULATE = """
    const simulate = (first, frames, jitter) => {
        const steer = new steering.Steering();
        // A leap would be the quick way; the speed alone has to come there too.
        for (let n = 0; n < 2; n += 1) steer.step(200, 0, -1000), steer.error = null;
        let shown = -first, speed = 1;
        const errors = [];
        for (let n = 1; n <= frames; n += 1) {
            shown += speed * 1000 / 30;
            const now = n * 1000 / 30, noise = jitter * Math.sin(n * 12.9898) ;
            errors.push(now - shown);
            const order = steer.step(now, shown + noise, now);
            if (order.kind !== "speed") throw new Error(order.kind);
            speed = order.speed;
        }
        return errors;
    };
"""


@pytest.mark.parametrize("first", [800, -800])
def test_a_room_that_is_late_comes_into_step_without_swinging(run: Script, first: int) -> None:
    errors = run(f"{SIMULATE} return simulate({first}, 30 * 30, 0);")
    sign = 1 if first > 0 else -1
    assert abs(errors[-1]) <= 5
    assert min(sign * error for error in errors) >= -5, "it does not go past its place"
    settled = next(at for at, error in enumerate(errors) if abs(error) <= 5)
    assert max(abs(error) for error in errors[settled:]) <= 5, "it stays there"
    assert settled < 30 * 22


def test_a_room_that_was_late_and_one_that_was_early_end_at_the_same_place(run: Script) -> None:
    late, early = (run(f"{SIMULATE} return simulate({first}, 30 * 30, 0);") for first in (70, -70))
    assert abs(late[-1] - early[-1]) <= 1.2


def test_a_little_is_left_alone_where_it_had_settled(run: Script) -> None:
    """The sound's clock of a computer runs 20 millionths too fast: a speed holds for minutes."""
    speeds = run("""
        const steer = new steering.Steering();
        const speeds = [];
        for (let n = 0; n < 30 * 120; n += 1) {
            const now = n * 1000 / 30;
            const order = steer.step(now, now * 1.00002, now);
            if (order.kind === "speed") speeds.push(order.speed);
        }
        return speeds;
    """)
    assert set(speeds) == {1}


def test_pictures_that_come_a_frame_early_or_late_do_not_shake_it(run: Script) -> None:
    errors = run(f"{SIMULATE} return simulate(0, 30 * 20, 33);")
    assert max(abs(error) for error in errors) <= 10


def test_only_more_than_a_second_is_leapt(run: Script) -> None:
    orders = run("""
        const steer = new steering.Steering();
        const first = steer.step(10300, 10000, 0);
        const again = steer.step(10300, 10000, 10);
        const small = steer.step(10900, 10000, 20);
        steer.error = null;
        const late = steer.step(11200, 10000, 30);
        steer.error = null;
        const early = steer.step(10000, 11300, 40);
        return [first, again, small, late, early];
    """)
    assert orders == [
        {"kind": "leap", "ms": 300},
        {"kind": "leap", "ms": 300},
        {"kind": "speed", "speed": 1.05},
        {"kind": "leap", "ms": 1200},
        {"kind": "hold", "ms": 1300},
    ]


def test_the_readout_is_of_the_last_ten_seconds(run: Script) -> None:
    found = run("""
        const readout = new measuring.Readout();
        for (let at = 0; at < 20000; at += 100) {
            const lag = at < 9000 ? 9000 : 1300 + at % 200;
            readout.add(at, lag, at % 2000 ? 4 : -40, 700 + at % 200);
        }
        return [new measuring.Readout().measure, readout.measure];
    """)
    assert found == [None, {"lagMs": 1400, "skewMs": 40, "needMs": 800}]


def test_what_comes_at_once_after_a_standstill_says_nothing_of_the_line(run: Script) -> None:
    found = run("""
        const readout = new measuring.Readout();
        const told = [];
        for (let at = 0; at < 30000; at += 100) {
            // For half a second what was held up arrives; twice, as everything stood still between.
            if (at === 15000) readout.clear();
            readout.add(at, 1500, 4, at % 15000 < 500 ? 1400 : 300);
            if (at % 1000 === 900) told.push(measuring.toldOf(readout.measure).need_ms ?? null);
        }
        return told;
    """)
    assert found == 2 * [*[None] * 3, *[300] * 12]


# Places in the media

PIECES = """
    const pieces = [
        { start: 0, duration: 2, date: 1000 }, { start: 2, duration: 2, date: 3000 },
        { start: 4, duration: 2, date: 35000 },
    ];
"""


def test_dates_leap_over_a_break_and_the_media_do_not(run: Script) -> None:
    found = run(f"""{PIECES}
        return [
            [0.5, 3.9, 4.5, 7].map((time) => dates.dateAt(pieces, time)),
            [999, 1500, 4900, 20000, 35500, 37000].map((date) => dates.placeOf(pieces, date)),
        ];
    """)
    assert found == [[1500, 4900, 35500, 38000], [None, 0.5, pytest.approx(3.9), None, 4.5, None]]


# Capture times


def test_a_tracks_own_clock_is_found_by_its_earliest_arrivals(run: Script) -> None:
    """Its clock began 7 s ago and runs 100 ppm fast; arrivals are up to 30 ms late."""
    found = run("""
        const track = new rebase.Rebase();
        const wrong = [];
        for (let n = 0; n < 30 * 120; n += 1) {
            const captured = 1e6 + n * 1000 / 30, position = (captured - 1e6 + 7000) * 1.0001;
            track.observe(position * 1000, captured + 30 * Math.abs(Math.sin(n * 12.9898)));
            if (track.warm) wrong.push(track.at(position * 1000) / 1000 - captured);
        }
        const steps = wrong.slice(1).map((error, index) => error - wrong[index]);
        return [Math.min(...wrong), Math.max(...wrong), Math.max(...steps.map(Math.abs))];
    """)
    assert found[0] > -5
    assert found[1] < 10
    assert found[2] < 1, "corrections run in"


def test_times_rise_whatever_arrives(run: Script) -> None:
    steps = run("""
        const track = new rebase.Rebase(4000);
        const told = [];
        const arrivals = [
            [0, 1000], [300, 1900], [330, 1910], [360, 1660], [390, 9000], [420, 9010],
        ];
        for (const [position, arrived] of arrivals) {
            track.observe(position * 1000, arrived);
            told.push(track.at(position * 1000));
        }
        track.restart();
        track.observe(0, 9020);
        told.push(track.at(0), track.after(200000));
        return told.slice(1).map((time, index) => time - told[index]);
    """)
    assert min(steps) >= 4000
