/**
 * The upload page as a value: rows, their states, and what each event makes of them.
 *
 * Pure: no clock, no network, no DOM. `step` answers a new state; uploader.ts carries out what the
 * state asks for (`plan.ts` says which transfers should run) and the views draw it.
 */
import type { Failure, Progress, Resource } from "../shared/types.ts";
import { backoff } from "../shared/backoff.ts";
import type { Origin, Suggestion } from "./suggest.ts";
import { NO_FIELDS, type FieldName, type Fields } from "./vocabulary.ts";

export type Phase =
  | { name: "queued" }
  | { name: "uploading" }
  | { name: "paused" }
  /** The line failed; goes on by itself at `retryAt` (ms). */
  | { name: "cut"; retryAt: number }
  /** Begun on an earlier visit; the file has to be chosen again, or its kept handle opened. */
  | { name: "absent"; handle: boolean }
  /** Every byte is there; the service is making a resource of it. */
  | { name: "finishing" }
  | { name: "checking"; progress: Progress | null }
  | { name: "playable" }
  | { name: "encoding"; progress: Progress | null }
  | { name: "published" }
  /** The same file was sent before, and is resource `resource`. */
  | { name: "known"; resource: number }
  | { name: "failed"; reason: string; remedy: string; retry: "upload" | "job" | null };

export interface Item {
  key: string;
  name: string;
  /** Outermost first. */
  folders: string[];
  size: number;
  phase: Phase;
  /** Bytes handed to the line. */
  sent: number;
  /** Bytes that the service has acknowledged. */
  kept: number;
  /** Bytes a second, smoothed; 0 while unknown. */
  rate: number;
  measured: { at: number; sent: number } | null;
  /** Failures of the line since the service last acknowledged new bytes. */
  attempt: number;
  upload: string | null;
  resource: number | null;
  job: number | null;
  poster: string | null;
  fields: Fields;
  audience: string[];
  origins: Partial<Record<FieldName, Origin>>;
  doubtful: FieldName[];
  /** Changed here and not yet with the service. */
  dirty: (FieldName | "audience")[];
  errors: Record<string, string>;
}

export interface State {
  items: Item[];
  selected: string[];
}

export type Event =
  | { type: "added"; items: Item[] }
  | { type: "reconnected"; key: string }
  /** Its kept handle opens no file any more. */
  | { type: "handleLost"; key: string }
  | { type: "started"; key: string }
  | { type: "created"; key: string; upload: string }
  | { type: "progressed"; key: string; sent: number; at: number }
  | { type: "kept"; key: string; bytes: number }
  | { type: "cut"; key: string; at: number }
  | { type: "stopped"; key: string }
  | { type: "paused"; key: string }
  | { type: "resumed"; key: string }
  | { type: "first"; key: string }
  | { type: "arrived"; key: string }
  | { type: "accepted"; key: string; resource: number }
  | { type: "seen"; resource: Resource }
  | { type: "refused"; key: string; reason: string; remedy: string; retry: "upload" | "job" | null }
  /** The service no longer has what was sent: it goes again from its first byte. */
  | { type: "lost"; key: string }
  | { type: "again"; key: string }
  | { type: "removed"; keys: string[] }
  | { type: "edited"; keys: string[]; field: FieldName; value: string }
  | { type: "audienceSet"; keys: string[]; audience: string[] }
  | { type: "saved"; key: string; fields: (FieldName | "audience")[]; errors: Record<string, string> }
  | { type: "selected"; keys: string[] };

export const EMPTY: State = { items: [], selected: [] };

/** Phases in which bytes are still to be sent. */
export function isPending({ phase }: Item): boolean {
  return ["queued", "uploading", "paused", "cut", "absent"].includes(phase.name);
}

/** Phases in which the service is working on it. */
export function isInWork({ phase }: Item): boolean {
  return ["checking", "playable", "encoding"].includes(phase.name);
}

/** What was refused, or is in the library already, is not to be described: nothing would keep the words. */
export function takesDescription({ phase, resource }: Item): boolean {
  return phase.name !== "known" && !(phase.name === "failed" && phase.retry === null && resource === null);
}

export function newItem(key: string, name: string, folders: string[], size: number, suggestions: Suggestion[], audience: string[]): Item {
  const fields = { ...NO_FIELDS };
  const origins: Item["origins"] = {};
  for (const { field, value, origin } of suggestions) {
    fields[field] = value;
    origins[field] = origin;
  }
  return {
    key, name, folders, size, fields, origins, audience, phase: { name: "queued" }, sent: 0, kept: 0, rate: 0,
    measured: null, attempt: 0, upload: null, resource: null, job: null, poster: null, errors: {}, dirty: [],
    doubtful: suggestions.filter(({ sure }) => !sure).map(({ field }) => field),
  };
}

export function step(state: State, event: Event): State {
  switch (event.type) {
    case "added":
      return addItems(state, event.items);
    case "removed":
      return {
        items: state.items.filter(({ key }) => !event.keys.includes(key)),
        selected: state.selected.filter((key) => !event.keys.includes(key)),
      };
    case "selected":
      return { ...state, selected: event.keys };
    case "first":
      return { ...state, items: toFront(state.items, event.key) };
    case "seen":
      return { ...state, items: state.items.map((item) => (item.resource === event.resource.id ? seeResource(item, event.resource) : item)) };
    case "edited":
    case "audienceSet":
      return { ...state, items: state.items.map((item) => (event.keys.includes(item.key) ? edit(item, event) : item)) };
    default:
      return { ...state, items: state.items.map((item) => (item.key === event.key ? stepItem(item, event) : item)) };
  }
}

function addItems(state: State, added: Item[]): State {
  const items = [...state.items, ...added];
  const first = added.find(takesDescription);
  return { items, selected: state.selected.length || !first ? state.selected : [first.key] };
}

