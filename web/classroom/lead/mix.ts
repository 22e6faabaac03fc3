/**
 * The lesson's sound: everybody who speaks, mixed into one track.
 *
 * Inputs are known by name: the teacher, and each room that is in the talk. A room that hears the
 * lesson by the talk gets all but itself (`without`), else it would hear its own voice come back.
 */

/** As the publisher's encoder wants it. */
const RATE = 48_000;
const METER_SAMPLES = 1024;

interface Input {
  source: MediaStreamAudioSourceNode;
  gain: GainNode;
  meter: AnalyserNode;
}

export class Mix {
  readonly context = new AudioContext({ sampleRate: RATE, latencyHint: "interactive" });
  private readonly lesson = this.context.createMediaStreamDestination();
  private readonly inputs = new Map<string, Input>();
  private readonly muted = new Set<string>();
  private readonly isInLesson: (name: string) => boolean;
  private readonly buses = new Map<string, MediaStreamAudioDestinationNode>();

  /** `isInLesson`: whose voice may go into the lesson, and so into its recording. */
  constructor(isInLesson: (name: string) => boolean = () => true) {
    this.isInLesson = isInLesson;
  }

  /** The lesson's sound. Silence while nobody speaks. */
  get stream(): MediaStream {
    return this.lesson.stream;
  }

  /** False until the browser was allowed to make sound: by a click, or by a microphone. */
  get runs(): boolean {
    return this.context.state === "running";
  }

  resume(): void {
    void this.context.resume().catch(() => undefined);
  }

  /** Mix `stream` in as `name`, in place of what had this name. */
  add(name: string, stream: MediaStream): void {
    this.remove(name);
    if (stream.getAudioTracks().length === 0) return;
    const source = this.context.createMediaStreamSource(stream);
    const gain = new GainNode(this.context, { gain: this.muted.has(name) ? 0 : 1 });
    const meter = new AnalyserNode(this.context, { fftSize: METER_SAMPLES });
    source.connect(gain);
    if (this.isInLesson(name)) gain.connect(this.lesson);
    source.connect(meter);
    this.inputs.set(name, { source, gain, meter });
    for (const [other, bus] of this.buses) if (other !== name) gain.connect(bus);
  }

  remove(name: string): void {
    const input = this.inputs.get(name);
    if (!input) return;
    input.source.disconnect();
    input.gain.disconnect();
    this.inputs.delete(name);
  }

  /** Also of an input that is still to come. */
  setMuted(name: string, muted: boolean): void {
    if (muted) this.muted.add(name);
    else this.muted.delete(name);
    const input = this.inputs.get(name);
    if (input) input.gain.gain.value = muted ? 0 : 1;
  }

  /** The lesson's sound for `name`: all but their own. */
  without(name: string): MediaStream {
    const known = this.buses.get(name);
    if (known) return known.stream;
    const bus = this.context.createMediaStreamDestination();
    this.buses.set(name, bus);
    for (const [other, { gain }] of this.inputs) if (other !== name) gain.connect(bus);
    return bus.stream;
  }

  /** Nobody hears `without(name)` any more. */
  release(name: string): void {
    const bus = this.buses.get(name);
    if (!bus) return;
    for (const [other, { gain }] of this.inputs) if (other !== name) gain.disconnect(bus);
    this.buses.delete(name);
  }

  /** How loud it is at its source, 0 to 1 from −60 dB to full. */
  level(name: string): number {
    const meter = this.inputs.get(name)?.meter;
    if (!meter) return 0;
    const samples = new Float32Array(METER_SAMPLES);
    meter.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / METER_SAMPLES;
    return Math.max(0, Math.min(1, 1 + (10 * Math.log10(power + 1e-9)) / 60));
  }
}
