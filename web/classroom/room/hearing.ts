/** How loud a microphone hears the room, with or without a tone from the speakers. */

const LISTEN_MS = 700;
const TONE_MS = 900;
const TONE_HZ = 880;
/** Heard in the room, and no fright. */
const TONE_GAIN = 0.2;
const LOOK_MS = 40;

/** Root mean square of full scale, 0 to 1. */
export async function hearing(microphone: MediaStream, tone: boolean): Promise<number> {
  const context = new AudioContext();
  try {
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(microphone).connect(analyser);
    // Without a policy file it may never come to that; the microphone is heard as silence then.
    await Promise.race([context.resume(), pause(LOOK_MS * 5)]);
    if (tone) play(context);
    return await loudness(analyser);
  } finally {
    await context.close();
  }
}

function play(context: AudioContext): void {
  const source = context.createOscillator();
  const gain = context.createGain();
  source.frequency.value = TONE_HZ;
  gain.gain.value = TONE_GAIN;
  source.connect(gain).connect(context.destination);
  source.start();
  source.stop(context.currentTime + TONE_MS / 1000);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function loudness(analyser: AnalyserNode): Promise<number> {
  const samples = new Float32Array(analyser.fftSize);
  const heard: number[] = [];
  for (const ends = performance.now() + LISTEN_MS; performance.now() < ends; ) {
    await pause(LOOK_MS);
    analyser.getFloatTimeDomainData(samples);
    heard.push(Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length));
  }
  // The upper half: what sounds only part of the time sounds.
  heard.sort((a, b) => a - b);
  return heard[Math.floor(heard.length * 0.75)] ?? 0;
}
