"""A stand-in for a class's own line, with the real rules of a class, and the pages of a talk.

What the service itself does with the words of a talk: tests/services/live/signalling/test_talk.py.
"""

from __future__ import annotations

import json
import time
from typing import Any

from aiohttp import WSMsgType, web
from playwright.sync_api import Page
from pydantic import JsonValue

from tongke.errors import TongkeError
from tongke.live import talk
from tongke.live.bodies import Begin, BookedRoom, Join, Known, Leave, Prepare, command
from tongke.live.decide import TONGKE, decide
from tongke.live.state import ClassState
from tongke.live.views import for_role, snapshot
from tongke.live.vocabulary import LessonKind, Role, Who
from web.tests.browser.scripts import Scripts

LEAD = Who(Role.LEAD, "7")
SCRIPTS = ["session.ts", "lead/mix.ts", "talk/lead.ts", "talk/room.ts", "talk/seats.ts"]


class Talking(Scripts):
    """A class that has begun; who comes says in their address which room they are."""

    lines: dict[web.WebSocketResponse, Who]
    state: ClassState

    def begin(self, lesson: LessonKind, *rooms: str) -> None:
        self.lines, self.state, self.seq = {}, ClassState(), 0
        booked = tuple(BookedRoom(id=room, name=room) for room in rooms)
        for who, body in ((TONGKE, Prepare(lesson=lesson, rooms=booked)), (LEAD, Begin())):
            for event in decide(self.state, who, body, now_ms()):
                self.state.apply(event)

    def app(self) -> web.Application:
        app = super().app()
        app.add_routes([web.get("/live/12/socket", self.line)])
        return app

    async def line(self, request: web.Request) -> web.WebSocketResponse:
        room = request.query["as"]
        who = LEAD if room == "lead" else Who(Role.ROOM, room)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        connection = str(id(socket))
        await self.happen(who, Join(connection=connection))
        hello = {"role": who.role, "seat": who.seat, "delay_ms": 1300, "seq": self.seq}
        state = snapshot(self.state, who.role, who.seat)
        await socket.send_json({"hello": {**hello, "state": state, "ice_servers": []}})
        self.lines[socket] = who
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self.hear(socket, who, json.loads(message.data))
        del self.lines[socket]
        await self.happen(who, Leave(connection=connection))
        return socket

    async def hear(self, socket: web.WebSocketResponse, who: Who, said: dict[str, Any]) -> None:
        if "ping" in said:
            await socket.send_json({"pong": said["ping"], "at": time.time() * 1000})
        elif "talk" in said:
            await self.hand_on(who, said["talk"])
        else:
            number, kind, _ = said.pop("ref"), said.pop("command"), said.pop("media_ms")
            try:
                await self.happen(who, command({**said, "kind": kind}))
            except TongkeError as error:
                await socket.send_json({"refused": number, "code": error.code, "message": ""})
            else:
                await socket.send_json({"done": number})

    async def hand_on(self, who: Who, said: object) -> None:
        word = talk.word(said)
        try:
            sender = talk.speaker(self.state, who, word.to)
        except talk.NotInTalk:
            return
        for socket, other in list(self.lines.items()):
            if talk.end_of(other) == word.to:
                await socket.send_json({"talk": {"from": sender, "data": word.data}})

    async def happen(self, who: Who, body: Known) -> None:
        for event in decide(self.state, who, body, now_ms()):
            self.state.apply(event)
            self.seq += 1
            for socket, other in list(self.lines.items()):
                told: dict[str, JsonValue] | None = for_role(event, other.role, other.seat)
                if told is not None:
                    await socket.send_json({"event": {"seq": self.seq, **told}})


def now_ms() -> int:
    return round(time.time() * 1000)


