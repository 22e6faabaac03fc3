/**
 * Pictures and sound of a track as they come: from MediaStreamTrackProcessor, else from a `<video>`
 * and an AudioWorklet. What is taken is closed here; who wants to keep a picture clones it.
 */

type Data = VideoFrame | AudioData;

/** https://www.w3.org/TR/mediacapture-transform/ ; TypeScript has it for workers only. */
interface TrackProcessor<T> {
  readable: ReadableStream<T>;
}

type TrackProcessorClass = new <T extends Data>(init: { track: MediaStreamTrack; maxBufferSize: number }) => TrackProcessor<T>;

/** The newest pictures are what counts. */
const BUFFERED_PICTURES = 2;
/** Of sound nothing may be lost while the page is busy: two seconds of 10 ms. */
const BUFFERED_SOUNDS = 200;
const SOUND_RATE = 48_000;

/** Call `take` with each picture; what is returned ends that. */
export function takePictures(track: MediaStreamTrack, take: (frame: VideoFrame) => void): () => void {
  return processed(track, BUFFERED_PICTURES, take) ?? drawnPictures(track, take);
}

/** `worklet`: address of the built worklet.ts, for browsers that need it. */
export function takeSound(track: MediaStreamTrack, worklet: string | null, take: (data: AudioData) => void): () => void {
  return processed(track, BUFFERED_SOUNDS, take) ?? workletSound(track, worklet, take);
}

function processed<T extends Data>(track: MediaStreamTrack, maxBufferSize: number, take: (data: T) => void): (() => void) | null {
  const Processor = (window as { MediaStreamTrackProcessor?: TrackProcessorClass }).MediaStreamTrackProcessor;
  if (!Processor) return null;
  const reader = new Processor<T>({ track, maxBufferSize }).readable.getReader();
  void readAll(reader, take);
  return () => void reader.cancel();
}

async function readAll<T extends Data>(reader: ReadableStreamDefaultReader<T>, take: (data: T) => void): Promise<void> {
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    take(value);
    value.close();
  }
}

function drawnPictures(track: MediaStreamTrack, take: (frame: VideoFrame) => void): () => void {
  const video = document.createElement("video");
  video.muted = true;
  video.srcObject = new MediaStream([track]);
  let ended = false;
  const onFrame = (_now: number, { mediaTime }: VideoFrameCallbackMetadata): void => {
    if (ended) return;
    const frame = new VideoFrame(video, { timestamp: Math.round(mediaTime * 1e6) });
    take(frame);
    frame.close();
    video.requestVideoFrameCallback(onFrame);
  };
  video.requestVideoFrameCallback(onFrame);
  void video.play().catch(() => undefined);
  return () => {
    ended = true;
    video.srcObject = null;
  };
}

/** What the worklet posts: 20 ms of planar samples, and how many came before. */
export interface Heard {
  samples: Float32Array<ArrayBuffer>;
  channels: number;
  before: number;
}

function workletSound(track: MediaStreamTrack, worklet: string | null, take: (data: AudioData) => void): () => void {
  const context = new AudioContext({ sampleRate: SOUND_RATE });
  void connect(context, track, worklet, (heard) => {
    const data = audioData(heard);
    take(data);
    data.close();
  });
  return () => void context.close();
}

async function connect(context: AudioContext, track: MediaStreamTrack, worklet: string | null, hear: (heard: Heard) => void): Promise<void> {
  if (worklet === null) throw new Error("this browser needs the address of the sound worklet");
  await context.audioWorklet.addModule(worklet);
  const node = new AudioWorkletNode(context, "tongke-sound", { numberOfOutputs: 0 });
  node.port.onmessage = ({ data }: MessageEvent<Heard>) => hear(data);
  context.createMediaStreamSource(new MediaStream([track])).connect(node);
  await context.resume();
}

function audioData({ samples, channels, before }: Heard): AudioData {
  return new AudioData({
    format: "f32-planar",
    sampleRate: SOUND_RATE,
    numberOfFrames: samples.length / channels,
    numberOfChannels: channels,
    timestamp: Math.round((before * 1e6) / SOUND_RATE),
    data: samples,
  });
}
