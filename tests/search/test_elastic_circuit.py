"""When calls go through to Elasticsearch, and when nobody waits for it."""

from __future__ import annotations

from search.elastic_circuit import FAILURES, OPEN_S, Circuit, CircuitState


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def opened() -> tuple[Circuit, Clock]:
    clock = Clock()
    circuit = Circuit(clock)
    for _ in range(FAILURES):
        assert circuit.enter()
        circuit.failed()
    return circuit, clock


def test_some_failures_in_a_row_open_it() -> None:
    circuit, _ = opened()
    assert circuit.state is CircuitState.OPEN
    assert not circuit.enter()


def test_failures_with_an_answer_between_do_not() -> None:
    circuit = Circuit(Clock())
    for _ in range(FAILURES * 2):
        circuit.failed()
        circuit.succeeded()
    assert circuit.state is CircuitState.CLOSED


def test_after_a_while_one_call_goes_through_to_see() -> None:
    circuit, clock = opened()
    clock.seconds = OPEN_S
    assert circuit.state is CircuitState.HALF_OPEN
    assert circuit.enter()
    assert not circuit.enter()
    circuit.succeeded()
    assert circuit.state is CircuitState.CLOSED


def test_a_probe_that_fails_opens_it_again() -> None:
    circuit, clock = opened()
    clock.seconds = OPEN_S
    assert circuit.enter()
    circuit.failed()
    assert circuit.state is CircuitState.OPEN
    clock.seconds = 2 * OPEN_S
    assert circuit.enter()


def test_a_probe_that_was_given_up_lets_the_next_one_look() -> None:
    circuit, clock = opened()
    clock.seconds = OPEN_S
    assert circuit.enter()
    circuit.gave_up()
    assert circuit.enter()
