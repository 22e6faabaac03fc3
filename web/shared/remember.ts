/** Small choices kept on this device. A browser that keeps nothing (private mode) only forgets. */

export function recall(name: string): string | null {
  try {
    return localStorage.getItem(`tongke.${name}`);
  } catch {
    return null;
  }
}

export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(`tongke.${name}`, value);
  } catch {
    // Storage is full or refused: the choice holds for this page.
  }
}
