/**
 * Files and folders into the page: dropped, chosen one by one, or a whole folder.
 *
 * Where the browser has the File System Access API (a secure page in Chromium) each comes with a
 * handle that can be kept; elsewhere the older ways give the same files without one.
 */

export interface Found {
  file: File;
  /** Names of the folders it lay in, outermost first. */
  folders: string[];
  handle: FileSystemFileHandle | null;
}

/** Names that systems leave in every folder. */
const LITTER = /^(?:\.|Thumbs\.db$|desktop\.ini$|~\$)/i;

/** Those parts of the File System Access API that TypeScript does not describe. */
interface Pickers {
  showOpenFilePicker?: (options: { multiple: boolean }) => Promise<FileSystemFileHandle[]>;
  showDirectoryPicker?: () => Promise<FileSystemDirectoryHandle>;
}

interface Permitted {
  queryPermission(options: { mode: "read" }): Promise<PermissionState>;
  requestPermission(options: { mode: "read" }): Promise<PermissionState>;
}

interface WithEntries {
  values(): AsyncIterable<FileSystemHandle>;
}

interface DropItem {
  getAsFileSystemHandle?: () => Promise<FileSystemHandle | null>;
}

/** Ask for files; none when the person closes the window. */
export async function chooseFiles(): Promise<Found[]> {
  const picker = (window as Pickers).showOpenFilePicker;
  if (!picker) return fromInput({ multiple: true });
  const handles = await picker({ multiple: true }).catch(dismissed);
  return Promise.all((handles ?? []).map((handle) => fromHandle(handle, [])));
}

/** Ask for a folder, and take everything in it. */
export async function chooseFolder(): Promise<Found[]> {
  const picker = (window as Pickers).showDirectoryPicker;
  if (!picker) return fromInput({ webkitdirectory: true });
  const folder = await picker().catch(dismissed);
  return folder ? walkHandle(folder, []) : [];
}

function dismissed(error: unknown): null {
  if (error instanceof DOMException && error.name === "AbortError") return null;
  throw error;
}

function fromInput(attributes: { multiple?: boolean; webkitdirectory?: boolean }): Promise<Found[]> {
  const input = Object.assign(document.createElement("input"), { type: "file", ...attributes });
  return new Promise((resolve) => {
    input.addEventListener("change", () => resolve(tidy([...(input.files ?? [])].map(fromFile))));
    input.click();
  });
}

function fromFile(file: File): Found {
  return { file, folders: file.webkitRelativePath.split("/").slice(0, -1), handle: null };
}

async function fromHandle(handle: FileSystemFileHandle, folders: string[]): Promise<Found> {
  return { file: await handle.getFile(), folders, handle };
}

async function walkHandle(handle: FileSystemHandle, folders: string[]): Promise<Found[]> {
  if (LITTER.test(handle.name)) return [];
  if (handle.kind === "file") return [await fromHandle(handle as FileSystemFileHandle, folders)];
  const found: Found[] = [];
  for await (const child of (handle as unknown as WithEntries).values()) {
    found.push(...(await walkHandle(child, [...folders, handle.name])));
  }
  return inOrder(found);
}

/** What was dropped. The items must be asked within the event itself: afterwards they are empty. */
export async function dropped(transfer: DataTransfer): Promise<Found[]> {
  const loose = [...transfer.files].map(fromFile);
  const reading = [...transfer.items].filter(({ kind }) => kind === "file").map(readDropped);
  const found = (await Promise.all(reading)).flat();
  return tidy(found.length ? found : loose);
}

function readDropped(item: DataTransferItem): Promise<Found[]> {
  const asHandle = (item as DropItem).getAsFileSystemHandle;
  if (asHandle && window.isSecureContext) {
    return asHandle.call(item).then((handle) => (handle ? walkHandle(handle, []) : []));
  }
  const entry = item.webkitGetAsEntry();
  return entry ? walkEntry(entry, []) : Promise.resolve([]);
}

async function walkEntry(entry: FileSystemEntry, folders: string[]): Promise<Found[]> {
  if (LITTER.test(entry.name)) return [];
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ file, folders, handle: null }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: Found[] = [];
  for (let batch = await readBatch(reader); batch.length; batch = await readBatch(reader)) {
    for (const child of batch) found.push(...(await walkEntry(child, [...folders, entry.name])));
  }
  return inOrder(found);
}

/** A hundred entries at a time, an empty list at the end. */
function readBatch(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  return new Promise((resolve, reject) => reader.readEntries(resolve, reject));
}

function tidy(found: Found[]): Found[] {
  return inOrder(found.filter(({ file }) => !LITTER.test(file.name)));
}

/** By name as a person counts: 第2课 before 第10课. */
function inOrder(found: Found[]): Found[] {
  const path = ({ folders, file }: Found): string => [...folders, file.name].join("/");
  return found.sort((a, b) => path(a).localeCompare(path(b), "zh", { numeric: true }));
}

/** The file behind a kept handle, asking the person where the browser wants it. */
export async function reopen(handle: FileSystemFileHandle): Promise<File | "refused" | "gone"> {
  const permitted = handle as unknown as Permitted;
  const asked = { mode: "read" } as const;
  try {
    const now = await permitted.queryPermission(asked);
    const state = now === "granted" ? now : await permitted.requestPermission(asked);
    return state === "granted" ? await handle.getFile() : "refused";
  } catch {
    // Moved, renamed, or the drive is out.
    return "gone";
  }
}

/** Whether `name` and `type` are on the list of the accept attribute's form; an empty list takes all. */
export function isAccepted(name: string, type: string, accept: readonly string[]): boolean {
  if (accept.length === 0) return true;
  const lower = name.toLowerCase();
  return accept.some((pattern) => {
    if (pattern.startsWith(".")) return lower.endsWith(pattern.toLowerCase());
    return pattern.endsWith("/*") ? type.startsWith(pattern.slice(0, -1)) : type === pattern;
  });
}
