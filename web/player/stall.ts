/** When playing has truly stopped for want of data. */

/** Browsers say `waiting` also for moments that nobody sees. */
const STALL_MS = 1000;

/** Call `act` when the video stands still although it should play. */
export function onStall(video: HTMLVideoElement, act: () => void): void {
  let timer = 0;
  video.addEventListener("waiting", () => {
    clearTimeout(timer);
    timer = window.setTimeout(act, STALL_MS);
  });
  for (const event of ["playing", "timeupdate", "pause", "seeking", "emptied"]) {
    video.addEventListener(event, () => clearTimeout(timer));
  }
}
