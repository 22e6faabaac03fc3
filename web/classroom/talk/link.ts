/**
 * What carries sound and picture between the two ends of a talk.
 *
 * `Link` is the port: rooms and the lead know no more of it. Peers that reach each other are one way
 * to have it; where a class needs more rooms than the lead's line carries, a link to a forwarding
 * server is another.
 */
import { Emitter } from "../emitter.ts";

/** `broken`: nothing comes through now, and it may come back. */
export type LinkState = "connecting" | "connected" | "broken" | "closed";

export interface LinkEvents {
  state: LinkState;
  /** What the other end sends. */
  stream: MediaStream;
}

export interface Link extends Pick<Emitter<LinkEvents>, "on"> {
  readonly state: LinkState;
  /** When sound of the other end was last played, by a clock of the browser's own; 0 before. */
  readonly heardAt: number;
  /** Send this in place of what was sent; both have a picture, a sound, or both. */
  send(stream: MediaStream): void;
  /** From now on send the picture so, and none at all for null. */
  limit(picture: SentPicture | null): void;
  /** A word of the other end, about this link. */
  hear(word: LinkWord): void;
  /** It takes too long. */
  hurry(): void;
  close(): void;
}

/** What of a picture the other end's line carries. */
export interface SentPicture {
  /** bit/s, at most. */
  bitrate: number;
  /** Its width and height are divided by this. */
  divisor: number;
}

/** A word about the link `call`. Rooms offer, the lead answers: so they never speak at once. */
export interface LinkWord {
  call: string;
  description?: RTCSessionDescriptionInit;
  candidate?: RTCIceCandidateInit | null;
  /** Of the lead: which of her windows says so. */
  end?: string;
  /** Of a room: whose answer it has taken. */
  taken?: string;
}

export interface PeerOptions {
  call: string;
  servers: RTCIceServer[];
  /** To the other end. */
  say: (word: LinkWord) => void;
  picture: SentPicture | null;
}

const KINDS = ["audio", "video"] as const;

/** Sound has its last moment in it again (RFC 2198): of twenty lost packets one is missed, and not all. */
function sendTwice(made: RTCRtpTransceiver): void {
  const codecs = RTCRtpReceiver.getCapabilities("audio")?.codecs ?? [];
  const twice = codecs.filter(({ mimeType }) => mimeType.toLowerCase() === "audio/red");
  if (twice.length) made.setCodecPreferences([...twice, ...codecs.filter((codec) => !twice.includes(codec))]);
}

/** A link by WebRTC, from one browser to the other. */
export class Peer extends Emitter<LinkEvents> implements Link {
  state: LinkState = "connecting";
  private readonly options: PeerOptions;
  private readonly connection: RTCPeerConnection;
  /** Candidates that came before the description they belong to. */
  private readonly early: RTCIceCandidateInit[] = [];
  private outgoing = new MediaStream();
  private picture: SentPicture | null;
  private offers = false;
  private received = false;
  /** One word after the other, in their order. */
  private turn: Promise<void> = Promise.resolve();

  constructor(options: PeerOptions) {
    super();
    this.options = options;
    this.picture = options.picture;
    this.connection = new RTCPeerConnection({ iceServers: options.servers, bundlePolicy: "max-bundle" });
    this.connection.onicecandidate = ({ candidate }) => this.say({ candidate: candidate?.toJSON() ?? null });
    this.connection.onconnectionstatechange = () => this.onState();
  }

  get heardAt(): number {
    const sound = this.connection.getReceivers().find(({ track }) => track.kind === "audio");
    return Math.max(0, ...(sound?.getSynchronizationSources() ?? []).map(({ timestamp }) => timestamp));
  }

  /** Offer the other end a link. */
  dial(stream: MediaStream): void {
    this.offers = true;
    this.outgoing = stream;
    for (const kind of KINDS) {
      const made = this.connection.addTransceiver(trackOf(stream, kind) ?? kind, { direction: "sendrecv", streams: [stream] });
      if (kind === "audio") sendTwice(made);
    }
    this.inTurn(() => this.offer());
  }