# What each page has: a tone and a picture that tells when it was drawn, in 16 squares of a bit.
PAGE = """
    const { Session } = await import("/session.js");
    const context = new AudioContext();
    const tone = (frequency) => {
        const sound = context.createMediaStreamDestination();
        const oscillator = new OscillatorNode(context, { frequency });
        oscillator.connect(new GainNode(context, { gain: 0.2 })).connect(sound);
        oscillator.start();
        return sound.stream;
    };
    const clock = (colour) => {
        const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
        const pen = canvas.getContext("2d");
        setInterval(() => {
            pen.fillStyle = colour;
            pen.fillRect(0, 0, 320, 180);
            const at = Date.now() & 0xffff;
            for (let bit = 0; bit < 16; bit += 1) {
                pen.fillStyle = at & (1 << bit) ? "white" : "black";
                pen.fillRect(bit * 20, 0, 20, 20);
            }
        }, 33);
        return canvas.captureStream(30);
    };
    const listen = (stream) => {
        const analyser = new AnalyserNode(context, { fftSize: 4096, smoothingTimeConstant: 0 });
        context.createMediaStreamSource(stream).connect(analyser);
        return (...frequencies) => {
            const found = new Float32Array(analyser.frequencyBinCount);
            analyser.getFloatFrequencyData(found);
            return frequencies.filter((each) =>
                found[Math.round(each * 4096 / context.sampleRate)] > -60);
        };
    };
    const look = (video) => {
        const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
        const pen = canvas.getContext("2d", { willReadFrequently: true });
        pen.drawImage(video, 0, 0, 320, 180);
        const lit = (x, y) => pen.getImageData(x, y, 1, 1).data;
        let at = 0;
        for (let bit = 0; bit < 16; bit += 1) if (lit(bit * 20 + 10, 10)[0] > 127) at |= 1 << bit;
        return { colour: [...lit(160, 120)].slice(0, 3), age: (Date.now() - at) & 0xffff };
    };
    const make = document.createElement.bind(document);
    const voices = [];
    document.createElement = (name, ...more) => {
        const made = make(name, ...more);
        if (name === "audio") voices.push(made);
        return made;
    };
    Object.assign(window, { context, tone, clock, listen, look, voices, Session });
"""

LEAD_PAGE = """
    const { Mix } = await import("/mix.js");
    const { LeadTalk } = await import("/lead.js");
    const session = new Session("/live/12/socket?as=lead");
    const mix = new Mix();
    mix.add("teacher", tone(440));
    const talk = new LeadTalk(session, mix, clock("rgb(0, 0, 200)"), () => true);
    const hears = listen(mix.stream);
    Object.assign(window, { session, mix, talk, hears });
    session.open();
"""

ROOM_PAGE = """
    const { RoomTalk } = await import("/room.js");
    const { TalkSeats } = await import("/seats.js");
    const session = new Session(`/live/12/socket?as=${room}`);
    const video = document.body.appendChild(document.createElement("video"));
    const pictures = colour ? clock(colour).getTracks() : [];
    const camera = new MediaStream([...pictures, ...tone(frequency).getTracks()]);
    const seats = new TalkSeats(session);
    const talk = new RoomTalk(session, video);
    const states = [];
    talk.on("state", (state) => states.push(state));
    seats.on("changed", () => seats.has(room) ? void talk.start(camera) : talk.stop());
    Object.assign(window, { session, video, talk, states, hears: () => [] });
    const voice = voices[0];
    voice.addEventListener("playing", () => { window.hears = listen(voice.srcObject); });
    session.open();
"""


def lead(page: Page, url: str) -> Page:
    page.goto(url)
    page.evaluate(f"async () => {{ {PAGE} {LEAD_PAGE} }}")
    return page


def room(page: Page, url: str, name: str, frequency: int, colour: str) -> Page:
    page.goto(url)
    said = f"const room = '{name}', frequency = {frequency}, colour = '{colour}';"
    page.evaluate(f"async () => {{ {said} {PAGE} {ROOM_PAGE} }}")
    return page
