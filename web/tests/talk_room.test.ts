/** A room in a talk with a lead who has the class open in several windows: which of them it hears. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Emitter } from "../classroom/emitter.ts";
import type { Hello, Session, TalkWord } from "../classroom/session.ts";
import { Peer } from "../classroom/talk/link.ts";
import { RoomTalk } from "../classroom/talk/room.ts";
import type { Happened } from "../classroom/vocabulary.ts";

class Stream {
  getTracks = (): never[] => [];
  getAudioTracks = this.getTracks;
  getVideoTracks = this.getTracks;
  clone = (): Stream => this;
}

/** What the browser is told, in its order. */
const heard: string[] = [];

/** What each kind is to be sent as, the best first. */
const preferred: [string, string[]][] = [];
const capabilities = ["audio/opus", "audio/red", "audio/PCMU"].map((mimeType) => ({ mimeType }));

class Connection {
  signalingState = "have-local-offer";
  localDescription = { toJSON: () => ({ type: "offer", sdp: "" }) };
  remoteDescription: object | null = null;
  getTransceivers = (): never[] => [];
  getReceivers = this.getTransceivers;
  addTransceiver = (track: string): object => ({ setCodecPreferences: (codecs: { mimeType: string }[]) => preferred.push([track, codecs.map(({ mimeType }) => mimeType)]) });
  createOffer = (): Promise<object> => Promise.resolve({});
  setLocalDescription = (): Promise<void> => Promise.resolve();
  close = (): void => undefined;

  setRemoteDescription(description: { sdp: string }): Promise<void> {
    this.remoteDescription = description;
    this.signalingState = "stable";
    heard.push(description.sdp);
    return Promise.resolve();
  }

  addIceCandidate({ candidate }: { candidate: string }): Promise<void> {
    heard.push(candidate);
    return Promise.resolve();
  }
}

Object.assign(globalThis, {
  window: globalThis, removeEventListener: () => undefined, MediaStream: Stream, RTCPeerConnection: Connection,
  RTCRtpReceiver: { getCapabilities: () => ({ codecs: capabilities }) },
  document: { createElement: () => ({ play: () => Promise.resolve(), addEventListener: () => undefined }) },
});

class Line extends Emitter<{ hello: Hello; event: Happened; talk: TalkWord }> {
  hello = null;
  said: Record<string, unknown>[] = [];
  say = (_: string, data: Record<string, unknown>): void => void this.said.push(data);
  command = (): Promise<void> => Promise.resolve();

  hears(data: Record<string, unknown>): void {
    this.tell("talk", { from: "lead", data });
  }
}

test("sound is sent twice where the browser can", (context) => {
  const dialled = (): void => {
    const peer = new Peer({ call: "1", servers: [], say: () => undefined, picture: null });
    peer.dial(new Stream() as unknown as MediaStream);
    peer.close();
  };
  dialled();
  assert.deepEqual(preferred, [["audio", ["audio/red", "audio/opus", "audio/PCMU"]]]);
  context.mock.method(RTCRtpReceiver, "getCapabilities", () => ({ codecs: [{ mimeType: "audio/opus" }] }));
  dialled();
  assert.equal(preferred.length, 1);
});

test("the first window that answers is heard, and each is told which that was", async (context) => {
  const line = new Line();
  const video = { play: () => Promise.resolve() } as HTMLVideoElement;
  const talk = new RoomTalk(line as unknown as Session, video);
  context.after(() => talk.stop());
  void talk.start(new Stream() as unknown as MediaStream);
  await new Promise((resolve) => setTimeout(resolve));
  const call = line.said[0]?.["call"];
  const says = (end: string, word: object): void => line.hears({ call, end, ...word });
  says("b", { candidate: { candidate: "way of b" } });
  says("a", { candidate: { candidate: "way of a" } });
  says("a", { description: { type: "answer", sdp: "answer of a" } });
  says("b", { description: { type: "answer", sdp: "answer of b" } });
  says("b", { candidate: { candidate: "other way of b" } });
  says("a", { candidate: { candidate: "other way of a" } });
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(heard, ["answer of a", "way of a", "other way of a"]);
  assert.deepEqual(line.said.slice(1), [{ call, taken: "a" }, { call, taken: "a" }]);
  // Called anew, whoever answers first is heard.
  line.hears({ wanted: true, end: "b" });
  await new Promise((resolve) => setTimeout(resolve));
  const again = line.said[line.said.length - 1]?.["call"];
  line.hears({ call: again, end: "b", description: { type: "answer", sdp: "second" } });
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(heard[heard.length - 1], "second");
});
