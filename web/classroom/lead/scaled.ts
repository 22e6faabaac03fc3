/** A still picture at the size in which it is shown: scaled once, and not thirty times a second. */
export class Scaled {
  private readonly canvas = document.createElement("canvas");
  private shown = "";

  of(picture: HTMLImageElement, width: number, height: number): HTMLCanvasElement {
    const { canvas } = this;
    const key = `${picture.src} ${width}×${height}`;
    if (this.shown === key) return canvas;
    this.shown = key;
    [canvas.width, canvas.height] = [Math.round(width), Math.round(height)];
    const context = canvas.getContext("2d", { alpha: false });
    if (context) context.imageSmoothingQuality = "high";
    context?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    return canvas;
  }
}
