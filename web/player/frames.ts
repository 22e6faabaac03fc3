/** Drawing storyboard frames: a sheet is fetched once and cut by background position. */
import { frameAt, parseStoryboard, type Frame } from "./storyboard.ts";

export class Frames {
  private frames: Frame[] = [];
  private readonly sheets = new Map<string, Promise<HTMLImageElement>>();
  private address: string | null = null;
  private loading = Promise.resolve();

  get ready(): boolean {
    return this.frames.length > 0;
  }

  /** Load the index at `address` once. Without it the time line works as before, only without pictures. */
  load(address: string): Promise<void> {
    if (this.address !== address) this.loading = this.fetchIndex(address);
    return this.loading;
  }

  private async fetchIndex(address: string): Promise<void> {
    this.address = address;
    const response = await fetch(address, { credentials: "same-origin" }).catch(() => null);
    if (response?.ok) this.frames = parseStoryboard(await response.text(), response.url);
    else this.address = null;
  }

  /** Show in `box` the frame at `time`, filling the box's width and cutting what is too high. */
  async draw(box: HTMLElement, time: number, width: number): Promise<void> {
    const frame = frameAt(this.frames, time);
    if (!frame) return;
    box.dataset.frame = String(frame.start);
    const sheet = await this.sheet(frame.sheet).catch(() => null);
    // The pointer may have moved on while the sheet came.
    if (!sheet || box.dataset.frame !== String(frame.start)) return;
    const scale = width / frame.width;
    box.style.backgroundImage = `url("${frame.sheet}")`;
    box.style.backgroundSize = `${sheet.naturalWidth * scale}px ${sheet.naturalHeight * scale}px`;
    box.style.backgroundPosition = `${-frame.x * scale}px ${-frame.y * scale}px`;
  }

  /** Height over width of the frames; of a usual picture while none is known. */
  get shape(): number {
    const first = this.frames[0];
    return first ? first.height / first.width : 9 / 16;
  }

  private sheet(address: string): Promise<HTMLImageElement> {
    const known = this.sheets.get(address);
    if (known) return known;
    const loading = loadImage(address);
    this.sheets.set(address, loading);
    loading.catch(() => this.sheets.delete(address));
    return loading;
  }
}

function loadImage(address: string): Promise<HTMLImageElement> {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = () => reject(new Error(`no picture at ${address}`));
    image.src = address;
  });
}
