/**
 * One file on its way, over tus 1.0.0 (tus-js-client).
 *
 * Trying again is not left to the client: the row has to say when it will, and a person may not
 * want to wait. So a failure ends the transfer, and the plan begins another at the kept offset.
 */
import { DetailedError, Upload } from "tus-js-client";
import { csrfToken, problemOf, request, type Problem } from "../shared/api.ts";
import type { Item } from "./store.ts";
import { FIELDS } from "./vocabulary.ts";

export const ENDPOINT = "/api/v1/uploads";

/** Acknowledged piece by piece, so that a long upload shows what is safe; large enough that waiting
 * for the acknowledgement costs little on a line with 200 ms. */
const CHUNK_BYTES = 16 * 1024 * 1024;
/** A document goes with its creation, in one request instead of two. */
const SMALL_BYTES = 1024 * 1024;

export interface TransferEvents {
  created(url: string): void;
  progressed(sent: number): void;
  kept(bytes: number): void;
  /** All bytes are there; the resource if the answer named it. */
  arrived(resource: number | null): void;
  /** `problem` is null where the line failed. */
  failed(problem: Problem | null): void;
}

/**
 * Begin or go on sending `file`. The answer stops it; what has arrived stays. With the key `creation`
 * a beginning whose answer was lost is found again.
 */
export function transfer(file: File, item: Item, creation: string, events: TransferEvents): () => void {
  const upload = new Upload(file, {
    // Without an endpoint a failed look at an existing upload is reported. With one, the client
    // would begin a new upload at byte 0 even where the server was only restarting.
    endpoint: item.upload ? null : ENDPOINT,
    uploadUrl: item.upload,
    metadata: metadataOf(item),
    headers: { "X-CSRF-Token": csrfToken(), ...(item.upload ? {} : { "Idempotency-Key": creation }) },
    chunkSize: CHUNK_BYTES,
    uploadDataDuringCreation: file.size <= SMALL_BYTES,
    retryDelays: null,
    storeFingerprintForResuming: false,
    onUploadUrlAvailable: () => events.created(new URL(upload.url ?? "", location.href).pathname),
    onProgress: (sent) => events.progressed(sent),
    onAfterResponse: (_request, response) => {
      const offset = response.getHeader("Upload-Offset");
      if (offset !== undefined && offset !== null) events.kept(Number(offset));
    },
    onSuccess: ({ lastResponse }) => events.arrived(Number(lastResponse.getHeader("Tongke-Resource")) || null),
    onError: (error) => events.failed(problemIn(error)),
  });
  upload.start();
  return () => void upload.abort();
}

/** What the service refused; null where there was no answer. */
function problemIn(error: Error): Problem | null {
  const response = error instanceof DetailedError ? error.originalResponse : null;
  return response ? problemOf(response.getStatus(), response.getBody()) : null;
}

/** Refusals that say "not now": a lock still held by a request that died, an offset that moved on, a busy server. */
export function isPassing(problem: Problem | null): boolean {
  return problem === null || problem.passing || problem.status === 409 || problem.status === 423;
}

/** The service no longer has `upload`: expired, or removed from another page. One without an address
 * can only have expired. */
export function isLost(problem: Problem | null, upload: string | null): boolean {
  return problem?.status === 410 || (problem?.status === 404 && upload !== null);
}

/** All but the summary, which follows when the upload is there: what is in a header is short. */
export function metadataOf(item: Item): Record<string, string> {
  const metadata: Record<string, string> = { filename: item.name };
  for (const field of FIELDS) if (field !== "summary" && item.fields[field]) metadata[field] = item.fields[field];
  if (item.audience.length) metadata.audience = item.audience.join(" ");
  return metadata;
}

/** Make the resource, where the last answer did not say which it is. May be repeated. @throws Problem */
export async function finish(url: string): Promise<number> {
  const answer = await request<{ resource: { id: number } }>(`${url}/finish`, { method: "POST" });
  return answer.resource.id;
}

/** Drop an unfinished upload and its bytes (tus termination). */
export async function terminate(url: string): Promise<void> {
  await request(url, { method: "DELETE", headers: { "Tus-Resumable": "1.0.0" }, keepalive: true });
}
