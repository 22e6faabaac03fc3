/** Keeps the screen on. A browser that cannot is left to the computer's own settings (docs/kiosk). */

interface WakeLocks {
  request(kind: "screen"): Promise<unknown>;
}

export function stayAwake(): void {
  const locks = (navigator as { wakeLock?: WakeLocks }).wakeLock;
  if (!locks) return;
  // The browser takes it back whenever the page is hidden; it may refuse when the battery is low.
  const ask = (): void => void (document.visibilityState === "visible" && locks.request("screen").catch(() => undefined));
  document.addEventListener("visibilitychange", ask);
  ask();
}