  send(stream: MediaStream): void {
    this.outgoing = stream;
    this.inTurn(() => this.fill());
  }

  limit(picture: SentPicture | null): void {
    if (picture === this.picture) return;
    this.picture = picture;
    this.inTurn(() => this.apply());
  }

  hear({ description, candidate }: LinkWord): void {
    if (description) this.inTurn(() => this.take(description));
    else if (candidate) this.inTurn(() => this.meet(candidate));
  }

  hurry(): void {
    if (!this.offers) return;
    const unanswered = this.connection.signalingState === "have-local-offer";
    if (unanswered) this.say({ description: this.connection.localDescription?.toJSON() as RTCSessionDescriptionInit });
    else if (this.state === "broken") this.inTurn(() => this.offer({ iceRestart: true }));
  }

  close(): void {
    this.connection.onconnectionstatechange = this.connection.onicecandidate = null;
    this.connection.close();
    this.setState("closed");
  }

  private say(word: Omit<LinkWord, "call">): void {
    this.options.say({ call: this.options.call, ...word });
  }

  private inTurn(work: () => Promise<void>): void {
    this.turn = this.turn.then(async () => {
      if (this.state !== "closed") await work();
    }).catch(() => this.setState("broken"));
  }

  private async offer(how: RTCOfferOptions = {}): Promise<void> {
    await this.connection.setLocalDescription(await this.connection.createOffer(how));
    this.tellDescription();
  }

  private async take(description: RTCSessionDescriptionInit): Promise<void> {
    const isAnswer = description.type === "answer";
    // An offer that was said twice is answered twice.
    if (isAnswer && this.connection.signalingState !== "have-local-offer") return;
    await this.connection.setRemoteDescription(description);
    for (const candidate of this.early.splice(0)) await this.connection.addIceCandidate(candidate);
    if (!isAnswer) {
      await this.fill();
      await this.connection.setLocalDescription();
      this.tellDescription();
    }
    await this.apply();
    this.tellStream();
  }

  private async meet(candidate: RTCIceCandidateInit): Promise<void> {
    if (this.connection.remoteDescription) await this.connection.addIceCandidate(candidate);
    else this.early.push(candidate);
  }

  private async fill(): Promise<void> {
    for (const transceiver of this.connection.getTransceivers()) {
      const { sender, receiver } = transceiver;
      transceiver.direction = "sendrecv";
      await sender.replaceTrack(trackOf(this.outgoing, receiver.track.kind) ?? null);
      // Of one stream, so that lips and words are played together.
      sender.setStreams(this.outgoing);
    }
  }

  /** Without new words to the other end: the level changes within a class, and soon. */
  private async apply(): Promise<void> {
    const { picture } = this;
    const how = picture ? { active: true, maxBitrate: picture.bitrate, scaleResolutionDownBy: picture.divisor } : { active: false };
    for (const { sender, receiver } of this.connection.getTransceivers()) {
      if (receiver.track.kind !== "video") continue;
      const parameters = sender.getParameters();
      for (const encoding of parameters.encodings) Object.assign(encoding, how);
      await sender.setParameters(parameters);
    }
  }

  private tellDescription(): void {
    const description = this.connection.localDescription;
    if (description) this.say({ description: description.toJSON() as RTCSessionDescriptionInit });
  }

  private tellStream(): void {
    if (this.received) return;
    this.received = true;
    this.tell("stream", new MediaStream(this.connection.getReceivers().map(({ track }) => track)));
  }

  private onState(): void {
    const { connectionState } = this.connection;
    if (connectionState === "connected") this.setState("connected");
    else if (connectionState === "disconnected" || connectionState === "failed") this.setState("broken");
  }

  private setState(state: LinkState): void {
    if (this.state === state || this.state === "closed") return;
    this.state = state;
    this.tell("state", state);
  }
}

function trackOf(stream: MediaStream, kind: string): MediaStreamTrack | undefined {
  return stream.getTracks().find((track) => track.kind === kind);
}