/** Before everything that still has bytes to send; what is done keeps its place. */
function toFront(items: Item[], key: string): Item[] {
  const chosen = items.find((item) => item.key === key);
  if (!chosen) return items;
  const rest = items.filter((item) => item !== chosen);
  const at = rest.findIndex(isPending);
  const resumed = chosen.phase.name === "paused" ? { ...chosen, phase: { name: "queued" } as const } : chosen;
  return at < 0 ? [...rest, resumed] : [...rest.slice(0, at), resumed, ...rest.slice(at)];
}

type ItemEvent = Exclude<Event, { type: "added" | "removed" | "selected" | "first" | "seen" | "edited" | "audienceSet" }>;

function stepItem(item: Item, event: ItemEvent): Item {
  switch (event.type) {
    case "created":
      // What was too long for the creation is still to be sent.
      return { ...item, upload: event.upload, dirty: item.fields.summary ? withField(item.dirty, "summary") : item.dirty };
    case "progressed":
      return item.phase.name === "uploading" ? progress(item, event.sent, event.at) : item;
    case "kept":
      return { ...item, kept: event.bytes, attempt: event.bytes > item.kept ? 0 : item.attempt };
    case "arrived":
      return { ...still(item, { name: "finishing" }), sent: item.size, kept: item.size };
    case "accepted":
      return { ...item, resource: event.resource, phase: { name: "checking", progress: null } };
    case "refused":
      return still(item, { name: "failed", reason: event.reason, remedy: event.remedy, retry: event.retry });
    case "saved":
      return { ...item, dirty: item.dirty.filter((field) => !event.fields.includes(field)), errors: event.errors };
    default:
      return turn(item, event);
  }
}

type TurnEvent = Extract<ItemEvent, { type: "reconnected" | "handleLost" | "started" | "cut" | "stopped" | "paused" | "resumed" | "lost" | "again" }>;

/** From which phases each turn is possible; an event that comes too late changes nothing. */
const TURNS: Record<TurnEvent["type"], readonly Phase["name"][]> = {
  reconnected: ["absent"],
  handleLost: ["absent"],
  started: ["queued"],
  cut: ["uploading"],
  stopped: ["uploading"],
  paused: ["queued", "uploading", "cut"],
  resumed: ["paused", "cut"],
  lost: ["uploading"],
  again: ["failed", "known"],
};

function turn(item: Item, event: TurnEvent): Item {
  if (!TURNS[event.type].includes(item.phase.name)) return item;
  switch (event.type) {
    case "started":
      return { ...item, phase: { name: "uploading" }, sent: item.kept, measured: null };
    case "cut": {
      const attempt = item.attempt + 1;
      return { ...still(item, { name: "cut", retryAt: event.at + backoff(attempt) * 1000 }), attempt };
    }
    case "handleLost":
      return { ...item, phase: { name: "absent", handle: false } };
    case "paused":
      return still(item, { name: "paused" });
    case "lost":
      return anew(item);
    case "again":
      return again(item);
    default:
      return still(item, { name: "queued" });
  }
}

/** A phase in which nothing is being sent: the bar shows what the service has, no more. */
function still(item: Item, phase: Phase): Item {
  return { ...item, phase, sent: item.kept, rate: 0, measured: null };
}

/** A failed job is worked on again; a failed upload goes on where it was; a known file is sent anew. */
function again(item: Item): Item {
  if (item.phase.name !== "failed") return anew(item);
  return item.phase.retry === "job" ? { ...item, phase: { name: "checking", progress: null } } : still(item, { name: "queued" });
}

function anew(item: Item): Item {
  return { ...item, phase: { name: "queued" }, sent: 0, kept: 0, attempt: 0, upload: null, resource: null, job: null };
}

/** Shorter samples say more of the browser's buffers than of the line. */
const SAMPLE_MS = 1000;
/** Weight of the newest sample: a change of the line shows within some five seconds. */
const NEWEST = 0.3;

function progress(item: Item, sent: number, at: number): Item {
  const { measured, rate } = item;
  if (!measured) return { ...item, sent, measured: { at, sent } };
  const elapsed = at - measured.at;
  if (elapsed < SAMPLE_MS) return { ...item, sent };
  const sample = Math.max(0, ((sent - measured.sent) * 1000) / elapsed);
  return { ...item, sent, measured: { at, sent }, rate: rate ? rate + NEWEST * (sample - rate) : sample };
}

function seeResource(item: Item, resource: Resource): Item {
  return { ...item, job: resource.job_id, poster: resource.poster ?? item.poster, phase: phaseOf(resource) };
}

function phaseOf({ state, failure, progress: done }: Resource): Phase {
  if (state === "failed") return failedPhase(failure);
  return state === "encoding" || state === "checking" ? { name: state, progress: done } : { name: state };
}

function failedPhase(failure: Failure | null): Phase {
  const retry = failure?.may_retry ? "job" : null;
  return { name: "failed", reason: failure?.message ?? "", remedy: failure?.remedy ?? "", retry };
}

function edit(item: Item, event: Extract<Event, { type: "edited" | "audienceSet" }>): Item {
  if (event.type === "audienceSet") return { ...item, audience: event.audience, dirty: withField(item.dirty, "audience") };
  const { [event.field]: _read, ...origins } = item.origins;
  const { [event.field]: _mended, ...errors } = item.errors;
  return {
    ...item, origins, errors, fields: { ...item.fields, [event.field]: event.value },
    doubtful: item.doubtful.filter((field) => field !== event.field), dirty: withField(item.dirty, event.field),
  };
}

function withField(dirty: Item["dirty"], field: FieldName | "audience"): Item["dirty"] {
  return dirty.includes(field) ? dirty : [...dirty, field];
}
