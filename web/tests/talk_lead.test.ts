/** Who answers the rooms in a talk, of a lead who has the class open in several windows. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { Emitter } from "../classroom/emitter.ts";
import type { Hello, Session, TalkWord } from "../classroom/session.ts";
import { LeadTalk, type TalkMix } from "../classroom/talk/lead.ts";
import type { Happened } from "../classroom/vocabulary.ts";

class Stream {
  getTracks = (): never[] => [];
  getAudioTracks = this.getTracks;
  getVideoTracks = this.getTracks;
}

class Connection {
  localDescription: { toJSON(): object } | null = null;
  getTransceivers = (): never[] => [];
  getReceivers = this.getTransceivers;
  setRemoteDescription = (): Promise<void> => Promise.resolve();
  setLocalDescription(): Promise<void> {
    this.localDescription = { toJSON: () => ({ type: "answer", sdp: "" }) };
    return Promise.resolve();
  }
  close(): void {}
}

const element = (): object => ({ play: () => Promise.resolve(), addEventListener: () => undefined });
Object.assign(globalThis, {
  window: globalThis, removeEventListener: () => undefined, document: { createElement: element }, MediaStream: Stream, RTCPeerConnection: Connection,
});

const OFFER = { description: { type: "offer", sdp: "" } };

/** The class's line as this window has it: what it says is kept. */
class Line extends Emitter<{ hello: Hello; event: Happened; talk: TalkWord }> {
  hello: Hello | null = null;
  said: [room: string, what: string][] = [];
  end = "";

  say(room: string, data: { wanted?: boolean; description?: { type: string }; end?: string }): void {
    this.end = data.end ?? this.end;
    this.said.push([room, data.wanted ? "wanted" : (data.description?.type ?? "")]);
  }

  come(): void {
    const rooms = [{ id: "2", name: "" }, { id: "3", name: "" }];
    this.hello = { role: "lead", seat: "", delay_ms: 1300, seq: 1, state: { phase: "running", lesson: "interactive", rooms } };
    this.tell("hello", this.hello);
  }

  async takes(room: string, call: string, end: string): Promise<void> {
    this.tell("talk", { from: room, data: { call, taken: end } });
    await new Promise((resolve) => setTimeout(resolve));
  }

  async offers(room: string, call: string): Promise<void> {
    this.tell("talk", { from: room, data: { call, ...OFFER } });
    await new Promise((resolve) => setTimeout(resolve));
  }
}

/** A window of the lead; it leads the class where `leads.now` says so. */
function opened(context: TestContext, now: boolean): { line: Line; talk: LeadTalk; leads: { now: boolean }; silenced: string[] } {
  const line = new Line();
  const leads = { now };
  const silenced: string[] = [];
  const nothing = (): void => undefined;
  const mix: TalkMix = { add: nothing, remove: (room) => silenced.push(room), setMuted: nothing, without: () => new MediaStream(), release: nothing };
  const talk = new LeadTalk(line as unknown as Session, mix, new MediaStream(), () => leads.now);
  context.after(() => talk.close());
  talk.follow();
  line.come();
  return { line, talk, leads, silenced };
}

test("a window that does not lead the class neither calls its rooms nor answers them", async (context) => {
  const { line, talk, leads } = opened(context, false);
  await line.offers("2", "a");
  talk.follow();
  assert.deepEqual(line.said, []);
  leads.now = true;
  talk.follow();
  assert.deepEqual(line.said, [["2", "wanted"], ["3", "wanted"]]);
  await line.offers("2", "b");
  assert.deepEqual(line.said.slice(2), [["2", "answer"]]);
});

test("a window whose class another one leads lets its rooms go, and has them again when it leads", async (context) => {
  const { line, talk, leads, silenced } = opened(context, true);
  await line.offers("2", "a");
  talk.follow();
  assert.deepEqual(line.said, [["2", "wanted"], ["3", "wanted"], ["2", "answer"]]);
  assert.deepEqual(silenced, []);
  leads.now = false;
  talk.follow();
  assert.deepEqual(silenced, ["2"]);
  await line.offers("2", "b");
  line.come();
  assert.equal(line.said.length, 3);
  leads.now = true;
  talk.follow();
  assert.deepEqual(line.said.slice(3), [["2", "wanted"], ["3", "wanted"]]);
});

test("of two windows that lead a class the one whose answer a room has not taken lets it be", async (context) => {
  const { line, silenced } = opened(context, true);
  await line.offers("2", "a");
  assert.deepEqual(line.said, [["2", "wanted"], ["3", "wanted"], ["2", "answer"]]);
  await line.takes("2", "a", line.end);
  assert.deepEqual(silenced, []);
  await line.takes("2", "a", "another window");
  assert.deepEqual(silenced, ["2"]);
  // Neither another way of the same call is answered, nor is the room asked for a new one.
  await line.offers("2", "a");
  line.come();
  assert.deepEqual(line.said.slice(3), [["3", "wanted"]]);
  // The other window has gone.
  await line.offers("2", "b");
  assert.deepEqual(line.said.slice(4), [["2", "answer"]]);
});
